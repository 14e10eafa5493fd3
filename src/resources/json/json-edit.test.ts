// SPDX-License-Identifier: Apache-2.0
// Edited documents on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { jsonEdit } from "./json-edit.ts";

const path = "/etc/app.json";

function machine(text: string): MemoryHost {
  const host = memoryHost();
  host.outside.write(path, text);
  return host;
}

async function check(
  before: string,
  edits: readonly string[],
  after: string,
  ...steps: readonly string[]
): Promise<void> {
  const host = machine(before);
  assert.deepEqual(await converge(jsonEdit, path, { edits }, host), steps);
  assert.equal(host.outside.read(path), after);
}

test("members are set and removed, with the objects above them", async () => {
  await check('{"a": 1}', [".b = 2"], '{\n\t"a": 1,\n\t"b": 2\n}\n', "~ set .b to 2");
  await check(
    '{"a": 1}',
    [".a = [true, null]"],
    '{\n\t"a": [\n\t\ttrue,\n\t\tnull\n\t]\n}\n',
    "~ set .a to [true,null] (was 1)",
  );
  await check(
    "{}",
    ['.x["y z"].w = "v"'],
    '{\n\t"x": {\n\t\t"y z": {\n\t\t\t"w": "v"\n\t\t}\n\t}\n}\n',
    '~ set .x["y z"].w to "v"',
  );
  await check('{"a": {"b": 1, "c": 2}}', ["del(.a.b)"], '{\n\t"a": {\n\t\t"c": 2\n\t}\n}\n', "~ remove .a.b (was 1)");
  await check("{}", [".a = {}", "del(.b)"], '{\n\t"a": {}\n}\n', "~ set .a to {}");
  await check(
    '{"a":{"b":1}}',
    ["del( .a )", " .a . b = 2".replaceAll(" . ", ".")],
    '{\n\t"a": {\n\t\t"b": 2\n\t}\n}\n',
    '~ remove .a (was {"b":1}), set .a.b to 2',
  );
});

test("a document that says the same is left as it is, however it is written", async () => {
  await check('{ "b":2,"a" : {"c":[1]} }', [".a.c = [ 1 ]", ".b = 2"], '{ "b":2,"a" : {"c":[1]} }');
  await check('{"a": 1}', ["del(.b.c)", "del(.a.b)"], '{"a": 1}');
  await check('{"a": 1}', ["del(.a)", ".a = 1"], '{"a": 1}');
  await check(
    '{"big": 12345678901234567890.50}',
    [".big = 12345678901234567890.50"],
    '{"big": 12345678901234567890.50}',
  );
});

test("numbers keep all of their digits, and texts what they are", async () => {
  await check(
    '{"n": 12345678901234567890123, "e": 1E5, "s": "\\u00e9<\\ud800"}',
    [".x = 1.10"],
    '{\n\t"n": 12345678901234567890123,\n\t"e": 1E5,\n\t"s": "é<\\ud800",\n\t"x": 1.10\n}\n',
    "~ set .x to 1.10",
  );
});

test("what cannot be edited is told by the plan and left alone", async () => {
  const told = async (text: string, ...edits: readonly string[]) => {
    const resource = drive(jsonEdit, path, { edits }, machine(text));
    const [step] = await resource.plan();
    await assert.rejects(resource.settle());
    return step?.text;
  };
  assert.equal(await told('{"a": [1]}', ".a.b = 1"), "/etc/app.json: .a is not an object, so it has no member .b");
  assert.equal(await told("[1]", ".a = 1"), "/etc/app.json is JSON, but not an object in braces");
  assert.equal(
    await told('{"a": 1,}', ".a = 1"),
    "/etc/app.json is not JSON: there is no key in double quotes (line 1, column 9)",
  );
  assert.equal(
    await told('{"a": 1} x', ".a = 1"),
    "/etc/app.json is not JSON: there is more after the value (line 1, column 10)",
  );
  assert.equal(await told('{\n"a": 01}', ".a = 1"), "/etc/app.json is not JSON: there is no value (line 2, column 6)");
  const missing = drive(jsonEdit, "/etc/none.json", { edits: [".a = 1"] }, memoryHost());
  assert.deepEqual((await missing.plan()).map(renderStep), ["! the file /etc/none.json does not exist"]);
});

test("several resources edit one file in turns, and its mode and owner stay", async () => {
  const host = machine("{}");
  host.outside.setMode(path, 0o640);
  host.outside.setOwner(path, 3, 4);
  const resources = ["a", "b", "c"].map((name) =>
    drive(jsonEdit, name, { store: path, edits: [`.${name} = 1`] }, host),
  );
  await Promise.all(resources.map((resource) => resource.settle()));
  assert.deepEqual(Object.keys(JSON.parse(host.outside.read(path) ?? "") as object).sort(), ["a", "b", "c"]);
  const at = await host.files.inspect(path, new AbortController().signal);
  assert.deepEqual([at?.mode, at?.uid, at?.gid], [0o640, 3, 4]);
});

test("a change behind its back is seen and mended", async () => {
  const host = machine("{}");
  const stop = new AbortController();
  const resource = drive(jsonEdit, "file:///etc/app.json", { edits: [".a = 1"] }, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  host.outside.write(path, '{"a": 2, "b": 3}');
  await watch.next();
  assert.deepEqual(await resource.settle(), ["~ set .a to 1 (was 2)"]);
  assert.deepEqual(JSON.parse(host.outside.read(path) ?? ""), { a: 1, b: 3 });
  stop.abort();
});

test("a document that all hosts share is edited under its key, and begins empty", async () => {
  const host = memoryHost();
  const stop = new AbortController();
  const resource = drive(jsonEdit, "etcd:///settings", { edits: [".a = 1"] }, host, { signal: stop.signal });
  assert.deepEqual(resource.check(), []);
  assert.deepEqual(await resource.settle(), ["~ set .a to 1"]);
  const { texts } = resource.env.exchange;
  assert.equal(await texts.get({ key: "settings" }, stop.signal), '{\n\t"a": 1\n}\n');
  assert.deepEqual(await resource.plan(), []);
  const watch = resource.watch();
  await watch.next();
  await texts.update({ key: "settings" }, () => '{"a": 2, "b": 3}', stop.signal);
  await watch.next();
  assert.deepEqual(await resource.settle(), ["~ set .a to 1 (was 2)"]);
  assert.deepEqual(JSON.parse((await texts.get({ key: "settings" }, stop.signal)) ?? ""), { a: 1, b: 3 });
  await texts.update({ key: "settings" }, () => "no JSON", stop.signal);
  await assert.rejects(resource.settle(), { code: "invalid", message: /the shared text settings is not JSON/ });
  stop.abort();
});

test("mistakes are found before anything is touched", () => {
  const titles = (name: string, fields: AnyWant) => problemsOf(jsonEdit, name, fields);
  const edits = [".a = 1"];
  assert.deepEqual(titles("file:///etc/a%20b.json", { edits }), []);
  assert.deepEqual(titles("x", { edits }), ['the store "x" is neither an absolute path nor a URL']);
  assert.deepEqual(titles("/etc/", { edits }), ['the store "/etc/" is not the path of a file']);
  assert.deepEqual(titles("file://host/x", { edits }), ['the store "file://host/x" must be a path after file://']);
  assert.deepEqual(titles("file:///x?y", { edits }), ['the store "file:///x?y" must be a path after file://']);
  assert.deepEqual(titles("file:///x%zz", { edits }), ['the store "file:///x%zz" has a wrong % in it']);
  assert.deepEqual(titles("etcd:///", { edits }), ['the store "etcd:///" has no key']);
  assert.deepEqual(titles("etcd://host/x", { edits }), ['the store "etcd://host/x" must be a path after etcd://']);
  assert.deepEqual(titles("http:///x", { edits }), ['the store "http:///x" is of a sort that is not known: http']);
  assert.deepEqual(titles(path, {}), ["there is nothing to edit"]);
  assert.deepEqual(titles(path, { edits: ["a = 1"] }), [
    '"a = 1" does not begin with the path of a member, such as `.a.b` or `.["a b"]`',
  ]);
  assert.deepEqual(titles(path, { edits: [".a"] }), ['".a" has no "=" after the path .a']);
  assert.deepEqual(titles(path, { edits: [".a[0] = 1"] }), ['".a[0] = 1" has no "=" after the path .a']);
  assert.deepEqual(titles(path, { edits: ["del(.a) x"] }), [
    '"del(.a) x" does not begin with the path of a member, such as `.a.b` or `.["a b"]`',
  ]);
  assert.deepEqual(titles(path, { edits: ["del(.a b)"] }), ['"del(.a b)": "b" is no part of a path']);
  assert.deepEqual(titles(path, { edits: [".a = nope"] }), [
    'what ".a = nope" sets is not JSON: there is no value (line 1, column 2)',
  ]);
});

test("whatever the document, one pass settles it, and what is not edited stays", async () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.dictionary(fc.constantFrom("a", "b", "x y", "ü"), tie("value"), { maxKeys: 3 }),
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, true, 0, -1.5, 1e21, "", 'te"xt\n', []),
      fc.array(tie("value"), { maxLength: 2 }),
      tie("tree"),
    ),
  }));
  const edit = fc.constantFrom(
    ".a = 1",
    '.b = {"c": []}',
    '.a["x y"] = "z"',
    'del(["ü"])',
    "del(.a.b)",
    ".b.b.b = null",
  );
  await fc.assert(
    fc.asyncProperty(tree, fc.array(edit, { minLength: 1, maxLength: 3 }), async (document, edits) => {
      const host = machine(JSON.stringify(document));
      const resource = drive(jsonEdit, path, { edits }, host);
      const planned = await resource.plan();
      if (planned.some((step) => step.mark === "!")) {
        await assert.rejects(resource.settle(), { code: "invalid" });
        assert.equal(host.outside.read(path), JSON.stringify(document));
        return;
      }
      await resource.settle();
      const after = JSON.parse(host.outside.read(path) ?? "") as Record<string, unknown>;
      const touched = new Set(edits.map((text) => /[ab]|ü/.exec(text)?.[0] ?? ""));
      for (const [key, value] of Object.entries(JSON.parse(JSON.stringify(document)) as Record<string, unknown>)) {
        if (!touched.has(key) && !(key === "ü" && touched.has("ü"))) assert.deepEqual(after[key], value);
      }
      const again = await resource.plan();
      // Edits that undo each other never come to rest, and are refused by nobody.
      if (new Set(edits.map((text) => /[ab]|ü/.exec(text)?.[0])).size === edits.length) assert.deepEqual(again, []);
    }),
    { numRuns: 440 },
  );
});

proves("json:edit", "twice", "outside change", "bad values", "random starts");
