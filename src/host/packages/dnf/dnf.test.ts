// SPDX-License-Identifier: Apache-2.0
// What rpm and dnf write, as it is understood.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  dnfFailure,
  ownRepositories,
  parseFiles,
  parseInstalled,
  parseLocks,
  parseOffered,
  parseRemovals,
} from "./output.ts";

test("what is installed is found by name, or by name and architecture", () => {
  const text =
    "glibc\tx86_64\t0\t2.38-1\nglibc\ti686\t0\t2.37-1\npackage nosuch is not installed\nkernel\tx86_64\t0\t6.5-1\nvim\tx86_64\t2\t9.0-1\n";
  assert.deepEqual(
    [...parseInstalled(text, ["glibc.i686", "vim", "nosuch"])],
    [
      ["glibc.i686", ["2.37-1"]],
      ["vim", ["2:9.0-1"]],
    ],
  );
});

test("what is offered has the newest first, and says where it comes from", () => {
  const text =
    "vim\tx86_64\t2\t9.0-1\tfedora\nvim\tx86_64\t2\t9.0-10\tupdates\nvim\tx86_64\t2\t9.0-10\tmine\nx\tnoarch\t0\t1-1\trpmfusion-nonfree\n";
  const offers = parseOffered(text, ["vim", "x"], ownRepositories("ID=fedora\n"));
  assert.deepEqual(
    offers.get("vim")?.map(({ version, isSupported, from }) => `${version} ${isSupported} ${from}`),
    ["2:9.0-10 true updates", "2:9.0-1 true fedora"],
  );
  assert.deepEqual(offers.get("x"), [{ version: "1-1", isFree: false, isSupported: false, from: "rpmfusion-nonfree" }]);
  assert.equal(ownRepositories("ID=other\n")("anything"), true);
});

test("files, removals and locks are understood", () => {
  assert.deepEqual(parseFiles("drwxr-xr-x\t/etc/a\n-rw-r--r--\t/etc/a/b c\nlrwxrwxrwx\t/usr/bin/x\n(none)\n"), [
    "/etc/a/b c",
    "/usr/bin/x",
  ]);
  const table = `Dependencies resolved.
================
 Package  Architecture Version Repository Size
================
Removing:
 lib      noarch       1.0-1   @test      4
Removing dependent packages:
 tool     noarch       1.0-1   @test      4
 a-name-that-is-too-long-for-its-column
          noarch       1.0-1   @test      4

Transaction Summary
 Nothing more
`;
  assert.deepEqual(parseRemovals(table), ["lib", "tool", "a-name-that-is-too-long-for-its-column"]);
  assert.deepEqual(parseLocks("# Added lock on x\nnginx-1:1.24.0-1.*\n!bad-0:1-1.*\nlibstdc++-devel-0:12-3.fc38.*\n"), [
    "nginx",
    "libstdc++-devel",
  ]);
});

test("each way to fail is told with its reason", () => {
  const check = (output: string, code: string, mention: string) => {
    const failure = dnfFailure("install a", { program: "dnf", status: 1, output });
    assert.equal(`${failure.code}: ${failure.message}`, `${code}: cannot install a: ${mention}`);
  };
  check(
    "No match for argument: a\nError: Unable to find a match: a\n",
    "not-found",
    'the lists of dnf have no package "a"',
  );
  check(
    "Error: \n Problem: package tool-2 conflicts with old\n  - conflicting requests\n(try to add '--allowerasing')\n",
    "conflict",
    "what it depends on cannot be had: package tool-2 conflicts with old / conflicting requests",
  );
  check(
    "Error: This command has to be run with superuser privileges (under the root user on most systems).\n",
    "denied",
    "only root may change packages",
  );
  check(
    "Package a-1.noarch.rpm is not signed\nError: GPG check FAILED\n",
    "denied",
    "a-1.noarch.rpm has no valid signature of anybody whom this machine trusts",
  );
  check(
    "Error: Transaction test error:\n  installing package a-1 needs 12MB more space on the / filesystem\n",
    "full",
    "not enough space is left in /",
  );
  check(
    "Error: Failed to download metadata for repo 'x': Cannot download repomd.xml: All mirrors were tried\n",
    "invalid",
    "a source is broken: Failed to download metadata for repo 'x': Cannot download repomd.xml: All mirrors were tried",
  );
  check("Error: something new\n", "command-failed", "dnf ended with status 1: something new");
});

test("no text is too strange to be read", () => {
  const piece = fc.constantFrom(
    "a\t",
    "\n",
    "Removing:",
    " x ",
    "Error: ",
    "Problem: ",
    "-",
    "1",
    "\t/etc",
    "d",
    "!",
    "🦊",
    "%",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
      (text) => {
        parseInstalled(text, ["a", "x"]);
        parseOffered(text, ["a", "x"], ownRepositories(text));
        parseFiles(text);
        parseRemovals(text);
        parseLocks(text);
        dnfFailure("install a", { program: "dnf", status: 1, output: text });
      },
    ),
  );
});
