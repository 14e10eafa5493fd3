// SPDX-License-Identifier: Apache-2.0
// What the single file starts with: runs the program that it carries, with the compiled code beside it. Compiled code that
// this runtime does not take is left, and only the start is slower.

const { getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

// The build has made it ASCII, which this makes a text of without looking at it.
const source = Buffer.from(getRawAsset("program.cjs")).toString("latin1");
const script = new Script(source, {
  filename: process.execPath,
  cachedData: Buffer.from(getRawAsset("program.code")),
});
const program = /** @type {(...parts: unknown[]) => void} */ (script.runInThisContext());
program(exports, require, module, process.execPath, process.execPath);
