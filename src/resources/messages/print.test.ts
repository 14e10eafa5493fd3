// SPDX-License-Identifier: Apache-2.0
// When a message is printed.

import assert from "node:assert/strict";
import { test } from "node:test";
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
  const watch = print.watch(resource.want, resource.env)[Symbol.asyncIterator]();
  assert.equal((await watch.next()).done, false);
  const next = watch.next();
  controller.abort();
  assert.equal((await next).done, true);
});
