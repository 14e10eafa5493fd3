// SPDX-License-Identifier: Apache-2.0
// The Gregorian calendar in UTC, for protocols that write dates: days since 1970-01-01 as years, months and dates, and back. Knows no
// clock.

/** Days since 1970-01-01 of the Gregorian calendar: counted in years that begin with March, so a leap day comes last. */
export function dayOf(year: number, month: number, date: number): number {
  const fromMarch = year - (month <= 2 ? 1 : 0);
  const era = Math.floor(fromMarch / 400);
  const inEra = fromMarch - era * 400;
  const inYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1;
  return era * 146_097 + inEra * 365 + Math.floor(inEra / 4) - Math.floor(inEra / 100) + inYear - 719_468;
}

/** Of a number of days since 1970-01-01. */
export function civilOf(day: number): { readonly year: number; readonly month: number; readonly date: number } {
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

/** `17:05:01`, of whole seconds since midnight. */
export function clockOf(seconds: number): string {
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => two(Math.floor(part))).join(":");
}

export function two(number: number): string {
  return String(number).padStart(2, "0");
}
