// SPDX-License-Identifier: Apache-2.0
// Programs of several files, as a person has them: with a metadata.yaml, a path of their own, and modules that git
// fetches, here from repositories on the same disk.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Ended, eventually, testPrograms, type World } from "./program.ts";

/** A file with the directories above it. */
function put(world: World, name: string, text: string): void {
  mkdirSync(dirname(world.path(name)), { recursive: true });
  writeFileSync(world.path(name), text);
}

function git(world: World, directory: string, ...args: readonly string[]): string {
  const person = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "init.defaultBranch=main"];
  const env = { PATH: process.env["PATH"] ?? "", HOME: world.directory, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", [...person, "-C", world.path(directory), ...args], { env, encoding: "utf8" }).trim();
}

/** A commit with the files in a repository that is cloned by its URL. Returns the URL. */
function publish(world: World, name: string, files: Readonly<Record<string, string>>): string {
  const work = `work/${name}`;
  const bare = `repositories/${name}`;
  if (!existsSync(world.path(work))) {
    mkdirSync(world.path(work), { recursive: true });
    mkdirSync(world.path(bare), { recursive: true });
    git(world, bare, "init", "--quiet", "--bare");
    git(world, work, "init", "--quiet");
  }
  for (const [path, text] of Object.entries(files)) put(world, `${work}/${path}`, text);
  git(world, work, "add", "--all");
  git(world, work, "commit", "--quiet", "--message=Say something else");
  git(world, work, "push", "--quiet", world.path(bare), "HEAD:main");
  return `file://${world.path(bare)}/`;
}

/** A program that takes one module from a repository into its own `modules/`. */
function siteWith(world: World, url: string): void {
  put(world, "site/metadata.yaml", "path: modules/\n");
  put(world, "site/main.mcl", `import "${url}" as greeter\n\ntest $greeter.text {}\n`);
}

function good(ended: Ended): string {
  assert.equal(ended.stderr, "");
  assert.equal(ended.status, 0);
  return ended.stdout;
}

testPrograms("a program with a metadata.yaml, a path, files and modules is checked and graphed", async (world) => {
  put(world, "site/metadata.yaml", "main: code/site.mcl\npath: vendor/\nlicense: MIT\n");
  put(world, "site/code/site.mcl", 'import "near.mcl"\nimport "git://example.org/x/"\n\ntest [$near.x, $x.x] {}\n');
  put(world, "site/code/near.mcl", '$x = "near"\n');
  put(world, "site/files/motd", "welcome\n");
  put(world, "site/vendor/example.org/x/metadata.yaml", "");
  put(world, "site/vendor/example.org/x/main.mcl", 'import "git://example.org/y/"\n\n$x = "x and ${y.y}"\n');
  put(world, "global/example.org/y/metadata.yaml", "");
  put(world, "global/example.org/y/main.mcl", '$y = "y"\n');
  const env = { MGMT_MODULE_PATH: "global/" };
  const expected = "Vertex: test[near]\nVertex: test[x and y]\n";
  assert.equal(good(await world.run(["graph", "site"], { env })), expected);
  assert.equal(good(await world.run(["graph", "--module-path=global", "site/metadata.yaml"])), expected);
  assert.equal(good(await world.run(["check", "site/"], { env })), "");

  const { status, stderr } = await world.run(["check", "site"]);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /"git:\/\/example\.org\/y\/" cannot be imported\n +--> site\/vendor\/example\.org\/x\/main\.mcl:1:8/,
  );
  assert.match(stderr, /::: site\/code\/site\.mcl:2:8/);
});

testPrograms("code on the command line and from standard input imports from the working directory", async (world) => {
  put(world, "lib/words.mcl", '$x = "a"\n');
  const code = 'import "lib/words.mcl"\ntest $words.x {}\n';
  assert.equal(good(await world.run(["graph", code])), "Vertex: test[a]\n");
  assert.equal(good(await world.run(["graph", "-"], { input: code })), "Vertex: test[a]\n");
});

testPrograms("a missing module is fetched with --download, written into mgmt.lock, and then used", async (world) => {
  const url = publish(world, "greeter", { "metadata.yaml": "", "main.mcl": '$text = "hello"\n' });
  siteWith(world, url);
  const { status, stderr } = await world.run(["check", "site"]);
  assert.equal(status, 1);
  assert.match(stderr, /cannot be imported[^]*it is not in site\/modules\/[^]*--download/);

  good(await world.run(["run", "--download", "--only-download", "site"]));
  const lock: unknown = JSON.parse(readFileSync(world.path("site/mgmt.lock"), "utf8"));
  const name = `${world.path("repositories/greeter").slice(1)}/`;
  const commit = git(world, "work/greeter", "rev-parse", "HEAD");
  const { modules } = lock as { modules: Record<string, { url: string; commit: string; sha256: string }> };
  assert.deepEqual(Object.keys(modules), [name]);
  assert.deepEqual({ ...modules[name], sha256: "" }, { url, commit, sha256: "" });
  assert.match(modules[name]?.sha256 ?? "", /^[0-9a-f]{64}$/);
  assert.equal(good(await world.run(["graph", "site"])), "Vertex: test[hello]\n");
});

testPrograms("the commit of mgmt.lock is fetched, however old, until --update", async (world) => {
  const url = publish(world, "greeter", { "metadata.yaml": "", "main.mcl": '$text = "old"\n' });
  siteWith(world, url);
  good(await world.run(["check", "--download", "site"]));
  const lock = readFileSync(world.path("site/mgmt.lock"), "utf8");
  publish(world, "greeter", { "main.mcl": '$text = "new"\n', "more.mcl": "" });

  rmSync(world.path("site/modules"), { recursive: true });
  assert.equal(good(await world.run(["graph", "--download", "site"])), "Vertex: test[old]\n");
  assert.equal(readFileSync(world.path("site/mgmt.lock"), "utf8"), lock);

  assert.equal(good(await world.run(["graph", "--download", "--update", "site"])), "Vertex: test[new]\n");
  assert.notEqual(readFileSync(world.path("site/mgmt.lock"), "utf8"), lock);
  assert.equal(good(await world.run(["graph", "site"])), "Vertex: test[new]\n");
});

testPrograms("a module that is not what mgmt.lock says is refused", async (world) => {
  siteWith(world, publish(world, "greeter", { "metadata.yaml": "", "main.mcl": '$text = "hello"\n' }));
  good(await world.run(["check", "--download", "site"]));
  const inside = `site/modules${world.path("repositories/greeter")}/main.mcl`;
  writeFileSync(world.path(inside), '$text = "something else"\n');
  for (const download of [[], ["--download"]]) {
    const { status, stderr } = await world.run(["check", ...download, "site"]);
    assert.equal(status, 1);
    assert.match(stderr, /is not what mgmt\.lock says: its files were changed/);
    assert.match(stderr, /hint: If the change is wanted/);
  }
});

testPrograms("modules of modules and their submodules are fetched as well", async (world) => {
  const inner = publish(world, "inner", { "metadata.yaml": "", "main.mcl": '$text = "inner"\n' });
  publish(world, "part", { "part.mcl": '$text = "part"\n' });
  mkdirSync(world.path("work/outer"), { recursive: true });
  mkdirSync(world.path("repositories/outer"), { recursive: true });
  git(world, "repositories/outer", "init", "--quiet", "--bare");
  git(world, "work/outer", "init", "--quiet");
  const file = ["-c", "protocol.file.allow=always"];
  git(
    world,
    "work/outer",
    ...file,
    "submodule",
    "--quiet",
    "add",
    "-b",
    "main",
    world.path("repositories/part"),
    "part",
  );
  const url = publish(world, "outer", {
    "metadata.yaml": "",
    "main.mcl": `import "${inner}" as inner\nimport "part/part.mcl"\n\n$text = "outer, \${inner.text}, \${part.text}"\n`,
  });
  siteWith(world, url);
  assert.equal(good(await world.run(["graph", "--download", "site"])), "Vertex: test[outer, inner, part]\n");
  rmSync(world.path("site/modules"), { recursive: true });
  assert.equal(good(await world.run(["graph", "--download", "site"])), "Vertex: test[outer, inner, part]\n");
});

testPrograms("what git cannot fetch is told with what git said, and nothing is asked", async (world) => {
  siteWith(world, `file://${world.path("repositories/nothing")}/`);
  const { status, stderr } = await world.run(["check", "--download", "site"]);
  assert.equal(status, 1);
  assert.match(stderr, /git cannot fetch file:/);
  assert.equal(existsSync(world.path("site/mgmt.lock")), false);

  writeFileSync(world.path("site/main.mcl"), 'import "ext::touch owned %S/x/"\n');
  assert.equal((await world.run(["check", "--download", "site"])).status, 1);
  assert.equal(existsSync(world.path("owned")), false);
});

testPrograms("a lock that cannot be read, and --update alone, are told", async (world) => {
  put(world, "main.mcl", 'test "a" {}\n');
  const update = await world.run(["check", "--update", "main.mcl"]);
  assert.equal(update.status, 1);
  assert.match(update.stderr, /--update fetches modules, so it goes with --download/);
  put(world, "mgmt.lock", "<<<<<<< mine\n");
  const { status, stderr } = await world.run(["check", "main.mcl"]);
  assert.equal(status, 1);
  assert.match(stderr, /mgmt\.lock cannot be used: it is not JSON\.\n {2}hint: /);
});

testPrograms("a run takes up the edit of a module", async (world) => {
  put(
    world,
    "site/main.mcl",
    `import "lib/"\n\nfile "${world.path("out")}" {\n\tcontent => $lib.text,\n\tstate => "exists",\n}\n`,
  );
  put(world, "site/lib/main.mcl", '$text = "one"\n');
  const running = world.start(["run", "--tmp-prefix", "site"]);
  const is = (text: string) => () => existsSync(world.path("out")) && readFileSync(world.path("out"), "utf8") === text;
  await eventually("the file is there", is("one"));
  put(world, "site/lib/main.mcl", '$text = "two"\n');
  await eventually("the edit is taken up", is("two"));
  running.signal("SIGINT");
  assert.equal((await running.ended).status, 0);
});

testPrograms("what comes along is in its standard form and right: modules, and every example", async (world) => {
  const shipped = ["modules", "examples"].map((name) => join(import.meta.dirname, "../..", name));
  assert.equal(good(await world.run(["fmt", "--test", ...shipped])), "");
  const modules = globSync("**/main.mcl", { cwd: shipped[0] }).map((path) => `import "${dirname(path)}"\n`);
  put(world, "modules.mcl", modules.join(""));
  assert.equal(good(await world.run(["check", "modules.mcl"])), "");
  const examples = readdirSync(shipped[1] ?? "")
    .map((name) => join(shipped[1] ?? "", name))
    .filter((example) => existsSync(join(example, "main.mcl"))); // The others are programs in TypeScript.
  const lines = good(await world.run(["graph", "--json", ...examples]))
    .trim()
    .split("\n");
  assert.equal(lines.length, examples.length);
  for (const line of lines) assert.match(line, /"ok":true/);
});

testPrograms("modules of others lie in modules/ beside the program, unless something else is said", async (world) => {
  put(world, "site/main.mcl", 'import "git://example.org/x/"\n\ntest $x.x {}\n');
  put(world, "site/modules/example.org/x/metadata.yaml", "");
  put(world, "site/modules/example.org/x/main.mcl", '$x = "beside"\n');
  put(world, "other/example.org/x/metadata.yaml", "");
  put(world, "other/example.org/x/main.mcl", '$x = "other"\n');
  assert.equal(good(await world.run(["graph", "site"])), "Vertex: test[beside]\n");
  assert.equal(good(await world.run(["graph", "site/main.mcl"])), "Vertex: test[beside]\n");
  assert.equal(good(await world.run(["graph", "--module-path=other", "site"])), "Vertex: test[other]\n");
});
