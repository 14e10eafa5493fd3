// SPDX-License-Identifier: Apache-2.0
// COUNT histories on real etcd from seed FIRST on, WIDTH at a time, none begun after LIMIT seconds: says of each what was done and what came of it, keeps those
// that are wrong, and ends with 1 if any is. Runs as root in namespaces of its own; see `namespaces.ts`.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { liveOnEtcd } from "./etcd-world.ts";
import { renderPlan } from "./faults.ts";
import type { Recorded } from "./history.ts";

const [count = 20, first = 0, width = 4, limitSeconds = Number.POSITIVE_INFINITY] = process.argv
  .slice(2, 6)
  .map(Number);
const kept = process.argv[6] ?? "";
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const started = performance.now();
const totals: Record<string, number> = {};
let [next, wrong] = [0, 0];

/** Networks have numbers up to 250; by then those of before are gone. */
const networks = 250;

async function work(): Promise<void> {
  while (next < count && performance.now() - started < limitSeconds * 1000) {
    const [seed, number] = [first + next, next % networks];
    next += 1;
    const began = performance.now();
    try {
      const story = await liveOnEtcd(seed, number);
      const { events } = story.history;
      for (const [name, times] of Object.entries(tally(events))) totals[name] = (totals[name] ?? 0) + times;
      totals["servers ended by themselves"] = (totals["servers ended by themselves"] ?? 0) + story.ended;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      print(`seed ${seed}: ${renderPlan(story.plan)}; ${story.servers} servers, ${events.length} notes, at rest after ${(story.restMs / 1000).toFixed(1)} s, ${seconds} s in all`); // biome-ignore format: one line
      if (story.restMs > 5000 && story.last !== undefined) print(`  waited for: ${story.last.text}`);
      if (story.violations.length === 0) continue;
      wrong += 1;
      const file = join(kept === "" ? mkdtempSync(join(tmpdir(), "mgmt-histories-")) : kept, `seed-${seed}.json`);
      writeFileSync(file, JSON.stringify({ plan: story.plan, ...story.history }));
      for (const { property, text } of story.violations.slice(0, 10)) print(`  WRONG ${property}: ${text}`);
      print(`  kept in ${file}`);
    } catch (reason) {
      wrong += 1;
      print(`seed ${seed}: BROKEN ${reason instanceof Error ? reason.stack : String(reason)}`);
    }
  }
}

function tally(events: readonly Recorded[]): Readonly<Record<string, number>> {
  const count = (isSo: (event: Recorded) => boolean): number => events.filter(isSo).length;
  return {
    calls: count(({ what }) => what === "reads" || what === "commits"),
    answered: count(({ what }) => what === "read" || what === "committed"),
    refused: count(({ what }) => what === "refused"),
    "items of watches": count(({ what }) => what === "told"),
    sessions: count(({ what }) => what === "session"),
    "changes of who is chosen": count(({ what }) => what === "chosen"),
  };
}

await Promise.all(Array.from({ length: width }, work));
const figures = Object.entries(totals).map(([name, times]) => `${times} ${name}`);
print(
  `${next} histories in ${((performance.now() - started) / 1000).toFixed(0)} s, ${wrong} wrong; ${figures.join(", ")}`,
);
process.exitCode = wrong === 0 ? 0 : 1;
