// SPDX-License-Identifier: Apache-2.0
// base64 and JSON, with what does not fit.

import { test } from "node:test";
import fc from "fast-check";
import { textOf } from "../../values/bytes.ts";
import { MapValue, StructValue } from "../../values/value.ts";
import { check, checkFails, checkRefused } from "../check.test-support.ts";

/** The type is written in the program. */
const named = { constant: [1] };

test("base64 is padded, and line ends in it are skipped", () => {
  check("encoding.base64_encode", ["hello"], "aGVsbG8=");
  check("encoding.base64_encode", [""], "");
  check("encoding.base64_decode", ["aGVs\r\nbG8="], "hello");
  check("encoding.base64_decode", ["aGVsbG9="], "hello");
  for (const text of ["aGVsbG8", "aGVs bG8=", "aGVsbG8-", "====", "a==="]) {
    checkFails("encoding.base64_decode", [text], "fatal", /no base64/);
  }
});

test("all bytes survive base64", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const encoded = btoa(String.fromCharCode(...bytes));
      check("encoding.base64_encode", [textOf(bytes)], encoded);
      check("encoding.base64_decode", [encoded], textOf(bytes));
    }),
  );
});

test("JSON becomes a value of the type that is named", () => {
  check("encoding.decode_json", ["true", "bool"], true, named);
  check("encoding.decode_json", [' "a\\n\\u00e9\\ud83d\\ude00" ', "str"], "a\né😀", named);
  check("encoding.decode_json", ["9007199254740993", "int"], 9007199254740993n, named);
  check("encoding.decode_json", ["-1.5e3", "float"], -1500, named);
  check("encoding.decode_json", ["[[1], []]", "[][]int"], [[1n], []], named);
  const map = new MapValue([
    ["a", 1n],
    ["b", 2n],
  ]);
  check("encoding.decode_json", ['{"a": 1, "b": 2}', "map{str: int}"], map, named);
  const struct = new StructValue(["a", "b"], [1n, "x"]);
  check("encoding.decode_json", ['{"b": "x", "a": 1}', "struct{a int; b str}"], struct, named);
  check("encoding.decode_json", ["1 and what follows", "int"], 1n, named);
});

test("JSON becomes a value of the type that the context wants", () => {
  check("encoding.decode_json", ["[1]"], [1n], { result: "[]int" });
  check("encoding.decode_json_flexible", ["[1]"], [1n], { result: "[]int" });
});

test("JSON of another shape ends the program and says where", () => {
  const refused = (text: string, type: string, message: RegExp) =>
    checkFails("encoding.decode_json", [text, type], "fatal", message, named);
  refused("1.0", "int", /1\.0 is no int/);
  refused("9223372036854775808", "int", /is no int/);
  refused("null", "str", /null stands where str is wanted/);
  refused('{"a": [1, "x"]}', "struct{a []int}", /string stands where int is wanted, at \.a\[1\]/);
  refused('{"a": 1}', "struct{a int; b str}", /the field \.b is missing/);
  refused('{"a": 1, "c": 2}', "struct{a int}", /has no field c/);
  refused("{}", "map{int: str}", /keys of map\{int: str\} are not str/);
  refused("[1,]", "[]int", /nothing begins with \]/);
  refused("[1", "[]int", /\] is missing/);
  refused('"a', "str", /does not end/);
  refused('"\\x"', "str", /\\x means nothing/);
  refused("tru", "bool", /tru means nothing/);
  refused("", "bool", /ends too early/);
  refused("1", "func() int", /JSON cannot hold/);
  checkRefused("encoding.decode_json", ["1", "nonsense"], /is no type/);
  checkRefused("encoding.decode_json", ["1", "?1"], /is no type/);
  checkRefused("encoding.decode_json", [], /takes a JSON text/);
});

test("deep JSON that is skipped does not exhaust us", () => {
  const deep = `{"x": ${"[".repeat(100_000)}`;
  checkFails("encoding.decode_json_flexible", [deep, "struct{a int}"], "fatal", /nested too deeply/, named);
});

test("a flexible struct ignores the superfluous and fills in what is missing", () => {
  const type = "struct{a int; b str; c []int; d map{str: int}; e struct{f float; g bool}}";
  const zero = new StructValue(["f", "g"], [0, false]);
  const expected = new StructValue(["a", "b", "c", "d", "e"], [1n, "", [], new MapValue(), zero]);
  const text = '{"z": {"y": [null, true, "x", 1.5, {}]}, "a": 1}';
  check("encoding.decode_json_flexible", [text, type], expected, named);
  checkFails("encoding.decode_json_flexible", ['{"a": "x"}', type], "fatal", /string stands where int/, named);
});

test("whatever JSON writes is read back", () => {
  const type = "[]struct{text str; ok bool; number float}";
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          text: fc.string({ unit: "grapheme" }),
          ok: fc.boolean(),
          number: fc.double({ noNaN: true, noDefaultInfinity: true }),
        }),
      ),
      (rows) => {
        const expected = rows.map(
          ({ text, ok, number }) =>
            new StructValue(["text", "ok", "number"], [text, ok, Object.is(number, -0) ? 0 : number]),
        );
        check("encoding.decode_json", [JSON.stringify(rows), type], expected, named);
      },
    ),
  );
});
