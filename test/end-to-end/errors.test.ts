// SPDX-License-Identifier: Apache-2.0
// What a person gets for the common mistakes and refusals: place, reason, hint, exit status, and nothing half done.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { programs, testPrograms, World } from "./program.ts";

/** The status and the parts of the message that a person acts on, in their order. */
function testRefused(
  title: string,
  program: string,
  expected: { readonly status: number; readonly says: readonly RegExp[] },
): void {
  testPrograms(title, async (world) => {
    world.write("main.mcl", program.replaceAll("HERE", world.directory));
    const { status, stdout, stderr } = await world.run(["run", "--once", "--tmp-prefix", "main.mcl"], {
      env: { TMPDIR: world.directory },
    });
    assert.equal(stdout, "");
    for (const part of expected.says) assert.match(stderr, part);
    assert.equal(status, expected.status, stderr);
    assert.doesNotMatch(stderr, /\n {4}at .*\.(ts|js):\d+/, "no stack");
  });
}

testRefused("a syntax error points at the place", `file "HERE/x" {\n\tcontent => "a"\n}\n`, {
  status: 1,
  says: [/comma/, /main\.mcl:2:16/, /\^/, /hint: /],
});
testRefused("a type error names both types", `file "HERE/x" {\n\tcontent => 42,\n}\n`, {
  status: 1,
  says: [/content.*str.*int/, /main\.mcl:2:13/, /hint: /],
});
testRefused("an unknown kind suggests the nearest", `fiel "HERE/x" {\n\tcontent => "a",\n}\n`, {
  status: 1,
  says: [/fiel/, /main\.mcl:1:1/, /Did you mean `file`/],
});
testRefused("an unknown field suggests the nearest", `file "HERE/x" {\n\tcontents => "a",\n}\n`, {
  status: 1,
  says: [/contents/, /main\.mcl:2:2/, /Did you mean `content`/],
});
testRefused("a circle is shown whole", `noop ["a", "b"] {}\nNoop["a"] -> Noop["b"]\nNoop["b"] -> Noop["a"]\n`, {
  status: 1,
  says: [/noop\[a\] -> noop\[b\] -> noop\[a\]/, /main\.mcl:2:1/],
});
testRefused("a missing command says what to install", `exec "frobnicate --now" {}\n`, {
  status: 3,
  says: [/exec\[frobnicate --now\].*frobnicate is not installed/, /main\.mcl:1:1/, /hint: /],
});
testRefused(
  "a missing directory says what to declare",
  `file "HERE/no/such/x" {\n\tstate => "exists",\n\tcontent => "a",\n}\n`,
  {
    status: 3,
    says: [/no\/such does not exist/, /main\.mcl:1:1/, /hint: /],
  },
);
testRefused("several mistakes are all shown", `$x = 1 +\n\nfile "HERE/x" {\n\tcontent => "a"\n}\n`, {
  status: 1,
  says: [/main\.mcl:1:/, /main\.mcl:4:/, /2 problems/],
});

testPrograms("a path that may not be written is refused, and what can be done is done", async (world) => {
  const closed = world.path("closed");
  mkdirSync(closed);
  writeFileSync(join(closed, "old"), "old");
  chmodSync(closed, 0o555);
  const file = (path: string): string => `file "${path}" {\n\tstate => "exists",\n\tcontent => "new",\n}\n`;
  world.write("main.mcl", `${file(`${closed}/new`)}\n${file(`${closed}/old`)}\n${file(world.path("open"))}`);
  const { status, stderr } = await world.run(["run", "--once", "--tmp-prefix", "main.mcl"], {
    env: { TMPDIR: world.directory },
    powerless: process.getuid?.() === 0,
  });
  for (const [name, line] of [
    ["new", 1],
    ["old", 6],
  ] as const) {
    const refusal = `error: file\\[(.*)/closed/${name}\\]: cannot write \\1/closed/${name}: permission denied\n  at main\\.mcl:${line}:1\n  hint: Run as root, `;
    assert.match(stderr, new RegExp(refusal));
  }
  assert.equal(status, 3);
  assert.deepEqual(readdirSync(closed), ["old"]);
  assert.equal(readFileSync(join(closed, "old"), "utf8"), "old");
  assert.equal(readFileSync(world.path("open"), "utf8"), "new");
  chmodSync(closed, 0o755);
});

test("a full disk and one that is read-only are refused, and the old file stays whole", {
  skip: process.getuid?.() === 0 ? false : "only root can mount a small disk",
}, async () => {
  for (const program of programs) {
    const world = new World(program);
    const disk = world.path("disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", disk]);
    try {
      writeFileSync(`${disk}/a`, "old");
      world.write("main.mcl", `file "${disk}/a" {\n\tstate => "exists",\n\tcontent => "${"x".repeat(100_000)}",\n}\n`);
      const options = { env: { TMPDIR: world.directory } };
      const full = await world.run(["run", "--once", "--tmp-prefix", "main.mcl"], options);
      assert.match(
        full.stderr,
        /: cannot write .*\/a: no space is left on the file system\n {2}at main\.mcl:1:1\n {2}hint: Make room: /,
      );
      assert.equal(full.status, 3);
      assert.equal(readFileSync(`${disk}/a`, "utf8"), "old");
      assert.deepEqual(readdirSync(disk), ["a"]);
      world.write("new.mcl", readFileSync(world.path("main.mcl"), "utf8").replace(`${disk}/a`, `${disk}/b`));
      assert.equal((await world.run(["run", "--once", "--tmp-prefix", "new.mcl"], options)).status, 3);
      assert.deepEqual(readdirSync(disk), ["a"], "nothing half-written of a file that is new");
      execFileSync("mount", ["-o", "remount,ro", disk]);
      const readOnly = await world.run(["run", "--once", "--tmp-prefix", "main.mcl"], options);
      assert.match(readOnly.stderr, /read-only.*\n {2}at main\.mcl:1:1\n {2}hint: /);
      assert.equal(readOnly.status, 3);
    } finally {
      execFileSync("umount", [disk]);
      world.end();
    }
  }
});

testPrograms("check and graph print one line of JSON for each path", async (world) => {
  world.write("good.mcl", `noop ["a", "b"] {}\n\nNoop["a"] -> Noop["b"]\n`);
  world.write("bad.mcl", `noop "a" {\n\tnosuch => 1,\n}\n`);
  const { status, stdout, stderr } = await world.run(["graph", "--json", "good.mcl", "bad.mcl", "none.mcl"]);
  assert.equal(status, 1);
  assert.equal(stderr, "");
  const [good, bad, none] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(good, {
    version: 1,
    path: "good.mcl",
    ok: true,
    problems: [],
    vertices: ["noop[a]", "noop[b]"],
    edges: [["noop[a]", "noop[b]"]],
  });
  assert.equal(bad?.ok, false);
  assert.equal(bad?.phase, "unify");
  const [problem] = (bad?.problems ?? []) as readonly Record<string, unknown>[];
  assert.deepEqual([problem?.code, problem?.file, problem?.line, problem?.column], ["unknown-field", "bad.mcl", 2, 2]);
  assert.equal(none?.ok, false);
  const checked = await world.run(["check", "--json", "good.mcl"]);
  assert.equal(checked.status, 0);
  assert.equal((JSON.parse(checked.stdout) as Record<string, unknown>).ok, true);
});

testPrograms("check --skip-unify looks at the form and at names, and leaves the types out", async (world) => {
  world.write("types.mcl", 'file "/a" {\n\tcontent => 42,\n}\n');
  world.write("names.mcl", 'file "/a" {\n\tcontent => $nosuch,\n}\n');
  world.write("form.mcl", 'file "/a" {\n\tcontent => \n}\n');
  for (const [file, phase, skipped] of [
    ["types.mcl", "unify", undefined],
    ["names.mcl", "scope", "scope"],
    ["form.mcl", "lexparse", "lexparse"],
  ] as const) {
    for (const [options, expected] of [
      [[], phase],
      [["--skip-unify"], skipped],
    ] as const) {
      const { status, stdout, stderr } = await world.run(["check", "--json", ...options, file]);
      assert.equal(stderr, "");
      const { ok, phase: found } = JSON.parse(stdout) as Record<string, unknown>;
      assert.deepEqual([ok, found, status], [expected === undefined, expected, expected === undefined ? 0 : 1], file);
    }
  }
});

testPrograms("fmt rewrites in place, and --test only tells", async (world) => {
  world.write("main.mcl", `$x   =  [1,2]\nnoop "a" {}\n`);
  const told = await world.run(["fmt", "--test", "."]);
  assert.deepEqual([told.status, told.stdout], [1, "main.mcl\n"]);
  assert.equal((await world.run(["fmt"])).status, 0);
  assert.equal(readFileSync(world.path("main.mcl"), "utf8"), `$x = [1, 2]\nnoop "a" {}\n`);
  assert.equal((await world.run(["fmt", "--test"])).status, 0);
  const piped = await world.run(["fmt", "-"], { input: "$x   = 1\n" });
  assert.equal(piped.stdout, "$x = 1\n");
});

testPrograms("bad usage ends with status 2, and the report tells what became of each resource", async (world) => {
  for (const args of [
    ["run"],
    ["run", "--nonsense", "x.mcl"],
    ["nonsense"],
    ["run", "--converged-timeout=soon", "x.mcl"],
    ["run", "a", "b"],
  ]) {
    const { status, stdout, stderr } = await world.run(args);
    assert.equal(status, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, /^mgmt: .*\n {2}hint: /);
  }
  const misspelt = await world.run(["rnu", "--once", "x.mcl"]);
  assert.equal(misspelt.stderr, "mgmt: there is no command rnu\n  hint: did you mean mgmt run?\n");
  world.write(
    "main.mcl",
    `file "${world.path("a")}" {\n\tstate => "exists",\n\tcontent => "x",\n}\n\nexec "false" {}\n\nnoop "after" {\n\tDepend => Exec["false"],\n}\n`,
  );
  const { status } = await world.run(["run", "--once", "--tmp-prefix", "--report=report.json", "main.mcl"], {
    env: { TMPDIR: world.directory },
  });
  assert.equal(status, 3);
  const lines = readFileSync(world.path("report.json"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map((line) => [line.kind, line.name, line.state]),
    [
      ["exec", "false", "failed"],
      ["file", world.path("a"), "settled"],
      ["noop", "after", "blocked"],
    ],
  );
  assert.deepEqual(lines[1]?.fields, { state: "exists", content: "x" });
  assert.equal(lines[2]?.blockedBy, "exec[false]");
});

testPrograms("check and graph take the command lines of the original", async (world) => {
  world.write("site.mcl", 'test "a" {}\n');
  const options = ["--skip-fmt", "--unify-name=fastsolver", "--depth=3", "--retry", "2"];
  for (const args of [
    ["check", "lang", "site.mcl"],
    ["check", ...options, "lang", "site.mcl"],
    ["check", "lang", "site.mcl", ...options],
  ]) {
    assert.equal((await world.run(args)).status, 0, args.join(" "));
  }
  assert.equal((await world.run(["graph", "lang", "site.mcl"])).stdout, "Vertex: test[a]\n");
  // What is there counts as a path.
  world.write("lang", "");
  assert.equal((await world.run(["graph", "--json", "lang", "site.mcl"])).stdout.split("\n").length, 3);
});

testPrograms("a program is checked for another host", async (world) => {
  world.write("site.mcl", 'if $hostname == "web1" {\n\tsvc "a" { state => "runing", }\n}\n');
  assert.equal((await world.run(["check", "site.mcl"])).status, 0);
  assert.equal((await world.run(["check", "--hostname=web1", "site.mcl"])).status, 1);
});
