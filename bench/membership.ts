// SPDX-License-Identifier: Apache-2.0
// Thousands of made-up lives of a cluster, each held to the promises of src/membership: `npm run bench -- membership
// [LIVES] [FIRST-SEED]`. A broken promise is told with its seed and the end of its story.

import { simulate } from "../src/membership/simulation.test-support.ts";

const [lives = 5000, first = Math.floor(Math.random() * 1e9)] = process.argv.slice(2).map(Number);
console.log(`${lives} lives from seed ${first} on`);
const started = performance.now();
const sizes = new Map<number, number>();
let [changes, lost] = [0, 0];
for (let seed = first; seed < first + lives; seed += 1) {
  const life = simulate(seed);
  changes += life.changes;
  if (!life.hadQuorum) lost += 1;
  else sizes.set(life.voters, (sizes.get(life.voters) ?? 0) + 1);
}
const seconds = (performance.now() - started) / 1000;
console.log(`  ${changes} changes, no promise broken, ${seconds.toFixed(1)} s`);
console.log(`  ${lost} lost their quorum to faults alone and stayed so`);
const ends = [...sizes].sort(([left], [right]) => left - right).map(([size, count]) => `${count} with ${size}`);
console.log(`  the others came to rest: ${ends.join(", ")} voters`);
