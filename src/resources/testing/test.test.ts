// SPDX-License-Identifier: Apache-2.0
// The fields of `test`, and what each of them makes it do.

import assert from "node:assert/strict";
import { test as fact } from "node:test";
import { proves } from "../../../test/proofs.ts";
import { drive, problemsOf } from "../../../test/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { renderType } from "../../values/type.ts";
import { StructValue } from "../../values/value.ts";
import { test } from "./test.ts";

/** As the reference page will say it: `int8 int(8)`, `uint8ptr int(8 unsigned)?`. */
function described(): string {
  return Object.entries(test.fields)
    .map(([name, field]) => {
      const type = field.type === "any" ? "any" : renderType(field.type);
      const bits = field.bits === undefined ? "" : `(${field.bits}${field.unsigned === true ? " unsigned" : ""})`;
      return `${name} ${type}${bits}${field.single === true ? "(single)" : ""}${field.optional ? "?" : ""}`;
    })
    .join("\n");
}

fact("every field has its type and width", () => {
  assert.equal(
    described(),
    `bool bool
str str
int int(64)
int8 int(8)
int16 int(16)
int32 int(32)
int64 int(64)
uint int(64 unsigned)
uint8 int(8 unsigned)
uint16 int(16 unsigned)
uint32 int(32 unsigned)
uint64 int(64 unsigned)
byte int(8 unsigned)
rune int(32)
float32 float(single)
float64 float
boolptr bool?
stringptr str?
int64ptr int(64)?
int8ptr int(8)?
uint8ptr int(8 unsigned)?
int8ptrptrptr int(8)?
slicestring []str
mapintfloat map{int: float}?
mixedstruct struct{somebool bool; somestr str; someint int; somefloat float}?
interface any?
anotherstr str
func1 func(int) str?
validatebool bool
validateerror str
alwaysgroup bool
comparefail bool
sendvalue str
expectrecv []str?
onlyshow []str
waitforerror int(64)
comment str`,
  );
});

fact("it shows what it was given, and sends", async () => {
  const mixedstruct = new StructValue(["somebool", "somestr", "someint", "somefloat"], [true, "a", 1n, 0.5]);
  const given = { int8: -3, str: "x", mixedstruct, slicestring: ["a", "b"], sendvalue: "hi" };
  const resource = drive(test, "t", given, memoryHost());
  assert.deepEqual(await resource.settle(), []);
  assert.deepEqual(resource.said, [
    "str:         x",
    "int8:        -3",
    'slicestring: ["a", "b"]',
    'mixedstruct: struct{somebool: true; somestr: "a"; someint: 1; somefloat: 0.5}',
    "sendvalue:   hi",
  ]);
  assert.deepEqual(resource.sent, [{ hello: "hi", answer: 42n }]);
});

fact("onlyshow chooses what is shown, whether it was given or not", async () => {
  const resource = drive(test, "t", { int8: 1, str: "x", onlyshow: ["str", "stringptr"] }, memoryHost());
  await resource.settle();
  assert.deepEqual(resource.said, ["str:       x", "stringptr: <not given>"]);
});

fact("it fails when it does not receive what it expects", async () => {
  const resource = () => drive(test, "t", { expectrecv: ["str", "anotherstr"] }, memoryHost());
  assert.deepEqual(await resource().settle({ received: new Set(["str", "anotherstr"]) }), []);
  await assert.rejects(resource().settle({ received: new Set(["str"]) }), {
    message: "expected to receive 2 values, but received str",
  });
  await assert.rejects(resource().settle(), { message: "expected to receive 2 values, but received none" });
});

fact("it fails after a while when asked to", async () => {
  const host = memoryHost();
  const failing = assert.rejects(drive(test, "t", { waitforerror: 500n }, host).settle(), {
    message: "failed after 500 ms, as `waitforerror` asks",
  });
  await host.clock.advance(499);
  assert.equal(host.clock.nextTimerInMs, 1);
  await host.clock.advance(1);
  await failing;
});

fact("its check fails when asked to, and with a function", () => {
  assert.deepEqual(problemsOf(test, "t", { validatebool: true }), ["the check fails, as `validatebool` asks"]);
  assert.deepEqual(problemsOf(test, "t", { validateerror: "because" }), ["because"]);
  assert.deepEqual(problemsOf(test, "t", { func1: "any value" }), ["a resource cannot hold a function"]);
});

proves("test", "bad values");
