// SPDX-License-Identifier: Apache-2.0
// An instant as servers want it told, in UTC, by the arithmetic of the calendar.

export interface CalendarTime {
  /** `20150830` */
  readonly day: string;
  /** `20150830T123600Z` */
  readonly basic: string;
  /** `2015-08-30T12:36:00Z` */
  readonly extended: string;
}

export function calendarTime(nowMs: number): CalendarTime {
  const seconds = Math.floor(nowMs / 1000);
  const ofDay = seconds % 86_400;
  // Days since the first of March of the year 0, in eras of 400 years.
  const days = Math.floor(seconds / 86_400) + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const date = [digits(year, 4), digits(month, 2), digits(day, 2)];
  const time = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60].map((part) => digits(part, 2));
  return {
    day: date.join(""),
    basic: `${date.join("")}T${time.join("")}Z`,
    extended: `${date.join("-")}T${time.join(":")}Z`,
  };
}

function digits(number: number, count: number): string {
  return String(number).padStart(count, "0");
}
