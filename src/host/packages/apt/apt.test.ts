// SPDX-License-Identifier: Apache-2.0
// What apt and dpkg write, as it is understood.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { memoryHost } from "../../memory/index.ts";
import type { RunProgram } from "../programs.ts";
import { keptArchive, parseUris } from "./archives.ts";
import { parseContents, parseFileList } from "./contents.ts";
import { aptFailure, OutdatedLists, parseRemovals } from "./failures.ts";
import { createOffers } from "./offers.ts";
import { distributionIn, parseOrigins, parsePolicy, parseProviders } from "./policy.ts";
import { entryOf, parseDpkgStatus } from "./status.ts";

const stanza = (name: string, status: string, more = "") =>
  `Package: ${name}\nStatus: ${status}\nArchitecture: amd64\nVersion: 1:2.0-1\n${more}Description: a\n Status: no\n Version: no\n`;

test("the states of dpkg are told apart", () => {
  const status = parseDpkgStatus([
    [
      stanza("there", "install ok installed"),
      stanza("held", "hold ok installed"),
      stanza("left", "deinstall ok config-files"),
      stanza("half", "install ok unpacked"),
      stanza("lost", "install reinstreq half-installed"),
      stanza("gone", "purge ok not-installed"),
    ].join("\n"),
  ]);
  const seen = [...status.keys()].map((name) => {
    const entry = entryOf(status, name, "amd64");
    if (entry === undefined) return `${name}: nothing`;
    const { version = "-", isBroken, isHeld, mustBeReinstalled } = entry;
    return `${name}: ${version}${isBroken ? " broken" : ""}${isHeld ? " held" : ""}${mustBeReinstalled ? " lost" : ""}`;
  });
  assert.deepEqual(seen, [
    "there: 1:2.0-1",
    "held: 1:2.0-1 held",
    "left: -",
    "half: 1:2.0-1 broken",
    "lost: 1:2.0-1 broken lost",
    "gone: nothing",
  ]);
});

test("the journal counts more than the status file, and an architecture is told apart", () => {
  const foreign = stanza("a", "install ok installed").replace("amd64", "i386").replace("2.0", "3.0");
  const status = parseDpkgStatus([
    `${stanza("a", "install ok installed")}\n${foreign}`,
    stanza("a", "purge ok not-installed"),
  ]);
  assert.equal(entryOf(status, "a:i386", "amd64")?.version, "1:3.0-1");
  assert.equal(entryOf(status, "a:amd64", "amd64"), undefined);
  assert.equal(entryOf(status, "a", "amd64")?.version, "1:3.0-1", "the only one there is");
});

const policy = `nginx:
  Installed: 1.22.1-8
  Candidate: 1.22.1-9
  Version table:
     1.25.0-1~bpo 100
        100 http://deb.example/debian bookworm-backports/main amd64 Packages
     1.22.1-9 500
        500 http://deb.example/debian bookworm/main amd64 Packages
        500 https://other.example ./ Packages
 *** 1.22.1-8 100
        100 /var/lib/dpkg/status
unrar:
  Installed: (none)
  Candidate: 1:6.2
  Version table:
     1:6.2 500
        500 http://deb.example/debian bookworm/non-free amd64 Packages
virtual:
  Installed: (none)
  Candidate: (none)
  Version table:
`;

const sources = `Package files:
 100 /var/lib/dpkg/status
     release a=now
 500 http://deb.example/debian bookworm/main amd64 Packages
     release v=12.5,o=Debian,a=stable,n=bookworm,l=Debian,c=main,b=amd64
     origin deb.example
 500 http://deb.example/debian bookworm/non-free amd64 Packages
     release v=12.5,o=Debian,a=stable,n=bookworm,l=Debian,c=non-free,b=amd64
 500 https://other.example ./ Packages
     release o=Other,l=Other,c=
Pinned packages:
`;

test("what apt prefers comes first, and each version says where it comes from", () => {
  const offers = parsePolicy(policy, { originOf: parseOrigins(sources), distribution: "Debian" });
  assert.deepEqual([...offers.keys()], ["nginx", "unrar"]);
  assert.deepEqual(
    offers.get("nginx")?.map(({ version, isSupported }) => `${version} ${isSupported}`),
    ["1.22.1-9 true", "1.25.0-1~bpo false"],
  );
  const from = "http://deb.example/debian bookworm/non-free";
  assert.deepEqual(offers.get("unrar"), [{ version: "1:6.2", isFree: false, isSupported: true, from }]);
  assert.equal(distributionIn('NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n'), "Debian");
  assert.equal(distributionIn('NAME=x\nID="ubuntu"\n'), "Ubuntu");
  assert.equal(distributionIn(""), undefined);
});

test("who provides a virtual package is found", () => {
  const text =
    "Package: mta\nVersions: \n\nReverse Depends: \n  a,mta\nReverse Provides: \npostfix 3.7 (= )\nexim4 4.96 (= )\nexim4 4.95 (= )\n";
  assert.deepEqual(parseProviders(text), ["exim4", "postfix"]);
});

test("files are told from directories", () => {
  assert.deepEqual(parseFileList("/.\n/etc\n/etc/a\n/etc/a/b c.conf\n/usr\n/usr/bin\n/usr/bin/a\n/var/empty\n"), [
    "/etc/a/b c.conf",
    "/usr/bin/a",
    "/var/empty",
  ]);
  const contents = [
    "drwxr-xr-x root/root         0 2022-12-27 14:55 ./",
    "drwxr-xr-x root/root         0 2022-12-27 14:55 ./usr/",
    "-rwxr-xr-x root/root     26328 2022-12-27 14:55 ./usr/bin/a b",
    "lrwxrwxrwx root/root         0 2022-12-27 14:55 ./usr/bin/c -> a b",
    "hrw-r--r-- root/root         0 2022-12-27 14:55 ./usr/bin/d link to ./usr/bin/a b",
    "-rw-r--r-- root/root         1 2022-12-27 14:55 ./usr/\\303\\274\\\\x",
    "crw-r--r-- root/root       1,3 2022-12-27 14:55 ./dev/null",
  ];
  assert.deepEqual(parseContents(`${contents.join("\n")}\n`), [
    "/usr/bin/a b",
    "/usr/bin/c",
    "/usr/bin/d",
    "/usr/ü\\x",
    "/dev/null",
  ]);
});

test("where an archive comes from is understood", () => {
  assert.deepEqual(parseUris("'http://deb.example/a_1%2b1_all.deb' a_1%3a1+1_all.deb 12 SHA256:ab\nE: no\n"), [
    { url: "http://deb.example/a_1%2b1_all.deb", file: "a_1%3a1+1_all.deb", size: 12 },
  ]);
  assert.deepEqual(parseRemovals("Inst a (1)\nRemv b [1.0]\nPurg c:i386 [2]\n"), ["b", "c:i386"]);
});

test("each way to fail is told with its reason", () => {
  const check = (output: string, code: string, mention: string) => {
    const failure = aptFailure("install a", { program: "apt-get", status: 100, output });
    assert.equal(`${failure.code}: ${failure.message}`, `${code}: cannot install a: ${mention}`);
  };
  check("E: Unable to locate package a\n", "not-found", 'the lists of apt have no package "a"');
  check("E: Package 'a' has no installation candidate\n", "not-found", 'the lists of apt have no package "a"');
  check("E: Version '9' for 'a' was not found\n", "not-found", 'there is no version "9" of a');
  check(
    "E: You don't have enough free space in /var/cache/apt/archives/.\n",
    "full",
    "not enough space is left in /var/cache/apt/archives/",
  );
  check(
    "dpkg: error processing archive /x/a_1_all.deb (--unpack):\n cannot copy extracted data: failed to write (No space left on device)\nErrors were encountered while processing:\n /x/a_1_all.deb\n",
    "full",
    "not enough space is left",
  );
  check(
    "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 12 (dpkg)\n",
    "busy",
    "dpkg (process 12) holds the lock of the package database",
  );
  check(
    "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n",
    "denied",
    "only root may change packages",
  );
  check(
    "E: Malformed entry 1 in list file /etc/apt/sources.list (Component)\nE: The list of sources could not be read.\n",
    "invalid",
    "the settings of the package manager are wrong: Malformed entry 1 in list file /etc/apt/sources.list (Component) / The list of sources could not be read.",
  );
  check(
    "WARNING: The following packages cannot be authenticated!\n  a b\nE: There were unauthenticated packages and -y was used without --allow-unauthenticated\n",
    "denied",
    "a, b has no valid signature of anybody whom this machine trusts",
  );
  check(
    "The following packages have unmet dependencies:\n a : Depends: b (>= 2) but 1 is to be installed\nE: Unable to correct problems, you have held broken packages.\n",
    "conflict",
    "what it depends on cannot be had: a : Depends: b (>= 2) but 1 is to be installed",
  );
  check(
    "Err:1 http://x bookworm InRelease\n  Temporary failure resolving 'x'\nE: Failed to fetch http://x/a.deb  Temporary failure resolving 'x'\n",
    "unreachable",
    "a source cannot be reached: E: Failed to fetch http://x/a.deb  Temporary failure resolving 'x'",
  );
  check(
    "Setting up a (1) ...\nthe port is taken\ndpkg: error processing package a (--configure):\n installed a package post-installation script subprocess returned error exit status 1\nErrors were encountered while processing:\n a\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n",
    "command-failed",
    "the script of a failed: the port is taken / installed a package post-installation script subprocess returned error exit status 1",
  );
  check("E: something new\n", "command-failed", "apt-get ended with status 100: something new");
  const outdated = aptFailure("install a", {
    program: "apt-get",
    status: 100,
    output: "E: Failed to fetch http://x/a_1.deb  404  Not Found\n",
  });
  assert.ok(outdated instanceof OutdatedLists);
});

test("no text is too strange to be read", () => {
  const piece = fc.constantFrom(
    "Package: a",
    "Status: install ok installed",
    "\n",
    "\n\n",
    " ",
    "*** 1",
    "  Candidate: x",
    "a:",
    "E: ",
    "/a",
    "'",
    "Remv",
    "\\",
    "d\0",
    "🦊",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
      (text) => {
        parseDpkgStatus([text]);
        parsePolicy(text, { originOf: parseOrigins(text), distribution: "Debian" });
        parseFileList(text);
        parseContents(text);
        parseUris(text);
        parseProviders(text);
        parseRemovals(text);
        aptFailure("install a", { program: "apt-get", status: 1, output: text });
      },
    ),
  );
});

test("apt is asked once about each package, and again when something has changed that it looks at", async () => {
  const host = memoryHost();
  const { outside } = host;
  for (const path of ["/etc/apt/preferences.d", "/var/lib/apt/lists/partial", "/var/lib/dpkg"])
    outside.makeDirectory(path);
  outside.write("/var/lib/dpkg/status", "");
  const asked: string[] = [];
  const run: RunProgram = (argv) => {
    asked.push(argv.join(" "));
    const blocks = policy.split(/^(?=\S)/m).filter((block) => argv.includes(block.slice(0, block.indexOf(":"))));
    const stdout = argv.length === 2 ? sources : blocks.join("");
    return Promise.resolve({ program: argv[0], status: 0, stdout, output: stdout });
  };
  const ask = createOffers({ files: host.files, run, root: "" });
  const { signal } = new AbortController();
  const versions = async (...names: readonly string[]): Promise<readonly string[]> =>
    [...(await ask(names, signal))].map(([name, [first]]) => `${name} ${first?.version}`);
  const news = (): readonly string[] => asked.splice(0);
  assert.deepEqual(await versions("nginx", "virtual"), ["nginx 1.22.1-9"]);
  assert.deepEqual(news(), ["apt-cache policy nginx virtual", "apt-cache policy"]);
  assert.deepEqual(await versions("virtual", "nginx"), ["nginx 1.22.1-9"]);
  assert.deepEqual(news(), []);
  assert.deepEqual(await versions("nginx", "unrar"), ["nginx 1.22.1-9", "unrar 1:6.2"]);
  assert.deepEqual(news(), ["apt-cache policy unrar", "apt-cache policy"]);
  for (const path of [
    "/etc/apt/preferences.d/pin",
    "/var/lib/apt/lists/new",
    "/var/lib/dpkg/status",
    "/etc/apt/sources.list",
  ]) {
    await host.clock.advance(1000);
    outside.write(path, "changed");
    await versions("nginx");
    assert.deepEqual(news(), ["apt-cache policy nginx", "apt-cache policy"], path);
    await host.clock.advance(1000);
    outside.write(path, "changed again");
    await versions("nginx");
    if (path !== "/var/lib/apt/lists/new")
      assert.deepEqual(news(), ["apt-cache policy nginx", "apt-cache policy"], path);
    news();
  }
  assert.deepEqual(await versions(), []);
  assert.deepEqual(news(), []);
});

test("an archive that apt has kept is found by its version, of its architecture or of all", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/archives");
  for (const file of ["a_1%3a2.0-1_amd64.deb", "b_3_all.deb", "c_1_i386.deb"])
    host.outside.write(`/archives/${file}`, "x");
  const { signal } = new AbortController();
  const found = (name: string, version: string) => keptArchive(name, version, "amd64", "/archives", host.files, signal);
  assert.equal(await found("a", "1:2.0-1"), "/archives/a_1%3a2.0-1_amd64.deb");
  assert.equal(await found("a", "2.0-1"), undefined);
  assert.equal(await found("b", "3"), "/archives/b_3_all.deb");
  assert.equal(await found("c", "1"), undefined);
  assert.equal(await found("c:i386", "1"), "/archives/c_1_i386.deb");
  assert.equal(await found("a:native", "1:2.0-1"), "/archives/a_1%3a2.0-1_amd64.deb");
});
