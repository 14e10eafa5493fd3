// SPDX-License-Identifier: Apache-2.0
// `cron` with a real systemd: the cases of every machine, a timer that starts something, and times as systemd reads them.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { proves } from "../proofs.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { parseCalendar } from "../../src/resources/services/cron/calendar.ts";
import { parseTimeSpan } from "../../src/resources/services/cron/time-span.ts";
import { type CronBench, cronCases } from "../../src/resources/services/cron.cases.test-support.ts";
import { run, until } from "./inside.ts";

const mgmt = join(import.meta.dirname, "../../mgmt");

async function makeBench(): Promise<CronBench> {
  return {
    host: linuxHost(),
    directory: "/etc/systemd/system",
    define: async (file, text) => writeFileSync(`/etc/systemd/system/${file}`, text),
    kill: async (unit) => void (await run("systemctl", "kill", "--signal=KILL", unit)),
    others: async (verb, unit) => void (await run("systemctl", verb, unit)),
    reloads: async () => 0,
    read: async (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
    remove: async (path) => rmSync(path),
  };
}

cronCases("a machine with systemd", makeBench);

test("a timer starts its service, and both leave with the program", async () => {
  const program = (state: string) => `
    cron "tick" { state => "${state}", trigger => "OnActiveSec", time => "1s", accuracysec => "1ms", }
    file "/etc/systemd/system/tick.service" {
      state => "exists",
      content => "[Service]\\nType=oneshot\\nExecStart=/bin/touch /run/ticked\\n",
    }`;
  await run(mgmt, "run", "--once", "--tmp-prefix", program("exists"));
  assert.equal(await run("systemctl", "is-enabled", "tick.timer"), "enabled");
  await until("it has ticked", () => existsSync("/run/ticked"));
  await run(mgmt, "run", "--once", "--tmp-prefix", program("absent"));
  assert.equal(await run("systemctl", "show", "-P", "LoadState", "tick.timer"), "not-found");
});

test("what is taken for a calendar event or a time span is what systemd takes for one", () => {
  const is = (what: string, text: string) => spawnSync("systemd-analyze", [what, text]).status === 0;
  const events = [
    ...["minutely", "hourly", "daily", "monthly", "weekly", "yearly", "annually", "quarterly", "semiannually", "never"],
    ...[
      "Mon",
      "Mon..Fri",
      "Mon,Wed",
      "monday 10:00",
      "Fri..Mon 10:00",
      "Foo",
      "Mon..",
      "Sat,Sun 08:05:40",
      "Mon, 10:00",
    ],
    ...[
      "12:00",
      "12",
      "12:00:30",
      "25:00",
      "12:60",
      "*:0/15",
      "0/2:00",
      "08..18/2:05",
      "*:*:*",
      "10:00:00.5",
      "1:2:3:4",
    ],
    ...[
      "*-*-*",
      "*-02-29",
      "02-29",
      "2030-01-01",
      "2030-*-01 12:00",
      "*-13-01",
      "*-*-32",
      "*-*~01",
      "*-*~1..3",
      "1-2-3-4",
    ],
    ...["10:00 UTC", "daily UTC", "Mon *-*-01 00:00:00 UTC", "10:00 x y", "", "*-*-1,15", "*-1..3-1", "*-*-3..1"],
  ];
  for (const event of events) assert.equal(parseCalendar(event) !== undefined, is("calendar", event), `"${event}"`);
  const spans = [
    "90",
    "1h 30min",
    "1h30min",
    "2.5s",
    "3 days 2 hours",
    "infinity",
    "",
    "x",
    "-1s",
    "5 minutess",
    "1M",
    "1y 2w",
    "5 us",
  ];
  for (const span of spans) assert.equal(parseTimeSpan(span) !== undefined, is("timespan", span), `"${span}"`);
});

proves("cron", "real part");
