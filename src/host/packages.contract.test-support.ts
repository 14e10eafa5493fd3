// SPDX-License-Identifier: Apache-2.0
// What every package manager must do, as cases that run on each: on the twin, and on the real programs with packages
// that the bench builds and a tree of files of its own. The last part tells what some managers have not got.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { PackageChange, PackageManager, Transaction } from "../contract/packages.ts";
import type { PackageTraits } from "./memory/packages.ts";
import { fails, never, notTried } from "./bench.test-support.ts";

/** A manager to try, the source that it works with, and somebody else at work on the same machine. */
export interface PackageBench {
  readonly manager: PackageManager;
  /** Puts a version into the source; the manager knows of it after its lists are refreshed. */
  publish(name: string, version: string, traits?: PackageTraits): Promise<void>;
  /** Without a source: the path of the archive. */
  archive(name: string, version: string, traits?: PackageTraits): Promise<string>;
  /** Somebody else, with the manager's own programs. */
  readonly others: {
    install(name: string): Promise<void>;
    remove(name: string): Promise<void>;
    /** Holds the lock until the function returned is called. Absent: the bench cannot. */
    readonly lock?: () => Promise<() => Promise<void>>;
    /** Leaves this package as a transaction does that is killed when it is half done. */
    readonly interrupt?: (name: string) => Promise<void>;
    /** A file of the tree. */
    exists(path: string): boolean;
    read(path: string): string;
    write(path: string, text: string): void;
  };
  /** Waits until this time has passed on the clock of the lists. */
  readonly pass: (ms: number) => Promise<void>;
  /** Versions in the manager's form: `1.0` may be `1.0-r0` there. */
  readonly version: (plain: string) => string;
  readonly lacks: ReadonlySet<Lacking>;
  readonly close: () => Promise<void>;
}

/** `contents-of-others`: what is in packages that are not installed; `purge`: it cannot tell, and refuses. */
type Lacking = "configuration" | "contents-of-others" | "holds" | "older-versions" | "purge" | "signatures";

/** Gives why there is none here, when there is none. */
export type MakePackageBench = () => Promise<PackageBench | string>;

type Task = (bench: PackageBench, context: { diagnostic(message: string): void }) => Promise<void>;

export function packageContract(name: string, makeBench: MakePackageBench): void {
  describe(`packages by ${name}`, () => {
    const open: PackageBench[] = [];
    afterEach(async () => {
      for (const bench of open.splice(0)) await bench.close();
    });
    const check = (title: string, task: Task): void => {
      it(title, { timeout: 120_000 }, async (context) => {
        const bench = await makeBench();
        if (typeof bench === "string") return notTried(context, bench);
        open.push(bench);
        await task(bench, context);
      });
    };

    check("a package is unknown, then offered, then installed with what it depends on", async (bench) => {
      const { manager, others, version } = bench;
      await bench.publish("tool", "1.0", { files: ["/usr/bin/tool"], depends: ["library"] });
      await bench.publish("library", "2.0", { files: ["/usr/lib/library.so"] });
      assert.deepEqual([...(await manager.available(["tool"], never())).keys()], []);
      await refresh(bench);
      const offered = await manager.available(["tool", "nothing"], never());
      assert.deepEqual([...offered.keys()], ["tool"]);
      assert.deepEqual(
        offered.get("tool")?.map((each) => each.version),
        [version("1.0")],
      );
      assert.equal((await manager.installed(["tool", "library"], never())).size, 0);
      await transact(bench, { do: "install", name: "tool" });
      assert.deepEqual(await versions(bench, "tool", "library", "nothing"), [
        version("1.0"),
        version("2.0"),
        undefined,
      ]);
      assert.ok(others.exists("/usr/bin/tool") && others.exists("/usr/lib/library.so"));
    });

    check("several changes are one transaction, and all or none of it is done", async (bench) => {
      await bench.publish("one", "1.0");
      await bench.publish("two", "1.0");
      await bench.publish("three", "1.0");
      await refresh(bench);
      const none = transact(bench, { do: "install", name: "one" }, { do: "install", name: "missing" });
      await assert.rejects(none, (reason) => reason instanceof Error && reason.name === "Failure");
      assert.deepEqual(await versions(bench, "one"), [undefined]);
      await transact(
        bench,
        { do: "install", name: "one" },
        { do: "install", name: "two" },
        { do: "install", name: "three" },
      );
      const there = bench.version("1.0");
      assert.deepEqual(await versions(bench, "one", "two", "three"), [there, there, there]);
      await transact(bench, { do: "remove", name: "one" }, { do: "remove", name: "two" });
      assert.deepEqual(await versions(bench, "one", "two", "three"), [undefined, undefined, there]);
    });

    check("the files are the same before and after the installation", async (bench) => {
      const files = [
        "/etc/web/site d/a b.conf",
        "/usr/bin/web",
        "/usr/lib/systemd/system/web.service",
        "/usr/share/web/ü",
      ];
      await bench.publish("web", "1.0", { files });
      await refresh(bench);
      const before = await bench.manager.files(["web", "nothing"], never());
      assert.deepEqual([...before.keys()], bench.lacks.has("contents-of-others") ? [] : ["web"]);
      if (before.size > 0) assert.deepEqual([...(before.get("web") ?? [])].sort(), files);
      await transact(bench, { do: "install", name: "web" });
      const after = await bench.manager.files(["web"], never());
      assert.deepEqual([...(after.get("web") ?? [])].sort(), files);
    });

    check("a newer version comes with an upgrade alone, and not with an installation", async (bench) => {
      const { version, manager } = bench;
      await bench.publish("tool", "1.9");
      await refresh(bench);
      await transact(bench, { do: "install", name: "tool" });
      await bench.publish("tool", "1.10");
      await refresh(bench);
      const offered = (await manager.available(["tool"], never())).get("tool") ?? [];
      assert.equal(offered[0]?.version, version("1.10"));
      assert.ok(manager.compareVersions(version("1.9"), version("1.10")) < 0);
      assert.equal(manager.compareVersions(version("1.9"), version("1.9")), 0);
      await transact(bench, { do: "install", name: "tool" });
      assert.deepEqual(await versions(bench, "tool"), [version("1.9")]);
      await transact(bench, { do: "upgrade", name: "tool" });
      assert.deepEqual(await versions(bench, "tool"), [version("1.10")]);
    });

    check("any version that is offered can be had, an older one too", async (bench, context) => {
      if (bench.lacks.has("older-versions")) return notTried(context, "the source of this manager has one version");
      const { version } = bench;
      await bench.publish("tool", "1.0");
      await bench.publish("tool", "2.0");
      await refresh(bench);
      await transact(bench, { do: "install", name: "tool", version: version("2.0") });
      await transact(bench, { do: "install", name: "tool", version: version("1.0") });
      assert.deepEqual(await versions(bench, "tool"), [version("1.0")]);
      await fails("not-found", transact(bench, { do: "install", name: "tool", version: version("7.0") }), "7.0");
      assert.deepEqual(await versions(bench, "tool"), [version("1.0")]);
    });

    check("what others need is not removed, unless it may be", async (bench) => {
      await bench.publish("tool", "1.0", { depends: ["library"] });
      await bench.publish("library", "1.0");
      await refresh(bench);
      await transact(bench, { do: "install", name: "tool" });
      await fails("conflict", transact(bench, { do: "remove", name: "library" }), "tool");
      assert.deepEqual(await versions(bench, "tool"), [bench.version("1.0")]);
      await transact(bench, {
        changes: [{ do: "remove", name: "library" }],
        allowUntrusted: false,
        mayRemove: ["tool"],
      });
      assert.deepEqual(await versions(bench, "tool", "library"), [undefined, undefined]);
    });

    check("what stands in the way is not removed, unless it may be", async (bench) => {
      await bench.publish("old", "1.0");
      await bench.publish("new", "1.0", { conflicts: ["old"] });
      await refresh(bench);
      await transact(bench, { do: "install", name: "old" });
      await fails("conflict", transact(bench, { do: "install", name: "new" }), "old");
      assert.deepEqual(await versions(bench, "old", "new"), [bench.version("1.0"), undefined]);
      await transact(bench, { changes: [{ do: "install", name: "new" }], allowUntrusted: false, mayRemove: ["old"] });
      assert.deepEqual(await versions(bench, "old", "new"), [undefined, bench.version("1.0")]);
    });

    check("a purge takes the configuration along, of what was removed before too", async (bench, context) => {
      const { others, manager } = bench;
      await bench.publish("web", "1.0", { files: ["/etc/web.conf", "/usr/bin/web"] });
      await refresh(bench);
      if (bench.lacks.has("purge")) {
        await transact(bench, { do: "install", name: "web" });
        await fails("unsupported", transact(bench, { do: "purge", name: "web" }), "web");
        assert.deepEqual(await versions(bench, "web"), [bench.version("1.0")]);
        return;
      }
      for (const isRemovedBefore of [false, true]) {
        await transact(bench, { do: "install", name: "web" });
        others.write("/etc/web.conf", "mine\n");
        if (isRemovedBefore) {
          if (bench.lacks.has("configuration")) return notTried(context, "this manager knows nothing of what is left");
          await transact(bench, { do: "remove", name: "web" });
          assert.equal(others.read("/etc/web.conf"), "mine\n");
          const left = (await manager.installed(["web"], never())).get("web");
          assert.deepEqual(left, { version: undefined, isBroken: false, isHeld: false });
        }
        await transact(bench, { do: "purge", name: "web" });
        assert.equal(others.exists("/etc/web.conf"), false);
        assert.equal((await manager.installed(["web"], never())).size, 0);
      }
    });

    check("a configuration that was changed stays as it is with a new version", async (bench) => {
      await bench.publish("web", "1.0", { files: ["/etc/web.conf"] });
      await refresh(bench);
      await transact(bench, { do: "install", name: "web" });
      bench.others.write("/etc/web.conf", "mine\n");
      await bench.publish("web", "2.0", { files: ["/etc/web.conf"] });
      await refresh(bench);
      await transact(bench, { do: "upgrade", name: "web" });
      assert.deepEqual(await versions(bench, "web"), [bench.version("2.0")]);
      assert.equal(bench.others.read("/etc/web.conf"), "mine\n");
    });

    check("what is held is seen, and released again", async (bench, context) => {
      if (bench.lacks.has("holds")) return notTried(context, "this manager needs an extension to hold packages");
      const { manager } = bench;
      await bench.publish("tool", "1.0");
      await refresh(bench);
      await transact(bench, { do: "install", name: "tool" }, { do: "hold", name: "tool" });
      const isHeld = async () => (await manager.installed(["tool"], never())).get("tool")?.isHeld;
      assert.equal(await isHeld(), true);
      await bench.publish("tool", "2.0");
      await refresh(bench);
      // A change that names it moves it, and it stays held.
      await transact(bench, { do: "upgrade", name: "tool" });
      assert.deepEqual([await versions(bench, "tool"), await isHeld()], [[bench.version("2.0")], true]);
      await transact(bench, { do: "release", name: "tool" });
      assert.equal(await isHeld(), false);
    });

    check("an archive is looked into, and installed with what it depends on", async (bench) => {
      const { manager, version } = bench;
      await bench.publish("library", "1.0");
      await refresh(bench);
      const path = await bench.archive("own", "3.0", { files: ["/usr/bin/own"], depends: ["library"] });
      assert.deepEqual(await manager.inspectArchive(path, never()), {
        name: "own",
        version: version("3.0"),
        files: ["/usr/bin/own"],
      });
      await transact(bench, {
        changes: [{ do: "install-archive", name: "own", path }],
        allowUntrusted: true,
        mayRemove: [],
      });
      assert.deepEqual(
        (await versions(bench, "own")).concat(bench.others.exists("/usr/bin/own") ? "there" : "missing"),
        [version("3.0"), "there"],
      );
    });

    check("what is no archive, and a file that is missing, are told", async (bench) => {
      const path = await bench.archive("own", "3.0");
      bench.others.write("/etc/no-archive", "no archive\n");
      const root = path.slice(0, path.lastIndexOf("/"));
      await assert.rejects(bench.manager.inspectArchive(`${root}/missing`, never()), { name: "Failure" });
      await assert.rejects(bench.manager.inspectArchive("/etc/passwd", never()), { name: "Failure" });
    });

    check("a name that is nearly right leads to the right one", async (bench) => {
      for (const name of ["nginx", "postfix", "emacs"]) await bench.publish(name, "1.0");
      await refresh(bench);
      assert.deepEqual(await bench.manager.namesLike("ngnix", never()), ["nginx"]);
      assert.deepEqual(await bench.manager.namesLike("quite-different", never()), []);
    });

    check("the lists know when they were refreshed", async (bench) => {
      assert.equal(await bench.manager.listsRefreshedMs(never()), undefined);
      await bench.publish("tool", "1.0");
      await refresh(bench);
      const first = await bench.manager.listsRefreshedMs(never());
      assert.ok(first !== undefined);
      await bench.pass(1_100);
      await refresh(bench);
      const second = await bench.manager.listsRefreshedMs(never());
      assert.ok(second !== undefined && second > first, `${second} is later than ${first}`);
    });

    check("what somebody else does is told", async (bench) => {
      const { manager, others } = bench;
      await bench.publish("tool", "1.0");
      await refresh(bench);
      await transact(bench, { do: "install", name: "tool" });
      const over = new AbortController();
      let told = 0;
      const listen = async () => {
        for await (const _ of manager.changes(over.signal)) told += 1;
      };
      const listening = listen();
      const isTold = async (what: () => Promise<void>) => {
        await bench.pass(500); // What went before has been told.
        const before = told;
        assert.ok(before > 0, "it has said that it watches");
        await what();
        for (let time = 0; told === before && time < 500; time += 1) await bench.pass(20);
        assert.ok(told > before, "the change was told");
      };
      try {
        await isTold(() => others.remove("tool"));
        assert.deepEqual(await versions(bench, "tool"), [undefined]);
        await isTold(() => others.install("tool"));
        assert.deepEqual(await versions(bench, "tool"), [bench.version("1.0")]);
        // Looking is no change, or it would go on for ever. Some managers tell of one more than once, seconds later.
        for (let look = 1, before = -1; told !== before; look += 1) {
          assert.ok(look <= 10, "looking is told as a change");
          await bench.pass(500);
          before = told;
          await versions(bench, "tool");
          await manager.available(["tool"], never());
          await bench.pass(500);
        }
      } finally {
        over.abort();
      }
      await listening;
    });

    check("two transactions at the same time take turns", async (bench) => {
      await bench.publish("one", "1.0");
      await bench.publish("two", "1.0");
      await refresh(bench);
      await Promise.all([
        transact(bench, { do: "install", name: "one" }),
        transact(bench, { do: "install", name: "two" }),
      ]);
      assert.deepEqual(await versions(bench, "one", "two"), [bench.version("1.0"), bench.version("1.0")]);
    });

    check(
      "while somebody else holds the lock a transaction waits, says so, and can be stopped",
      async (bench, context) => {
        const { lock } = bench.others;
        if (lock === undefined) return notTried(context, "the bench cannot hold this lock");
        await bench.publish("tool", "1.0");
        await refresh(bench);
        const free = await lock();
        const said: string[] = [];
        const heard = Promise.withResolvers<void>();
        const say = (line: string) => {
          said.push(line);
          heard.resolve();
        };
        const change = plain({ do: "install", name: "tool" });
        const stopped = new AbortController();
        const given = bench.manager.transact(change, say, stopped.signal);
        await heard.promise;
        assert.match(said[0] ?? "", /^waits for .*, which holds the lock of the package database/);
        stopped.abort();
        await assert.rejects(given);
        const waiting = bench.manager.transact(change, say, never());
        await bench.pass(200);
        assert.deepEqual(await versions(bench, "tool"), [undefined]);
        await free();
        await waiting;
        assert.deepEqual(await versions(bench, "tool"), [bench.version("1.0")]);
      },
    );

    check("what a transaction that was killed has left is finished by the next one", async (bench, context) => {
      const { interrupt } = bench.others;
      if (interrupt === undefined) return notTried(context, "the bench cannot kill this manager at the right time");
      const { manager } = bench;
      await bench.publish("tool", "1.0");
      await bench.publish("other", "1.0");
      await refresh(bench);
      await interrupt("tool");
      assert.equal((await manager.installed(["tool"], never())).get("tool")?.isBroken, true);
      const said: string[] = [];
      await manager.transact(
        plain({ do: "install", name: "tool" }, { do: "install", name: "other" }),
        (line) => said.push(line),
        never(),
      );
      assert.match(said.join("\n"), /finishes what a transaction that was cut off has left/);
      const entry = (await manager.installed(["tool"], never())).get("tool");
      assert.deepEqual(entry, { version: bench.version("1.0"), isBroken: false, isHeld: false });
      assert.deepEqual(await versions(bench, "other"), [bench.version("1.0")]);
    });

    check("what nobody has signed is refused, unless that is allowed", async (bench, context) => {
      if (bench.lacks.has("signatures")) return notTried(context, "the bench has no unsigned source for this manager");
      await bench.publish("tool", "1.0", { isSigned: false });
      await bench.manager.refreshLists({ allowUntrusted: true }, () => {}, never());
      await assert.rejects(transact(bench, { do: "install", name: "tool" }), { name: "Failure", code: "denied" });
      await transact(bench, { changes: [{ do: "install", name: "tool" }], allowUntrusted: true, mayRemove: [] });
      assert.deepEqual(await versions(bench, "tool"), [bench.version("1.0")]);
    });
  });
}

async function refresh({ manager }: PackageBench): Promise<void> {
  await manager.refreshLists({ allowUntrusted: false }, () => {}, never());
}

async function transact(
  bench: PackageBench,
  ...changes: readonly PackageChange[] | readonly [Transaction]
): Promise<void> {
  const [first] = changes;
  const whole = first !== undefined && "changes" in first ? first : plain(...(changes as readonly PackageChange[]));
  await bench.manager.transact(whole, () => {}, never());
}

function plain(...changes: readonly PackageChange[]): Transaction {
  return { changes, allowUntrusted: false, mayRemove: [] };
}

async function versions(
  { manager }: PackageBench,
  ...names: readonly string[]
): Promise<readonly (string | undefined)[]> {
  const found = await manager.installed(names, never());
  return names.map((name) => found.get(name)?.version);
}
