// SPDX-License-Identifier: Apache-2.0
// What takes the need for libatomic out of an executable: on small libraries that need it as Node.js does, loaded and
// called on this processor; and the runtime that has gone through it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { freeFromLibatomic } from "../../scripts/libatomic/free.mjs";
import { type Needed, type Shape, smallLibrary } from "./small-library.test-support.ts";

const directory = mkdtempSync(join(tmpdir(), "mgmt-libatomic-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const libatomic: Needed = {
  library: "libatomic.so.1",
  version: "LIBATOMIC_1.0",
  functions: ["__atomic_compare_exchange"],
};
const firstVersion = process.arch === "arm64" ? "GLIBC_2.17" : "GLIBC_2.2.5";
const libc: Needed = { library: "libc.so.6", version: firstVersion, functions: ["getpid"] };
const libm: Needed = { library: "libm.so.6", version: "GLIBC_2.27", functions: [] };

function call(library: Buffer, what: string) {
  const path = join(directory, "library.so");
  writeFileSync(path, library);
  const program = join(import.meta.dirname, "compare-exchange.test-support.ts");
  return spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", program, path, what], {
    encoding: "utf8",
    timeout: 60_000,
  });
}

for (const [place, needed] of Object.entries({
  first: [libatomic, libc, libm],
  "in the middle": [libc, libatomic, libm],
  last: [libc, libm, libatomic],
})) {
  test(`a library that names libatomic ${place} does without it`, () => {
    const library = smallLibrary({ needed });
    assert.equal(freeFromLibatomic(library), true);
    assert.equal(freeFromLibatomic(library), false, "a second time there is nothing to do");
    const { stdout, stderr } = call(library, "cases");
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(stdout), {
      // The answer, what stands in `expected`, and the memory: the value with a neighbour on each side.
      equal: ["1", "18364758544493064720", "7", "2", "9"],
      otherLow: ["0", "18364758544493064720", "7", "18364758544493064720", "9"],
      otherHigh: ["0", "18364758544493064720", "7", "18364758544493064720", "9"],
      lost: "nothing",
      libatomic: false,
    });
  });
}

test("a size that nobody asked for stops the process", () => {
  const library = smallLibrary({ needed: [libatomic, libc] });
  freeFromLibatomic(library);
  assert.match(String(call(library, "size=4").signal), /^SIG(ILL|TRAP)$/);
});

for (const [why, shape, message] of [
  ["does not need it", { needed: [libc] }, undefined],
  [
    "needs more of it",
    { needed: [{ ...libatomic, functions: [...libatomic.functions, "__atomic_load"] }, libc] },
    /it wants __atomic_load of libatomic\.so\.1 as well/,
  ],
  ["has no room", { needed: [libatomic, libc], behindCode: Buffer.alloc(64, 0x90) }, /no room/],
  ["needs nothing else", { needed: [libatomic] }, /alone/],
] as const satisfies readonly (readonly [string, Shape, RegExp | undefined])[]) {
  test(`a library that ${why} stays as it is`, () => {
    const library = smallLibrary(shape);
    const before = Buffer.from(library);
    if (message === undefined) assert.equal(freeFromLibatomic(library), false);
    else assert.throws(() => freeFromLibatomic(library), { message });
    assert.deepEqual(library, before);
  });
}

test("what is no executable for these processors is refused", () => {
  assert.throws(() => freeFromLibatomic(Buffer.from("#!/bin/sh\n".padEnd(64))), /not an executable/);
});

test("the runtime loads no libatomic, and its own threads agree on what they change together", () => {
  const { stdout: loaded } = spawnSync(process.execPath, ["--version"], {
    encoding: "utf8",
    env: { LD_TRACE_LOADED_OBJECTS: "1" },
  });
  assert.match(loaded, /libc\.so\.6/);
  assert.doesNotMatch(loaded, /libatomic/);
  // The runtime calls the function for each new function and for each WebAssembly instance, in a table of all threads.
  const program = `
    const { Worker, isMainThread } = require("node:worker_threads");
    const code = "0061736d0100000001060160017f017f03020100070501016600000a09010700200041016a0b";
    const addOne = new WebAssembly.Module(Buffer.from(code, "hex"));
    let sum = 0;
    for (let number = 0; number < 1000; number += 1) {
      sum += new WebAssembly.Instance(addOne).exports.f(number) - number;
      sum += new Function("a", "return a - " + number)(number + 1);
    }
    if (sum !== 2000) process.exit(1);
    if (isMainThread) for (let count = 0; count < 4; count += 1) new Worker(__filename);
  `;
  const path = join(directory, "threads.cjs");
  writeFileSync(path, program);
  const { status, signal, stderr } = spawnSync(process.execPath, [path], { encoding: "utf8", timeout: 60_000 });
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: "" });
});
