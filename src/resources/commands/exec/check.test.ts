// SPDX-License-Identifier: Apache-2.0
// Which wishes for a command are refused before anything is touched.

import assert from "node:assert/strict";
import { proves } from "../../../../test/proofs.ts";
import { test } from "node:test";
import { problemsOf, wantOf } from "../../../../test/resource.ts";
import type { AnyWant } from "../../../contract/resource.ts";
import { exec } from "../exec.ts";

function check(name: string, fields: AnyWant, ...titles: readonly string[]): void {
  assert.deepEqual(problemsOf(exec, name, fields), titles, `exec ${name} ${JSON.stringify(fields)}`);
}

test("arguments go with a program alone and without a shell", () => {
  check("/bin/true", { args: ["a b"] });
  check("echo", { cmd: "echo a", shell: "/bin/sh" });
  check("x", { cmd: " " }, "there is no command to run");
  check("x", { cmd: "echo a", args: ["b"] }, 'with `args`, `cmd` is the program alone, but "echo a" has several words');
  check("x", { cmd: "echo", args: ["b"], shell: "/bin/sh" }, "`args` cannot go with `shell`");
});

test("paths are absolute", () => {
  check("x", { creates: "/a", watchfiles: ["/b/"], mtimes: ["/c"], cwd: "/" });
  check("x", { creates: "a" }, 'the path "a" in `creates` is not absolute');
  check("x", { watchfiles: ["/a", "b"] }, 'the path "b" in `watchfiles` is not absolute');
  check("x", { mtimes: ["c"] }, 'the path "c" in `mtimes` is not absolute');
  check("x", { ifcwd: "d" }, 'the path "d" in `ifcwd` is not absolute');
});

test("names of environment variables and signals are real ones", () => {
  check("x", { env: new Map([["PATH_2", "/bin"]]), sig: "SIGINT" });
  check("x", { env: new Map([["2PATH", "/bin"]]) }, '"2PATH" is no name of an environment variable');
  check("x", { sig: "int" }, 'there is no signal "int"');
  assert.equal(exec.check?.(wantOf(exec, "x", { sig: "int" }), "x")[0]?.hint, "Did you mean SIGINT?");
});

proves("exec", "bad values");
