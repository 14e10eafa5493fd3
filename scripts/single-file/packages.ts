// SPDX-License-Identifier: Apache-2.0
// The packages that the single file starts without. Their text is an asset of it, which is read when the first is used.

import { dirname } from "node:path";
import { getAsset } from "node:sea";
import { compileFunction } from "node:vm";

export const packagesName = "packages.cjs";

let loaded: Readonly<Record<string, object>> | undefined;

/** By what they are imported as. */
export function packages(): Readonly<Record<string, object>> {
  if (loaded === undefined) {
    const module = { exports: {} };
    // Of what is not in the text there is only what the runtime has.
    const requireBuiltin = (name: string) => process.getBuiltinModule(name);
    const parameters = ["module", "exports", "require", "__filename", "__dirname"];
    const text = getAsset(packagesName, "utf8");
    const run = compileFunction(text, parameters, { filename: packagesName }) as (...given: unknown[]) => void;
    run(module, module.exports, requireBuiltin, process.execPath, dirname(process.execPath));
    loaded = module.exports;
  }
  return loaded;
}
