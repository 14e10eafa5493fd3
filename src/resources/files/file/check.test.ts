// SPDX-License-Identifier: Apache-2.0
// Which wishes for a file are refused before anything is touched.

import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../../../../test/resource.ts";
import type { AnyWant } from "../../../contract/resource.ts";
import { file } from "../file.ts";

function check(name: string, fields: AnyWant, ...titles: readonly string[]): void {
  assert.deepEqual(problemsOf(file, name, fields), titles, `file ${name} ${JSON.stringify(fields)}`);
}

test("the path is absolute, whichever fields it comes from", () => {
  check("/tmp/a", {});
  check("a", { path: "/tmp/a" });
  check("a", { dirname: "/tmp/" });
  check("/tmp/a", { basename: "b/" });
  check("a", {}, 'the path "a" is not absolute');
  check("a", { dirname: "tmp/" }, 'the path "tmp/a" is not absolute');
  check("/tmp/a", { dirname: "/etc" }, '`dirname` must end with a slash, "/etc" does not');
  check("/tmp/a", { basename: "/b" }, "`basename` must not begin with a slash");
  check("/", { state: "absent" }, "the root directory cannot be removed");
});

test("one field at the most decides the content, none of what is absent", () => {
  check("/a", { content: "" });
  check(
    "/a",
    { content: "x", source: "/b" },
    "only one of `content`, `source` and `fragments` can decide the content, not `content` and `source`",
  );
  check("/a", { content: "x", state: "absent" }, "a file that must be absent cannot have `content`");
  check("/a", { fragments: ["/b"], state: "absent" }, "a file that must be absent cannot have `fragments`");
});

test("a directory has neither content nor fragments and is no symbolic link", () => {
  check("/a/", { state: "exists" });
  check("/a/", { content: "x" }, '"/a/" is a directory, which cannot have `content`');
  check("/a/", { fragments: ["/b"] }, '"/a/" is a directory, which cannot have `fragments`');
  check("/a/", { symlink: true, source: "/b" }, '"/a/" is a directory, which cannot have `symlink`');
});

test("a source is of the same sort as the place, and recurses if it is a directory", () => {
  check("/a/", { source: "/b/", recurse: true });
  check("/a", { source: "/b" });
  check("/a", { source: "b" }, 'the source "b" is not an absolute path');
  check("/a/", { source: "/b" }, 'the file "/b" cannot be copied to the directory "/a/"');
  check("/a", { source: "/b/", recurse: true }, 'the directory "/b/" cannot be copied to the file "/a"');
  check("/a/", { source: "/b/" }, "copying a directory needs `recurse => true`");
  check("/a", { source: "/b", recurse: true }, "`recurse` is for directories, but the source is a single file");
  check("/b/c/", { source: "/b/", recurse: true }, "a directory cannot be copied into itself");
  check("/b/", { source: "/b/c/", recurse: true });
  check("/b/", { source: "/b/c/", recurse: true, purge: true }, '`purge` would remove the source "/b/c/" itself');
});

test("purging needs recursion", () => {
  check("/a/", { purge: true, recurse: true });
  check("/a/", { purge: true }, "`purge` needs `recurse => true`");
  check(
    "/a",
    { purge: true, recurse: true, content: "x" },
    "`purge` is for directories, it cannot go with `content` or `fragments`",
  );
});

test("fragments are absolute and do not include the file itself", () => {
  check("/a", { fragments: ["/b", "/c/"] });
  check("/a", { fragments: ["b"] }, 'the fragment "b" is not an absolute path');
  check("/a", { fragments: ["/a"] }, '"/a" cannot be a fragment of itself');
  check("/c/d/a", { fragments: ["/c/"] }, '"/c/d/a" lies in the directory "/c/" of its own fragments');
});

test("a symbolic link has a source and nothing else", () => {
  check("/a", { symlink: true, source: "../b", state: "exists" });
  check("/a", { symlink: true, state: "absent" });
  check("/a", { symlink: true, state: "exists" }, "a symbolic link needs `source`, the path that it leads to");
  check("/a", { symlink: true, source: "/b", recurse: true }, "a symbolic link cannot have `recurse`");
});

test("a mode is octal or symbolic", () => {
  check("/a", { mode: "0644" });
  check("/a", { mode: "u+x,go-w" });
  check("/a", { mode: "999" }, '"999" is no octal mode between 0000 and 7777');
});

test("an SELinux context has its parts, and the empty one takes it away", () => {
  check("/a", { selinux: "" });
  check("/a", { selinux: "system_u:object_r:etc_t:s0" });
  check("/a", { selinux: "unconfined_u:object_r:user_home_t:s0-s0:c0.c1023" });
  check("/a", { selinux: "etc_t" }, '"etc_t" is no SELinux context');
  check("/a", { selinux: "x:y:z", state: "absent" }, "a file that must be absent cannot have `selinux`");
});
