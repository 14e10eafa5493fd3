// SPDX-License-Identifier: Apache-2.0
// The kinds for `mgmt test`: what they refuse, and that a run does nothing for them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { proves } from "../../../test/proofs.ts";
import { drive, problemsOf } from "../../../test/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { StructValue } from "../../values/value.ts";
import { testCommand } from "./command.ts";
import { testExpect } from "./expect.ts";
import { testMachine } from "./machine.ts";
import { testPackage } from "./package.ts";
import { testRefusal } from "./refusal.ts";

test("a run does nothing for them", async () => {
  const host = memoryHost();
  const struct = new StructValue(["state"], ["running"]);
  for (const resource of [
    drive(testMachine, "machine", { hostname: "web1", distribution: "fedora", seconds: 3600 }, host),
    drive(testPackage, "web", { files: ["/usr/sbin/web"], units: ["web"], installed: true }, host),
    drive(testCommand, "web -t", { status: 1, files: new Map([["/tmp/a", "b"]]) }, host),
    drive(testExpect, "svc[web]", { fields: struct, after: ["pkg[web]"], steps: ["+ start"] }, host),
    drive(testRefusal, "too small", {}, host),
  ]) {
    assert.deepEqual(resource.check(), []);
    assert.deepEqual(await resource.settle(), []);
  }
});

test("what no machine can be is refused", () => {
  for (const hostname of ["", "a b", "-a", "x".repeat(300)])
    assert.equal(problemsOf(testMachine, "m", { hostname }).length, 1);
  for (const time of ["", "2026", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00"]) {
    assert.equal(problemsOf(testMachine, "m", { time }).length, 1, time);
  }
  assert.deepEqual(problemsOf(testMachine, "m", { time: "2026-12-31T23:59:59Z" }), []);
});

test("what no package can be, and what no command can write, is refused", () => {
  assert.equal(problemsOf(testPackage, "a b", {}).length, 1);
  assert.equal(problemsOf(testPackage, "a", { version: "" }).length, 1);
  assert.equal(problemsOf(testPackage, "a", { files: ["a"] }).length, 1);
  assert.equal(problemsOf(testPackage, "a", { units: ["a/b"] }).length, 1);
  assert.equal(problemsOf(testPackage, "a", { depends: ["a b"] }).length, 1);
  assert.equal(problemsOf(testCommand, "a", { files: new Map([["a", "b"]]) }).length, 1);
});

test("what cannot be expected is refused", () => {
  assert.equal(problemsOf(testExpect, "motd", {}).length, 1);
  assert.equal(problemsOf(testExpect, "file[/a]", { fields: "x" }).length, 1);
  assert.equal(problemsOf(testExpect, "file[/a]", { before: ["b"] }).length, 1);
  assert.equal(problemsOf(testExpect, "file[/a]", { after: ["b"] }).length, 1);
  assert.equal(problemsOf(testExpect, "file[/a]", { steps: ["make"] }).length, 1);
  assert.equal(problemsOf(testExpect, "file[/a]", { exists: false, steps: [] }).length, 1);
});

proves("test:machine", "bad values");
proves("test:package", "bad values");
proves("test:command", "bad values");
proves("test:expect", "bad values");
