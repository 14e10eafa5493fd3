// SPDX-License-Identifier: Apache-2.0
// A program with the engine inside: one level, read from a file whenever that changes, drives everything else.
//
//     scripts/node examples/embedded/main.ts &
//     echo 7 > /tmp/mgmt-embedded/level

import { mkdir, readFile, watch } from "node:fs/promises";
import { combine, engine, exec, file, print, stream } from "mgmt";

const directory = process.argv[2] ?? "/tmp/mgmt-embedded";
const most = 10;
await mkdir(directory, { recursive: true });

async function readLevel(): Promise<number> {
  const text = await readFile(`${directory}/level`, "utf8").catch(() => "1");
  return Math.min(most, Math.max(0, Math.trunc(Number(text)) || 0));
}

const level = stream(async function* (signal) {
  const changes = watch(directory, { signal });
  yield await readLevel();
  for await (const { filename } of changes) if (filename === "level") yield await readLevel();
});

const started = new Date().toISOString();
const mood = level.map((n) => (n > 7 ? "busy" : "calm"));

const workers = Array.from({ length: most }, (_, index) =>
  file(`${directory}/worker-${index + 1}.conf`, {
    state: level.map((n) => (index < n ? "exists" : "absent")),
    content: level.map((n) => (index < n ? `share = 1/${n}\n` : undefined)),
    mode: "0644",
  }),
);

const overview = file(`${directory}/overview`, {
  state: "exists",
  content: combine([level, mood], (n, word) => `${n} of ${most} workers, ${word}\nsince ${started}\n`),
});

const count = exec(
  "count",
  {
    cmd: `ls ${directory} | grep -c '^worker-'`,
    shell: "/bin/sh",
    env: { PATH: "/usr/bin:/bin" },
    watchfiles: [`${directory}/overview`],
  },
  { depend: [...workers, overview] },
);

const counted = file(`${directory}/counted`, { state: "exists", content: count.sends.stdout });

const told = print("mood", { msg: mood.map((word) => `it is ${word} now`) }, { depend: counted });

const mgmt = engine({ prefix: `${directory}/.state` });
const run = mgmt.run([workers, overview, count, counted, told]);
process.once("SIGINT", () => run.stop());
process.once("SIGTERM", () => run.stop());

for await (const event of run.events()) {
  if (event.type === "said") console.log(event.line);
  if (event.type === "step-applied" && !event.step.says) console.log(event.step.mark, event.resource, event.step.text);
  if (event.type === "failed") console.error(`${event.resource}: ${event.failure.message}`);
}
