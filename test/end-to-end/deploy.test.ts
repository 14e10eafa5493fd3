// SPDX-License-Identifier: Apache-2.0
// Deploys as people and hosts see them: several agents on one machine, each a process of its own, that share a store in a
// file, and somebody who deploys to them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { eventually, type Running, testPrograms, type World } from "./program.ts";

const waitMs = 60_000;

class Hosts {
  readonly world: World;
  readonly seeds: string;
  readonly #running = new Map<string, Running>();

  constructor(world: World) {
    this.world = world;
    this.seeds = `--seeds=file:${world.path("store/cluster.db")}`;
  }

  async start(name: string, ...more: readonly string[]): Promise<Running> {
    const args = ["run", "empty", this.seeds, "--hostname", name, "--prefix", this.world.path(name), ...more];
    const running = this.world.start(args, { limitMs: 300_000 });
    this.#running.set(name, running);
    await eventually(`${name} has begun`, () => existsSync(this.world.path(`${name}/journal.db`)), waitMs);
    return running;
  }

  async kill(name: string): Promise<void> {
    this.#running.get(name)?.killGroup();
    await this.#running.get(name)?.ended;
  }

  said(name: string): string {
    return this.#running.get(name)?.stderr ?? "";
  }

  deploy(...args: readonly string[]) {
    return this.world.run(["deploy", this.seeds, ...args], { limitMs: 120_000 });
  }

  /** What its file says. */
  has(name: string): string | undefined {
    const path = this.world.path(`${name}.txt`);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  async all(names: readonly string[], text: string): Promise<void> {
    await eventually(`${names.join()} have ${text}`, () => names.every((name) => this.has(name) === text), waitMs);
  }

  /** Each host writes this text into its own file. */
  writeProgram(text: string, more = ""): void {
    this.world.write(
      "main.mcl",
      `file "${this.world.directory}/\${hostname}.txt" {\n\tstate => "exists",\n\tcontent => "${text}",\n}\n${more}`,
    );
  }
}

testPrograms("hosts take up what is deployed, keep the good one when a bad one comes, and go back", async (world) => {
  const hosts = new Hosts(world);
  hosts.writeProgram("one");
  const early = await hosts.deploy("--no-git", "main.mcl");
  assert.equal(early.status, 0, early.stderr);
  assert.equal(early.stdout, "deployed main.mcl as deploy 1\n");
  await hosts.start("a");
  await hosts.start("b");
  await hosts.all(["a", "b"], "one");
  hosts.writeProgram("two");
  const second = await hosts.deploy("--no-git", "--follow", "main.mcl");
  assert.equal(second.status, 0, second.stderr);
  assert.match(second.stdout, /2 of 2 hosts, 2 well: done\n$/);
  await hosts.all(["a", "b"], "two");

  world.write("bad.mcl", `file "${world.path("x")}" {`);
  const wrong = await hosts.deploy("--no-git", "bad.mcl");
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /is never closed/);
  hosts.writeProgram("three", `file "${world.path("loop")}" {\n\tstate => "wrong",\n}\n`);
  const bad = await hosts.deploy("--no-git", "main.mcl");
  const refused = bad.status === 0 ? 3 : 2;
  if (refused === 3) {
    await eventually("both refuse it", () => ["a", "b"].every((name) => hosts.said(name).includes("deploy 3 is refused")), waitMs); // biome-ignore format: one line
    assert.match(hosts.said("a"), /deploy 2 stays in force/);
  }
  world.write("a.txt", "changed by hand");
  await hosts.all(["a", "b"], "two");

  const back = await hosts.deploy("--rollback", "1", "--follow");
  assert.equal(back.status, 0, back.stderr);
  assert.match(back.stdout, new RegExp(`^deployed main.mcl as deploy ${refused + 1}, as in deploy 1\n`));
  await hosts.all(["a", "b"], "one");
  const history = await hosts.deploy("--history", "--json");
  const lines = history.stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as { id: number; hosts: string[] }); // biome-ignore format: one line
  assert.equal(lines[0]?.id, refused + 1);
  assert.deepEqual(lines[0].hosts, ["a", "b"]);
});

testPrograms("a plan of every host comes first, and changes nothing", async (world) => {
  const hosts = new Hosts(world);
  await hosts.start("a");
  await hosts.start("b");
  hosts.writeProgram("one");
  let planned = await hosts.deploy("--plan", "--timeout=50", "main.mcl");
  for (let attempt = 0; attempt < 20 && !planned.stdout.includes("b:"); attempt += 1) {
    planned = await hosts.deploy("--plan", "--timeout=50", "main.mcl"); // One may have been about to come up.
  }
  assert.equal(planned.status, 2, planned.stderr + planned.stdout);
  assert.match(planned.stdout, /a:\n\+ file\[.*a\.txt\] .*\n[\s\S]*b:\n\+ file\[.*b\.txt\]/);
  assert.equal(hosts.has("a"), undefined);
  assert.equal((await hosts.deploy("--history")).stdout, "nothing was deployed yet\n");
  assert.equal((await hosts.deploy("--no-git", "--follow", "main.mcl")).status, 0);
  const again = await hosts.deploy("--plan", "--timeout=50", "main.mcl");
  assert.equal(again.status, 0, again.stdout);
});

testPrograms("a deploy that is not well on the canary goes no further, and the canary goes back", async (world) => {
  const hosts = new Hosts(world);
  for (const name of ["a", "b", "canary"]) await hosts.start(name);
  hosts.writeProgram("one");
  assert.equal((await hosts.deploy("--no-git", "--follow", "main.mcl")).status, 0);
  await hosts.all(["a", "b", "canary"], "one");
  hosts.writeProgram("two");
  const args = ["--no-git", "--canary=can*", "--waves=50%", "--soak=1", "main.mcl"];
  const stopped = await hosts.deploy("--health=sys.load()->x1 < 0.0", ...args);
  assert.equal(stopped.status, 1, stopped.stdout);
  assert.match(stopped.stdout, /wave 1 of 3: 1 of 3 hosts/);
  assert.doesNotMatch(stopped.stdout, /wave 2/);
  assert.match(stopped.stderr, /deploy 2 has stopped: it has failed on canary \(its health expression is false\)/);
  await hosts.all(["a", "b", "canary"], "one");
  for (const name of ["a", "b"]) assert.doesNotMatch(hosts.said(name), /deploy 2/);
  const done = await hosts.deploy("--health=sys.load()->x1 >= 0.0", ...args);
  assert.equal(done.status, 0, done.stderr + done.stdout);
  assert.match(done.stdout, /wave 1 of 3: 1 of 3 hosts[\s\S]*wave 3 of 3: 3 of 3 hosts, 3 well: done\n$/);
  await hosts.all(["a", "b", "canary"], "two");
  const wrong = await hosts.deploy("--health=nothing.at_all()", ...args);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /the health expression/);
});

testPrograms("a host that has keys takes only what one of them has signed", async (world) => {
  const hosts = new Hosts(world);
  const openssl = (...args: readonly string[]): void => void execFileSync("openssl", args, { cwd: world.directory });
  for (const name of ["key", "stranger"]) openssl("genpkey", "-algorithm", "ed25519", "-out", `${name}.pem`);
  openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem");
  await hosts.start("a", "--deploy-keys=public.pem");
  mkdirSync(world.path("b"));
  writeFileSync(world.path("b/deploy-keys.pem"), readFileSync(world.path("public.pem")));
  await hosts.start("b");
  hosts.writeProgram("one");
  const told = (words: string) =>
    eventually(words, () => ["a", "b"].every((name) => hosts.said(name).includes(words)), waitMs);
  assert.equal((await hosts.deploy("--no-git", "main.mcl")).status, 0);
  await told("deploy 1 is refused: it is not signed");
  assert.equal((await hosts.deploy("--no-git", "--sign=stranger.pem", "main.mcl")).status, 0);
  await told("deploy 2 is refused: it is signed with a key that is not known here");
  assert.equal(hosts.has("a"), undefined);
  assert.equal((await hosts.deploy("--no-git", "--sign=key.pem", "main.mcl")).status, 0);
  await hosts.all(["a", "b"], "one");
  assert.match((await hosts.deploy("--plan", "main.mcl")).stdout, /a, b: it is not signed/);
});

testPrograms("a deploy is a commit that follows the one before", async (world) => {
  const hosts = new Hosts(world);
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=You", "-c", "user.email=you@example.org", ...args], { cwd: world.directory, encoding: "utf8" }); // biome-ignore format: one line
  hosts.writeProgram("one");
  const outside = await hosts.deploy("main.mcl");
  assert.equal(outside.status, 1);
  assert.match(outside.stderr, /Deploy from a git repository, or with --no-git/);
  git("init", "--quiet");
  world.write(".gitignore", "store/\n.cache/\n.local/\n");
  assert.match((await hosts.deploy("main.mcl")).stderr, /changes that are not committed/);
  const commit = (text: string): string => {
    hosts.writeProgram(text);
    git("add", ".");
    git("commit", "--quiet", "-m", text);
    return git("rev-parse", "HEAD").trim();
  };
  const first = commit("one");
  const deployed = await hosts.deploy("--json", "main.mcl");
  assert.equal(deployed.status, 0, deployed.stderr);
  assert.equal((JSON.parse(deployed.stdout) as { commit: string }).commit, first);
  const nothing = await hosts.deploy("main.mcl");
  assert.equal(nothing.status, 1);
  assert.match(nothing.stderr, /nothing new to deploy: deploy 1 is of this commit/);
  commit("two");
  commit("three");
  const skipped = await hosts.deploy("main.mcl");
  assert.equal(skipped.status, 1);
  assert.match(skipped.stderr, /does not follow the newest deploy, 1/);
  assert.equal((await hosts.deploy("--force", "main.mcl")).status, 0);
  commit("four");
  assert.equal((await hosts.deploy("main.mcl")).status, 0);
});

testPrograms(
  "a host that is killed at any instant begins with a whole deploy, without waiting for another",
  async (world) => {
    const hosts = new Hosts(world);
    await hosts.start("a");
    let last = 0;
    for (const text of ["one", "two", "three", "four"]) {
      hosts.writeProgram(text);
      assert.equal((await hosts.deploy("--no-git", "main.mcl")).status, 0);
      await new Promise((resolve) => setTimeout(resolve, 40 * last));
      last += 1;
      await hosts.kill("a");
      await hosts.start("a");
    }
    await hosts.all(["a"], "four");
    await hosts.kill("a");
    world.write("a.txt", "changed while it was down");
    // The store is lost for good: an empty one is in its place.
    execFileSync("rm", ["-r", world.path("store")]);
    await hosts.start("a");
    await hosts.all(["a"], "four");
  },
);

testPrograms("what does not fit together is refused", async (world) => {
  const without = await world.run(["deploy", "--no-git", "main.mcl"]);
  assert.equal(without.status, 1);
  assert.match(without.stderr, /Nothing says which hosts this is for\.\n {2}hint: Give --seeds/);
  const hosts = new Hosts(world);
  assert.equal((await hosts.deploy()).status, 2);
  hosts.writeProgram("one");
  const wave = await hosts.deploy("--no-git", "--waves=0%", "main.mcl");
  assert.equal(wave.status, 1);
  assert.match(wave.stderr, /0% is no wave/);
  assert.equal((await hosts.deploy("--rollback")).status, 1);
  assert.equal((await hosts.deploy("--stop")).status, 1);
  const seed = await world.run(["run", "--once", "--seeds=nowhere", "main.mcl"]);
  assert.match(
    seed.stderr,
    /store does not answer: http:\/\/nowhere:2379: .*what was known of other hosts stays in force/,
  );
  assert.equal((await world.run(["deploy", "--help"])).status, 0);
});

testPrograms(
  "a host that is alone takes up what is deployed beside it",
  async (world) => {
    const prefix = ["--prefix", world.path("state")];
    const deploy = (...words: readonly string[]) => world.run(["deploy", ...prefix, ...words], { limitMs: 120_000 });
    const write = (text: string): void => {
      world.write("main.mcl", `file "${world.path("seen")}" {\n\tstate => "exists",\n\tcontent => "${text}",\n}\n`);
    };
    const seen = (text: string) => (): boolean =>
      existsSync(world.path("seen")) && readFileSync(world.path("seen"), "utf8") === text;
    write("one");
    const nobody = await deploy("--no-git", "main.mcl");
    assert.notEqual(nobody.status, 0, "mgmt never ran there");
    const running = world.start(["run", "empty", "--hostname=web1", ...prefix], { limitMs: 300_000 });
    await eventually("it runs", async () => (await world.run(["status", ...prefix])).status === 0, waitMs);

    const first = await deploy("--no-git", "--follow", "main.mcl");
    assert.deepEqual([first.status, first.stderr], [0, ""]);
    assert.match(first.stdout, /^deployed main\.mcl as deploy 1\n(.*\n)*1 of 1 hosts, 1 well: done\n$/);
    assert.ok(seen("one")());
    write("two");
    const planned = await deploy("--no-git", "--plan", "main.mcl");
    assert.match(planned.stdout, /web1/);
    assert.match(planned.stdout, /file\[.*seen\]/);
    assert.equal((await deploy("--no-git", "--canary=web1", "--soak=0", "main.mcl")).status, 0);
    assert.ok(seen("two")());
    assert.equal((await deploy("--rollback")).status, 0);
    await eventually("it goes back", seen("one"), waitMs);
    assert.match((await deploy("--history")).stdout, /^3 .* as in 1, on 1 host$/m);

    running.signal("SIGTERM");
    await running.ended;
    write("three");
    const early = await deploy("--no-git", "main.mcl");
    assert.equal(early.status, 0);
    assert.match(early.stderr, /no mgmt runs here now\n {2}hint: `mgmt run empty` takes it up/);
    world.start(["run", "empty", "--hostname=web1", ...prefix], { limitMs: 300_000 });
    await eventually("the next run takes it up", seen("three"), waitMs);
  },
  { timeout: 300_000 },
);

testPrograms("whoever deploys beside a run of one program is told that it takes up none", async (world) => {
  const prefix = ["--prefix", world.path("state")];
  world.write("main.mcl", "");
  for (const seeds of [[], [`--seeds=file:${world.path("shared.db")}`]]) {
    const running = world.start(["run", ...seeds, ...prefix, "main.mcl"]);
    await eventually("it runs", async () => (await world.run(["status", ...prefix])).status === 0, waitMs);
    const { status, stderr } = await world.run(["deploy", "--no-git", ...prefix, "main.mcl"]);
    assert.equal(status, 0);
    assert.match(stderr, /runs main\.mcl, and takes up no deploys\n {2}hint: begin it as `mgmt run empty`/);
    running.signal("SIGTERM");
    await running.ended;
  }
});
