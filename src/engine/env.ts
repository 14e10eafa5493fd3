// SPDX-License-Identifier: Apache-2.0
// What a kind may use while it works for one resource. Everything it says and sends is in the name of that resource.

import { invariant } from "../base/invariant.ts";
import type { Listener } from "../contract/event.ts";
import type { Exchange } from "../contract/exchange.ts";
import type { Host } from "../contract/host.ts";
import type { LocalStore } from "../contract/local-store.ts";
import type { AnyWant, Hints, Member, ResourceEnv } from "../contract/resource.ts";
import type { Value } from "../values/value.ts";
import type { Node } from "./node.ts";
import { type Inputs, type Part, wantOf } from "./part.ts";
import type { Vertex } from "../resource-graph/vertex.ts";
import type { Secrets } from "./secrets.ts";
import { makeStateDirectory, statePath } from "./state-directory.ts";

export interface EnvOptions {
  readonly host: Host;
  readonly local: LocalStore;
  readonly exchange: Exchange;
  readonly stateRoot: string;
  readonly emit: Listener;
  readonly secrets: Secrets;
  readonly convergedSeconds?: number | undefined;
  /** A step of it has come to rest, or has something to do again. */
  readonly rest: (node: Node, isAtRest: boolean) => void;
  /** Every resource in the graph now. */
  readonly parts: () => Iterable<Part>;
}

/** Whoever serves a thousand members asks for them at each request. */
interface KnownMembers {
  readonly vertex: Vertex;
  /** Those of its members are taken together with its own. */
  readonly inputs: Inputs | undefined;
  readonly all: readonly Member[];
}

const noHints: Hints = { refresh: false, received: new Set() };

/** A class, because there is one for each watch and each observation. */
export class Env implements ResourceEnv {
  readonly host: Host;
  readonly local: LocalStore;
  readonly exchange: Exchange;
  readonly signal: AbortSignal;
  readonly #options: EnvOptions;
  readonly #node: Node;
  readonly #part: Part;
  #known: KnownMembers | undefined;

  constructor(options: EnvOptions, node: Node, part: Part, signal: AbortSignal) {
    this.host = options.host;
    this.local = options.local;
    this.exchange = options.exchange;
    this.signal = signal;
    this.#options = options;
    this.#node = node;
    this.#part = part;
  }

  get resource(): string {
    return this.#part.vertex.reference;
  }

  get name(): string {
    return this.#part.vertex.name;
  }

  get convergedSeconds(): number | undefined {
    return this.#options.convergedSeconds;
  }

  get memory(): Map<string, Value> {
    this.#part.memory ??= new Map();
    return this.#part.memory;
  }

  get members(): readonly Member[] {
    const { vertex, inputs } = this.#part;
    if (vertex.members.length === 0 || vertex.kind.grouping?.run !== "together") return [];
    if (this.#known?.vertex === vertex && this.#known.inputs === inputs) return this.#known.all;
    const all = this.#listMembers(vertex);
    this.#known = { vertex, inputs, all };
    return all;
  }

  #listMembers({ members }: Vertex): readonly Member[] {
    return members.map((vertex): Member => {
      const part = this.#node.parts.get(vertex.key);
      invariant(part !== undefined, "a node has all members of its vertex");
      const env = new Env(this.#options, this.#node, part, this.signal);
      return {
        kind: vertex.kind.kind,
        name: vertex.name,
        resource: vertex.reference,
        want: wantOf(part),
        hints: part.inputs?.hints ?? noHints,
        env,
        members: env.members,
      };
    });
  }

  *peers(): Iterable<{ readonly name: string; readonly want: AnyWant }> {
    for (const part of this.#options.parts()) {
      const { kind, name, meta } = part.vertex;
      if (kind === this.#part.vertex.kind && part !== this.#part && !meta.hidden) yield { name, want: wantOf(part) };
    }
  }

  stateDirectory(): Promise<string> {
    const part = this.#part;
    const { kind, name } = part.vertex;
    if (part.stateDirectory !== undefined) return part.stateDirectory;
    const path = statePath(this.#options.stateRoot, kind.kind, name);
    // Noop leaves nothing behind: what was never kept is not found, and nothing is kept.
    if (this.#node.state.meta.noop) return Promise.resolve(path);
    const made = makeStateDirectory(this.host, path, this.signal);
    part.stateDirectory = made;
    // What failed, or was cut off with one observation, may work for the next.
    made.catch(() => {
      part.stateDirectory = undefined;
    });
    return made;
  }

  send(values: Readonly<Record<string, Value | undefined>>): void {
    const { kind } = this.#part.vertex;
    const declared = kind.traits.sends ?? {};
    for (const key of kind.traits.secretSends ?? []) this.#options.secrets.keep(values[key]);
    this.#part.outbox ??= new Map();
    for (const [key, value] of Object.entries(values)) {
      invariant(Object.hasOwn(declared, key), `the kind ${kind.kind} declares that it sends "${key}"`);
      this.#part.outbox.set(key, value);
    }
  }

  say(line: string, stream: "stdout" | "stderr" = "stdout"): void {
    const { resource } = this;
    this.#options.emit({ type: "said", resource, ...groupOf(this.#node, this.#part), stream, line });
  }

  rest(isAtRest: boolean): void {
    this.#options.rest(this.#node, isAtRest);
  }

  end(status: number): void {
    const { resource } = this;
    this.#options.emit({ type: "ended", resource, ...groupOf(this.#node, this.#part), status });
  }
}

/** For events: in which group a member runs. */
export function groupOf(node: Node, part: Part): { readonly group?: string } {
  return part === node.own ? {} : { group: node.vertex.reference };
}
