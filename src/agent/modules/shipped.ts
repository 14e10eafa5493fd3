// SPDX-License-Identifier: Apache-2.0
// The modules in `modules/` that the product brings along: in the memory that the single file starts with, or beside the
// sources.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ModuleSource } from "../../program/modules/module-source.ts";

/** `/misc/main.mcl` is the code of `import "misc"`. They are few and small, so they are read at once. */
export const shippedModules: ModuleSource = {
  read(path) {
    const key = `modules${path}`;
    if (brought !== undefined) return Promise.resolve(brought.get(key));
    // Nearly every import asks, and most modules are built in and have no text.
    names ??= new Set(
      readdirSync(besideSources("modules"), { recursive: true, encoding: "utf8" }).map((name) => `modules/${name}`),
    );
    return Promise.resolve(names.has(key) ? readFileSync(besideSources(key), "utf8") : undefined);
  },
};

/** Of a program without sources beside it: the text of each file, by its path from the root of the sources. */
export function bringShippedModules(texts: ReadonlyMap<string, string>): void {
  brought = texts;
}

let brought: ReadonlyMap<string, string> | undefined;
let names: ReadonlySet<string> | undefined;

function besideSources(path: string): string {
  return join(import.meta.dirname, "../../..", path);
}
