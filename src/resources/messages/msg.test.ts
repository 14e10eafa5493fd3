// SPDX-License-Identifier: Apache-2.0
// Where a message goes, and when.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { drive, problemsOf } from "../../../test/resource.ts";
import { memoryHost, type ProgramCall } from "../../host/memory/index.ts";
import { textOf } from "../../values/bytes.ts";
import { msg } from "./msg.ts";

test("a message is told once, and again at each refresh", async () => {
  const resource = drive(msg, "disk", { body: "nearly full", priority: "Warning" }, memoryHost());
  assert.deepEqual(await resource.settle(), ['! say "nearly full"']);
  assert.deepEqual(await resource.settle(), []);
  await resource.settle({ refresh: true });
  assert.deepEqual(resource.said, ["nearly full", "nearly full"]);
  const urgent = resource.changed({ body: "nearly full", priority: "Alert" });
  assert.equal((await urgent.plan()).length, 1);
});

test("the journal gets the priority as its number, the fields, and every line of the body", async () => {
  const host = memoryHost();
  const calls: ProgramCall[] = [];
  host.outside.install("logger", (call) => {
    calls.push(call);
    return 0;
  });
  const fields = new Map([["SERVICE", "backup"]]);
  const resource = drive(msg, "m", { body: "one\ntwo", priority: "Err", fields, journal: true, syslog: true }, host);
  await resource.settle();
  const [journal, syslog] = calls;
  assert.deepEqual(journal?.argv, ["logger", "--journald"]);
  assert.equal(
    textOf(journal?.input ?? new Uint8Array()),
    "PRIORITY=3\nSYSLOG_IDENTIFIER=mgmt\nSERVICE=backup\nMESSAGE=one\nMESSAGE=two\n",
  );
  assert.deepEqual(syslog?.argv, ["logger", "--priority", "user.err", "--tag", "mgmt"]);
});

test("a message that could not be delivered is tried again as a whole", async () => {
  const host = memoryHost();
  host.outside.install("logger", () => 1);
  const resource = drive(msg, "m", { body: "x", priority: "Info", syslog: true }, host);
  await assert.rejects(resource.settle(), { code: "command-failed" });
  assert.equal((await resource.plan()).length, 2);
});

test("body and priority are needed, and journal fields have the journal's names", () => {
  assert.deepEqual(problemsOf(msg, "m", {}), ["a message needs a `body`", "a message needs a `priority`"]);
  const fields = new Map([
    ["lower", ""],
    ["MESSAGE", ""],
  ]);
  assert.deepEqual(problemsOf(msg, "m", { body: "x", priority: "Info", fields }), [
    '"lower" is no name of a journal field',
    "the journal field MESSAGE is set from `body` and `priority`",
  ]);
});

test("whatever it has said before, one pass says what is new, and nothing twice", async () => {
  const message = fc.record({
    body: fc.constantFrom("one", "two\nlines\n", "three"),
    priority: fc.constantFrom("Info", "Err"),
    fields: fc.constantFrom(new Map<string, string>(), new Map([["A", "b"]])),
    journal: fc.boolean(),
    syslog: fc.boolean(),
  });
  const identity = ({ fields, ...rest }: { readonly fields: ReadonlyMap<string, string> }) =>
    JSON.stringify([...fields, rest]);
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 3 }), message, async (before, after) => {
      const host = memoryHost();
      let sent = 0;
      host.outside.install("logger", () => {
        sent += 1;
        return 0;
      });
      const first = drive(msg, "m", after, host);
      for (const each of before) await first.changed(each).settle();
      const last = before.at(-1);
      const isSaid = last !== undefined && identity(last) === identity(after);
      sent = 0;
      const resource = first.changed(after);
      const steps = await resource.settle();
      assert.equal(steps.length, isSaid ? 0 : 1 + Number(after.journal) + Number(after.syslog));
      assert.equal(sent, Math.max(0, steps.length - 1));
      assert.deepEqual(await resource.plan(), []);
    }),
    { numRuns: 300 },
  );
});

proves("msg", "twice", "bad values", "random starts");
