// SPDX-License-Identifier: Apache-2.0
// What other machines say to the log of this one, as programs declare it, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cameTrue, proves } from "../../test/proofs.ts";
import { problemsOf } from "../../test/resource.ts";
import { memoryHost } from "../host/memory/index.ts";
import { syslogServer } from "../resources/syslog/server.ts";
import { bytesOf } from "../values/bytes.ts";
import { Trial } from "./trial.test-support.ts";

const { signal } = new AbortController();

const program = (more = ""): string => `
file "/logs/" { state => "exists", mode => "0700", }
syslog:server ":514" { directory => "/logs/",${more} }
`;

function say(trial: Trial, text: string, from = "192.0.2.5"): void {
  assert.ok(trial.host.outside.strangers.send(514, bytesOf(text), { host: from, port: 9 }));
}

/** Without the times. */
function logOf(trial: Trial, name: string): readonly string[] {
  const file = trial.host.outside.read(`/logs/${name}`);
  return file === undefined
    ? []
    : file
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/^\S+Z /, ""));
}

test("what machines say is kept in a file for each, for root alone, also what was heard at the end", async () => {
  const trial = await Trial.start(program());
  say(trial, "<14>Nov 27 17:05:01 base-installer: one");
  say(trial, "<11>1 - web2 app - - - two", "2001:db8::5");
  trial.host.outside.strangers.tell(514, [bytesOf("<13>a: thr"), bytesOf("ee\n<13>b: fo"), bytesOf("ur")], {
    host: "192.0.2.6",
    port: 9,
  });
  await trial.host.clock.advance(200);
  assert.deepEqual(logOf(trial, "192.0.2.5.log"), ["info base-installer: one"]);
  assert.deepEqual(logOf(trial, "2001:db8::5.log"), ["err app: two"]);
  assert.deepEqual(logOf(trial, "192.0.2.6.log"), ["notice a: three", "notice b: four"]);
  assert.match(trial.host.outside.read("/logs/192.0.2.5.log") ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info /);
  assert.equal((await trial.host.files.inspect("/logs/192.0.2.5.log", signal))?.mode, 0o600);
  say(trial, "<14>last");
  await trial.stop();
  assert.deepEqual(logOf(trial, "192.0.2.5.log"), ["info base-installer: one", "info last"]);
});

test("the older half is put aside, and what is older than that is gone", async () => {
  const trial = await Trial.start(program(' limit => "64KiB",'));
  for (let round = 0; round < 8; round += 1) {
    for (let line = 0; line < 20; line += 1) say(trial, `<14>${round}: ${"x".repeat(600)}`);
    await trial.host.clock.advance(200);
  }
  const [now = "", before = ""] = ["192.0.2.5.log", "192.0.2.5.log.1"].map((name) =>
    trial.host.outside.read(`/logs/${name}`),
  );
  assert.ok(before.includes(" 5: ") && !before.includes(" 2: "), before.slice(0, 100));
  assert.ok(now.length + before.length <= 96 * 1024);
  await trial.stop();
});

test("one machine too many is told once, and no flood fills the memory", async () => {
  const trial = await Trial.start(program(" most => 2,"));
  trial.news();
  for (const from of ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "../../etc/passwd"])
    say(trial, "<14>hello", from);
  for (let line = 0; line < 400; line += 1) say(trial, `<14>${"y".repeat(2000)}`, "192.0.2.1");
  await trial.host.clock.advance(200);
  assert.deepEqual(trial.news(), [
    "syslog:server[:514] says 192.0.2.3 is one machine too many; what it says is not kept",
  ]);
  assert.deepEqual(await trial.host.files.list("/logs", signal), ["192.0.2.1.log", "192.0.2.2.log"]);
  assert.match(logOf(trial, "192.0.2.1.log").at(-1) ?? "", /^\(2\d\d more messages than could be written\)$/);
  await trial.stop();
});

test("a log that was removed begins anew, and a directory that is gone is told and made again", async () => {
  const trial = await Trial.start(program());
  say(trial, "<14>one");
  await trial.host.clock.advance(200);
  trial.host.outside.remove("/logs/192.0.2.5.log");
  say(trial, "<14>two");
  await trial.host.clock.advance(200);
  assert.deepEqual(logOf(trial, "192.0.2.5.log"), ["info two"]);
  trial.host.outside.remove("/logs");
  await trial.host.clock.settle();
  say(trial, "<14>three");
  await trial.host.clock.advance(200);
  assert.deepEqual(logOf(trial, "192.0.2.5.log"), ["info three"]);
  await trial.stop();
});

test("where another server has the port over TCP it listens over nothing, until that has gone", async () => {
  const trial = await Trial.start(`http:server ":514" {}\n${program()}`);
  assert.equal(trial.host.outside.strangers.send(514, bytesOf("<14>lost"), { host: "192.0.2.5", port: 9 }), false);
  await trial.edit(program());
  await trial.host.clock.advance(60_000);
  say(trial, "<14>heard");
  await trial.stop();
  assert.deepEqual(logOf(trial, "192.0.2.5.log"), ["info heard"]);
});

test("whatever others say, each has its own lines alone, in their order", async () => {
  const said = fc.array(fc.tuple(fc.constantFrom("192.0.2.1", "192.0.2.2", "::1"), fc.boolean()), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(said, async (all) => {
      const host = memoryHost();
      host.outside.makeDirectory("/logs");
      const trial = await Trial.start(program(), host);
      for (const [index, [from, waits]] of all.entries()) {
        say(trial, `<14>p: ${index}`, from);
        if (waits) await trial.host.clock.advance(200);
      }
      await trial.stop();
      for (const from of ["192.0.2.1", "192.0.2.2", "::1"]) {
        const own = [...all.entries()].filter(([, [sender]]) => sender === from).map(([index]) => `info p: ${index}`);
        assert.deepEqual(logOf(trial, `${from}.log`), own);
      }
      cameTrue("syslog:server", host);
    }),
    { numRuns: 300 },
  );
});

test("mistakes are found before anything is touched", () => {
  assert.deepEqual(problemsOf(syslogServer, "514", { directory: "logs", limit: "much", most: 0n }), [
    '"514" is no address to listen on',
    '"logs" is not the absolute path of a directory',
    '"much" is no size',
    "`most` must be from 1 to 10000, but is 0",
  ]);
  assert.deepEqual(problemsOf(syslogServer, ":514", {}), ["a server that keeps logs needs a `directory` for them"]);
  assert.deepEqual(problemsOf(syslogServer, ":514", { directory: "/logs/", limit: "1KiB" }), [
    '"1KiB" is too little to keep',
  ]);
});

proves("syslog:server", "bad values", "random starts");
