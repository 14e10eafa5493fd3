// SPDX-License-Identifier: Apache-2.0
// Generated passwords on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, type DrivenResource, drive, problemsOf } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { password } from "./password.ts";

const never = new AbortController().signal;
const file = "/var/lib/mgmt/test/password";
const hashFile = "/var/lib/mgmt/test/hash";

function lastSent({ sent }: DrivenResource): { password?: unknown; hash?: unknown } {
  return sent.at(-1) ?? {};
}

async function settled(fields: AnyWant, host: MemoryHost, steps: readonly string[]): Promise<DrivenResource> {
  const resource = drive(password, "db", fields, host);
  assert.deepEqual(await resource.settle(), steps);
  assert.deepEqual(await resource.settle(), []);
  return resource;
}

test("a password is generated once, kept for root alone, and sent with its hash", async () => {
  const host = memoryHost();
  const resource = await settled({ length: 12, saved: true }, host, ["+ generate a password of 12 letters"]);
  const { password: text, hash } = lastSent(resource);
  assert.match(String(text), /^[A-Za-z]{12}$/);
  assert.equal(await host.passwords.verify(String(text), String(hash), never), true);
  assert.equal(host.outside.read(file), `${String(text)}\n`);
  assert.equal((await host.files.inspect(file, never))?.mode, 0o600);
  assert.equal((await host.files.inspect(hashFile, never))?.mode, 0o600);
  const later = await settled({ length: 12, saved: true }, host, []);
  assert.deepEqual(lastSent(later), { password: text, hash });
});

test("one that is not saved is known until the end, its hash for ever", async () => {
  const host = memoryHost();
  const resource = await settled({}, host, ["+ generate a password of 64 letters"]);
  const { password: text, hash } = lastSent(resource);
  assert.equal(host.outside.read(file), "\n");
  assert.equal(String(text).length, 64);
  assert.equal(await host.passwords.verify(String(text), String(hash), never), true);
  assert.deepEqual(lastSent(await settled({}, host, [])), { password: undefined, hash });
});

test("what the plan has sent is what is then kept", async () => {
  const resource = drive(password, "db", { saved: true }, memoryHost());
  await resource.plan();
  const planned = lastSent(resource).password;
  await resource.plan();
  await resource.settle();
  assert.equal(lastSent(resource).password, planned);
});

test("a refresh makes another one", async () => {
  const host = memoryHost();
  const resource = await settled({ saved: true }, host, ["+ generate a password of 64 letters"]);
  const before = lastSent(resource).password;
  assert.deepEqual(await resource.settle({ refresh: true }), ["~ generate another password, as something has told to"]);
  assert.notEqual(lastSent(resource).password, before);
  assert.deepEqual(await resource.settle(), []);
});

test("what is kept and is no such password fails, or is replaced", async () => {
  const host = memoryHost();
  await settled({ saved: true, length: 8 }, host, ["+ generate a password of 8 letters"]);
  for (const wrong of ["short\n", "with 1 !\n"]) {
    host.outside.write(file, wrong);
    const resource = drive(password, "db", { saved: true, length: 8 }, host);
    await assert.rejects(resource.settle(), { code: "invalid", message: /has another length or other characters/ });
    await converge(password, "db", { saved: true, length: 8, check_recovery: true }, host);
  }
  await assert.rejects(drive(password, "db", { saved: true, length: 9 }, host).settle(), { code: "invalid" });
});

test("one that somebody else has put there gets its hash", async () => {
  const host = memoryHost();
  await settled({ saved: true, length: 5 }, host, ["+ generate a password of 5 letters"]);
  host.outside.write(file, "hello\n");
  const resource = await settled({ saved: true, length: 5 }, host, ["~ hash the password again"]);
  const { password: text, hash } = lastSent(resource);
  assert.equal(text, "hello");
  assert.equal(await host.passwords.verify("hello", String(hash), never), true);
});

test("the cost and the form of the hash can change, and so whether it is saved", async () => {
  const host = memoryHost();
  host.outside.install("perl", ({ input, print }) => {
    const [, setting = ""] = new TextDecoder().decode(input).split("\n");
    print(`${setting.split("$").slice(0, 4).join("$")}$hash`);
    return 0;
  });
  await settled({ saved: true }, host, ["+ generate a password of 64 letters"]);
  await settled({ saved: true, cost: 1000 }, host, ["~ hash the password again"]);
  assert.match(host.outside.read(hashFile) ?? "", /^\$6\$rounds=1000\$/);
  for (const [cost, mark] of [
    [1, "j75"],
    [2, "j85"],
    [3, "j7T"],
    [11, "jFT"],
  ] as const) {
    await settled({ saved: true, format: "yescrypt", cost }, host, ["~ hash the password again"]);
    assert.ok(host.outside.read(hashFile)?.startsWith(`$y$${mark}$`));
  }
  await settled({ format: "yescrypt", cost: 11 }, host, ["- keep only the hash of the password"]);
  await settled({ saved: true, format: "yescrypt", cost: 11 }, host, [
    "~ generate another password: only the hash of the last one was kept",
  ]);
  await settled({ saved: true, format: "yescrypt", cost: 11, length: 64 }, host, []);
  host.outside.write(file, "\n");
  await settled({}, host, ["~ generate another password: its hash is not kept in this form"]);
});

test("a change of what is kept is seen", async () => {
  const host = memoryHost();
  const stop = new AbortController();
  const resource = drive(password, "db", { saved: true }, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  await watch.next();
  for (const path of [file, hashFile]) {
    const woken = watch.next();
    host.outside.remove(path);
    await woken;
    assert.equal((await resource.settle()).length, 1);
    await watch.next();
  }
  stop.abort();
});

test("what cannot be is found before anything is touched", () => {
  assert.deepEqual(problemsOf(password, "db", { length: 0 }), ["a password has at least one letter, not 0"]);
  assert.deepEqual(problemsOf(password, "db", { cost: 1 }), ["the cost of sha512 goes from 1000 to 999999999, not 1"]);
  assert.deepEqual(problemsOf(password, "db", { cost: 12, format: "yescrypt" }), [
    "the cost of yescrypt goes from 1 to 11, not 12",
  ]);
});

test("whatever is kept, there is a password in the end", async () => {
  const wanted = fc.record({
    length: fc.integer({ min: 1, max: 6 }),
    saved: fc.boolean(),
    cost: fc.constantFrom(1000, 1001),
  });
  const something = fc.option(fc.constantFrom("", "\n", "abc\n", "abcd", "a1\n", "$6$x$y\n", "$6$rounds=1000$x$y\n"));
  await fc.assert(
    fc.asyncProperty(wanted, something, something, async (fields, kept, hash) => {
      const host = memoryHost();
      host.outside.makeDirectory("/var/lib/mgmt/test");
      if (kept !== null) host.outside.write(file, kept);
      if (hash !== null) host.outside.write(hashFile, hash);
      await converge(password, "db", { ...fields, check_recovery: true }, host);
      assert.equal(/^[A-Za-z]+\n?$/.test(host.outside.read(file) ?? ""), fields.saved);
      assert.match(host.outside.read(hashFile) ?? "", /^\$6\$/);
    }),
    { numRuns: 300 },
  );
});

proves("password", "twice", "outside change", "bad values", "random starts");
