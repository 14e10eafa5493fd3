// SPDX-License-Identifier: Apache-2.0
// What apk keeps and writes, as it is understood: by its documentation and by what people have quoted of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  neededBy,
  parseInstalled,
  parseListed,
  parseMembers,
  parseNameVersion,
  parsePackageInfo,
  parsePolicy,
  parsePurged,
  parseWorld,
} from "./database.ts";
import { apkFailure, parseInTheWay } from "./failures.ts";
import { parseAvailableCount, parseSilentSources } from "./sources.ts";

const database = `C:Q1abc=
P:tool
V:1.0-r0
A:x86_64
D:library>=1 so:libz.so.1 !old
F:usr
F:usr/bin
R:tool
a:0:0:755
Z:Q1abc=
F:etc
R:a b.conf

P:library
V:2.0-r1
f:fs

P:zlib
V:1.3-r0
p:so:libz.so.1=1.3 pc:zlib=1.3
D:musl

P:musl
V:1.2.5-r8

`;

test("records of the database are understood", () => {
  const entries = parseInstalled(database);
  const tool = entries.get("tool");
  assert.deepEqual(tool?.files, ["/usr/bin/tool", "/etc/a b.conf"]);
  assert.deepEqual([tool?.version, tool?.isBroken, entries.get("library")?.isBroken], ["1.0-r0", false, true]);
  assert.deepEqual([...neededBy(["tool"], entries)], ["tool", "library", "zlib", "musl"]);
  assert.deepEqual([...neededBy(["musl"], entries)], ["musl"]);
});

test("wishes of the world are understood", () => {
  const wishes = parseWorld("tool=1.0-r0\nnginx@edge\n!old\nphp~=8.1\nown><Q1abc=\nredis@edge=7.0-r1\n");
  const short = [...wishes.values()].map(({ name, tag, isConflict, exactly, isArchive }) =>
    [name, tag, isConflict ? "conflict" : "", exactly ?? "", isArchive ? "archive" : ""].join(","),
  );
  assert.deepEqual(short, [
    "tool,,,1.0-r0,",
    "nginx,@edge,,,",
    "old,,conflict,,",
    "php,,,,",
    "own,,,,archive",
    "redis,@edge,,7.0-r1,",
  ]);
});

test("what the sources offer is told from what is there", () => {
  const policy = `tool policy:
  1.0-r0:
    lib/apk/db/installed
    etc/apk/cache
  1.1-r0:
    lib/apk/db/installed
    https://mirror.example/alpine/v3.22/main
  1.2-r0:
    https://mine.example/packages
  2.0-r0:
    @edge https://mirror.example/alpine/edge/main
`;
  const offered = (world: string) =>
    parsePolicy(policy, parseWorld(world))
      .get("tool")
      ?.map(({ version, isSupported }) => `${version} ${isSupported}`);
  assert.deepEqual(offered("tool"), ["1.2-r0 false", "1.1-r0 true"]);
  assert.deepEqual(offered("tool@edge"), ["2.0-r0 true", "1.2-r0 false", "1.1-r0 true"]);
});

test("names, archives and what would be done are understood", () => {
  assert.deepEqual(parseNameVersion("font-7x13-1.2.3_git2023-r4"), { name: "font-7x13", version: "1.2.3_git2023-r4" });
  assert.deepEqual(parseListed("WARNING: opening x\nmc-4.8-r0 x86_64 {mc} (GPL-3.0) [installed]\n"), ["mc"]);
  assert.deepEqual(parseMembers(".SIGN.RSA.k\n.PKGINFO\nusr/\nusr/.hidden\nusr/\\303\\274\n"), [
    "/usr/.hidden",
    "/usr/ü",
  ]);
  assert.deepEqual(parsePackageInfo("# x\npkgname = a\npkgver = 1-r0\n"), { name: "a", version: "1-r0" });
  assert.equal(parsePackageInfo("pkgname = a\n"), undefined);
  assert.deepEqual(parsePurged("(1/2) Purging a (1-r0)\n(2/2) Installing b (1-r0)\n"), ["a"]);
});

test("sources that do not answer are told", () => {
  const output =
    "WARNING: updating and opening https://m.example/main: temporary error (try again later)\n1 unavailable, 0 stale; 12 distinct packages available\n";
  assert.deepEqual(parseSilentSources(output), ["https://m.example/main: temporary error (try again later)"]);
  assert.equal(parseAvailableCount(output), 12);
});

test("who is in the way is found", () => {
  const entries = parseInstalled("P:tool\nV:1.0-r0\n\nP:library\nV:1.0-r0\n\nP:old\nV:1.0-r0\n\n");
  const inTheWay = (output: string, going: readonly string[], wanted: readonly string[]) =>
    parseInTheWay(`ERROR: unable to select packages:\n${output}`, entries, new Set(going), new Set(wanted));
  const removal =
    "  library-1.0-r0:\n    breaks: world[!library]\n    satisfies: other-2-r0[library]\n               tool-1.0-r0[library]\n";
  assert.deepEqual(inTheWay(removal, ["library"], []), ["tool"]);
  const conflict = "  old-1.0-r0:\n    breaks: new-1.0-r0[!old]\n    satisfies: world[old]\n";
  assert.deepEqual(inTheWay(conflict, [], ["new"]), ["old"]);
  const provided = "  new-1-r0:\n    conflicts: old-1.0-r0[cmd:x=1.0-r0]\n    satisfies: world[new]\n";
  assert.deepEqual(inTheWay(provided, [], ["new"]), ["old"]);
  const version = "  library-1.0-r0:\n    breaks: new-2.0-r0[library=2.0]\n    satisfies: world[library]\n";
  assert.deepEqual(inTheWay(version, [], ["new"]), []);
});

test("each way to fail is told with its reason", () => {
  const check = (output: string, code: string, mention: string) => {
    const failure = apkFailure("install a", { status: 1, output });
    assert.equal(`${failure.code}: ${failure.message}`, `${code}: cannot install a: ${mention}`);
  };
  check(
    "ERROR: unable to select packages:\n  nosuch (no such package):\n    required by: world[nosuch]\n",
    "not-found",
    'the lists of apk have no package "nosuch"',
  );
  check(
    "ERROR: unable to select packages:\n  so:x (no such package):\n    required by: a-1-r0[so:x]\n",
    "conflict",
    "what it depends on cannot be had: so:x (no such package): / required by: a-1-r0[so:x]",
  );
  const lock = "another process holds the lock of the package database";
  check("ERROR: Unable to lock database: Resource temporarily unavailable\n", "busy", lock);
  check("ERROR: Unable to lock database: Permission denied\n", "denied", "only root may change packages");
  check("ERROR: a-1.0-r0: No space left on device\n", "full", "not enough space is left");
  const untrusted = "a-1.0-r0 has no valid signature of anybody whom this machine trusts";
  check("ERROR: a-1.0-r0: UNTRUSTED signature\n", "denied", untrusted);
  check(
    "ERROR: a-1.0-r0.post-install: script exited with error 1\n",
    "command-failed",
    "the script of a failed: a-1.0-r0.post-install: script exited with error 1",
  );
  check(
    "WARNING: fetching https://m.example/main: DNS lookup error\n",
    "unreachable",
    "a source cannot be reached: fetching https://m.example/main: DNS lookup error",
  );
  check(
    "ERROR: a-1.0-r0: package mentioned in index not found (try 'apk update')\n",
    "invalid",
    "a source is broken: a-1.0-r0: package mentioned in index not found (try 'apk update')",
  );
  check("ERROR: quite new\n", "command-failed", "apk ended with status 1: quite new");
});

test("no text is too strange to be read", () => {
  const pieces = [
    "P:",
    "V:1",
    "F:",
    "R:x",
    "D:!a b",
    "\n",
    "\n\n",
    " policy:",
    "  1:",
    "    ",
    "ERROR: ",
    "[",
    "!",
    "><",
    "=",
    "@",
    "a-1",
    "\\303",
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((some) => some.join("")),
      (text) => {
        const entries = parseInstalled(text);
        neededBy(entries.keys(), entries);
        parsePolicy(text, parseWorld(text));
        parseListed(text);
        parseMembers(text);
        parsePackageInfo(text);
        parseInTheWay(text, entries, new Set(), new Set());
        apkFailure("install a", { status: 1, output: text });
      },
    ),
  );
});
