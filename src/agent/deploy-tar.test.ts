// SPDX-License-Identifier: Apache-2.0
// An archive of the program that declares it, kept as the program is edited, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../host/memory/index.ts";
import { Trial } from "./trial.test-support.ts";

const program = `deploy:tar "/program.tar" {}\n`;

/** The names in it. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|\0)([a-z]+\.[a-z]+)\0+0000644/g)].map(([, name = ""]) => name);
}

test("a program packs itself, and again when it is edited or somebody spoils the archive", async () => {
  const host = memoryHost();
  const trial = await Trial.start(program, host);
  const packed = () => host.outside.read("/program.tar") ?? "";
  assert.deepEqual(namesIn(packed()), ["main.mcl", "metadata.yaml"]);
  assert.ok(packed().includes(program));
  host.outside.write("/program.tar", "spoiled");
  await host.clock.settle();
  assert.ok(packed().includes(program));
  const edited = `# edited\n${program}`;
  host.outside.write("/site/main.mcl", edited);
  for (let turn = 0; turn < 20 && !packed().includes(edited); turn += 1) await host.clock.advance(100);
  assert.ok(packed().includes(edited));
  trial.run.stop();
  await trial.run.ended;
});
