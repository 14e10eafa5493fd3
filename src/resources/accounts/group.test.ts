// SPDX-License-Identifier: Apache-2.0
// Groups of a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { group } from "./group.ts";

test("a group is made, renumbered and removed", async () => {
  const host = memoryHost();
  assert.deepEqual(await converge(group, "staff", { gid: 2001 }, host), ["+ add the group with the number 2001"]);
  assert.deepEqual(await converge(group, "staff", { gid: 2002 }, host), ["~ set the number 2002 (was 2001)"]);
  assert.deepEqual(await converge(group, "staff", {}, host), []);
  host.outside.write("/etc/group", "root:x:0:\nstaff:x:2002:ann,bob\n");
  assert.deepEqual(await converge(group, "staff", { state: "absent" }, host), [
    "- remove the group with the number 2002, which lists ann, bob",
  ]);
  assert.equal(host.outside.read("/etc/group"), "root:x:0:\n");
  await converge(group, "daemons", { system: true }, host);
  assert.equal(host.outside.read("/etc/group"), "root:x:0:\ndaemons:x:999:\n");
});

test("a change behind its back is seen", async () => {
  const host = memoryHost();
  const stop = new AbortController();
  const resource = drive(group, "staff", { gid: 2001 }, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  host.outside.write("/etc/group", "staff:x:7:\n");
  await watch.next();
  assert.deepEqual(await resource.settle(), ["~ set the number 2001 (was 7)"]);
  stop.abort();
});

test("a number that is taken, and a group that somebody needs, are told", async () => {
  const host = memoryHost();
  await assert.rejects(drive(group, "staff", { gid: 0 }, host).settle(), {
    code: "conflict",
    message: "the group number 0 belongs to root",
  });
  await assert.rejects(drive(group, "root", { state: "absent" }, host).settle(), {
    code: "conflict",
    message: "the group root is the primary group of root",
  });
  await assert.rejects(drive(group, "staff", {}, memoryHost({ uid: 1000 })).settle(), { code: "denied" });
});

test("names and numbers that cannot be are found before anything is touched", () => {
  assert.deepEqual(problemsOf(group, "a b", {}), [
    '"a b" cannot be the name of a group: it may have letters, digits, and _ . -',
  ]);
  assert.deepEqual(problemsOf(group, "1st", {}), [
    '"1st" cannot be the name of a group: it must begin with a letter or _',
  ]);
  assert.deepEqual(problemsOf(group, "a".repeat(33), {}), [
    `"${"a".repeat(33)}" cannot be the name of a group: it has 33 characters, 32 are allowed`,
  ]);
  assert.deepEqual(problemsOf(group, "staff", { gid: 4_294_967_295 }), [
    "4294967295 cannot be the number of a group: the largest is 4294967294",
  ]);
});

test("whatever is there, a group becomes as declared", async () => {
  const line = fc.oneof(
    fc.constant("# a comment"),
    fc.constant("+::::"),
    fc
      .tuple(
        fc.constantFrom("root", "staff", "crew"),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom("", "ann", "ann,bob"),
      )
      .map(([name, gid, members]) => `${name}:x:${gid}:${members}`),
  );
  const wanted = fc.record({ state: fc.constantFrom("exists", "absent", ""), system: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(line), wanted, async (lines, fields) => {
      const host = memoryHost();
      const before = lines.map((each) => `${each}\n`).join("");
      host.outside.write("/etc/group", before);
      await converge(group, "staff", fields, host);
      const others = (text: string | undefined) =>
        (text ?? "").split("\n").filter((each) => !each.startsWith("staff:"));
      assert.deepEqual(others(host.outside.read("/etc/group")), others(before));
    }),
    { numRuns: 300 },
  );
});

proves("group", "twice", "outside change", "bad values", "random starts");
