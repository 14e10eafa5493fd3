// SPDX-License-Identifier: Apache-2.0
// `compile.cjs PROGRAM CODE ARGUMENT…`: runs a bundled program once with these arguments, and keeps the compiled code of
// all that was used in it. Code compiled without a run has none of the functions in it, which are compiled when they are
// called. Without arguments the program does not run.

const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { Script } = require("node:vm");

const [, , program = "", code = "", ...rest] = process.argv;
const source = readFileSync(program, "utf8");
const script = new Script(source, { filename: program });
if (rest.length === 0) {
  keep();
} else {
  process.on("exit", keep);
  process.argv = [process.execPath, program, ...rest];
  const run = /** @type {(...parts: unknown[]) => void} */ (script.runInThisContext());
  run(exports, requireWithAssets, module, program, process.execPath);
}

/**
 * Modules of mcl are read from here as they are from the single file.
 * @param {string} id
 * @returns {unknown}
 */
function requireWithAssets(id) {
  if (id !== "node:sea") return require(id);
  return {
    isSea: () => true,
    getAssetKeys: () => readdirSync("modules", { recursive: true, encoding: "utf8" }).map((path) => `modules/${path}`),
    getAsset: readFileSync,
  };
}

function keep() {
  const cachedData = script.createCachedData();
  if (new Script(source, { filename: program, cachedData }).cachedDataRejected !== false) {
    throw new Error("the runtime does not take its own compiled code");
  }
  writeFileSync(code, cachedData);
}
