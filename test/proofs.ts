// SPDX-License-Identifier: Apache-2.0
// What a kind's tests must have shown, and how that is known: whoever drives a resource (test/resource.ts) notes what
// happened, and at the end of a file `proves(…)` is a test that fails when it did not. proofs.test.ts sees that each kind has
// all of them.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { Host } from "../src/contract/host.ts";

/**
 * - `twice`: after steps were done, there is nothing left to do.
 * - `outside change`: a watch has told of something that others did, and steps have repaired it.
 * - `bad values`: a mistake in the fields is found before anything is touched.
 * - `random starts`: three hundred machines, each as it happens to be, came to what is wanted.
 * - `real part`: it has changed something outside of this process, by which the test saw that it works.
 */
export const proofs = ["twice", "outside change", "bad values", "random starts", "real part"] as const;
export type Proof = (typeof proofs)[number];

const machinesNeeded = 300;

/** What was seen of a kind in this process. */
interface Seen {
  readonly shown: Set<Proof>;
  /** On which it came to what is wanted. */
  readonly machines: WeakSet<object>;
  count: number;
}

const seen = new Map<string, Seen>();

function seenOf(kind: string): Seen {
  const found = seen.get(kind) ?? { shown: new Set(), machines: new WeakSet(), count: 0 };
  seen.set(kind, found);
  return found;
}

/** Why real parts could not be tried in this process. */
const lacking: string[] = [];

/** This machine lacks something that a test needs: it is printed, and no proof of a real part is asked for. */
export function notTried(context: Pick<TestContext, "diagnostic">, reason: string): void {
  lacking.push(reason);
  context.diagnostic(`not tried: ${reason}`);
}

/**
 * At the end of a test file: it has shown this of that kind. Whatever is said in vain fails. The text of such a call is
 * what proofs.test.ts reads, so it has literal names alone.
 */
export function proves(kind: string, ...claimed: readonly Proof[]): void {
  test(`${kind} is proven: ${claimed.join(", ")}`, () => {
    const { shown } = seenOf(kind);
    for (const proof of claimed) {
      if (proof === "real part" && lacking.length > 0 && !shown.has(proof)) continue;
      assert.ok(shown.has(proof), `no test of this file has shown of ${kind}: ${proof}`);
    }
  });
}

/** A test has just seen it by other means than driving the resource itself. */
export function shows(kind: string, proof: Proof): void {
  seenOf(kind).shown.add(proof);
}

/** One that was declared came to what is wanted on this machine: another one each time. */
export function cameTrue(kind: string, machine: object): void {
  const found = seenOf(kind);
  if (found.machines.has(machine)) return;
  found.machines.add(machine);
  found.count += 1;
  if (found.count >= machinesNeeded) found.shown.add("random starts");
}

/** Notes what happens to one resource that is driven by hand, with the same fields all the time. */
export class Witness {
  readonly #kinds: readonly string[];
  readonly #host: Host;
  #want: unknown;
  #hasDone = false;
  #hasSettled = false;
  #isTold = false;

  private constructor(kinds: readonly string[], host: Host) {
    this.#kinds = kinds;
    this.#host = host;
  }

  /** The one of a resource on a machine, however often it is driven anew. `kinds`: its own, and those of its parts. */
  static of(resource: string, kinds: readonly string[], want: unknown, host: Host): Witness {
    const onHost = witnesses.get(host) ?? new Map<string, Witness>();
    witnesses.set(host, onHost);
    const found = onHost.get(resource);
    if (found !== undefined && isDeepStrictEqual(found.#want, want)) return found;
    const witness = new Witness(kinds, host);
    witness.#want = want;
    onHost.set(resource, witness);
    return witness;
  }

  /** The watch has told of something, after it was armed. */
  told(): void {
    this.#isTold = true;
  }

  planned(steps: number): void {
    if (steps > 0 || !this.#hasSettled) return;
    for (const kind of this.#kinds) {
      if (this.#hasDone) shows(kind, "twice");
      cameTrue(kind, this.#host);
    }
  }

  settled(steps: number): void {
    this.planned(steps);
    this.#hasSettled = true;
    if (steps === 0) return;
    this.#hasDone = true;
    for (const kind of this.#kinds) {
      if (this.#isTold) shows(kind, "outside change");
      if (!("outside" in this.#host)) shows(kind, "real part");
    }
    this.#isTold = false;
  }
}

const witnesses = new WeakMap<Host, Map<string, Witness>>();
