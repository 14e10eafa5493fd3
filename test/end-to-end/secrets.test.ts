// SPDX-License-Identifier: Apache-2.0
// A password goes from one resource to others, and into nothing that is shown or kept about it.

import assert from "node:assert/strict";
import { globSync, readFileSync, rmSync, statSync } from "node:fs";
import { testPrograms, type World } from "./program.ts";

function writeProgram(world: World): void {
  world.write(
    "main.mcl",
    [
      `password "app" {\n\tlength => 40,\n\tsaved => true,\n}`,
      `file "${world.path("kept")}" {\n\tstate => "exists",\n\tmode => "0600",\n}`,
      `print "it" {}`,
      `value "it" {}`,
      `file "${world.path("again")}" {\n\tstate => "exists",\n}`,
      `file "${world.path("nowhere/file")}" {\n\tstate => "exists",\n}`,
      `Password["app"].password -> File["${world.path("kept")}"].content`,
      `Password["app"].password -> Print["it"].msg`,
      `Password["app"].password -> Value["it"].any`,
      `Value["it"].any -> File["${world.path("again")}"].content`,
      `Password["app"].hash -> File["${world.path("nowhere/file")}"].content`,
      "",
    ].join("\n"),
  );
}

const stateFiles = (world: World) => globSync("state/**/*", { cwd: world.directory }).map((name) => world.path(name));
const isSecretFile = (path: string) => /\/(?:password|hash)$/.test(path);

testPrograms("a password reaches those who receive it, and nobody else", async (world) => {
  writeProgram(world);
  const setting = ["--prefix", world.path("state")];
  const texts = new Map<string, string>();
  const run = async (name: string, args: readonly string[]) => {
    const { stdout, stderr } = await world.run(args);
    texts.set(name, stdout + stderr);
    return { stdout, stderr };
  };
  const planned = await run("plan", ["plan", ...setting, "--out=it.plan", "main.mcl"]);
  assert.match(planned.stdout, /depends on password\[app\]\.password/);
  await run("run", ["run", ...setting, "--converged-timeout=0", `--report=${world.path("report")}`, "main.mcl"]);
  const secret = readFileSync(world.path("kept"), "utf8");
  assert.match(secret, /^[A-Za-z]{40}$/);
  assert.equal(readFileSync(world.path("again"), "utf8"), secret);
  const second = await run("second run", ["run", ...setting, "--converged-timeout=0", "--json", "main.mcl"]);
  assert.equal(readFileSync(world.path("kept"), "utf8"), secret, second.stdout);
  for (const args of [["status"], ["events"], ["why", `file[${world.path("kept")}]`], ["events", "--json"]]) {
    await run(args.join(" "), [...args, ...setting]);
  }
  const secretFiles = stateFiles(world).filter(isSecretFile);
  assert.equal(secretFiles.length, 2);
  for (const path of secretFiles) assert.equal(statSync(path).mode & 0o077, 0);
  const hash = readFileSync(secretFiles.find((path) => path.endsWith("/hash")) ?? "", "utf8").trim();
  for (const path of secretFiles) rmSync(path);
  await run("plan of another one", ["plan", ...setting, "main.mcl"]);
  assert.match(texts.get("plan of another one") ?? "", /generate a password of 40 letters/);
  await run("run with another one", ["run", ...setting, "--converged-timeout=0", "main.mcl"]);
  assert.notEqual(readFileSync(world.path("kept"), "utf8"), secret);

  texts.set("report", readFileSync(world.path("report"), "utf8"));
  texts.set("kept plan", readFileSync(world.path("it.plan"), "utf8"));
  for (const path of stateFiles(world).filter((each) => statSync(each).isFile() && each.includes("journal"))) {
    texts.set(path, readFileSync(path, "latin1"));
  }
  assert.ok([...texts.keys()].some((name) => name.includes("journal.db")));
  for (const [name, text] of texts) {
    assert.ok(text.length > 0, name);
    for (const hidden of [secret, hash, hash.slice(-40)])
      assert.ok(!text.includes(hidden), `${name} shows it: ${text}`);
  }
  assert.match(texts.get("report") ?? "", /"content":"<secret>"/);
  assert.match(texts.get("run") ?? "", /<secret>/);
});
