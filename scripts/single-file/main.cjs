// SPDX-License-Identifier: Apache-2.0
// What the single file starts with: runs the program that it carries, with the compiled code beside it. Compiled code that
// this runtime does not take is left, and only the start is slower.

const { getAsset, getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

const script = new Script(getAsset("program.cjs", "utf8"), {
  filename: process.execPath,
  cachedData: Buffer.from(getRawAsset("program.code")),
});
const program = /** @type {(...parts: unknown[]) => void} */ (script.runInThisContext());
program(exports, require, module, process.execPath, process.execPath);
