// SPDX-License-Identifier: Apache-2.0
// A long life of the real program: its descriptors, its watches and its memory, after many changes of the graph and of
// files. `EVENTS=1000000 SWAPS=500 npm test -- test/end-to-end/leaks.test.ts` is the whole of it; every run tries a part.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { eventually, testPrograms } from "./program.ts";

const events = Number(process.env["EVENTS"] ?? 600);
const swaps = Number(process.env["SWAPS"] ?? 40);

interface Held {
  readonly descriptors: number;
  readonly watches: number;
  readonly bytes: number;
}

function heldBy(pid: number): Held {
  const numbers = readdirSync(`/proc/${pid}/fd`);
  const lines = numbers.flatMap((number) => {
    try {
      return readFileSync(`/proc/${pid}/fdinfo/${number}`, "utf8").split("\n");
    } catch {
      return []; // Closed meanwhile.
    }
  });
  const [, pages = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  return {
    descriptors: numbers.length,
    watches: lines.filter((line) => line.startsWith("inotify")).length,
    bytes: Number(pages) * 4096,
  };
}

testPrograms(
  "many changes of the graph and of files leave descriptors, watches and memory as they were",
  async (world) => {
    const names = world.path("names");
    const swap = (time: number): string => {
      const chosen = Array.from({ length: 20 }, (_, at) => `n${(time * 7 + at) % 60}`);
      // In one piece: an empty file in between would be one more graph.
      writeFileSync(`${names}.new`, chosen.join(" "));
      renameSync(`${names}.new`, names);
      return chosen.join(" ");
    };
    swap(0);
    world.write(
      "site.mcl",
      `import "os"
import "strings"

$chosen = os.readfile("${names}")

for $at, $name in strings.split($chosen, " ") {
	file "${world.directory}/d-\${name}/" {
		state => "exists",
	}
	file "${world.directory}/d-\${name}/f" {
		state => "exists",
		content => $name,
	}
}
file "${world.path("chosen")}" {
	state => "exists",
	content => $chosen,
}
file "${world.path("repaired")}" {
	state => "exists",
	content => "right",
}
`,
    );
    const running = world.start(["run", "--tmp-prefix", "site.mcl"], { limitMs: 3_600_000 });
    const textOf = (name: string): string =>
      existsSync(world.path(name)) ? readFileSync(world.path(name), "utf8") : "";
    const graph = async (time: number): Promise<void> => {
      const chosen = swap(time);
      const first = chosen.slice(0, chosen.indexOf(" "));
      await eventually(
        "the new graph is true",
        () => textOf("chosen") === chosen && textOf(`d-${first}/f`) === first,
        20_000,
      );
    };
    const repair = async (time: number): Promise<void> => {
      writeFileSync(world.path("repaired"), `harm ${time}`);
      await eventually("it is repaired", () => textOf("repaired") === "right", 20_000);
    };
    await eventually("the first graph is true", () => textOf("repaired") === "right");
    for (let time = 1; time <= swaps / 5; time += 1) await graph(time);
    for (let time = 0; time < events / 5; time += 1) await repair(time);
    await graph(1);
    const before = heldBy(running.pid);
    for (let time = 1; time <= swaps; time += 1) await graph(time);
    for (let time = 0; time < events; time += 1) await repair(time);
    await graph(1);
    await eventually("no more is open than before", () => heldBy(running.pid).descriptors <= before.descriptors + 2);
    const after = heldBy(running.pid);
    assert.ok(Math.abs(after.watches - before.watches) <= 2, `${before.watches} watches, then ${after.watches}`);
    const grown = (after.bytes - before.bytes) / 1024 / 1024;
    assert.ok(grown < 40, `${grown.toFixed(0)} MiB more`);
    running.signal("SIGINT");
    assert.equal((await running.ended).status, 0);
  },
);
