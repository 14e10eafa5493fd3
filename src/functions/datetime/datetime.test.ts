// SPDX-License-Identifier: Apache-2.0
// Layouts as Go writes them, zones, and the ticking of the clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drivenClock, memoryHost } from "../../host/memory/index.ts";
import { check, checkFails } from "../check.test-support.ts";
import { follow } from "../stream.test-support.ts";

/** 2024-05-17, a Friday, 13:00:05 in UTC. */
const friday = 1_715_950_805n;

const central = { offsetMinutes: 60, zoneName: "CET" };
const newfoundland = { offsetMinutes: -210 };

function checkLayout(layout: string, inCentral: string, inNewfoundland: string, earlyInUtc: string): void {
  check("datetime.format", [friday, layout], inCentral, central);
  check("datetime.format", [friday, layout], inNewfoundland, newfoundland);
  check("datetime.format", [5n, layout], earlyInUtc);
}

test("format writes dates and times of day", () => {
  checkLayout("Jan _2 03:04PM 06", "May 17 02:00PM 24", "May 17 09:30AM 24", "Jan  1 12:00AM 70");
  checkLayout(
    "Monday January 2 3:4:5 pm",
    "Friday May 17 2:0:5 pm",
    "Friday May 17 9:30:5 am",
    "Thursday January 1 12:0:5 am",
  );
  checkLayout("002 __2 1 2 3 4 5 15", "138 138 5 17 2 0 5 14", "138 138 5 17 9 30 5 09", "001   1 1 1 12 0 5 00");
  checkLayout("20060102 1504", "20240517 1400", "20240517 0930", "19700101 0000");
});

test("format writes zones", () => {
  checkLayout(
    "Z07:00 Z0700 Z07 Z070000 Z07:00:00",
    "+01:00 +0100 +01 +010000 +01:00:00",
    "-03:30 -0330 -03 -033000 -03:30:00",
    "Z Z Z Z Z",
  );
  checkLayout(
    "-07:00 -07 -070000 -07:00:00",
    "+01:00 +01 +010000 +01:00:00",
    "-03:30 -03 -033000 -03:30:00",
    "+00:00 +00 +000000 +00:00:00",
  );
});

test("format writes fractions of whole seconds", () => {
  checkLayout(
    "05.000 05,999 .00x .0001 .009",
    "05.000 05 .00x .0005 .009",
    "05.000 05 .00x .0005 .009",
    "05.000 05 .00x .0001 .009",
  );
});

test("format copies what is no token", () => {
  checkLayout(
    "Janet Money _2006 Jan. Mon, MSTX PMx 0102150405",
    "Janet Money _2024 May. Fri, CETX PMx 0517140005",
    "Janet Money _2024 May. Fri, -0330X AMx 0517093005",
    "Janet Money _1970 Jan. Thu, UTCX AMx 0101000005",
  );
  checkLayout(
    "Mondays Januarys 0 00 07 08 2 22 222 12 115 -7 Z P p _ __",
    "Fridays Mays 0 00 07 08 17 1717 171717 517 514 -7 Z P p _ __",
    "Fridays Mays 0 00 07 08 17 1717 171717 517 509 -7 Z P p _ __",
    "Thursdays Januarys 0 00 07 08 1 11 111 11 100 -7 Z P p _ __",
  );
  checkLayout("", "", "", "");
});

test("a year may have five digits", () => {
  check("datetime.format", [253_402_300_800n, "2006 06 Jan 002"], "10000 00 Jan 001");
});

test("print, hour and weekday are those of the machine's zone", () => {
  check("datetime.print", [friday], "2024-05-17 14:00:05 +0100 CET", central);
  check("datetime.print", [friday], "2024-05-17 09:30:05 -0330 -0330", newfoundland);
  check("datetime.hour", [friday], 14n, central);
  check("datetime.hour", [0n], 0n);
  check("datetime.weekday", [friday], "friday");
  check("datetime.weekday", [friday + 12n * 3600n], "saturday", central);
  check("datetime.weekday", [0n], "thursday");
});

test("times before 1970 end the program", () => {
  for (const [name, ...more] of [["format", "2006"], ["print"], ["hour"], ["weekday"]]) {
    checkFails(`datetime.${name ?? ""}`, [-1n, ...more], "fatal", /cannot be -1/);
    checkFails(`datetime.${name ?? ""}`, [1n << 62n, ...more], "fatal", /too far in the future/);
  }
});

test("now and str_now tell each full second", async () => {
  const host = memoryHost({ clock: drivenClock({ startMs: 1_000_400 }) });
  const [now, text] = [follow(host, "datetime.now", []), follow(host, "datetime.str_now", [])];
  assert.deepEqual(await now.take(), [1000n]);
  await host.clock.advance(600);
  assert.deepEqual(await now.take(), [1001n]);
  await host.clock.advance(2000);
  assert.deepEqual(await now.take(), [1002n, 1003n]);
  assert.deepEqual(await text.take(), ["1000", "1001", "1002", "1003"]);
  await now.stop();
  assert.equal(now.end, "stopped");
});

test("now follows a clock that is set back", async () => {
  const host = memoryHost({ clock: drivenClock({ startMs: 5_000_000 }) });
  const now = follow(host, "datetime.now", []);
  await now.take();
  host.clock.setTime(1_000_000);
  await host.clock.advance(1000);
  assert.deepEqual(await now.take(), [1001n]);
});

test("weekday_fast changes at local midnight", async () => {
  // 22:30 UTC on Thursday is 23:30 in central Europe.
  const host = memoryHost({ clock: drivenClock({ startMs: Date.UTC(2024, 4, 16, 22, 30), ...central }) });
  const weekday = follow(host, "datetime.weekday_fast", []);
  assert.deepEqual(await weekday.take(), ["thursday"]);
  await host.clock.advance(30 * 60_000 - 1);
  assert.deepEqual(await weekday.take(), []);
  await host.clock.advance(1);
  assert.deepEqual(await weekday.take(), ["friday"]);
  await host.clock.advance(24 * 3_600_000);
  assert.equal((await weekday.take()).at(-1), "saturday");
});
