// SPDX-License-Identifier: Apache-2.0
// Times as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT`. Arithmetic only; whole seconds.

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const dayMs = 86_400_000;

/** Milliseconds since 1970; undefined for what is no such time. */
export function parseHttpDate(text: string): number | undefined {
  const match = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/.exec(text.trim());
  if (match === null) return undefined;
  const [, day, monthName, year, hour, minute, second] = match;
  const month = months.indexOf(monthName ?? "");
  if (month === -1) return undefined;
  const days = daysSinceEpoch(Number(year), month + 1, Number(day));
  return days * dayMs + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
}

export function renderHttpDate(ms: number): string {
  const days = Math.floor(ms / dayMs);
  const seconds = Math.floor((ms - days * dayMs) / 1000);
  const { year, month, day } = dateOf(days);
  const two = (value: number) => String(value).padStart(2, "0");
  const weekday = weekdays[((days % 7) + 7) % 7] ?? "";
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${weekday}, ${two(day)} ${months[month - 1] ?? ""} ${String(year).padStart(4, "0")} ${time} GMT`;
}

/** Years are counted from March, so that the day that comes and goes is the last one. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const counted = month <= 2 ? year - 1 : year;
  const era = Math.floor(counted / 400);
  const inEra = counted - era * 400;
  const inYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + inEra * 365 + Math.floor(inEra / 4) - Math.floor(inEra / 100) + inYear - 719_468;
}

function dateOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const inEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const inYear = inEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * inYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: inYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}
