// SPDX-License-Identifier: Apache-2.0
// A document for tests: mcl with a `‹cursor›` where the person is, and the files of its modules.

import { invariant } from "../base/invariant.ts";
import type { SourceFile } from "../base/span.ts";
import { createCatalog } from "../contract/catalog.ts";
import { constants, functions } from "../functions/index.ts";
import { loadProgram } from "../program/modules/load.ts";
import { sourceInMemory } from "../program/modules/module-source.ts";
import { kindConstants, kinds } from "../resources/index.ts";
import { strType } from "../values/type.ts";
import { Analysis } from "./analysis.ts";
import { importsOf, Indexer } from "./index-file.ts";

const hostname = { module: "", name: "hostname", type: strType, value: "here" };
export const catalog = createCatalog({ kinds, functions, constants: [...constants, ...kindConstants, hostname] });

export interface Opened {
  readonly analysis: Analysis;
  readonly offset: number;
}

/** `files` by their absolute path; the document is `/main.mcl`. */
export async function open(marked: string, files: Readonly<Record<string, string>> = {}): Promise<Opened> {
  const cursor = "‹cursor›";
  const found = marked.indexOf(cursor);
  const text = marked.replace(cursor, "");
  const texts = new Map([...Object.entries(files), ["/main.mcl", importsOf(text)]]);
  const loaded = await loadProgram(
    { kind: "file", path: "/main.mcl" },
    {
      files: sourceInMemory(texts),
      shipped: sourceInMemory(new Map()),
      moduleDirectory: undefined,
      show: (path) => path,
    },
  );
  invariant(loaded.main.kind === "file", "the document is there");
  const source: SourceFile = { path: "/main.mcl", text };
  const analysis = new Analysis(source, loaded.main.module, new Indexer(catalog));
  return { analysis, offset: found === -1 ? text.length : found };
}
