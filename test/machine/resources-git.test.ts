// SPDX-License-Identifier: Apache-2.0
// `git` with the real program and repositories on this machine.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { notTried, proves } from "../proofs.ts";
import type { AnyWant } from "../../src/contract/resource.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { git } from "../../src/resources/git/git.ts";
import { type DrivenResource, drive } from "../resource.ts";

const environment = {
  ...process.env,
  GIT_AUTHOR_NAME: "test",
  GIT_AUTHOR_EMAIL: "test@example.com",
  GIT_COMMITTER_NAME: "test",
  GIT_COMMITTER_EMAIL: "test@example.com",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

function run(directory: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("git", ["-C", directory, ...args], {
    encoding: "utf8",
    env: environment,
  });
  assert.equal(status, 0, `git ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

interface Place {
  readonly directory: string;
  /** A repository with one commit on main. */
  readonly repository: string;
  readonly path: string;
  readonly commit: (name: string, content: string) => string;
  readonly tree: (fields?: AnyWant, signal?: AbortSignal) => DrivenResource;
}

async function inPlace(
  context: { diagnostic(message: string): void },
  task: (place: Place) => Promise<void>,
): Promise<void> {
  if (spawnSync("git", ["--version"]).status !== 0) {
    notTried(context, "git is not installed");
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), "mgmt-git-"));
  try {
    const [repository, path] = [join(directory, "repository"), join(directory, "tree")];
    run(directory, "init", "--quiet", "--initial-branch=main", repository);
    const commit = (name: string, content: string) => {
      writeFileSync(join(repository, name), content);
      run(repository, "add", "--all");
      run(repository, "commit", "--quiet", "--message", `${name}: ${content}`);
      return run(repository, "rev-parse", "HEAD");
    };
    commit("page", "one");
    const tree = (fields: AnyWant = {}, signal?: AbortSignal) => {
      const options = { stateDirectory: join(directory, "state"), ...(signal === undefined ? {} : { signal }) };
      return drive(git, path, { url: repository, ...fields }, linuxHost(), options);
    };
    await task({ directory, repository, path, commit, tree });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function settled(resource: DrivenResource): Promise<readonly string[]> {
  const done = await resource.settle();
  assert.deepEqual(await resource.plan(), []);
  return done;
}

test("a tree is cloned, follows its branch on the event, and goes to tags and commits", (context) =>
  inPlace(context, async ({ repository, path, commit, tree }) => {
    const first = run(repository, "rev-parse", "HEAD");
    run(repository, "tag", "--annotate", "--message", "first", "v1");
    const stop = new AbortController();
    const resource = tree({}, stop.signal);
    await settled(resource);
    assert.equal(readFileSync(join(path, "page"), "utf8"), "one");
    assert.equal(run(path, "symbolic-ref", "--short", "HEAD"), "main");
    assert.equal(run(path, "status", "--porcelain"), "");
    const watch = resource.watch();
    await watch.next();
    assert.deepEqual(await resource.plan(), []);
    commit("page", "two");
    while ((await resource.plan()).length === 0) await watch.next();
    await settled(resource);
    assert.equal(readFileSync(join(path, "page"), "utf8"), "two");
    stop.abort();
    for (const revision of ["v1", first, first.slice(0, 9)]) {
      await settled(tree({ revision }));
      assert.equal(readFileSync(join(path, "page"), "utf8"), "one", revision);
      await settled(tree({ revision: "main" }));
    }
    run(repository, "reset", "--quiet", "--hard", "HEAD~1");
    commit("page", "rewritten");
    await settled(tree());
    assert.equal(readFileSync(join(path, "page"), "utf8"), "rewritten");
  }));

test("looking at a tree is no event of it", (context) =>
  inPlace(context, async ({ tree }) => {
    const stop = new AbortController();
    const resource = tree({ clean: true }, stop.signal);
    await settled(resource);
    const watch = resource.watch();
    await watch.next();
    let pulses = 0;
    const counting = (async () => {
      while ((await watch.next()).done !== true) pulses += 1;
    })();
    for (let round = 0; round < 5; round += 1) await resource.plan();
    await linuxHost().clock.sleep(100, new AbortController().signal);
    const before = pulses;
    for (let round = 0; round < 5; round += 1) await resource.plan();
    await linuxHost().clock.sleep(100, new AbortController().signal);
    assert.equal(pulses, before);
    stop.abort();
    await counting;
  }));

test("changes and commits of somebody are told, or undone", (context) =>
  inPlace(context, async ({ path, commit, tree }) => {
    await settled(tree());
    writeFileSync(join(path, "page"), "mine");
    writeFileSync(join(path, "with\nnewline"), "also mine");
    await assert.rejects(tree().settle(), { code: "conflict", message: /changed files in the tree: page$/ });
    assert.deepEqual(await settled(tree({ changes: "reset" })), ["~ undo changes: page"]);
    assert.ok(existsSync(join(path, "with\nnewline")));
    await settled(tree({ clean: true }));
    assert.equal(existsSync(join(path, "with\nnewline")), false);
    writeFileSync(join(path, "page"), "committed");
    run(path, "commit", "--quiet", "--all", "--message", "own work");
    commit("other", "x");
    await assert.rejects(tree().settle(), { code: "conflict", message: /which is not in the repository/ });
    await settled(tree({ changes: "reset" }));
    assert.equal(readFileSync(join(path, "page"), "utf8"), "one");
    rmSync(join(path, ".git", "HEAD"));
    writeFileSync(join(path, ".git", "HEAD"), "ref: refs/heads/none\n");
    await settled(tree({ changes: "reset" }));
    rmSync(path, { recursive: true });
    await settled(tree());
  }));

test("a clone may be shallow, and submodules come along", (context) =>
  inPlace(context, async ({ directory, repository, path, commit, tree }) => {
    commit("page", "two");
    commit("page", "three");
    await settled(tree({ url: `file://${repository}`, depth: 1 }));
    assert.equal(run(path, "rev-list", "--count", "HEAD"), "1");
    rmSync(path, { recursive: true });
    const inner = join(directory, "inner");
    run(directory, "init", "--quiet", "--initial-branch=main", inner);
    writeFileSync(join(inner, "file"), "inner");
    run(inner, "add", "--all");
    run(inner, "commit", "--quiet", "--message", "inner");
    run(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "sub");
    run(repository, "commit", "--quiet", "--message", "submodule");
    const real = linuxHost();
    const own = new Map([...real.system.environmentVariables(), ["HOME", directory]]);
    const environment = (name: string) => own.get(name);
    const host = { ...real, system: { ...real.system, environment, environmentVariables: () => own } };
    writeFileSync(join(directory, ".gitconfig"), '[protocol "file"]\n\tallow = always\n');
    const resource = drive(git, path, { url: repository, submodules: true }, host, {
      stateDirectory: join(directory, "state"),
    });
    await settled(resource);
    assert.equal(readFileSync(join(path, "sub", "file"), "utf8"), "inner");
    rmSync(join(path, "sub"), { recursive: true });
    mkdirSync(join(path, "sub"));
    assert.deepEqual(
      await drive(git, path, { url: repository, submodules: true, changes: "reset" }, host, {
        stateDirectory: join(directory, "state"),
      }).settle(),
      ["~ check out submodules: sub"],
    );
  }));

test("a tree of another user is worked on as that user, and hooks are not run", (context) =>
  inPlace(context, async ({ directory, repository, path, tree }) => {
    if (process.getuid?.() !== 0) {
      notTried(context, "only root runs commands as somebody else");
      return;
    }
    chmodSync(directory, 0o755);
    spawnSync("chown", ["-R", "nobody", repository]);
    const resource = tree({ user: "nobody" });
    await settled(resource);
    assert.equal(statSync(join(path, "page")).uid, 65534);
    const hook = join(path, ".git", "hooks", "post-checkout");
    writeFileSync(hook, `#!/bin/sh\ntouch ${directory}/trap\n`);
    chmodSync(hook, 0o755);
    chownSync(hook, 65534, 65534);
    rmSync(join(path, "page"));
    await settled(tree({ user: "nobody", changes: "reset" }));
    assert.equal(existsSync(join(directory, "trap")), false);
    await assert.rejects(tree().plan(), { message: /dubious ownership/ });
  }));

test("a repository that is not there is told without a prompt", (context) =>
  inPlace(context, async ({ directory, tree }) => {
    await assert.rejects(tree({ url: join(directory, "none") }).plan(), { message: /git ls-remote: / });
    await assert.rejects(tree({ url: "https://127.0.0.1:1/x.git" }).plan(), { code: "unreachable" });
  }));

proves("git", "real part");
