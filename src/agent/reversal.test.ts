// SPDX-License-Identifier: Apache-2.0
// What leaves the program is undone, once, over restarts; and what looks at its peers hears of those that leave.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../host/memory/index.ts";
import { Trial } from "./trial.test-support.ts";

const reversed = `file "/f" { state => "exists", content => "new", mode => "0600", Meta:reverse => true, }\n`;

test("reverse puts back what was there before, once, when the resource leaves the program", async () => {
  const trial = await Trial.start("");
  const { host } = trial;
  host.outside.write("/f", "old");
  host.outside.setMode("/f", 0o644);
  await trial.edit(reversed);
  assert.equal(host.outside.read("/f"), "new");
  host.outside.write("/f", "drift");
  await host.clock.settle();
  assert.equal(host.outside.read("/f"), "new");
  trial.news();
  await trial.edit("");
  assert.deepEqual(trial.news(), ["file[/f] ~ write 3 bytes (was 3), mode 0644 (was 0600)"]);
  assert.equal(host.outside.read("/f"), "old");
  host.outside.write("/f", "mine now");
  await host.clock.settle();
  await trial.edit(`print "x" { msg => "x", }\n`);
  assert.equal(host.outside.read("/f"), "mine now");
  await trial.stop();
});

test("reverse removes what was not there, and brings back what was removed, as it was", async () => {
  const trial = await Trial.start("");
  const { host } = trial;
  host.outside.write("/gone", "\udcff binary \u0000");
  host.outside.setMode("/gone", 0o640);
  await trial.edit(`${reversed}file "/gone" { state => "absent", Meta:reverse => true, }\n`);
  assert.equal(host.outside.read("/gone"), undefined);
  await trial.edit("");
  assert.equal(host.outside.read("/f"), undefined);
  assert.equal(host.outside.read("/gone"), "\udcff binary \u0000");
  const signal = new AbortController().signal;
  assert.equal((await host.files.inspect("/gone", signal))?.mode, 0o640);
  await trial.stop();
});

test("reverse survives a restart, is kept where only its owner can read it, and not done at the end", async () => {
  const host = memoryHost();
  host.outside.write("/f", "old");
  const first = await Trial.start(reversed, host);
  await first.stop();
  assert.equal(host.outside.read("/f"), "new", "a stop undoes nothing");
  const signal = new AbortController().signal;
  const [directory = ""] = await host.files.list("/state/engine/state", signal);
  const path = `/state/engine/state/${directory}/reverse.json`;
  assert.equal((await host.files.inspect(path, signal))?.mode, 0o600);
  const stored: unknown = JSON.parse(host.outside.read(path) ?? "");
  assert.deepEqual(stored, {
    version: 1,
    kind: "file",
    name: "/f",
    subject: "/f",
    fields: { path: "/f", state: "exists", content: "old", mode: "0644" },
  });
  const again = await Trial.start(reversed, host);
  await again.stop();
  const without = await Trial.start("", host);
  assert.equal(host.outside.read("/f"), "old");
  assert.equal(await host.files.inspect(path, signal), undefined);
  await without.stop();
});

test("with reverse on exit the end undoes it", async () => {
  const trial = await Trial.start(reversed, memoryHost(), { reverseOnExit: true });
  assert.equal(trial.host.outside.read("/f"), "new");
  await trial.stop();
  assert.equal(trial.host.outside.read("/f"), undefined);
});

test("a resource that comes back before it was undone is not, and one without reverse any more never is", async () => {
  const host = memoryHost();
  host.outside.write("/f", "old");
  const trial = await Trial.start(reversed, host);
  await trial.edit(reversed.replace("new", "newer"));
  assert.equal(host.outside.read("/f"), "newer");
  await trial.edit("");
  assert.equal(host.outside.read("/f"), "old", "the first state is what counts");
  await trial.edit(reversed);
  await trial.edit(reversed.replace("reverse => true", "reverse => false"));
  await trial.edit("");
  assert.equal(host.outside.read("/f"), "new");
  await trial.stop();
});

test("a reversal of one place is not lost when the resource is about another", async () => {
  const trial = await Trial.start(
    `file "x" { path => "/f", state => "exists", content => "x", Meta:reverse => true, }\n`,
  );
  await trial.edit(`file "x" { path => "/g", state => "exists", content => "x", Meta:reverse => true, }\n`);
  assert.equal(trial.host.outside.read("/g"), undefined);
  assert.ok(trial.news().some((line) => line.includes("failed: /f was changed for file[x], which is now about /g")));
  await trial.edit("");
  assert.equal(trial.host.outside.read("/f"), undefined, "and it is undone in the end");
  await trial.stop();
});

test("noop keeps nothing and undoes nothing, but says what would be undone", async () => {
  const host = memoryHost();
  const first = await Trial.start(reversed, host);
  await first.stop();
  const trial = await Trial.start("", host, { noop: true });
  assert.equal(host.outside.read("/f"), "new");
  assert.ok(trial.news().includes("file[/f] would remove the file"));
  await trial.stop();
});

test("what cannot be undone is a mistake of the program", async () => {
  const problems: string[] = [];
  const trial = await Trial.start(`file "/d/" { state => "exists", Meta:reverse => true, }\n`, memoryHost(), {
    onProblems: (found) => problems.push(...found.map(({ message }) => message.title)),
  });
  await trial.run.ended;
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? "", /a directory cannot be undone/);
});

// ---- Peers ----

test("a purged directory looks again when a file in it leaves the program", async () => {
  const directory = `file "/d/" { state => "exists", recurse => true, purge => true, }\n`;
  const trial = await Trial.start(`${directory}file "/d/f" { state => "exists", content => "x", }\n`);
  assert.equal(trial.host.outside.read("/d/f"), "x");
  await trial.edit(directory);
  assert.equal(trial.host.outside.read("/d/f"), undefined);
  await trial.stop();
});
