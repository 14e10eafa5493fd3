// SPDX-License-Identifier: Apache-2.0
// The modules in `modules/` that the product brings along: inside of the single file, or beside the sources.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getAsset, getAssetKeys, isSea } from "node:sea";
import type { ModuleSource } from "../../program/modules/module-source.ts";

/** `/misc/main.mcl` is the code of `import "misc"`. They are few and small, so they are read at once. */
export const shippedModules: ModuleSource = {
  read(path) {
    // Nearly every import asks, and most modules are built in and have no text.
    names ??= new Set(isSea() ? getAssetKeys() : filesBesideSources());
    const key = `modules${path}`;
    return Promise.resolve(names.has(key) ? readShipped(key) : undefined);
  },
};

let names: ReadonlySet<string> | undefined;

function filesBesideSources(): readonly string[] {
  return readdirSync(besideSources("modules"), { recursive: true, encoding: "utf8" }).map((path) => `modules/${path}`);
}

function readShipped(key: string): string {
  return isSea() ? getAsset(key, "utf8") : readFileSync(besideSources(key), "utf8");
}

function besideSources(path: string): string {
  return join(import.meta.dirname, "../../..", path);
}
