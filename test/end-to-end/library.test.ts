// SPDX-License-Identifier: Apache-2.0
// The package as another project uses it: imported by its name, run by Node.js as it is, checked by a compiler with
// other options than ours.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { eventually } from "./program.ts";

const root = join(import.meta.dirname, "../..");

/** A project of its own; `mgmt` is what npm makes of a dependency on a directory. */
class Project {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "mgmt-library-")));

  constructor() {
    this.write("package.json", JSON.stringify({ type: "module", dependencies: { mgmt: `file:${root}` } }));
    mkdirSync(this.path("node_modules"));
    symlinkSync(root, this.path("node_modules/mgmt"));
    symlinkSync(join(root, "node_modules/@types"), this.path("node_modules/@types"));
    symlinkSync(join(root, "node_modules/undici-types"), this.path("node_modules/undici-types"));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  start(program: string, args: readonly string[]) {
    const child = spawn(program, args, { cwd: this.directory, stdio: ["ignore", "pipe", "pipe"] });
    const running = { child, output: "", ended: Promise.resolve<number | null>(null) };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        running.output += text;
      });
    }
    running.ended = new Promise((resolve) => {
      child.once("close", resolve);
    });
    return running;
  }

  /** What the compiler says of these files, with options that a new project has. */
  async compile(files: readonly string[], more: object = {}): Promise<string> {
    const options = { target: "es2024", module: "nodenext", noEmit: true, types: ["node"], ...more };
    this.write("tsconfig.json", JSON.stringify({ compilerOptions: options, files }));
    const compiler = this.start(join(root, "node_modules/.bin/tsc"), ["--project", "."]);
    await compiler.ended;
    return compiler.output;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const strictest = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedParameters: true,
};

test("a program of another project makes files, by its package name and without a build", async () => {
  using project = new Project();
  project.write(
    "main.ts",
    `import { cell, engine, exec, file } from "mgmt";
const level = cell(7);
const here = import.meta.dirname;
const greeting = exec("greeting", { cmd: "/bin/echo hello" });
const mgmt = engine({ prefix: \`\${here}/state\` });
const run = mgmt.run([
  file(\`\${here}/made/\`, { state: "exists" }),
  file(\`\${here}/made/level\`, { state: "exists", content: level.map((n) => \`\${n}\\n\`) }),
  greeting,
  file(\`\${here}/made/greeting\`, { state: "exists", content: greeting.sends.stdout }),
]);
await run.converged();
level.set(8);
await run.converged();
const { ok } = await run.stop();
console.log(ok);
`,
  );
  assert.equal(await project.compile(["main.ts"], strictest), "");
  const run = project.start(process.execPath, ["main.ts"]);
  assert.equal(await run.ended, 0, run.output);
  assert.equal(run.output, "true\n");
  assert.equal(readFileSync(project.path("made/level"), "utf8"), "8\n");
  assert.equal(readFileSync(project.path("made/greeting"), "utf8"), "hello\n");
});

test("a wrong field, value, kind of value or sent value is an error of the compiler, and the field is suggested", async () => {
  using project = new Project();
  project.write(
    "main.ts",
    `import { cell, engine, exec, file, test } from "mgmt";
file("/a", { contents: "x" });
file("/a", { state: "there" });
file("/a", { content: cell(7) });
file("/a", { content: test("t").sends.answer });
file("/a", { content: exec("e").sends.standardoutput });
file("/a", {}, { meta: { retries: 3 } });
engine().run(["file"]);
file("/a", { content: ["text"] });
`,
  );
  const messages = (await project.compile(["main.ts"], { strict: true }))
    .split("\n")
    .filter((line) => line.startsWith("main"));
  assert.deepEqual(
    messages.map((line) => Number(/^main\.ts\((\d+)/.exec(line)?.[1])),
    [2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.match(messages[0] ?? "", /'contents' does not exist in type 'FileFields'/);
  assert.match(messages[0] ?? "", /Did you mean to write 'content'|'content'/);
});

test("a mistake that only the engine can see is shown with its line in the TypeScript source", async () => {
  using project = new Project();
  project.write(
    "main.ts",
    'import { engine, file } from "mgmt";\nconst motd = file("motd", { state: "exists" });\nawait engine({ prefix: "state" }).once(motd);\n',
  );
  const run = project.start(process.execPath, ["main.ts"]);
  assert.equal(await run.ended, 1);
  assert.match(run.output, /--> main\.ts:2:14\n {3}\|\n 2 \| const motd = file\("motd", .*\n {3}\| {14}\^\^\^\^\n/);
});

test("every program in the guide compiles", async () => {
  using project = new Project();
  const guide = readFileSync(join(root, "docs/library.md"), "utf8");
  const programs = [...guide.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text = ""], index) => ({
    name: `guide-${index + 1}.ts`,
    text,
  }));
  assert.equal(programs.length >= 8, true);
  for (const { name, text } of programs) project.write(name, text);
  assert.equal(
    await project.compile(
      programs.map(({ name }) => name),
      strictest,
    ),
    "",
  );
});

test("the embedded example compiles, follows its level and ends when it is told to", async () => {
  using project = new Project();
  cpSync(join(root, "examples/embedded/main.ts"), project.path("main.ts"));
  assert.equal(await project.compile(["main.ts"], strictest), "");
  const place = project.path("place");
  const run = project.start(process.execPath, ["main.ts", place]);
  try {
    const has = (name: string, text: string) => () =>
      existsSync(join(place, name)) && readFileSync(join(place, name), "utf8").startsWith(text);
    await eventually("one worker", has("counted", "1\n"));
    writeFileSync(join(place, "level"), "8\n");
    await eventually("eight workers", has("counted", "8\n"));
    assert.equal(existsSync(join(place, "worker-8.conf")), true);
    writeFileSync(join(place, "level"), "2\n");
    await eventually("two workers", has("counted", "2\n"));
    assert.equal(existsSync(join(place, "worker-8.conf")), false);
    await eventually("its mood is told", () => /it is busy now\n[^]*it is calm now\n/.test(run.output));
  } finally {
    run.child.kill("SIGTERM");
  }
  assert.equal(await run.ended, 0, run.output);
});
