// SPDX-License-Identifier: Apache-2.0
// What is wrong with a choice of boot programs, as the author of the program is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bootProblems } from "./boot-program.ts";

const check = (nbp: string, programs: Readonly<Record<string, string>> = {}, path = "") =>
  bootProblems({ nbp, nbp_path: path, nbp_for: new Map(Object.entries(programs)) }).map(({ title }) => title);

test("places, names of firmware and loaders, and numbers of architectures are taken", () => {
  const programs = {
    bios: "tftp://192.0.2.1/a",
    "ipxe-uefi-x64": "http://192.0.2.1/b",
    http: "none",
    "11": "tftp://h/c",
  };
  assert.deepEqual(check("tftp://192.0.2.1/pxelinux.0", programs, "pxelinux.0"), []);
  assert.deepEqual(check("none"), []);
  assert.deepEqual(check(""), []);
});

test("what is no place, no client, or of no use to it is refused", () => {
  assert.deepEqual(check("pxelinux.0"), ['"pxelinux.0" is no place of a boot program']);
  assert.deepEqual(check("tftp://192.0.2.1/a b"), ['"tftp://192.0.2.1/a b" is no place of a boot program']);
  assert.deepEqual(check("tftp://192.0.2.1/a", {}, "a\nb"), ['"tftp://192.0.2.1/a" is no place of a boot program']);
  assert.deepEqual(check("", { x86: "tftp://192.0.2.1/a" }), ['there is no firmware or loader "x86"']);
  assert.deepEqual(check("", { "http-mips": "none" }), ['there is no firmware or loader "http-mips"']);
  assert.deepEqual(check("", { "65536": "none" }), ['there is no firmware or loader "65536"']);
  assert.deepEqual(check("", { bios: "" }), ['"" is no place of a boot program']);
  assert.deepEqual(check("", { http: "tftp://192.0.2.1/a" }), [
    "firmware that boots over HTTP cannot fetch tftp://192.0.2.1/a",
  ]);
});
