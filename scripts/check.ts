// SPDX-License-Identifier: Apache-2.0
// `npm run check`: everything that can be said about the sources without running them, side by side, in seconds.
// Changes nothing; `npm run format` writes the formatting.

import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const node = process.execPath;
const bin = (name: string) => join("node_modules/.bin", name);

const checks: readonly { readonly name: string; readonly argv: readonly [string, ...string[]] }[] = [
  { name: "types", argv: [bin("tsc"), "--project", "."] },
  { name: "lint", argv: [bin("oxlint"), "--format=unix", "--deny-warnings"] },
  { name: "format", argv: [bin("biome"), "format", "--reporter=summary", "."] },
  { name: "layers", argv: [node, "scripts/test.ts", "test/architecture.test.ts"] },
  { name: "unused", argv: [bin("knip"), "--no-progress"] },
];

const results = await Promise.all(checks.map(async (check) => ({ ...check, ...(await run(check.argv)) })));
for (const { name, status, ms, output } of results) {
  console.log(`${status === 0 ? "ok   " : "FAIL "} ${name.padEnd(7)} ${(ms / 1000).toFixed(1)} s`);
  if (status !== 0) console.log(output.trimEnd().replaceAll(/^/gm, "      "));
}
process.exit(results.every(({ status }) => status === 0) ? 0 : 1);

async function run([program, ...args]: readonly [string, ...string[]]) {
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<number>();
  // The tools are scripts that ask the PATH for their Node.js: it must be the pinned one.
  const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}` };
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  child.once("error", (reason) => {
    output += String(reason);
    resolve(1);
  });
  child.once("close", (status) => resolve(status ?? 1));
  const status = await promise;
  return { status, output, ms: performance.now() - started };
}
