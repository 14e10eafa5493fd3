// SPDX-License-Identifier: Apache-2.0
// A long life costs no memory: after any number of events and of changes of the graph, what is kept is what there is.
// `EVENTS=1000000 SWAPS=500 npm test -- src/agent/leaks.test.ts` is the whole of it; every run tries a part.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memoryHost } from "../host/memory/index.ts";
import { Trial } from "./trial.test-support.ts";

const events = Number(process.env["EVENTS"] ?? 10_000);
const swaps = Number(process.env["SWAPS"] ?? 40);

/** Bytes that are still in use when everything that can be thrown away has been. */
function usedBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void; // That is what the flag gives.
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/**
 * Does something so many times; what is used after a fifth of them must be enough for all. Code that is compiled late is
 * no leak: what is too much must be too much again.
 */
async function expectFlat(times: number, mostBytes: number, once: (time: number) => Promise<void>): Promise<void> {
  const warm = Math.ceil(times / 5);
  let time = 0;
  const doUntil = async (end: number): Promise<number> => {
    for (; time < end; time += 1) await once(time);
    return usedBytes();
  };
  const before = await doUntil(warm);
  const after = await doUntil(times);
  if (after - before < mostBytes) return;
  const growth = (await doUntil(times + times - warm)) - after;
  assert.ok(growth < mostBytes, `${(growth / 1024).toFixed(0)} KiB more after ${times - warm} times, once more`);
}

const quiet = { emit: () => {} };

test("events leave nothing behind", { timeout: 600_000 }, async () => {
  const text = `import "os"
file "/repaired" { state => "exists", content => "x", }
file "/follows" { state => "exists", content => os.readfile("/source"), }
exec "watching" { cmd => "true", watchfiles => ["/source"], }
print "told" { msg => "x", refresh_only => true, Listen => File["/repaired"], }
`;
  const host = memoryHost();
  host.outside.write("/source", "0");
  const trial = await Trial.start(text, host, quiet);
  const { watched } = host.outside;
  // Each time is one event for the file that is repaired, or for the function, the file and the command that follow.
  await expectFlat(events / 2, 700 * 1024, async (time) => {
    if (time % 2 === 0) host.outside.write("/repaired", `drift ${time}`);
    else host.outside.write("/source", String(time));
    await host.clock.settle();
  });
  assert.equal(host.outside.read("/repaired"), "x");
  assert.equal(host.outside.watched, watched);
  await trial.stop();
  assert.equal(host.outside.watched, 0);
});

test("changes of the graph leave nothing behind", { timeout: 600_000 }, async () => {
  const host = memoryHost();
  host.outside.write("/names", "");
  const text = `import "os"
import "strings"
for $at, $name in strings.split(os.readfile("/names"), " ") {
	file "/d-\${$name}/" { state => "exists", }
	file "/d-\${$name}/f" { state => "exists", content => $name, Notify => Print["p-\${$name}"], }
	print "p-\${$name}" { msg => $name, }
}
`.replaceAll("${$name}", "${name}");
  const trial = await Trial.start(text, host, quiet);
  await expectFlat(swaps, 1024 * 1024, async (time) => {
    const names = Array.from({ length: 10 + (time % 3) }, (_, at) => `n${(time * 7 + at) % 40}`);
    host.outside.write("/names", [...new Set(names)].join(" "));
    await host.clock.settle();
    assert.equal(host.outside.read(`/d-${names[0]}/f`), names[0]);
  });
  await trial.stop();
  assert.equal(host.outside.watched, 0);
});

test("edits of the program leave nothing behind", { timeout: 600_000 }, async () => {
  const text = (time: number): string =>
    Array.from(
      { length: 20 },
      (_, at) => `file "/f${(time + at) % 30}" { state => "exists", content => "${time}", }\n`,
    ).join("");
  const trial = await Trial.start(text(0), memoryHost(), quiet);
  await expectFlat(swaps, 2 * 1024 * 1024, async (time) => {
    await trial.edit(text(time + 1));
    assert.equal(trial.host.outside.read(`/f${(time + 1) % 30}`), String(time + 1));
  });
  await trial.stop();
  assert.equal(trial.host.outside.watched, 0);
});
