// SPDX-License-Identifier: Apache-2.0
// What loading tells besides the program: which files it consists of, and where the files of a call lie. What programs
// make of modules is shown by the cases in test/cases/programs/modules.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Problems } from "../../base/problem.ts";
import { createCatalog } from "../../contract/catalog.ts";
import { Failure } from "../../contract/failure.ts";
import type { SolvedCall } from "../../contract/function.ts";
import { constants, functions } from "../../functions/index.ts";
import { kindConstants, kinds } from "../../resources/index.ts";
import { compileLoaded } from "../compile.ts";
import { type Entry, type LoadedProgram, loadProgram } from "./load.ts";
import { type RemoteModule, type RemoteModules, sourceInMemory } from "./module-source.ts";

const catalog = createCatalog({ kinds, functions, constants: [...constants, ...kindConstants] });
const main: Entry = { kind: "file", path: "/site/main.mcl" };

function load(
  texts: Readonly<Record<string, string>>,
  options: { readonly entry?: Entry; readonly remote?: RemoteModules } = {},
): Promise<LoadedProgram> {
  return loadProgram(options.entry ?? main, {
    files: sourceInMemory(new Map(Object.entries(texts))),
    shipped: sourceInMemory(new Map()),
    moduleDirectory: "/modules/",
    ...(options.remote === undefined ? {} : { remote: options.remote }),
    show: (path) => path,
  });
}

function codesOf({ main: loaded }: LoadedProgram): readonly string[] {
  assert.ok(loaded.kind === "file");
  const problems = new Problems();
  compileLoaded(loaded.module, catalog, problems);
  return problems.all.map(({ code }) => code);
}

describe("a program consists of", () => {
  test("every file that was read, and every one that was looked for", async () => {
    const { looked } = await load({
      "/site/main.mcl": 'import "lib/"\nimport "missing.mcl"\nimport "git://example.org/x/"\n',
      "/site/lib/main.mcl": '$x = "a"\n',
    });
    assert.deepEqual(
      [...looked],
      [
        ["/site/main.mcl", 'import "lib/"\nimport "missing.mcl"\nimport "git://example.org/x/"\n'],
        ["/site/lib/metadata.yaml", undefined],
        ["/site/lib/main.mcl", '$x = "a"\n'],
        ["/site/missing.mcl", undefined],
        ["/modules/example.org/x/metadata.yaml", undefined],
      ],
    );
  });

  test("each file once, however often it is imported", async () => {
    const { modules } = await load({
      "/site/main.mcl": 'import "a.mcl"\nimport "b.mcl"\n',
      "/site/a.mcl": 'import "b.mcl"\n',
      "/site/b.mcl": "$x = 1\n",
    });
    assert.deepEqual(
      modules.map(({ source }) => source.path),
      ["/site/main.mcl", "/site/a.mcl", "/site/b.mcl"],
    );
  });

  test("what a text imports as if it lay in the directory", async () => {
    const entry: Entry = { kind: "text", source: { path: "<code>", text: 'import "a.mcl"\n' }, directory: "/site/" };
    assert.deepEqual(codesOf(await load({ "/site/a.mcl": "$x = 1\n" }, { entry })), []);
  });

  test("nothing when there is no such program", async () => {
    const loaded = await load({}, { entry: { kind: "directory", directory: "/site/" } });
    assert.deepEqual(loaded.main, {
      kind: "missing",
      reason: "/site/ has neither a metadata.yaml nor a main.mcl",
    });
  });
});

describe("a module of others", () => {
  const texts = {
    "/site/main.mcl": 'import "git://example.org/x/"\nimport "git://example.org/y/"\n',
    "/modules/example.org/x/metadata.yaml": "",
    "/modules/example.org/x/main.mcl": 'import "git://example.org/y/"\n',
  };

  test("is prepared once before it is read", async () => {
    const prepared: RemoteModule[] = [];
    const remote: RemoteModules = {
      prepare(module) {
        prepared.push(module);
        return Promise.resolve(undefined);
      },
    };
    await load(texts, { remote });
    assert.deepEqual(prepared, [
      { url: "git://example.org/x/", name: "example.org/x/", directory: "/modules/example.org/x/", isThere: true },
      { url: "git://example.org/y/", name: "example.org/y/", directory: "/modules/example.org/y/", isThere: false },
    ]);
  });

  test("that is refused is a problem of each import of it", async () => {
    const remote: RemoteModules = { prepare: () => Promise.resolve({ reason: "it is not what the lock says" }) };
    assert.deepEqual(codesOf(await load(texts, { remote })), ["missing-module", "missing-module"]);
  });
});

test("a file that cannot be read is a problem of its import", async () => {
  const texts = new Map([["/site/main.mcl", 'import "secret.mcl"\n']]);
  const loaded = await loadProgram(main, {
    files: {
      read: (path) =>
        path === "/site/secret.mcl"
          ? Promise.reject(new Failure("secret.mcl cannot be read: permission denied.", { code: "denied" }))
          : Promise.resolve(texts.get(path)),
    },
    shipped: sourceInMemory(new Map()),
    moduleDirectory: undefined,
    show: (path) => path,
  });
  assert.deepEqual(codesOf(loaded), ["missing-module"]);
});

test("a call knows where the files lie that belong to its module", async () => {
  const texts = {
    "/site/metadata.yaml": "main: code/main.mcl\n",
    "/site/code/main.mcl": 'import "git://example.org/x/"\ntest "t" { int8 => len("a"), int16 => x.f("a"), }\n',
    "/modules/example.org/x/metadata.yaml": "",
    "/modules/example.org/x/main.mcl": "func f($text) { len($text) }\n",
  };
  const { main: loaded } = await load(texts, { entry: { kind: "directory", directory: "/site/" } });
  assert.ok(loaded.kind === "file");
  const seen: unknown[] = [];
  const withLen = createCatalog({
    kinds,
    functions: functions.map((definition) => {
      const check = ({ deployed }: SolvedCall) => void seen.push(deployed);
      return definition.name === "len" && definition.module === "" ? { ...definition, check } : definition;
    }),
    constants: [...constants, ...kindConstants],
  });
  compileLoaded(loaded.module, withLen, new Problems());
  assert.deepEqual(seen, [
    { directory: "/site/", root: "/site/", modules: "/modules/" },
    { directory: "/modules/example.org/x/", root: "/site/", modules: "/modules/" },
  ]);
});

test("a chain of 200 modules is imported, a longer one is a problem", async () => {
  assert.deepEqual(codesOf(await load(chainOf(200))), []);
  assert.deepEqual(codesOf(await load(chainOf(2000))), ["imports-too-deep"]);
});

function chainOf(count: number): Readonly<Record<string, string>> {
  const texts: Record<string, string> = { "/site/main.mcl": 'import "m0.mcl"\ntest $m0.x {}\n' };
  for (let index = 0; index < count; index += 1) {
    const next = `m${index + 1}`;
    texts[`/site/m${index}.mcl`] = index === count - 1 ? '$x = "end"\n' : `import "${next}.mcl"\n$x = $${next}.x\n`;
  }
  return texts;
}

test("twenty levels of modules that each import the next level twice are no more work than their files", async () => {
  const texts: Record<string, string> = { "/site/main.mcl": 'import "a0.mcl"\ntest $a0.x {}\n' };
  for (let level = 0; level < 20; level += 1) {
    const both = `import "a${level + 1}.mcl" as a\nimport "b${level + 1}.mcl" as b\n$x = "\${a.x}\${b.x}"\n`;
    const text = level === 19 ? '$x = ""\n' : both;
    texts[`/site/a${level}.mcl`] = text;
    texts[`/site/b${level}.mcl`] = text;
  }
  assert.deepEqual(codesOf(await load(texts)), []);
});

test("directories that could see modules in countless combinations come to an end", async () => {
  const texts: Record<string, string> = { "/site/main.mcl": 'import "d0/"\n' };
  for (let index = 0; index < 16; index += 1) {
    const others = Array.from({ length: 15 - index }, (_, behind) => `import "../d${index + 1 + behind}/"\n`);
    texts[`/site/d${index}/metadata.yaml`] = "path: own/\n";
    texts[`/site/d${index}/main.mcl`] = others.join("");
  }
  const { modules } = await load(texts);
  assert.equal(modules.length, 2000);
});
