// SPDX-License-Identifier: Apache-2.0
// What is always in scope, but for the operators.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryHost } from "../../host/memory/index.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { printValue } from "../../values/print.ts";
import { functionType, intType } from "../../values/type.ts";
import { FunctionValue, MapValue, StructValue } from "../../values/value.ts";
import { check, checkFails, checkRefused, functionNamed } from "../check.test-support.ts";
import { follow } from "../stream.test-support.ts";

const ports = new MapValue([
  ["http", 80n],
  ["ssh", 22n],
]);
const host = new StructValue(["name", "port"], ["a", 80n]);

test("concat joins texts", () => {
  check("concat", ["a", "b"], "ab");
  check("concat", ["", ""], "");
});

test("halves of a character become it when they are joined", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), fc.nat(12), (bytes, at) => {
      check("concat", [textOf(bytes.subarray(0, at)), textOf(bytes.subarray(at))], textOf(bytes));
    }),
  );
});

test("contains finds equal values", () => {
  check("contains", [1n, [1n, 2n]], true);
  check("contains", ["c", ["a", "b"]], false);
  check("contains", ["a", []], false);
  check("contains", [[1n], [[1n]]], true);
  check("contains", [Number.NaN, [Number.NaN]], false);
  check("contains", [host, [host]], true);
});

test("functions cannot be looked for", () => {
  const someFunction = new FunctionValue(functionType([], intType), {});
  checkFails("contains", [someFunction, [someFunction]], "fatal", /functions cannot be compared/);
});

test("len counts bytes, elements and entries", () => {
  check("len", ["é€"], 5n);
  check("len", [[1n, 2n]], 2n);
  check("len", [[]], 0n, { types: ["[]str"] });
  check("len", [ports], 2n);
  checkRefused("len", [host], /not struct/);
  checkRefused("len", [5n], /not int/);
});

test("len of a text is the number of its bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      check("len", [textOf(bytes)], BigInt(bytes.length));
      assert.deepEqual(bytesOf(textOf(bytes)), bytes);
    }),
  );
});

for (const name of ["list_lookup", "list.lookup", "_lookup"]) {
  test(`${name} gives an element by its position`, () => {
    check(name, [["a", "b"], 1n], "b");
    checkFails(name, [["a", "b"], 2n], "catchable", /no element 2 in a list of 2/);
    checkFails(name, [["a", "b"], -1n], "catchable", /no element -1/);
    checkFails(name, [["a", "b"], 1n << 62n], "catchable", /no element/);
  });
}

for (const name of ["map_lookup", "map.lookup", "_lookup"]) {
  test(`${name} gives the value of a key`, () => {
    check(name, [ports, "http"], 80n);
    checkFails(name, [ports, "ftp"], "catchable", /no key "ftp"/);
  });
}

test("only lists and maps have elements", () => {
  checkRefused("_lookup", ["abc", 1n], /only lists and maps have elements, and this is str/);
  checkRefused("_lookup", [["a"], "b"], /str stands where int/);
  checkRefused("_lookup", [["a"]], /takes a list or map, and an index/);
});

test("a lookup whose list is only known late is checked then", () => {
  const { check: late } = functionNamed("_lookup");
  const call = (from: string) => ({ type: { kind: "list", element: { kind: from } } }) as const;
  assert.ok(late !== undefined);
  const type = functionType([call("str"), { type: intType }] as never, intType);
  assert.match(late({ type, argumentValues: [] }) ?? "", /an element of \[\]str is used as int/);
});

test("a field of a struct is found by its name", () => {
  check("_struct_lookup", [host, "port"], 80n);
  checkRefused("_struct_lookup", [host, "user"], /no field `user`, it has: name, port/);
  checkRefused("_struct_lookup", [ports, "user"], /only a struct has fields/);
  checkRefused("_struct_lookup", [new StructValue([], []), "user"], /it has none at all/);
});

test("a field that the type lacks is the default", () => {
  check("_struct_lookup_optional", [host, "port", 8080n], 80n);
  check("_struct_lookup_optional", [host, "user", "root"], "root");
  checkRefused("_struct_lookup_optional", [host, "port", "none"], /str stands where int is wanted/);
});

test("panic ends the program when it is asked to", () => {
  check("panic", [false], false);
  check("panic", [""], false);
  checkFails("panic", [true], "fatal", /asked to stop/);
  checkFails("panic", ["no disk"], "fatal", /asked to stop here: no disk/);
  checkRefused("panic", [5n], /a bool or a str, not int/);
  check("panic_debug", [false, "x"], false);
  checkFails("panic_debug", [true, "x"], "fatal", /asked to stop here: x/);
});

test("random1 gives letters, others for each call", async () => {
  const machine = memoryHost();
  const first = follow(machine, "random1", [200n]);
  const second = follow(machine, "random1", [200n]);
  const [one] = await first.take();
  const [other] = await second.take();
  assert.match(printValue(one ?? ""), /^[a-zA-Z]{200}$/);
  assert.notEqual(one, other);
  assert.equal(first.end, "stopped");
});

test("random1 refuses lengths that make no sense", async () => {
  const machine = memoryHost();
  assert.deepEqual(await follow(machine, "random1", [0n]).take(), [""]);
  for (const length of [-1n, 65536n]) {
    const follower = follow(machine, "random1", [length]);
    await follower.take();
    assert.match(String(follower.end), /between 0 and 65535/);
  }
});

test("history gives the value of some time ago, as soon as it is due", async () => {
  const machine = memoryHost();
  const follower = follow(machine, "history", [1n, 3000n]);
  assert.deepEqual(await follower.take(), [1n]);
  await machine.clock.advance(1000);
  await follower.change([2n, 3000n]);
  await machine.clock.advance(1000);
  await follower.change([3n, 3000n]);
  assert.deepEqual([...new Set(await follower.take())], [1n]);
  await machine.clock.advance(1999);
  assert.deepEqual(await follower.take(), []);
  await machine.clock.advance(1);
  assert.deepEqual(await follower.take(), [2n]);
  await machine.clock.advance(1000);
  assert.deepEqual(await follower.take(), [3n]);
  assert.equal(machine.clock.nextTimerInMs, undefined);
});

test("history begins anew with another age, and refuses the future", async () => {
  const machine = memoryHost();
  const follower = follow(machine, "history", [1n, 3000n]);
  await machine.clock.advance(5000);
  await follower.change([2n, 1000n]);
  assert.deepEqual(await follower.take(), [1n, 2n]);
  const wrong = follow(machine, "history", [1n, -1n]);
  await wrong.take();
  assert.match(String(wrong.end), /cannot be -1/);
});
