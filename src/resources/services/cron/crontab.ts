// SPDX-License-Identifier: Apache-2.0
// The same times for `cron`, on machines without systemd: when it starts, as the five fields of a line, or why they
// cannot say it.

import { type Calendar, type Part, parseCalendar, type Span } from "./calendar.ts";
import { parseTimeSpan } from "./time-span.ts";

export type CrontabTime = { readonly fields: string; readonly delaySeconds?: number } | { readonly why: string };

export function crontabTime(trigger: string, time: string): CrontabTime {
  switch (trigger) {
    case "OnCalendar": {
      const calendar = parseCalendar(time);
      return calendar === undefined ? { why: `"${time}" is no calendar event` } : calendarFields(calendar);
    }
    case "OnBootSec":
    case "OnStartupSec":
      return { fields: "@reboot", delaySeconds: parseTimeSpan(time) ?? 0 };
    case "OnUnitActiveSec":
    case "OnUnitInactiveSec":
      return every(parseTimeSpan(time) ?? 0);
    default:
      return { why: `it knows nothing like ${trigger}` };
  }
}

function every(seconds: number): CrontabTime {
  const minutes = seconds / 60;
  if (Number.isInteger(minutes) && minutes >= 1 && minutes < 60 && 60 % minutes === 0) {
    return { fields: `*/${minutes} * * * *` };
  }
  const hours = minutes / 60;
  if (Number.isInteger(hours) && hours >= 1 && hours <= 24 && 24 % hours === 0) {
    return { fields: hours === 24 ? "0 0 * * *" : `0 */${hours} * * *` };
  }
  return { why: "it repeats only after minutes that divide an hour, or hours that divide a day" };
}

function calendarFields(calendar: Calendar): CrontabTime {
  const { weekdays, year, month, day, hour, minute, second, zone } = calendar;
  if (year !== "every") return { why: "it knows no years" };
  if (calendar.isFromEnd) return { why: "it counts no days from the end of a month" };
  if (zone !== undefined) return { why: "it knows no time zone but that of the machine" };
  if (second === "every" || second.some(({ from, to }) => from !== 0 || to !== 0))
    return { why: "it knows no seconds" };
  // When both are given, cron takes either day and systemd only a day that is both.
  if (weekdays !== "every" && day !== "every")
    return { why: "it cannot ask for a weekday and a day of the month at once" };
  return { fields: [minute, hour, day, month, weekdays].map(renderPart).join(" ") };
}

function renderPart(part: Part): string {
  return part === "every" ? "*" : part.map(renderSpan).join(",");
}

function renderSpan({ from, to, step }: Span): string {
  if (from === to) return String(from);
  return step === 1 ? `${from}-${to}` : `${from}-${to}/${step}`;
}
