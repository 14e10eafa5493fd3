// SPDX-License-Identifier: Apache-2.0
// What every host must tell of changes, as cases that run on each. One rule above all: a change that can be seen at a
// target is told, whatever happened to the directories and links on the way to it.

import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import type { Host, WatchTarget } from "../contract/host.ts";
import { type Bench, benches, fails, type MakeBench, never } from "./bench.test-support.ts";

export function watchContract(name: string, makeBench: MakeBench): void {
  describe(`watching by ${name}`, () => {
    const { check, checkAsOrdinaryUser } = benches(makeBench);

    check("every change of a file is told", async (bench) => {
      const { directory, others } = bench;
      const path = `${directory}/file`;
      const watch = await watching(bench, { path });
      await watch.tells("it is made", () => others.write(path, "1"));
      await watch.tells("it is written", () => others.write(path, "22"));
      await watch.tells("its mode changes", () => others.setMode(path, 0o600));
      await watch.tells("it is removed", () => others.remove(path));
      others.write(`${directory}/new`, "3");
      await watch.tells("another takes its place", () => others.rename(`${directory}/new`, path));
      await watch.tells("the new one is written", () => others.write(path, "44"));
      await watch.tells("it is moved away", () => others.rename(path, `${directory}/old`));
      await watch.tells("a directory takes its place", () => others.makeDirectory(path));
      await watch.keepsQuiet("something is made in that directory", () => others.write(`${path}/entry`, "5"));
      await watch.tells("the directory is removed", () => others.remove(path));
      await watch.tells("a link takes its place", () => others.link(path, "old"));
      await watch.tells("what the link leads to is written", () => others.write(`${directory}/old`, "6"));
    });

    check("what does not concern the target is not told", async (bench) => {
      const { directory, others } = bench;
      others.makeDirectory(`${directory}/here`);
      const watch = await watching(bench, { path: `${directory}/here/file` });
      await watch.keepsQuiet("a neighbour is made", () => others.write(`${directory}/here/neighbour`, "1"));
      await watch.keepsQuiet("a neighbour is removed", () => others.remove(`${directory}/here/neighbour`));
      await watch.keepsQuiet("a neighbour of its directory", () => others.makeDirectory(`${directory}/there/file`));
      await watch.keepsQuiet("a file of its name elsewhere", () => others.write(`${directory}/file`, "1"));
    });

    check("parents may be missing, and come and go", async (bench) => {
      const { directory, others } = bench;
      const path = `${directory}/a/b/c/file`;
      const watch = await watching(bench, { path });
      for (let round = 0; round < 3; round += 1) {
        others.makeDirectory(`${directory}/a/b/c`);
        await watch.tells("it is made with its parents", () => others.write(path, "1"));
        await watch.tells("it is written", () => others.write(path, "2"));
        await watch.tells("a parent is removed", () => others.remove(`${directory}/a`));
      }
    });

    check("a directory on the way may be replaced", async (bench) => {
      const { directory, others } = bench;
      for (const tree of ["now", "next"]) {
        others.makeDirectory(`${directory}/${tree}/etc/app`);
        others.write(`${directory}/${tree}/etc/app/file`, tree);
      }
      const watch = await watching(bench, { path: `${directory}/now/etc/app/file` });
      await watch.tells("a grandparent is moved away", () => others.rename(`${directory}/now`, `${directory}/gone`));
      await watch.keepsQuiet("the file that is not ours any more", () =>
        others.write(`${directory}/gone/etc/app/file`, "x"),
      );
      await watch.tells("another takes its place", () => others.rename(`${directory}/next`, `${directory}/now`));
      await watch.tells("the file in the new one", () => others.write(`${directory}/now/etc/app/file`, "x"));
      await watch.tells("made anew in one go", () => {
        others.remove(`${directory}/now/etc`);
        others.makeDirectory(`${directory}/now/etc/app`);
        others.write(`${directory}/now/etc/app/file`, "y");
      });
      await watch.tells("the file in the newest", () => others.write(`${directory}/now/etc/app/file`, "z"));
    });

    check("links on the way are followed", async (bench) => {
      const { directory, others } = bench;
      others.makeDirectory(`${directory}/one`);
      others.makeDirectory(`${directory}/two`);
      others.link(`${directory}/current`, "one");
      others.link(`${directory}/alias`, `${directory}/current`);
      const watch = await watching(bench, { path: `${directory}/alias/file` });
      await watch.tells("it is made behind the links", () => others.write(`${directory}/one/file`, "1"));
      await watch.tells("a link leads elsewhere", () => {
        others.link(`${directory}/next`, "two");
        others.rename(`${directory}/next`, `${directory}/current`);
      });
      await watch.keepsQuiet("where it led before", () => others.write(`${directory}/one/file`, "2"));
      await watch.tells("where it leads now", () => others.write(`${directory}/two/file`, "3"));
      await watch.tells("the directory behind is removed", () => others.remove(`${directory}/two`));
      await watch.tells("and made again", () => others.makeDirectory(`${directory}/two`));
      await watch.tells("with the file", () => others.write(`${directory}/two/file`, "4"));
    });

    check("links in a circle lead nowhere and do no harm", async (bench) => {
      const { directory, others } = bench;
      others.link(`${directory}/one`, "two/x");
      others.link(`${directory}/two`, "one/y");
      others.link(`${directory}/self`, "self/self");
      const watch = await watching(bench, { path: `${directory}/one/file` }, { path: `${directory}/self` });
      await watch.tells("the circle is broken", () => {
        others.makeDirectory(`${directory}/real`);
        others.remove(`${directory}/one`);
        others.link(`${directory}/one`, "real");
      });
      await watch.tells("the file behind it", () => others.write(`${directory}/real/file`, "1"));
    });

    check("a directory by itself tells nothing of what is in it", async (bench) => {
      const { directory, others } = bench;
      const path = `${directory}/target`;
      others.makeDirectory(`${path}/inner`);
      others.link(`${directory}/link`, "target");
      const watch = await watching(bench, { path: `${path}/` }, { path: `${directory}/link` });
      await watch.keepsQuiet("an entry is made", () => others.write(`${path}/entry`, "1"));
      await watch.keepsQuiet("an entry is written", () => others.write(`${path}/entry`, "2"));
      await watch.keepsQuiet("an entry is moved", () => others.rename(`${path}/entry`, `${path}/inner/entry`));
      await watch.keepsQuiet("an entry is removed", () => others.remove(`${path}/inner`));
      await watch.tells("its mode changes", () => others.setMode(path, 0o700));
      await watch.tells("it is removed", () => others.remove(path));
      await watch.tells("it is made again", () => others.makeDirectory(path));
      others.makeDirectory(`${directory}/other`);
      await watch.tells("it is moved away", () => others.rename(path, `${directory}/away`));
      await watch.tells("another takes its place", () => others.rename(`${directory}/other`, path));
      await watch.keepsQuiet("an entry of the new one", () => others.write(`${path}/entry`, "1"));
    });

    check("entries of a directory are told when asked for, not what is deeper", async (bench) => {
      const { directory, others } = bench;
      const path = `${directory}/target`;
      others.makeDirectory(`${path}/inner`);
      const watch = await watching(bench, { path: `${path}/`, entries: true });
      await watch.tells("an entry is made", () => others.write(`${path}/entry`, "1"));
      await watch.tells("an entry is written", () => others.write(`${path}/entry`, "2"));
      await watch.tells("an entry is removed", () => others.remove(`${path}/entry`));
      await watch.tells("its mode changes", () => others.setMode(path, 0o700));
      await watch.keepsQuiet("something deeper", () => others.write(`${path}/inner/deep`, "1"));
      await watch.tells("it is removed", () => others.remove(path));
    });

    check("a recursive target tells of everything below", async (bench) => {
      const { directory, others } = bench;
      const path = `${directory}/tree`;
      others.makeDirectory(`${path}/a/b`);
      others.makeDirectory(`${directory}/elsewhere/x/y`);
      const watch = await watching(bench, { path, recursive: true });
      await watch.tells("a file deep below", () => others.write(`${path}/a/b/file`, "1"));
      await watch.tells("new directories with a file", () => {
        others.makeDirectory(`${path}/c/d/e`);
        others.write(`${path}/c/d/e/file`, "1");
      });
      await watch.tells("a file in them", () => others.write(`${path}/c/d/e/file`, "2"));
      await watch.tells("a tree moved in", () => others.rename(`${directory}/elsewhere`, `${path}/moved`));
      await watch.tells("a file in that", () => others.write(`${path}/moved/x/y/file`, "1"));
      await watch.tells("a tree moved out", () => others.rename(`${path}/moved`, `${directory}/out`));
      await watch.keepsQuiet("a file in what was moved out", () => others.write(`${directory}/out/x/y/file`, "2"));
      await watch.tells("the target is replaced", () => {
        others.remove(path);
        others.makeDirectory(`${path}/f/g`);
      });
      await watch.tells("a file in the new one", () => others.write(`${path}/f/g/file`, "1"));
    });

    check("a recursive target may be a link", async (bench) => {
      const { directory, others } = bench;
      others.makeDirectory(`${directory}/real/a/b`);
      others.link(`${directory}/link`, "real");
      const watch = await watching(bench, { path: `${directory}/link`, recursive: true });
      await watch.tells("a file deep below", () => others.write(`${directory}/real/a/b/file`, "1"));
      await watch.tells("a new directory", () => others.makeDirectory(`${directory}/real/c/d`));
      await watch.tells("a file in it", () => others.write(`${directory}/real/c/d/file`, "1"));
    });

    check("a name may be anything that the system allows", async (bench) => {
      const { directory, others } = bench;
      for (const name of ["new\nline", "\udcff\udc80", "n".repeat(255), " "]) {
        const watch = await watching(bench, { path: `${directory}/${name}/${name}` });
        await watch.tells("its directory is made", () => others.makeDirectory(`${directory}/${name}`));
        await watch.tells("it is made", () => others.write(`${directory}/${name}/${name}`, "1"));
        await watch.stop();
      }
    });

    check("one watch tells of many targets, and many watches of one", async (bench) => {
      const { directory, others } = bench;
      const [one, two] = [{ path: `${directory}/one` }, { path: `${directory}/two` }];
      const both = await watching(bench, one, two, one);
      const first = await watching(bench, one);
      const again = await watching(bench, { ...one, recursive: true });
      await both.tells("the second target", () => others.write(two.path, "1"));
      assert.equal(first.count, 1, "the other watch has heard of its start only");
      await both.tells("the first target", () => others.write(one.path, "1"));
      assert.ok(first.count > 1 && again.count > 1, "all watches of a target are told");
      await both.stop();
      await again.stop();
      await first.tells("the others have stopped", () => others.write(one.path, "2"));
    });

    check("a watch ends when its signal aborts", async (bench) => {
      const stopping = new AbortController();
      const watch = bench.host.files.watch([{ path: `${bench.directory}/file` }], stopping.signal);
      assert.deepEqual(await watch.next(), { done: false, value: undefined });
      const next = watch.next();
      stopping.abort();
      assert.deepEqual(await next, { done: true, value: undefined });
      const late = bench.host.files.watch([{ path: bench.directory }], stopping.signal);
      assert.deepEqual(await late.next(), { done: true, value: undefined });
    });

    checkAsOrdinaryUser("a directory that may not be read cannot be watched", async (bench) => {
      const { host, directory, others } = bench;
      others.makeDirectory(`${directory}/closed/open`);
      others.write(`${directory}/closed/open/file`, "1");
      others.setMode(`${directory}/closed`, 0o711);
      const refused = host.files.watch([{ path: `${directory}/closed/missing` }], bench.signal);
      await fails("denied", refused.next(), `${directory}/closed`);
      const watch = await watching(bench, { path: `${directory}/closed/open/file` });
      await watch.tells("below one that may only be passed", () => others.write(`${directory}/closed/open/file`, "2"));
      await watch.stop();
      const shut = host.files.watch([{ path: `${directory}/closed/open` }], bench.signal);
      await shut.next();
      others.setMode(`${directory}/closed/open`, 0o700);
      await fails("denied", allOf(shut), `${directory}/closed`);
    });

    check("a change that can be seen at a target is told, whatever happens", async (bench) => {
      let round = 0;
      const property = fc.asyncProperty(
        fc.array(operation, { maxLength: 6 }),
        fc.array(fc.record({ path: anyPath, entries: fc.boolean(), recursive: fc.boolean() }), {
          minLength: 1,
          maxLength: 3,
        }),
        // Several in one go: events then tell of things that are not so any more.
        fc.array(fc.array(operation, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 }),
        async (before, targets, after) => {
          round += 1;
          // Deep enough that links with `..` do not leave it.
          const base = `${bench.directory}/${round}/1/2/3/4/5/6/7/8`;
          bench.others.makeDirectory(base);
          for (const step of before) carryOut(bench, base, step);
          const watches: Watched[] = [];
          for (const { path, entries, recursive } of targets) {
            watches.push(await watching(bench, { path: `${base}/${path}`, entries, recursive }));
          }
          // Links in a circle lead nowhere, and that they lead somewhere again is seen by the slow check only.
          const circling = new Set<number>();
          const lookForCircles = async () => {
            for (const [index, { path }] of targets.entries()) {
              const circle = () => circling.add(index);
              await bench.host.files.inspectTarget(`${base}/${path}`, never()).catch(circle);
            }
          };
          await lookForCircles();
          for (const steps of after) {
            const seen = await Promise.all(targets.map((target) => snapshot(bench.host, base, target)));
            const told = watches.map(({ count }) => count);
            for (const step of steps) {
              carryOut(bench, base, step);
              await lookForCircles();
            }
            await bench.settle();
            for (const [index, target] of targets.entries()) {
              if (circling.has(index) || (await snapshot(bench.host, base, target)) === seen[index]) continue;
              const { count = 0 } = watches[index] ?? {};
              assert.ok(count > (told[index] ?? 0), `${steps.join(" ")} changed ${JSON.stringify(target)}`);
            }
          }
          for (const watch of watches) await watch.stop();
          bench.others.remove(`${bench.directory}/${round}`);
          bench.expectNoWatches();
        },
      );
      await fc.assert(property, { numRuns: bench.manyRuns });
    });
  });
}

async function allOf(pulses: AsyncIterable<void>): Promise<void> {
  for await (const _ of pulses) continue;
}

// ---- Watching with a count ----

interface Watched {
  /** How many times it has told something, its start included. */
  readonly count: number;
  tells(what: string, change: () => void): Promise<void>;
  keepsQuiet(what: string, change: () => void): Promise<void>;
  stop(): Promise<void>;
}

/** A watch that is armed, with nothing left to tell. */
async function watching(bench: Bench, ...targets: readonly WatchTarget[]): Promise<Watched> {
  const stopping = new AbortController();
  const pulses = bench.host.files.watch(targets, AbortSignal.any([stopping.signal, bench.signal]));
  let count = 0;
  assert.deepEqual(await pulses.next(), { done: false, value: undefined });
  count += 1;
  const counting = (async () => {
    for await (const _ of pulses) count += 1;
  })();
  await bench.settle();
  return {
    get count() {
      return count;
    },
    async tells(what, change) {
      await bench.settle();
      const before = count;
      change();
      await bench.settle();
      assert.ok(count > before, `told: ${what}`);
    },
    async keepsQuiet(what, change) {
      await bench.settle();
      const before = count;
      change();
      await bench.settle();
      assert.equal(count, before, `not told: ${what}`);
    },
    async stop() {
      stopping.abort();
      await counting;
    },
  };
}

// ---- Anything that may happen to a small tree ----

type Operation = readonly [verb: "write" | "makeDirectory" | "remove" | "setMode" | "rename" | "link", string, string];

const anyName = fc.constantFrom("a", "b", "c");
const anyPath = fc.array(anyName, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const anyLinkText = fc.oneof(anyPath, fc.constantFrom("..", "../a", "../b/c", "../../b", "."));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(fc.constantFrom("write", "makeDirectory", "remove", "setMode"), anyPath, fc.constant("")),
  fc.tuple(fc.constant("rename"), anyPath, anyPath),
  fc.tuple(fc.constant("link"), anyPath, anyLinkText),
);

let marks = 0;

/** What cannot be done, because something is in the way or missing, is left. */
function carryOut({ others }: Bench, base: string, [verb, first, second]: Operation): void {
  const path = `${base}/${first}`;
  marks += 1;
  try {
    if (verb === "write") others.write(path, `content ${marks}`);
    else if (verb === "makeDirectory") others.makeDirectory(path);
    else if (verb === "remove") others.remove(path);
    else if (verb === "setMode") others.setMode(path, 0o700 + (marks % 0o70));
    else if (verb === "rename") others.rename(path, `${base}/${second}`);
    else others.link(path, second);
  } catch (reason) {
    assert.ok(reason instanceof Error);
  }
}

/** Everything that a watch of the target must tell of, as text. */
async function snapshot(host: Host, base: string, target: WatchTarget): Promise<string> {
  const describe = async (path: string, depth: number, through: boolean): Promise<string> => {
    const { files } = host;
    const state = await (through ? files.inspectTarget(path, never()) : files.inspect(path, never())).catch(() => "?");
    if (state === undefined || state === "?" || typeof state === "string") return "nothing";
    const own = `${state.kind} ${state.device} ${state.inode} ${state.mode}`;
    if (state.kind === "file") return `${own} ${Buffer.from(await files.read(path, 1000, never())).toString()}`;
    if (state.kind === "symlink") return `${own} ${await files.readLink(path, never())}`;
    if (depth === 0) return own;
    const entries: string[] = [];
    for (const name of await files.list(path, never())) {
      entries.push(`${name}: ${await describe(`${path}/${name}`, depth - 1, false)}`);
    }
    return `${own} { ${entries.join("; ")} }`;
  };
  const path = `${base}/${target.path}`;
  const depth = target.recursive === true ? 9 : target.entries === true ? 1 : 0;
  return `${await describe(path, 0, false)} → ${await describe(path, depth, true)}`;
}
