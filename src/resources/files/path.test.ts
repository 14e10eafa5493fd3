// SPDX-License-Identifier: Apache-2.0
// Paths as texts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanPath, directoryPart, isBelow, joinPath, lastPart, parentOf } from "./path.ts";

test("a clean path has no empty, dot or parent parts and no slash at its end", () => {
  assert.equal(cleanPath("/etc/motd"), "/etc/motd");
  assert.equal(cleanPath("/etc/"), "/etc");
  assert.equal(cleanPath("//etc///x//"), "/etc/x");
  assert.equal(cleanPath("/etc/./a/../b"), "/etc/b");
  assert.equal(cleanPath("/../.."), "/");
  assert.equal(cleanPath("/"), "/");
  assert.equal(cleanPath("/a/.hidden/..x"), "/a/.hidden/..x");
});

test("a path splits into its directory and its last part, which keeps its slash", () => {
  assert.deepEqual([directoryPart("/a/b"), lastPart("/a/b")], ["/a/", "b"]);
  assert.deepEqual([directoryPart("/a/b/"), lastPart("/a/b/")], ["/a/", "b/"]);
  assert.deepEqual([directoryPart("/a"), lastPart("/a")], ["/", "a"]);
  assert.deepEqual([parentOf("/a/b"), parentOf("/a"), parentOf("/")], ["/a", "/", "/"]);
  assert.deepEqual([joinPath("/", "a"), joinPath("/a", "b/c")], ["/a", "/a/b/c"]);
});

test("only what is inside a directory is below it", () => {
  assert.equal(isBelow("/a/b", "/a"), true);
  assert.equal(isBelow("/a/b", "/"), true);
  assert.equal(isBelow("/a", "/a"), false);
  assert.equal(isBelow("/ab", "/a"), false);
  assert.equal(isBelow("/", "/"), false);
});
