// SPDX-License-Identifier: Apache-2.0
// A running program whose data is wrong for a while: what it said before stays, and is still kept true.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../base/problem.ts";
import { memoryHost } from "../host/memory/index.ts";
import { Trial } from "./trial.test-support.ts";

const program = `
import "encoding"
import "os"

$texts map{str: str} = encoding.decode_yaml(os.readfile("/data"))
forkv $path, $text in $texts {
	file "\${path}" { state => "exists", content => $text, }
}
panic(len($texts) > 2, "too many")
`;

async function start(options: { readonly convergedMs?: number } = {}) {
  const told: string[] = [];
  const host = memoryHost();
  host.outside.write("/data", "/a: one\n");
  const trial = await Trial.start(program, host, {
    ...options,
    onProblems: (problems: readonly Problem[]) => told.push(...problems.map(({ message }) => message.title)),
    onTrouble: (message) => told.push(message),
  });
  const read = (path: string) => host.outside.read(path);
  const save = async (text: string, forMs: number) => {
    host.outside.write("/data", text);
    await host.clock.advance(forMs);
  };
  return { trial, host, told, read, save };
}

test("a mistake in the data is told, and changes nothing until it is mended", async () => {
  const { trial, host, told, read, save } = await start();
  await save("/a: [\n", 1000);
  assert.match(told.join("\n"), /^The YAML does not fit: [^\n]+$/);
  host.outside.write("/a", "drift");
  await host.clock.settle();
  assert.equal(read("/a"), "one");
  await save("/a: [\n", 1000);
  assert.equal(told.length, 1, "once");
  await save("/a: two\n/b: three\n", 1000);
  assert.deepEqual([read("/a"), read("/b")], ["two", "three"]);
  assert.equal(told[1], "the values of the program are right again");
  await trial.stop();
  assert.equal((await trial.run.ended).ending, "stopped");
});

test("a file that is empty while it is saved is no mistake", async () => {
  const { trial, told, read, save } = await start();
  await save("", 50);
  await save("/a: two\n", 1000);
  assert.equal(read("/a"), "two");
  assert.deepEqual(told, []);
  await trial.stop();
});

test("a panic ends the run also later on", async () => {
  const { trial, told, save } = await start();
  await save("/a: 1\n/b: 2\n/c: 3\n".replaceAll(/\d/g, "'$&'"), 1000);
  assert.deepEqual(told, ["The program asked to stop here: too many"]);
  assert.equal((await trial.run.ended).ending, "wrong");
});

test("a run that was to end when all is as declared ends as wrong, with the mistake told", async () => {
  const { trial, told, save } = await start({ convergedMs: 100 });
  await save("[", 1000);
  assert.equal(told.length, 1);
  assert.equal((await trial.run.ended).ending, "wrong");
});
