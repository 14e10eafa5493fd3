// SPDX-License-Identifier: Apache-2.0
// A whole server from an empty machine, by its example: what the plan says is what is done, one run is enough, a second one
// has nothing to do, and whatever somebody else changes is repaired on the event. `npm run bench -- server` measures more.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { before, test } from "node:test";
import { run, withoutRecommended } from "./inside.ts";
import { LabProgram, mgmt } from "./program.ts";
import { measure, renderRow, repairs } from "./repairs.ts";

before(async () => {
  withoutRecommended();
  await run("apt-get", "update", "-qq");
});

interface Step {
  readonly mark: string;
  readonly text: string;
}
interface Planned {
  readonly type: string;
  readonly resource: string;
  readonly steps: readonly Step[];
  readonly after?: readonly string[];
  readonly asDeclared?: number;
}
type Applied = { readonly type: string; readonly resource: string; readonly step: Step };

const linesOf = <Line>(text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
const texts = (steps: readonly Step[]) => steps.map(({ mark, text }) => `${mark} ${text}`);

test("a whole server: planned, made in one run, and kept", async (context) => {
  const program = new LabProgram("whole-server");
  // Upgrades of the machine itself would take the lock of the packages meanwhile.
  program.edit(/include upgrades.*\n/, "");
  const plan = spawnSync(mgmt, ["plan", "--json", program.directory], { encoding: "utf8" });
  assert.equal(plan.status, 2, plan.stdout + plan.stderr);
  const lines = linesOf<Planned>(plan.stdout);
  const planned = new Map(lines.filter(({ type }) => type === "planned").map((line) => [line.resource, line]));
  const summary = lines.find(({ type }) => type === "summary");
  assert.ok(planned.size + (summary?.asDeclared ?? 0) >= 60);

  const output = await program.once();
  assert.match(output, /everything is as declared: \d\d resources/);
  const applied = new Map<string, Step[]>();
  for (const { type, resource, step } of linesOf<Applied>(
    execFileSync(mgmt, ["events", "--json"], { encoding: "utf8" }),
  ))
    if (type === "applied") applied.set(resource, [...(applied.get(resource) ?? []), step]);
  // What is behind something that changes first may come out otherwise: a package brings files and starts services.
  for (const [resource, { steps, after }] of planned)
    if (after === undefined) assert.deepEqual(texts(applied.get(resource) ?? []), texts(steps), resource);
  // Nothing else was changed but one link that a package brings, and which must not be there.
  const surprises = [...applied.keys()].filter((resource) => !planned.has(resource));
  assert.deepEqual(surprises, ["file[/etc/nginx/sites-enabled/default]"]);
  await program.isSettled();
  assert.equal(spawnSync(mgmt, ["plan", program.directory]).status, 0);

  assert.match(await run("curl", "-sSk", "https://127.0.0.1/about.html"), /<h1>about 1<\/h1>/);
  await program.whileRunning(async () => {
    context.diagnostic("measured: kind, change, times, p50, p99");
    for (const repair of repairs) {
      const times = repair.kind === "pkg" ? 1 : 3; // It takes seconds.
      context.diagnostic(`measured: ${renderRow(await measure(repair, times))}`);
    }
  });
  await program.isSettled();
});
