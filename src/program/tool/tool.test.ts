// SPDX-License-Identifier: Apache-2.0
// What a tool.yaml may say, and what the program sees of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Problems } from "../../base/problem.ts";
import { createCatalog } from "../../contract/catalog.ts";
import { sourceInMemory } from "../modules/module-source.ts";
import { parseTool } from "./declaration.ts";
import { type GivenInputs, readTool, valueOf, variableOf } from "./inputs.ts";

const site = `name: site-kit
version: "1.2"
summary: Sets up a site.
doc: |
  More of it.
options:
  domain: {required: true, doc: Its name.}
  max-clients: {type: int, default: 20}
  ratio: {type: float, default: 0.5}
  tls: {type: bool, default: true}
  aliases: {type: "[]str", default: [a, b]}
  root: {type: file}
  level: {choices: [low, high], default: low}
  password: {secret: true}
run: --once --sema=2
examples:
  - {line: site-kit --domain=x, doc: Do it.}
`;

async function parse(text: string): Promise<string | Awaited<ReturnType<typeof parseTool>>> {
  const problems = new Problems();
  const tool = await parseTool({ path: "tool.yaml", text }, problems);
  assert.equal(tool === undefined, problems.any);
  return tool ?? problems.all.map(({ message }) => message.label).join("; ");
}

test("a declaration is read with its options in order", async () => {
  const tool = await parse(site);
  assert.ok(typeof tool === "object");
  assert.deepEqual(
    [tool.name, tool.version, tool.summary, tool.doc],
    ["site-kit", "1.2", "Sets up a site.", "More of it."],
  );
  assert.deepEqual(tool.run, ["--once", "--sema=2"]);
  assert.deepEqual(tool.examples, [{ line: "site-kit --domain=x", doc: "Do it." }]);
  assert.deepEqual(
    tool.inputs.map(({ name, type, default: value }) => [name, type, value]),
    [
      ["domain", "str", undefined],
      ["max-clients", "int", 20n],
      ["ratio", "float", 0.5],
      ["tls", "bool", true],
      ["aliases", "[]str", ["a", "b"]],
      ["root", "file", undefined],
      ["level", "str", "low"],
      ["password", "str", undefined],
    ],
  );
});

for (const [wrong, reason] of [
  ["", "here must be lines of the form `key: value`"],
  ["- a\n", "here must be lines of the form `key: value`"],
  ["name: [\n", /Flow sequence/],
  ["name: x\n", "a tool needs a `summary`, of one line"],
  ["summary: x\n", "a tool needs a `name`"],
  ["name: mgmt\nsummary: x\n", /and is not mgmt$/],
  ["name: Site\nsummary: x\n", /^a name has small letters/],
  ["name: x\nsummary: [a]\n", /`summary` must be a text/],
  ["name: x\nsummary: x\nother: 1\n", /^there is no `other`: name,/],
  ["name: x\nsummary: x\noptions: [a]\n", "here must be lines of the form `key: value`"],
  ["name: x\nsummary: x\noptions: {A: {}}\n", /^`A`: an option has small letters/],
  ["name: x\nsummary: x\noptions: {for: {}}\n", /is a word of the language/],
  ["name: x\nsummary: x\noptions: {a: {type: text}}\n", "a type is one of str, int, float, bool, []str, file"],
  ["name: x\nsummary: x\noptions: {a: {type: int, default: 1.5}}\n", "this is no int"],
  ["name: x\nsummary: x\noptions: {a: {required: true, default: b}}\n", "what is required has no default"],
  ["name: x\nsummary: x\noptions: {a: {required: yes please}}\n", "`required` must be true or false"],
  ["name: x\nsummary: x\noptions: {a: {type: int, choices: [b]}}\n", "only a str has choices"],
  ["name: x\nsummary: x\noptions: {a: {choices: b}}\n", "`choices` must be a list of texts"],
  ["name: x\nsummary: x\noptions: {a: {choices: [b], default: c}}\n", "the default is none of the choices"],
  ["name: x\nsummary: x\noptions: {a: {type: int, secret: true}}\n", "only a str can be a secret"],
  ["name: x\nsummary: x\noptions: {a: {secret: true, default: c}}\n", "a secret in this file is none"],
  ["name: x\nsummary: x\nexamples: a\n", "examples are a list of `line` and `doc`"],
] as const) {
  test(`what is wrong is told: ${JSON.stringify(wrong)}`, async () => {
    const found = await parse(wrong);
    assert.ok(typeof found === "string");
    if (typeof reason === "string") assert.equal(found, reason);
    else assert.match(found, reason);
  });
}

test("a value is what was given, else the variable, else the default, else nothing", async () => {
  const tool = await parse(site);
  assert.ok(typeof tool === "object");
  const value = (name: string, given: GivenInputs, variables: Readonly<Record<string, string>>) => {
    const input = tool.inputs.find((each) => each.name === name);
    assert.ok(input);
    return valueOf(tool, input, given, (variable) => variables[variable]);
  };
  assert.equal(variableOf(tool, tool.inputs[1] ?? assert.fail()), "SITE_KIT_MAX_CLIENTS");
  const none: GivenInputs = new Map();
  assert.equal(value("max-clients", new Map([["max-clients", 5n]]), { SITE_KIT_MAX_CLIENTS: "7" }), 5n);
  assert.equal(value("max-clients", none, { SITE_KIT_MAX_CLIENTS: "7" }), 7n);
  assert.equal(value("max-clients", none, {}), 20n);
  assert.deepEqual(value("aliases", none, { SITE_KIT_ALIASES: "x,,y" }), ["x", "y"]);
  assert.equal(value("tls", none, { SITE_KIT_TLS: "false" }), false);
  assert.equal(value("ratio", none, { SITE_KIT_RATIO: "1e-3" }), 0.001);
  assert.equal(value("root", none, {}), "");
  assert.equal(value("domain", none, {}), undefined);
  for (const [name, text] of [
    ["MAX_CLIENTS", "9223372036854775808"],
    ["MAX_CLIENTS", "1.5"],
    ["RATIO", "1_0"],
    ["TLS", "yes"],
    ["LEVEL", "middle"],
  ] as const) {
    const option = name.toLowerCase().replace("_", "-");
    assert.throws(() => value(option, none, { [`SITE_KIT_${name}`]: text }), new RegExp(`SITE_KIT_${name} is no`));
  }
});

test("the program gets a module with a function for each option, and is as it was without the file", async () => {
  const catalog = createCatalog({ kinds: [], functions: [], constants: [] });
  const read = (files: Readonly<Record<string, string>>) => {
    const reading = {
      files: sourceInMemory(new Map(Object.entries(files))),
      directory: "/p/",
      show: (path: string) => path,
    };
    return readTool(catalog, { ...reading, environment: () => undefined }, new Problems());
  };
  const { catalog: with_, path, text } = await read({ "/p/tool.yaml": site });
  assert.equal(path, "/p/tool.yaml");
  assert.equal(text, site);
  assert.deepEqual([...(with_.module("inputs")?.functions.keys() ?? [])].sort(), [
    ...["aliases", "domain", "level", "max_clients", "password", "ratio", "root", "tls"],
  ]);
  assert.equal((await read({})).catalog, catalog);
});
