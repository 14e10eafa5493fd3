// SPDX-License-Identifier: Apache-2.0
// When a message is printed.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { drive } from "../../../test/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { print } from "./print.ts";

test("a message is printed once, and again when it is another one", async () => {
  const resource = drive(print, "greeting", { msg: "hello" }, memoryHost());
  assert.deepEqual(await resource.settle(), ['! print "hello"']);
  assert.deepEqual(await resource.settle(), []);
  assert.deepEqual(await resource.settle({ refresh: true }), []);
  assert.deepEqual(resource.said, ["hello"]);
  const other = resource.changed({ msg: "two\nlines\n" });
  await other.settle();
  assert.deepEqual(other.said, ["two", "lines"]);
});

test("with refresh_only it is printed at each refresh and at no other time", async () => {
  const resource = drive(print, "greeting", { msg: "hello", refresh_only: true }, memoryHost());
  assert.deepEqual(await resource.settle(), []);
  await resource.settle({ refresh: true });
  await resource.settle({ refresh: true });
  assert.deepEqual(resource.said, ["hello", "hello"]);
});

test("an empty message shows that it is empty", async () => {
  const resource = drive(print, "greeting", {}, memoryHost());
  await resource.settle();
  assert.deepEqual(resource.said, ["<empty>"]);
  assert.deepEqual(await resource.settle(), []);
});

test("it is watching at once and never tells of anything", async () => {
  const controller = new AbortController();
  const resource = drive(print, "greeting", {}, memoryHost(), { signal: controller.signal });
  const watch = resource.watch();
  assert.equal((await watch.next()).done, false);
  const next = watch.next();
  controller.abort();
  assert.equal((await next).done, true);
});

test("whatever it has printed before, one pass prints what is new, and nothing twice", async () => {
  const text = fc.constantFrom("", "one", "two\nlines\n");
  const before = fc.array(fc.record({ msg: text, refresh_only: fc.boolean() }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(before, text, fc.boolean(), fc.boolean(), async (past, message, refresh_only, refresh) => {
      const first = drive(print, "p", {}, memoryHost());
      let last: string | undefined;
      for (const each of past) {
        await first.changed(each).settle();
        if (!each.refresh_only) last = each.msg;
      }
      const resource = first.changed({ msg: message, refresh_only });
      const isDue = refresh_only ? refresh : message !== last;
      assert.equal((await resource.settle({ refresh })).length, isDue ? 1 : 0);
      assert.deepEqual(await resource.plan(), []);
    }),
    { numRuns: 300 },
  );
});

proves("print", "twice", "random starts");
