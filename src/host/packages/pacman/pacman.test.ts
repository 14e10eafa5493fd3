// SPDX-License-Identifier: Apache-2.0
// What pacman keeps and writes, as it is understood.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ownRepositories,
  parseEntryName,
  parseFileLines,
  parseFilesEntry,
  parseIgnored,
  parseOffered,
  withIgnored,
  withoutSignatures,
} from "./database.ts";
import { pacmanFailure, parseConflicts, parseDependents } from "./failures.ts";

test("entries of the database are understood", () => {
  assert.deepEqual(parseEntryName("libstdc++-5-1:12.2.1-3"), { name: "libstdc++-5", version: "1:12.2.1-3" });
  assert.equal(parseEntryName("ALPM_DB_VERSION"), undefined);
  assert.deepEqual(parseFilesEntry("%FILES%\netc/\netc/a b\nusr/bin/x\n\n%BACKUP%\netc/a b\tabc\n"), [
    "/etc/a b",
    "/usr/bin/x",
  ]);
  assert.deepEqual(parseFilesEntry("%FILES%\netc/a\n"), ["/etc/a"]);
  assert.deepEqual(parseFileLines("a /srv/image/etc/\na /srv/image/etc/x y\n", "/srv/image"), ["/etc/x y"]);
});

test("the first source that has a package is preferred", () => {
  const block = (repository: string, version: string) =>
    `Repository      : ${repository}\nName            : vim\nVersion         : ${version}\nURL             : https://example.com\n`;
  const offers = parseOffered(`${block("mine", "9.1-1")}\n${block("extra", "9.0-1")}\n`, ownRepositories("ID=arch\n"));
  assert.deepEqual(
    offers.get("vim")?.map(({ version, isSupported }) => `${version} ${isSupported}`),
    ["9.1-1 false", "9.0-1 true"],
  );
});

test("packages are held in the settings, which stay as they are otherwise", () => {
  const settings = "# mine\n[options]\nArchitecture = auto\n#IgnorePkg =\n[core]\nServer = x\n";
  const held = withIgnored(settings, ["vim", "linux"], []);
  assert.equal(held, settings.replace("[options]\n", "[options]\nIgnorePkg = vim linux\n"));
  assert.deepEqual(parseIgnored(held), ["vim", "linux"]);
  assert.equal(withIgnored(held, [], ["vim", "linux"]), settings);
  const twice = "[options]\nIgnorePkg = a b\nIgnorePkg = c\n";
  assert.equal(withIgnored(twice, ["d"], ["b"]), "[options]\nIgnorePkg = a c d\n");
  assert.match(
    withoutSignatures("[options]\nSigLevel = Required\n[x]\nSigLevel = Optional\n"),
    /^(?:(?!Required|Optional)[^])*$/,
  );
  assert.equal(withoutSignatures("[options]\n[x]\n"), "[options]\nSigLevel = Never\n[x]\n");
});

test("each way to fail is told with its reason", () => {
  const check = (output: string, code: string, mention: string) => {
    const failure = pacmanFailure("install a", { status: 1, output });
    assert.equal(`${failure.code}: ${failure.message}`, `${code}: cannot install a: ${mention}`);
  };
  check("error: target not found: a\n", "not-found", 'the lists of pacman have no package "a"');
  check("error: you cannot perform this operation unless you are root.\n", "denied", "only root may change packages");
  check("error: failed to commit transaction (not enough free disk space)\n", "full", "not enough space is left");
  check(
    'error: a: signature from "B <b@example.com>" is unknown trust\n',
    "denied",
    "a has no valid signature of anybody whom this machine trusts",
  );
  check(
    "error: failed to prepare transaction (could not satisfy dependencies)\n:: unable to satisfy dependency 'b' required by a\n",
    "conflict",
    "what it depends on cannot be had: unable to satisfy dependency 'b' required by a",
  );
  check(
    "error: failed retrieving file 'core.db' from m.example : Could not resolve host: m.example\n",
    "unreachable",
    "a source cannot be reached: failed retrieving file 'core.db' from m.example : Could not resolve host: m.example",
  );
  const dependents = ":: removing lib breaks dependency 'lib' required by tool\n";
  assert.deepEqual(parseDependents(dependents + dependents), ["tool"]);
  assert.deepEqual(parseConflicts(":: new-1.0-1 and old-1.0-1 are in conflict. Remove old? [y/N] \n"), ["old"]);
});

test("no text is too strange to be read", () => {
  const piece = fc.constantFrom(
    "%FILES%",
    "\n",
    "\n\n",
    "Name : ",
    "Version : 1",
    "IgnorePkg =",
    "[options]",
    "error: ",
    ":: ",
    "a",
    "/",
    " ",
    "🦊",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
      (text) => {
        parseEntryName(text);
        parseFilesEntry(text);
        parseFileLines(text, "/x");
        parseOffered(text, ownRepositories(text));
        const held = withIgnored(text, ["kept"], []);
        assert.ok(parseIgnored(held).includes("kept"));
        withoutSignatures(text);
        pacmanFailure("install a", { status: 1, output: text });
      },
    ),
  );
});
