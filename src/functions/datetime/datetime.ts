// SPDX-License-Identifier: Apache-2.0
// The module datetime. Times are whole seconds since 1970-01-01 UTC; texts are in the machine's time zone.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import type { Clock } from "../../contract/host.ts";
import { fatal, intAt, textAt, type Arguments } from "../arguments.ts";
import { each, everySecond, ticks } from "../streams.ts";
import { formatTime, greatestSeconds, type Moment, wallOf, weekdays } from "./layout.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const datetime: readonly FunctionDefinition[] = [
  defineFunction({
    module: "datetime",
    name: "now",
    type: "func() int",
    doc: "The seconds since 1970-01-01 UTC, new every second.",
    example: "$now = datetime.now()",
    stream: (_, { host, signal }) => each(everySecond(host.clock, signal), () => BigInt(secondsNow(host.clock))),
  }),
  defineFunction({
    module: "datetime",
    name: "str_now",
    type: "func() str",
    doc: "The seconds since 1970-01-01 UTC as a decimal text, new every second.",
    example: "$now = datetime.str_now()",
    stream: (_, { host, signal }) => each(everySecond(host.clock, signal), () => String(secondsNow(host.clock))),
  }),
  defineFunction({
    module: "datetime",
    name: "weekday_fast",
    type: "func() str",
    doc: "Today's weekday, monday to sunday, new every midnight.",
    example: '$friday = datetime.weekday_fast() == "friday"',
    stream: (_, { host, signal }) =>
      each(
        // A clock that is set, or daylight saving, is noticed within the hour.
        ticks(host.clock, signal, () => Math.min(hourMs, untilMidnightMs(host.clock))),
        () => weekdayOf(momentOf(secondsNow(host.clock), host.clock)),
      ),
  }),
  defineFunction({
    module: "datetime",
    name: "format",
    type: "func(a int, b str) str",
    doc: "The time in a layout, which is written as the reference time Mon Jan 2 15:04:05 MST 2006.",
    example: '$day = datetime.format(datetime.now(), "2006-01-02")',
    read: (args, { clock }) => formatTime(textAt(args, 1), momentAt(args, clock)),
  }),
  defineFunction({
    module: "datetime",
    name: "hour",
    type: "func(a int) int",
    doc: "The hour of the day, 0 to 23.",
    example: "$open = datetime.hour(datetime.now()) >= 8",
    read: (args, { clock }) => BigInt(wallOf(momentAt(args, clock)).hour),
  }),
  defineFunction({
    module: "datetime",
    name: "print",
    type: "func(a int) str",
    doc: "The time in its usual layout, 2006-01-02 15:04:05 -0700 MST.",
    example: "$text = datetime.print(datetime.now())",
    read: (args, { clock }) => formatTime("2006-01-02 15:04:05 -0700 MST", momentAt(args, clock)),
  }),
  defineFunction({
    module: "datetime",
    name: "weekday",
    type: "func(a int) str",
    doc: "The weekday of the time, monday to sunday.",
    example: '$friday = datetime.weekday(datetime.now()) == "friday"',
    read: (args, { clock }) => weekdayOf(momentAt(args, clock)),
  }),
];

function secondsNow(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}

function momentAt(args: Arguments, clock: Clock): Moment {
  const seconds = intAt(args, 0);
  if (seconds < 0n) throw fatal(`a time is a number of seconds since 1970, it cannot be ${seconds}`);
  if (seconds > BigInt(greatestSeconds - 86_400)) throw fatal(`the time ${seconds} is too far in the future`);
  return momentOf(Number(seconds), clock);
}

function momentOf(seconds: number, clock: Clock): Moment {
  const atMs = seconds * 1000;
  return { seconds, offsetMinutes: clock.offsetMinutes(atMs), zoneName: clock.zoneName(atMs) };
}

function weekdayOf(moment: Moment): string {
  return (weekdays[wallOf(moment).weekday] ?? "").toLowerCase();
}

function untilMidnightMs(clock: Clock): number {
  const wallMs = clock.now() + clock.offsetMinutes(clock.now()) * 60_000;
  return dayMs - (wallMs % dayMs);
}
