// SPDX-License-Identifier: Apache-2.0
// Dates of HTTP (RFC 9110 section 5.6.7), in milliseconds since 1970, of whole seconds. Knows no clock.

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const dayMs = 86_400_000;

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
export function renderHttpDate(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  const day = Math.floor(seconds / 86_400);
  const { year, month, date } = civilOf(day);
  const inDay = seconds - day * 86_400;
  const clock = [inDay / 3600, (inDay / 60) % 60, inDay % 60].map((part) => two(Math.floor(part))).join(":");
  const weekday = days[(((day + 4) % 7) + 7) % 7] ?? "";
  return `${weekday}, ${two(date)} ${months[month - 1] ?? ""} ${String(year).padStart(4, "0")} ${clock} GMT`;
}

/** Also the two forms of old, which every server must still read. Undefined for anything else. */
export function parseHttpDate(given: string): number | undefined {
  const text = given.trim();
  const usual = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/.exec(text);
  if (usual !== null) return timeOf(usual[3], usual[2], usual[1], usual.slice(4));
  const asctime = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/.exec(text);
  if (asctime !== null) return timeOf(asctime[6], asctime[1], asctime[2]?.trim(), asctime.slice(3, 6));
  const rfc850 = /^[A-Z][a-z]+, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/.exec(text);
  // Two digits of a year: those that were written when this form was in use.
  if (rfc850 !== null)
    return timeOf(`${Number(rfc850[3]) < 70 ? 20 : 19}${rfc850[3] ?? ""}`, rfc850[2], rfc850[1], rfc850.slice(4));
  return undefined;
}

function timeOf(year = "", month = "", date = "", clock: readonly string[]): number | undefined {
  const [hours = 0, minutes = 0, seconds = 0] = clock.map(Number);
  const index = months.indexOf(month);
  const day = dayOf(Number(year), index + 1, Number(date));
  const back = civilOf(day);
  if (index === -1 || back.date !== Number(date) || hours > 23 || minutes > 59 || seconds > 60) return undefined;
  return day * dayMs + (hours * 3600 + minutes * 60 + seconds) * 1000;
}

/** Days since 1970-01-01 of the Gregorian calendar: counted in years that begin with March, so a leap day comes last. */
function dayOf(year: number, month: number, date: number): number {
  const fromMarch = year - (month <= 2 ? 1 : 0);
  const era = Math.floor(fromMarch / 400);
  const inEra = fromMarch - era * 400;
  const inYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1;
  return era * 146_097 + inEra * 365 + Math.floor(inEra / 4) - Math.floor(inEra / 100) + inYear - 719_468;
}

function civilOf(day: number): { readonly year: number; readonly month: number; readonly date: number } {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const inEra = shifted - era * 146_097;
  const year = Math.floor(
    (inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const inYear = inEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const shiftedMonth = Math.floor((5 * inYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  const date = inYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: era * 400 + year + (month <= 2 ? 1 : 0), month, date };
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
