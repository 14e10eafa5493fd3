// SPDX-License-Identifier: Apache-2.0
// The text of mgmt.lock, and the hash of what a module's files are.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Failure } from "../../contract/failure.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { hashDirectory } from "./content-hash.ts";
import { type Lock, parseLock, renderLock } from "./lock.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const lock: Lock = new Map([
  ["example.org/b/", { url: "git://example.org/b/", commit, sha256: "b" }],
  ["example.org/a/", { url: "git://example.org/a/", sha256: "a" }],
]);

describe("the lock", () => {
  test("is read as it was written, sorted by name", () => {
    const text = renderLock(lock);
    assert.deepEqual(parseLock(text, "mgmt.lock"), lock);
    assert.ok(text.indexOf("org/a/") < text.indexOf("org/b/"));
    assert.equal(renderLock(parseLock(text, "mgmt.lock")), text);
  });

  test("of anything else is refused with what to do", () => {
    const check = (text: string, said: RegExp): void =>
      assert.throws(
        () => parseLock(text, "mgmt.lock"),
        (reason) => reason instanceof Failure && said.test(reason.message) && reason.hint !== undefined,
      );
    check("<<<<<<< mine", /^mgmt\.lock cannot be used: it is not JSON\.$/);
    check("[]", /something in it is missing/);
    check('{"version":2,"modules":{}}', /version/);
    check('{"version":1,"modules":{"x/":{"url":"git://x/"}}}', /the entry of x\/ is not complete/);
    check(
      '{"version":1,"modules":{"x/":{"url":"u","commit":"--upload-pack=x","sha256":"a"}}}',
      /the commit of x\/ is none/,
    );
  });
});

describe("the hash of a directory", () => {
  const { signal } = new AbortController();
  const make = (): MemoryHost => {
    const host = memoryHost();
    host.outside.makeDirectory("/m/files");
    host.outside.write("/m/main.mcl", "$x = 1\n");
    host.outside.write("/m/files/a", "a");
    host.outside.link("/m/link", "files/a");
    return host;
  };
  const hashOf = (host: MemoryHost, except: readonly string[] = []) => hashDirectory("/m/", except, host, signal);

  test("is equal for equal files, whatever git keeps beside them", async () => {
    const cloned = make();
    cloned.outside.makeDirectory("/m/.git/objects");
    cloned.outside.write("/m/.git/HEAD", "ref");
    assert.equal(await hashOf(cloned), await hashOf(make()));
  });

  test("differs with a content, a name, a mode, a link or a file more", async () => {
    const same = await hashOf(make());
    const changes: readonly ((host: MemoryHost) => void)[] = [
      ({ outside }) => outside.write("/m/files/a", "b"),
      ({ outside }) => outside.rename("/m/files/a", "/m/files/b"),
      ({ outside }) => outside.setMode("/m/files/a", 0o755),
      ({ outside }) => {
        outside.remove("/m/link");
        outside.link("/m/link", "files/b");
      },
      ({ outside }) => outside.write("/m/files/more", ""),
    ];
    for (const change of changes) {
      const host = make();
      change(host);
      assert.notEqual(await hashOf(host), same);
    }
  });

  test("leaves out what the module fetched for itself", async () => {
    const host = make();
    host.outside.makeDirectory("/m/vendor/example.org");
    host.outside.write("/m/vendor/example.org/x", "x");
    assert.equal(await hashOf(host, ["vendor/"]), await hashOf(make()));
  });
});
