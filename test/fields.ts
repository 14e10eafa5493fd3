// SPDX-License-Identifier: Apache-2.0
// Each single field of a kind, against somebody else: from the state that is wanted, another one changes what this field says;
// an event tells of it, and steps put it right. A kind has one table of that, `eachField`, next to its tests; what some fields
// show of a real machine is `someFields`. fields.test.ts sees that no kind is without a table.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Host } from "../src/contract/host.ts";
import type { AnyWant, ResourceKind } from "../src/contract/resource.ts";
import { type MemoryHost, memoryHost } from "../src/host/memory/index.ts";
import { kinds } from "../src/resources/index.ts";
import { type DriveOptions, type DrivenResource, drive, repaired, repairedSoon } from "./resource.ts";

/** What somebody else does to what a field says. */
export interface Change<World> {
  /** Of the resource, in the place of the table's. */
  readonly name?: string;
  /** Besides those of the table. */
  readonly fields?: AnyWant;
  /** What the machine has before the resource comes. */
  before?(world: World): void | Promise<void>;
  outside(world: World): void | Promise<void>;
  /** What is done about it, as people read it: by that one sees that it was about this field. */
  readonly repair: readonly string[];
}

export interface Machine {
  readonly host: Host;
  readonly options?: DriveOptions;
}

export interface SomeFields<World> {
  /** A new one for each case; the signal ends with it. */
  machine(signal: AbortSignal): World | Promise<World>;
  readonly name: string;
  /** Those that every case has. */
  readonly fields?: AnyWant;
  readonly changes: Readonly<Record<string, Change<World> | readonly Change<World>[]>>;
  /** Its world tells of nothing by itself, so it is only looked at. */
  readonly isPolled?: boolean;
  /** For steps that wait for others, as long as a test lets time go on. */
  settle?(world: World, resource: DrivenResource): Promise<readonly string[]>;
  /** The kind of which this one is a part, and which is driven. */
  readonly partOf?: string;
}

export interface EachField<World> extends SomeFields<World> {
  /** Fields that say nothing of the world which others could change: each with the reason, which is printed. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Fields of which others change something, and what is done about it has no steps: the test that shows it. */
  readonly shown?: Readonly<Record<string, ShownElsewhere>>;
}

export interface ShownElsewhere {
  /** From the root of the repository. */
  readonly file: string;
  readonly title: string;
}

/** How long something in memory, and on a real machine, may take to be seen. */
const waitMs = { memory: 10_000, real: 60_000 } as const;

/** For kinds that need nothing but a machine in memory. */
export function inMemory(prepare: (host: MemoryHost) => void = () => {}): () => { readonly host: MemoryHost } {
  return () => {
    const host = memoryHost();
    prepare(host);
    return { host };
  };
}

/**
 * The table of a kind: whatever it leaves out, or has too much, fails. The text of such a call is what fields.test.ts reads,
 * so it has the name of the kind as it is.
 */
export function eachField<World extends Machine>(kind: string, table: EachField<World>): void {
  const { fields } = kindNamed(kind);
  test(`${kind}: each field has a case of what others change, or a reason`, (context) => {
    const { parameters: reasons = {}, shown = {} } = table;
    const [cases, parameters] = [[...Object.keys(table.changes), ...Object.keys(shown)], Object.keys(reasons)];
    for (const { file, title } of Object.values(shown)) {
      const tests = readFileSync(join(import.meta.dirname, "..", file), "utf8");
      assert.ok(tests.includes(`test(${JSON.stringify(title)}, `), `${file} has a test "${title}"`);
    }
    for (const name of [...cases, ...parameters]) assert.ok(name in fields, `${kind} has no field ${name}`);
    for (const name of Object.keys(fields)) {
      const count = [...cases, ...parameters].filter((each) => each === name).length;
      const advice =
        "put into the table of `eachField` how somebody else changes what it says, or why nobody can (`parameters`)";
      assert.equal(count, 1, `the field ${name} of ${kind} has ${count === 0 ? "neither" : "both"}: ${advice}`);
    }
    for (const [why, names] of Map.groupBy(parameters, (name) => reasons[name] ?? ""))
      context.diagnostic(`not tried: ${kind}: others change ${names.join(", ")}: ${why}`);
  });
  someFields(kind, table);
}

export function someFields<World extends Machine>(kind: string, table: SomeFields<World>): void {
  for (const [field, changes] of Object.entries(table.changes)) {
    const list = "outside" in changes ? [changes] : changes;
    for (const [index, change] of list.entries()) {
      const which = list.length === 1 ? "" : `, ${index + 1}`;
      test(`${kind}: what \`${field}\` says is put right when others change it${which}`, () =>
        runCase(kindNamed(table.partOf ?? kind), table, change));
    }
  }
}

async function runCase<World extends Machine>(kind: ResourceKind, table: SomeFields<World>, change: Change<World>) {
  const stop = new AbortController();
  let watched: AsyncIterator<void> | undefined;
  try {
    const world = await table.machine(stop.signal);
    const { host } = world;
    await change.before?.(world);
    const fields = { ...table.fields, ...change.fields };
    const options = { ...world.options, signal: stop.signal };
    const driven = drive(kind, change.name ?? table.name, fields, host, options);
    const resource = { ...driven, settle: () => table.settle?.(world, driven) ?? driven.settle() };
    assert.deepEqual(resource.check(), [], "the fields are acceptable");
    const watch = resource.watch();
    if (!isMemoryHost(host)) watched = watch;
    if (table.isPolled !== true) await armed(watch, host);
    await resource.settle();
    assert.deepEqual(await resource.plan(), [], "it is as wanted before others come");
    assert.ok(change.repair.length > 0, "a case says what is done");
    const done = await repairOn(resource, table.isPolled === true ? undefined : watch, world, change);
    assert.deepEqual(done, change.repair);
    assert.deepEqual(await resource.plan(), [], "it is as wanted again");
  } finally {
    stop.abort();
    // A program that it has started to be told by is ended by whoever asks once more.
    await watched?.return?.();
  }
}

/** Some are watching only after a while. */
async function armed(watch: AsyncIterator<void>, host: Host): Promise<void> {
  let isArmed = false;
  const first = watch.next().then(() => {
    isArmed = true;
  });
  if (isMemoryHost(host)) {
    for (let turn = 0; turn < 50 && !isArmed; turn += 1)
      await (turn < 10 ? host.clock.settle() : host.clock.advance(500));
  }
  await first;
}

async function repairOn<World extends Machine>(
  resource: DrivenResource,
  watch: AsyncIterator<void> | undefined,
  world: World,
  change: Change<World>,
): Promise<readonly string[]> {
  const { host } = world;
  if (watch !== undefined && isMemoryHost(host))
    return soon(
      resource,
      host,
      repaired(resource, watch, host, () => change.outside(world)),
    );
  await change.outside(world);
  return watch === undefined ? resource.settle() : soon(resource, host, repairedSoon(resource, watch));
}

function isMemoryHost(host: Host): host is MemoryHost {
  return "outside" in host;
}

/** A change of which nobody is told would be waited for without end; what looking shows then is half of the answer. */
async function soon<Result>(resource: DrivenResource, host: Host, task: Promise<Result>): Promise<Result> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), isMemoryHost(host) ? waitMs.memory : waitMs.real);
  try {
    const done = await Promise.race([task.then((result) => ({ result })), promise]);
    if (done !== undefined) return done.result;
    task.catch(() => {});
    const steps = await resource.plan();
    assert.fail(
      steps.length === 0
        ? "what others did is not even seen when one looks"
        : `no event told of what others did; who looks sees: ${steps.map(({ text }) => text).join(", ")}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

function kindNamed(name: string): ResourceKind {
  const found = kinds.find(({ kind }) => kind === name);
  assert.ok(found !== undefined, `${name} is a kind`);
  return found;
}
