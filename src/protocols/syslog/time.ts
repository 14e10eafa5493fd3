// SPDX-License-Identifier: Apache-2.0
// Times as logs of today have them (RFC 5424, 6.2.3, after RFC 3339). Knows no clock.

import { civilOf, clockOf, two } from "../calendar.ts";

/** `2026-11-27T17:05:01.250Z`, of whole milliseconds since 1970. */
export function renderTime(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  const day = Math.floor(seconds / 86_400);
  const { year, month, date } = civilOf(day);
  const milliseconds = String(Math.floor(timeMs) - seconds * 1000).padStart(3, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(date)}T${clockOf(seconds - day * 86_400)}.${milliseconds}Z`;
}
