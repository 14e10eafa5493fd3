// SPDX-License-Identifier: Apache-2.0
// base64 and JSON, with what does not fit.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textOf } from "../../values/bytes.ts";
import { MapValue, StructValue, type Value } from "../../values/value.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { check, checkFails, checkRefused } from "../check.test-support.ts";
import { follow } from "../stream.test-support.ts";

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
  checkRefused("encoding.decode_json", [], /takes the text to read/);
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

/** YAML and TOML are read by packages that come when they are needed. */
async function checkDecoded(name: string, text: string, type: string, expected: Value | RegExp): Promise<void> {
  const follower = follow(memoryHost(), `encoding.${name}`, [text], { result: type });
  // The first use loads the package.
  let values = await follower.take();
  for (let turn = 0; turn < 1000 && values.length === 0 && follower.end === undefined; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    values = await follower.take();
  }
  if (expected instanceof RegExp)
    assert.match(follower.end instanceof Error ? follower.end.message : "no end", expected);
  else assert.deepEqual(values, [expected]);
  await follower.stop();
}

const server = "struct{name str; port int; load float; on bool; tags []str; limits map{str: int}}";
const serverValue = new StructValue(
  ["name", "port", "load", "on", "tags", "limits"],
  ["web", 80n, 1, true, ["a", "b"], new MapValue([["files", 9007199254740993n]])],
);

test("YAML becomes a value of the type that is wanted", async () => {
  const text =
    "# a server\nname: web\nport: 0x50\nload: 1\non: true\ntags: [a, 'b']\nlimits:\n  files: 9007199254740993\n";
  await checkDecoded("decode_yaml", text, server, serverValue);
  await checkDecoded("decode_yaml", "- &x {a: 1}\n- *x\n", "[]map{str: int}", [
    new MapValue([["a", 1n]]),
    new MapValue([["a", 1n]]),
  ]);
  await checkDecoded(
    "decode_yaml",
    "80: yes\ntrue: no\n",
    "map{str: str}",
    new MapValue([
      ["80", "yes"],
      ["true", "no"],
    ]),
  );
  await checkDecoded("decode_yaml", "|\n  é\n  b\n", "str", "é\nb\n");
  await checkDecoded(
    "decode_yaml_flexible",
    "port: 80\nother: ~\n",
    "struct{port int; name str}",
    new StructValue(["port", "name"], [80n, ""]),
  );
});

test("TOML becomes a value of the type that is wanted", async () => {
  const text =
    'name = "web"\nport = 0x50\nload = 1.0\non = true\ntags = ["a", \'b\']\n[limits]\nfiles = 9_007_199_254_740_993\n';
  await checkDecoded("decode_toml", text, server, serverValue);
  const hosts = "[]struct{name str}";
  await checkDecoded(
    "decode_toml",
    '[[hosts]]\nname = "a"\n[[hosts]]\nname = "b"\n',
    `struct{hosts ${hosts}}`,
    new StructValue(["hosts"], [["a", "b"].map((name) => new StructValue(["name"], [name]))]),
  );
  await checkDecoded("decode_toml", "day = 1979-05-27\n", "map{str: str}", new MapValue([["day", "1979-05-27"]]));
  await checkDecoded("decode_toml", "__proto__ = 1\n", "map{str: int}", new MapValue([["__proto__", 1n]]));
  await checkDecoded(
    "decode_toml_flexible",
    "port = 80\nother = 1\n",
    "struct{port int; name str}",
    new StructValue(["port", "name"], [80n, ""]),
  );
});

test("YAML and TOML of another shape end the program and say where", async () => {
  const yaml = (text: string, type: string, said: RegExp) => checkDecoded("decode_yaml", text, type, said);
  const toml = (text: string, type: string, said: RegExp) => checkDecoded("decode_toml", text, type, said);
  await yaml("a: [1, x]", "struct{a []int}", /the YAML does not fit: string stands where int is wanted, at \.a\[1\]/);
  await yaml("a: ", "struct{a str}", /null stands where str is wanted, at \.a/);
  await yaml("1.5", "int", /float stands where int/);
  await yaml("9223372036854775808", "int", /is no int/);
  await yaml("{a: 1}", "struct{a int; b str}", /the field \.b is missing/);
  await yaml("{a: 1, c: 2}", "struct{a int}", /has no field c/);
  await yaml("{}", "map{int: str}", /keys of map\{int: str\} are not str/);
  await yaml("{[1]: 2}", "map{str: int}", /a key is neither a text nor a number/);
  await yaml("a: [1", "struct{a []int}", /the YAML does not fit: .* at line 1/);
  await yaml("a: 1\n---\nb: 2\n", "map{str: int}", /several documents/);
  await yaml("*nobody", "str", /nobody/);
  await yaml("a: 1", "func() int", /a text cannot hold func\(\) int/);
  await yaml("[".repeat(100_000), "[]int", /the YAML does not fit/);
  const bomb = `a: &a [${"x, ".repeat(20)}x]\n${["b", "c", "d", "e", "f"].map((name, at) => `${name}: &${name} [${`*${"abcdef"[at]}, `.repeat(20)}1]`).join("\n")}\n`;
  await yaml(bomb, "map{str: []str}", /the YAML does not fit: Excessive alias count/);
  await toml(
    "a = [1, 'x']",
    "struct{a []int}",
    /the TOML does not fit: string stands where int is wanted, at \.a\[1\]/,
  );
  await toml("a = ", "struct{a int}", /the TOML does not fit: .*, in line 1/);
  await toml("a = 1\na = 2\n", "struct{a int}", /in line 2/);
  await toml("a = 1.0", "struct{a int}", /float stands where int/);
  await toml("a = 99999999999999999999", "struct{a int}", /the TOML does not fit/);
  await toml(`a = ${"[".repeat(100_000)}`, "struct{a []int}", /the TOML does not fit/);
});
