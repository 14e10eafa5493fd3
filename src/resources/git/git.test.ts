// SPDX-License-Identifier: Apache-2.0
// Working trees on a machine in memory, whose git keeps what it knows in one file.

import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, type DrivenResource, drive, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost, type ProgramCall } from "../../host/memory/index.ts";
import { type Actor, root, type Tree } from "../../host/memory/tree.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { git } from "./git.ts";

const url = "https://example.com/site.git";
const path = "/srv/site";

type Files = Readonly<Record<string, string>>;

/** What `.git/state` of the twin's trees holds. */
interface State {
  head: string;
  branch: string;
  settings: Record<string, string>;
  fetched: string[];
  remote: Record<string, string>;
}

/** A repository elsewhere: files by commit, commits by the names of branches and tags. */
class Repository {
  readonly commits = new Map<string, Files>();
  readonly refs = new Map<string, string>();
  head = "main";

  commit(files: Files, ...names: readonly string[]): string {
    const id = hash("sha1", JSON.stringify([files, this.commits.size]));
    this.commits.set(id, files);
    for (const name of names)
      this.refs.set(name.startsWith("tag:") ? `refs/tags/${name.slice(4)}` : `refs/heads/${name}`, id);
    return id;
  }

  readonly git = (call: ProgramCall): number => {
    const { print, complain, tree } = call;
    const argv = [...call.argv.slice(1)];
    let place = "";
    while (argv[0] === "-C" || argv[0] === "-c") {
      const [option, value = ""] = argv.splice(0, 2);
      if (option === "-C") place = value;
    }
    const [verb = "", ...args] = argv;
    if (verb === "init") {
      const made = args.at(-1) ?? "";
      tree.makeDirectory(`${made}/.git`, { mode: 0o755, ...byOf(call) }, byOf(call));
      write(tree, made, byOf(call), { head: "", branch: "main", settings: {}, fetched: [], remote: {} });
      return 0;
    }
    if (verb === "ls-remote") {
      if (args[2] !== url) {
        complain("fatal: could not read from remote repository.\n");
        return 128;
      }
      const all = new Map([...this.refs, ["HEAD", this.refs.get(`refs/heads/${this.head}`) ?? ""]]);
      for (const name of args.slice(3)) {
        if (name === "HEAD") print(`ref: refs/heads/${this.head}\tHEAD\n`);
        if ((all.get(name) ?? "") !== "") print(`${all.get(name)}\t${name}\n`);
      }
      return 0;
    }
    const state = read(tree, place);
    const status = this.run(verb, args, place, state, call);
    if (JSON.stringify(state) !== JSON.stringify(read(tree, place))) write(tree, place, byOf(call), state);
    return status;
  };

  run(verb: string, args: readonly string[], place: string, state: State, call: ProgramCall): number {
    const { print, tree } = call;
    const named = (text: string): string | undefined => {
      const name = text.replace("^{commit}", "");
      if (name === "HEAD") return state.head || undefined;
      return state.fetched.find((id) => id === name || (name.length > 3 && id.startsWith(name)));
    };
    const files = this.commits.get(state.head) ?? {};
    const present = filesIn(tree, place);
    const put = (wanted: Files): void => {
      for (const name of Object.keys(files)) if (!(name in wanted)) tree.remove(`${place}/${name}`, true, root);
      for (const [name, content] of Object.entries(wanted)) {
        if (tree.look(`${place}/${name}`, root, false)?.kind !== "file") tree.remove(`${place}/${name}`, true, root);
        tree.overwrite(`${place}/${name}`, bytesOf(content), byOf(call));
      }
    };
    switch (verb) {
      case "rev-parse": {
        const commit = named(args.at(-1) ?? "");
        if (commit !== undefined) print(`${commit}\n`);
        return commit === undefined ? 1 : 0;
      }
      case "cat-file":
        return named(args.at(-1) ?? "") === undefined ? 1 : 0;
      case "symbolic-ref":
        print(state.branch === "" ? "" : `${state.branch}\n`);
        return state.branch === "" ? 1 : 0;
      case "config": {
        const [first = "", second = "", third = ""] = args;
        if (first === "--get") print(`${state.settings[second] ?? ""}\n`);
        else state.settings[first.startsWith("--") ? second : first] = first.startsWith("--") ? third : second;
        return 0;
      }
      case "for-each-ref": {
        const id = args.find((arg) => arg.startsWith("--contains="))?.slice("--contains=".length) ?? "";
        if (Object.values(state.remote).includes(id)) print("a ref\n");
        return 0;
      }
      case "fetch":
        state.remote = Object.fromEntries(this.refs);
        state.fetched = [
          ...new Set([...state.fetched, ...this.refs.values(), ...args.filter((arg) => this.commits.has(arg))]),
        ];
        return 0;
      case "status":
        for (const [name, content] of Object.entries(files)) if (present[name] !== content) print(` M ${name}\0`);
        if (args.includes("--untracked-files=all"))
          for (const name of Object.keys(present)) if (!(name in files)) print(`?? ${name}\0`);
        return 0;
      case "ls-files":
        for (const name of Object.keys(files)) print(`${name}\0`);
        return 0;
      case "clean":
        for (const name of Object.keys(present)) if (!(name in files)) tree.remove(`${place}/${name}`, true, root);
        return 0;
      case "reset":
      case "checkout": {
        const commit = verb === "reset" ? (args.at(-1) ?? "") : (args.at(-2) ?? "");
        const wanted = this.commits.get(commit);
        if (wanted === undefined) return 128;
        put(wanted);
        state.head = commit;
        const at = args.indexOf("-B");
        if (verb === "checkout") state.branch = at === -1 ? "" : (args[at + 1] ?? "");
        return 0;
      }
      default:
        return 0;
    }
  }
}

function read(tree: Tree, place: string): State {
  return JSON.parse(textOf(tree.read(`${place}/.git/state`, root))) as State;
}

/** What it makes belongs to whom it runs as. */
function byOf({ uid, gid }: ProgramCall): Actor {
  return { uid, gid };
}

function write(tree: Tree, place: string, by: Actor, state: State): void {
  tree.overwrite(`${place}/.git/state`, bytesOf(JSON.stringify(state)), by);
  tree.overwrite(`${place}/.git/HEAD`, bytesOf(state.head), by);
}

function filesIn(tree: Tree, place: string): Record<string, string> {
  return Object.fromEntries(
    tree
      .list(place, root)
      .filter(({ name }) => name !== ".git")
      .map(({ name, kind }) => [name, kind === "file" ? textOf(tree.read(`${place}/${name}`, root)) : kind]),
  );
}

interface Machine {
  readonly host: MemoryHost;
  readonly repository: Repository;
  readonly tree: (fields?: AnyWant, signal?: AbortSignal) => DrivenResource;
}

function machine(): Machine {
  const host = memoryHost();
  const repository = new Repository();
  host.outside.makeDirectory("/srv");
  host.outside.install("git", repository.git);
  return {
    host,
    repository,
    tree: (fields = {}, signal) => drive(git, path, { url, ...fields }, host, signal === undefined ? {} : { signal }),
  };
}

const short = (commit: string) => commit.slice(0, 10);

test("a repository is cloned at its first branch, and follows it", async () => {
  const { host, repository, tree } = machine();
  const first = repository.commit({ page: "one" }, "main");
  const resource = tree();
  assert.deepEqual(resource.check(), []);
  assert.deepEqual(await resource.settle(), [`+ clone ${url}`, `+ check out main at ${short(first)}`]);
  assert.equal(host.outside.read(`${path}/page`), "one");
  assert.deepEqual(await resource.plan(), []);
  assert.deepEqual(resource.sent.at(-1), { commit: first });
  const second = repository.commit({ page: "two" }, "main");
  assert.deepEqual(await resource.settle(), [
    "~ fetch what is new",
    `~ check out main at ${short(second)} (was ${short(first)})`,
  ]);
  assert.equal(host.outside.read(`${path}/page`), "two");
  assert.deepEqual(await resource.plan(), []);
});

test("tags, whole commits and the beginnings of commits are checked out", async () => {
  const { host, repository, tree } = machine();
  const first = repository.commit({ page: "one" }, "main", "tag:v1");
  const lost = repository.commit({ page: "lost" });
  repository.commit({ page: "two" }, "main", "other");
  const check = async (revision: string, page: string) => {
    const resource = tree({ revision });
    await resource.settle();
    assert.equal(host.outside.read(`${path}/page`), page, revision);
    assert.deepEqual(await resource.plan(), []);
  };
  await check("v1", "one");
  await check("other", "two");
  await check(first, "one");
  await check(lost, "lost");
  await check(first.slice(0, 8), "one");
  await check("main", "two");
  const none = tree({ revision: "no-such" });
  assert.deepEqual((await none.plan()).map(renderStep), ["! the repository has no branch and no tag no-such"]);
});

test("changes of somebody are told and left alone, or undone", async () => {
  const { host, repository, tree } = machine();
  repository.commit({ page: "one", other: "x" }, "main");
  await tree().settle();
  host.outside.write(`${path}/page`, "mine");
  host.outside.write(`${path}/note`, "also mine");
  await assert.rejects(tree().settle(), { code: "conflict", message: "somebody has changed files in the tree: page" });
  assert.equal(host.outside.read(`${path}/page`), "mine");
  assert.deepEqual(await converge(git, path, { url, changes: "reset" }, host), ["~ undo changes: page"]);
  assert.equal(host.outside.read(`${path}/page`), "one");
  assert.equal(host.outside.read(`${path}/note`), "also mine");
  assert.deepEqual(await converge(git, path, { url, clean: true }, host), [
    "- remove what is not in the repository: note",
  ]);
  assert.equal(host.outside.exists(`${path}/note`), false);
});

test("a commit of somebody is not given up, but one that we have placed is", async () => {
  const { host, repository, tree } = machine();
  repository.commit({ page: "one" }, "main");
  const resource = tree();
  await resource.settle();
  // The branch is rewritten: what we had is nowhere any more.
  repository.commit({ page: "rewritten" }, "main");
  await resource.settle();
  assert.equal(host.outside.read(`${path}/page`), "rewritten");
  const state = JSON.parse(host.outside.read(`${path}/.git/state`) ?? "") as State;
  const own = repository.commit({ page: "own work" });
  host.outside.write(`${path}/.git/state`, JSON.stringify({ ...state, head: own, fetched: [...state.fetched, own] }));
  host.outside.write(`${path}/page`, "own work");
  await assert.rejects(resource.settle(), {
    code: "conflict",
    message: `the tree is at ${short(own)}, which is not in the repository`,
  });
  assert.equal(host.outside.read(`${path}/page`), "own work");
  await converge(git, path, { url, changes: "reset" }, host);
  assert.equal(host.outside.read(`${path}/page`), "rewritten");
});

test("a repository elsewhere is asked once, and again when refreshed; the tree is watched", async () => {
  const { host, repository, tree } = machine();
  repository.commit({ page: "one" }, "main");
  const stop = new AbortController();
  const resource = tree({ changes: "reset" }, stop.signal);
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  await watch.next();
  host.outside.write(`${path}/page`, "mine");
  await watch.next();
  while ((await resource.plan()).length === 0) await watch.next();
  assert.deepEqual(await resource.settle(), ["~ undo changes: page"]);
  repository.commit({ page: "two" }, "main");
  assert.deepEqual(await resource.plan(), []);
  assert.equal((await resource.settle({ refresh: true })).length, 2);
  assert.equal(host.outside.read(`${path}/page`), "two");
  assert.deepEqual(await resource.plan(), []);
  stop.abort();
});

test("git asks nobody, and runs as the user to whom the tree belongs", async () => {
  const { host, repository } = machine();
  repository.commit({ page: "one" }, "main");
  const calls: ProgramCall[] = [];
  host.outside.install("git", (call) => {
    calls.push(call);
    return repository.git(call);
  });
  host.outside.addUser("www", 33);
  await drive(git, path, { url, user: "www", key: "/etc/it's a key" }, host).settle();
  assert.ok(calls.every(({ uid, gid }) => uid === 33 && gid === 33));
  assert.equal((await host.files.inspect(path, new AbortController().signal))?.uid, 33);
  const [call] = calls;
  assert.equal(call?.env.get("GIT_TERMINAL_PROMPT"), "0");
  assert.equal(call?.env.get("GIT_SSH_COMMAND"), "ssh -o BatchMode=yes -i '/etc/it'\\''s a key' -o IdentitiesOnly=yes");
  assert.ok(call?.argv.includes("core.hooksPath=/dev/null"));
});

test("what stands in the way is told, and left alone", async () => {
  const { host, repository, tree } = machine();
  repository.commit({ page: "one" }, "main");
  const told = async (fields: AnyWant = {}) => (await tree(fields).plan()).map(renderStep).join();
  host.outside.write(path, "a file");
  assert.equal(await told(), `! ${path} is not a directory`);
  host.outside.remove(path);
  host.outside.makeDirectory(path);
  host.outside.write(`${path}/file`, "x");
  assert.equal(await told(), `! ${path} has files in it, but is no working tree of git`);
  assert.equal(await told({ user: "nobody-known" }), "! there is no user named nobody-known");
  host.outside.remove(path);
  await assert.rejects(tree({ url: "https://example.com/none.git" }).plan(), { code: "unreachable" });
});

test("another URL is set, without its password in the plan", async () => {
  const { host, repository } = machine();
  repository.commit({ page: "one" }, "main");
  await converge(git, path, { url }, host);
  const state = JSON.parse(host.outside.read(`${path}/.git/state`) ?? "") as State;
  state.settings["remote.origin.url"] = "https://me:secret@old/";
  host.outside.write(`${path}/.git/state`, JSON.stringify(state));
  assert.deepEqual(await converge(git, path, { url }, host), [
    `~ set the URL of the repository to ${url} (was https://old/)`,
  ]);
});

test("mistakes are found before anything is touched", () => {
  const titles = (name: string, fields: AnyWant) => problemsOf(git, name, fields);
  for (const good of [url, "git@host.example:team/site.git", "/srv/repository.git", "ssh://host/x", "file:///srv/x"]) {
    assert.deepEqual(titles(path, { url: good, revision: "release/1.0" }), [], good);
  }
  for (const bad of ["", "site", "--upload-pack=x", "ext::sh -c id", "https://", "a b:c"]) {
    assert.equal(titles(path, { url: bad }).length, 1, bad);
  }
  for (const bad of ["-x", "a..b", "a b", "HEAD", "x.lock", "a//b", "x^", "/x"]) {
    assert.deepEqual(titles(path, { url, revision: bad }), [`"${bad}" is no name of a branch, a tag or a commit`]);
  }
  assert.deepEqual(titles("site", { url }), ['`path` must be the absolute path of a directory, not "site"']);
  assert.deepEqual(titles(path, { url, depth: -1, key: "x" }), [
    "`depth` cannot be less than 0, but is -1",
    'the key "x" is not an absolute path',
  ]);
});

test("wherever a tree is, one pass brings it where it must be, or says why not and leaves it", async () => {
  const revision = fc.constantFrom("", "main", "side", "v1", "whole");
  const deed = fc.constantFrom("change", "add", "remove", "other head", "no head", "url", "nothing");
  await fc.assert(
    fc.asyncProperty(
      revision,
      revision,
      fc.array(deed, { maxLength: 3 }),
      fc.boolean(),
      fc.boolean(),
      async (before, after, deeds, resets, clean) => {
        const { host, repository, tree } = machine();
        const first = repository.commit({ page: "one", gone: "x" }, "main", "tag:v1");
        repository.commit({ page: "side", more: "y" }, "side");
        const named = (name: string) => (name === "whole" ? first : name);
        await tree({ revision: named(before) }).settle();
        repository.commit({ page: "two" }, "main");
        for (const one of deeds) {
          const state = JSON.parse(host.outside.read(`${path}/.git/state`) ?? "") as State;
          if (one === "change") host.outside.write(`${path}/page`, "changed");
          if (one === "add") host.outside.write(`${path}/added`, "added");
          if (one === "remove") host.outside.remove(`${path}/page`);
          if (one === "other head") state.branch = "elsewhere";
          if (one === "no head") state.head = "";
          if (one === "url") state.settings["remote.origin.url"] = "https://old/";
          host.outside.write(`${path}/.git/state`, JSON.stringify(state));
        }
        const fields = { revision: named(after), changes: resets ? "reset" : "refuse", clean };
        const resource = tree(fields);
        const planned = (await resource.plan()).map(renderStep);
        if (planned.some((step) => step.startsWith("!"))) {
          assert.equal(resets, false);
          await assert.rejects(resource.settle(), { code: "conflict" });
          assert.deepEqual((await resource.plan()).map(renderStep), planned);
          return;
        }
        await resource.settle();
        assert.deepEqual(await resource.plan(), []);
        const expected: Readonly<Record<string, string>> = {
          "": "two",
          main: "two",
          side: "side",
          v1: "one",
          whole: "one",
        };
        assert.equal(host.outside.read(`${path}/page`), expected[after]);
        if (clean) assert.equal(host.outside.exists(`${path}/added`), false);
      },
    ),
    { numRuns: 410 },
  );
});

test("what somebody else has put where git keeps its own is told and left alone", async () => {
  const made = machine();
  made.repository.commit({ page: "one" }, "main");
  withAccounts(made);
  const resource = made.tree({ user: "site" });
  await resource.settle();
  made.host.outside.setOwner(`${path}/.git/HEAD`, 1001, 1001);
  const message = /^\.git\/HEAD belongs to the user 1001, who could have put programs there that git runs as site$/;
  await assert.rejects(resource.settle(), { code: "conflict", message });
  made.host.outside.setOwner(`${path}/.git/HEAD`, 1000, 1000);
  made.host.outside.setOwner(path, 1001, 1001);
  assert.deepEqual(await resource.settle(), ["~ set owner site: . (was 1001)"]);
  assert.deepEqual(await resource.plan(), []);
});

test("what is to be done in a tree that root has taken is done in the same pass", async () => {
  const { host, repository, tree, ...rest } = machine();
  repository.commit({ page: "one" }, "main");
  withAccounts({ host, repository, tree, ...rest });
  const resource = tree({ user: "site" });
  await resource.settle();
  repository.commit({ page: "two" }, "main");
  host.outside.setOwner(`${path}/.git`, 0, 0);
  assert.deepEqual(await resource.settle(), ["~ set owner site: .git (was 0)"]);
  assert.equal(host.outside.read(`${path}/page`), "two");
  assert.deepEqual(await resource.plan(), []);
});

proves("git", "twice", "outside change", "bad values", "random starts");

/** Others work in the tree with git: which tells by the files that it writes. */
function work({ host }: Machine, told: "HEAD" | "config", change: (state: State) => void): void {
  const place = `${path}/.git/state`;
  const state = JSON.parse(host.outside.read(place) ?? "") as State;
  change(state);
  host.outside.write(place, JSON.stringify(state));
  host.outside.write(`${path}/.git/${told}`, JSON.stringify(state.settings));
}

function withAccounts({ host }: Machine): void {
  host.outside.addGroup("web", 2000);
  host.outside.addGroup("site", 1000);
  host.outside.addUser("site", 1000);
}

eachField("git", {
  machine: () => {
    const made = machine();
    made.repository.commit({ page: "one" }, "main", "other");
    return made;
  },
  name: path,
  fields: { url, revision: "main" },
  changes: {
    path: {
      outside: ({ host }) => host.outside.remove(path),
      repair: ["+ clone https://example.com/site.git", "+ check out main at afada6df6c"],
    },
    url: {
      outside: (made) =>
        work(made, "config", (state) => {
          for (const name of Object.keys(state.settings))
            if (state.settings[name] === url) state.settings[name] = "/other";
        }),
      repair: ["~ set the URL of the repository to https://example.com/site.git (was /other)"],
    },
    revision: {
      outside: (made) => work(made, "HEAD", (state) => (state.branch = "other")),
      repair: ["~ check out main at afada6df6c (was afada6df6c)"],
    },
    changes: {
      fields: { changes: "reset" },
      outside: ({ host }) => host.outside.write(`${path}/page`, "mine"),
      repair: ["~ undo changes: page"],
    },
    user: [
      {
        fields: { user: "site" },
        before: withAccounts,
        outside: ({ host }) => host.outside.setOwner(`${path}/page`, 0, 0),
        repair: ["~ set owner site: page (was 0)"],
      },
      {
        fields: { user: "site" },
        before: withAccounts,
        outside: ({ host }) => {
          for (const name of [".git", ".git/HEAD", ".git/state"]) host.outside.setOwner(`${path}/${name}`, 0, 0);
        },
        repair: ["~ set owner site: .git, .git/HEAD, .git/state (was 0)"],
      },
    ],
    group: {
      fields: { user: "site", group: "web" },
      before: withAccounts,
      outside: ({ host }) => host.outside.setOwner(path, 1000, 7),
      repair: ["~ set owner site and group web: . (was 1000:7)"],
    },
    clean: {
      fields: { clean: true },
      outside: ({ host }) => host.outside.write(`${path}/note`, "mine"),
      repair: ["- remove what is not in the repository: note"],
    },
  },
  parameters: {
    depth: "it says how much of the past is fetched",
    submodules: "this git has none: test/machine/fields-of-files.test.ts has the real ones",
    key: "it says with what the repository is asked",
  },
});
