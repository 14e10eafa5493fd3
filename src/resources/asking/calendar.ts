// SPDX-License-Identifier: Apache-2.0
// An instant as servers want it told, in UTC.

import { civilOf, clockOf, two } from "../../protocols/calendar.ts";

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
  const days = Math.floor(seconds / 86_400);
  const { year, month, date } = civilOf(days);
  const day = [String(year).padStart(4, "0"), two(month), two(date)];
  const time = clockOf(seconds - days * 86_400);
  return {
    day: day.join(""),
    basic: `${day.join("")}T${time.replaceAll(":", "")}Z`,
    extended: `${day.join("-")}T${time}Z`,
  };
}
