// SPDX-License-Identifier: Apache-2.0
// Dates of HTTP (RFC 9110 section 5.6.7), in milliseconds since 1970, of whole seconds. Knows no clock.

import { civilOf, clockOf, dayOf, two } from "../calendar.ts";

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const dayMs = 86_400_000;

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
export function renderHttpDate(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  const day = Math.floor(seconds / 86_400);
  const { year, month, date } = civilOf(day);
  const inDay = seconds - day * 86_400;
  const weekday = days[(((day + 4) % 7) + 7) % 7] ?? "";
  return `${weekday}, ${two(date)} ${months[month - 1] ?? ""} ${String(year).padStart(4, "0")} ${clockOf(inDay)} GMT`;
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
