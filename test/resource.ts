// SPDX-License-Identifier: Apache-2.0
// Drives one resource of any kind by hand, in the way of the engine: for the tests of kinds, on any host.

import assert from "node:assert/strict";
import { fromName } from "../src/contract/field.ts";
import type { Exchange } from "../src/contract/exchange.ts";
import type { Host } from "../src/contract/host.ts";
import type { LocalStore } from "../src/contract/local-store.ts";
import type { AnyWant, Hints, MemberWant, ResourceEnv, ResourceKind, StepText } from "../src/contract/resource.ts";
import { exchangeAlone } from "../src/exchange/alone.test-support.ts";
import type { MemoryHost } from "../src/host/memory/index.ts";
import { createLocalStore } from "../src/host/local-store.ts";
import type { Value } from "../src/values/value.ts";
import { shows, Witness } from "./proofs.ts";

export interface Peer {
  readonly name: string;
  readonly fields: AnyWant;
}

export interface Part extends Peer {
  readonly kind: ResourceKind;
}

/** One resource with its memory; what it said and sent so far can be read. */
export interface DrivenResource {
  readonly want: AnyWant;
  readonly env: ResourceEnv;
  readonly said: readonly string[];
  /** The exit statuses with which it wanted the run to end. */
  readonly ended: readonly number[];
  readonly sent: readonly Readonly<Record<string, Value | undefined>>[];
  /** When its step has come to rest, and no longer. */
  readonly rests: readonly boolean[];
  /** Titles of the mistakes that its check finds. */
  check(): readonly string[];
  /** What would be done, as people read it. */
  plan(hints?: Partial<Hints>): Promise<readonly StepText[]>;
  /** Observes, plans, and applies each step; what was done, as people read it. */
  settle(hints?: Partial<Hints>): Promise<readonly string[]>;
  /** Its watch, which ends with the signal that was given. */
  watch(): AsyncIterableIterator<void>;
  /** The same resource with other fields, and the same memory. */
  changed(fields: AnyWant): DrivenResource;
}

/**
 * Others do something to what is settled, on a machine in memory: only when the watch has told of it is it looked at.
 * Gives what was done then.
 */
export async function repaired(
  resource: DrivenResource,
  watch: AsyncIterator<void>,
  host: MemoryHost,
  change: () => void | Promise<void>,
): Promise<readonly string[]> {
  let told = 0;
  const next = (): Promise<IteratorResult<void>> =>
    watch.next().finally(() => {
      told += 1;
    });
  let news = next();
  // What its own steps have done is told too, and must not be taken for the change.
  for (let before = -1; before !== told; ) {
    before = told;
    for (let turn = 0; turn < 5; turn += 1) await host.clock.settle();
    if (told !== before) news = next();
  }
  await change();
  for (;;) {
    assert.equal((await news).done, false, "the watch goes on");
    const done = await resource.settle();
    if (done.length > 0) return done;
    news = next();
  }
}

export interface DriveOptions {
  readonly peers?: readonly Peer[];
  readonly stateDirectory?: string;
  readonly signal?: AbortSignal;
  /** Absent: nobody else is there. */
  readonly exchange?: Exchange;
  /** What run as parts of it. */
  readonly members?: readonly Part[];
  /** In the place of what is kept below /var/lib/mgmt. */
  readonly local?: LocalStore;
  readonly convergedSeconds?: number;
}

/** Fields as the kind's code sees them: defaults for those not given. */
export function wantOf(kind: ResourceKind, name: string, fields: AnyWant): AnyWant {
  for (const given of Object.keys(fields)) assert.ok(given in kind.fields, `${kind.kind} has a field ${given}`);
  return Object.fromEntries(
    Object.entries(kind.fields).map(([field, declared]) => {
      if (field in fields) return [field, fields[field]];
      return [field, declared.initial === fromName ? name : declared.initial];
    }),
  );
}

export function problemsOf(kind: ResourceKind, name: string, fields: AnyWant): readonly string[] {
  const titles = (kind.check?.(wantOf(kind, name, fields), name) ?? []).map((problem) => problem.title);
  if (titles.length > 0) shows(kind.kind, "bad values");
  return titles;
}

export function drive(
  kind: ResourceKind,
  name: string,
  fields: AnyWant,
  host: Host,
  options: DriveOptions = {},
): DrivenResource {
  return driveWith(kind, name, fields, host, options, new Map());
}

/** Settles once, then proves that nothing is left to do. Gives what was done. */
export async function converge(
  kind: ResourceKind,
  name: string,
  fields: AnyWant,
  host: Host,
  options: DriveOptions = {},
): Promise<readonly string[]> {
  const resource = drive(kind, name, fields, host, options);
  assert.deepEqual(resource.check(), [], "the fields are acceptable");
  const done = await resource.settle();
  assert.deepEqual(await resource.plan(), [], "a second observation plans nothing");
  return done;
}

/** The same on a real machine, after others have done something. */
export async function repairedSoon(resource: DrivenResource, watch: AsyncIterator<void>): Promise<readonly string[]> {
  for (;;) {
    assert.equal((await watch.next()).done, false, "the watch goes on");
    const done = await resource.settle();
    if (done.length > 0) return done;
  }
}

function driveWith(
  kind: ResourceKind,
  name: string,
  fields: AnyWant,
  host: Host,
  options: DriveOptions,
  memory: Map<string, Value>,
): DrivenResource {
  const want = wantOf(kind, name, fields);
  const said: string[] = [];
  const ended: number[] = [];
  const rests: boolean[] = [];
  const sent: Readonly<Record<string, Value | undefined>>[] = [];
  const signal = options.signal ?? new AbortController().signal;
  const members = (options.members ?? []).map((each) => memberOf(each));
  const parts = members.map((each) => each.kind);
  const witness = Witness.of(`${kind.kind}[${name}]`, [...new Set([kind.kind, ...parts])], [want, members], host);
  const env: ResourceEnv = {
    host,
    local: options.local ?? createLocalStore(host, "/var/lib/mgmt"),
    exchange: options.exchange ?? exchangeAlone(host.clock),
    signal,
    resource: `${kind.kind}[${name}]`,
    name,
    convergedSeconds: options.convergedSeconds,
    memory,
    get members() {
      return members.map((each) => ({ ...each, env, members: [] }));
    },
    peers: () => (options.peers ?? []).map((peer) => ({ name: peer.name, want: wantOf(kind, peer.name, peer.fields) })),
    stateDirectory: async () => {
      const path = options.stateDirectory ?? "/var/lib/mgmt/test";
      if ((await host.files.inspect(path, signal)) === undefined) {
        await host.files.createDirectory(path, { parents: true }, signal);
      }
      return path;
    },
    send: (values) => sent.push(values),
    rest: (isAtRest) => void rests.push(isAtRest),
    end: (status) => ended.push(status),
    say: (line, stream) => said.push(stream === "stderr" ? `stderr: ${line}` : line),
  };
  const observeAndPlan = async (hints: Partial<Hints> = {}) => {
    const have = await kind.observe(want, env);
    return kind.plan(want, have, { refresh: false, received: new Set(), ...hints }, members);
  };
  return {
    want,
    env,
    said,
    ended,
    rests,
    sent,
    check: () => problemsOf(kind, name, fields),
    plan: async (hints) => {
      const steps = await observeAndPlan(hints);
      witness.planned(steps.length);
      return steps.map((step) => kind.explain(step));
    },
    settle: async (hints) => {
      const done: string[] = [];
      for (const step of await observeAndPlan(hints)) {
        await kind.apply(step, want, env);
        done.push(renderStep(kind.explain(step)));
      }
      witness.settled(done.length);
      return done;
    },
    watch: () => witnessed(kind.watch(want, env), () => witness.told()),
    changed: (others) => driveWith(kind, name, others, host, options, memory),
  };
}

function memberOf({ kind, name, fields }: Part): MemberWant {
  const want = wantOf(kind, name, fields);
  const hints = { refresh: false, received: new Set<string>() };
  return { kind: kind.kind, name, resource: `${kind.kind}[${name}]`, want, hints, members: [] };
}

/** The first item says that the watch is armed, each other one that something has changed. */
async function* witnessed(watch: AsyncIterable<void>, onTold: () => void): AsyncGenerator<void> {
  let isArmed = false;
  for await (const _ of watch) {
    if (isArmed) onTold();
    isArmed = true;
    yield;
  }
}

/** `+ write 5 bytes` */
export function renderStep(step: StepText): string {
  return `${step.mark} ${step.text}`;
}
