// SPDX-License-Identifier: Apache-2.0
// Where resources keep what survives a restart.

import assert from "node:assert/strict";
import { test } from "node:test";
import { statePath } from "./state-directory.ts";

function check(kind: string, name: string, expected: string): void {
  assert.equal(statePath("/p", kind, name), expected);
}

test("the path tells names apart and can be read by people", () => {
  check("file", "/etc/motd", "/p/file-L2V0Yy9tb3Rk+-etc-motd");
  check("http:server", "", "/p/http:server-+");
  check("exec", "a b", "/p/exec-YSBi+a-b");
  check("exec", "ü", "/p/exec-w7w+-");
  check("exec", "\udcff?>", "/p/exec-_z8-+---");
});

test("no part of the path gets too long, and different names never share a directory", () => {
  const names = ["x".repeat(100), "x".repeat(200), "x".repeat(1000), `${"x".repeat(999)}y`, `${"x".repeat(1000)}/`];
  const paths = names.map((name) => statePath("/p", "file", name));
  assert.equal(new Set(paths).size, paths.length);
  for (const path of paths) {
    for (const part of path.split("/")) assert.ok(Buffer.byteLength(part) <= 200, part);
    for (const other of paths) assert.ok(path === other || !other.startsWith(`${path}/`), "none lies inside another");
  }
});
