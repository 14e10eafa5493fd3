// SPDX-License-Identifier: Apache-2.0
// `npm run bench` runs the benchmark of whole programs; `npm run bench -- NAME …` another one, with what follows its name.

const benchmarks: Readonly<Record<string, () => Promise<unknown>>> = {
  main: () => import("./main.ts"),
  check: () => import("./check.ts"),
  crowd: () => import("./crowd.ts"),
  exchange: () => import("./exchange.ts"),
  engine: () => import("./engine.ts"),
  fleet: () => import("./fleet.ts"),
  "function-graph": () => import("./function-graph.ts"),
  fuzz: () => import("./fuzz.ts"),
  histories: () => import("./histories.ts"),
  "host-files": () => import("./host-files.ts"),
  membership: () => import("./membership.ts"),
  parse: () => import("./parse.ts"),
  provision: () => import("./provision.ts"),
  "resource-graph": () => import("./resource-graph.ts"),
  server: () => import("./server.ts"),
  servers: () => import("./servers.ts"),
  updates: () => import("./updates.ts"),
};

const [name = "main"] = process.argv.splice(2, 1);
const run = benchmarks[name];
if (run === undefined) {
  console.error(`There is no benchmark ${name}, but ${Object.keys(benchmarks).join(", ")}.`);
  process.exitCode = 2;
} else {
  await run();
}
