// SPDX-License-Identifier: Apache-2.0
// What the engine remembers of one resource, whether it is a vertex of its own or runs as a member of another: what it
// has sent and received, its memory, its counts. Outlives the worker, so a resource can move between groups.

import type { AnyWant, Hints } from "../contract/resource.ts";
import { type Vertex, withMembers } from "../resource-graph/vertex.ts";
import type { Value } from "../values/value.ts";
import type { Node } from "./node.ts";

export interface Part {
  readonly key: string;
  /** As it is in the graph now; the members of a group stand in their container. */
  vertex: Vertex;
  /** The node that it runs in. */
  home: Node | undefined;

  // ---- What goes along edges, kept by along-edges.ts ----
  /** As of the last success. */
  readonly sent: Map<string, Value | undefined>;
  /** Sent since then. */
  outbox: Map<string, Value | undefined> | undefined;
  /** Keys whose value exists only after a step that noop has not let happen. */
  unsure: ReadonlySet<string>;
  /** Received fields as of the last success. */
  received: ReadonlyMap<string, unknown>;
  /** Fields that were received and hold what must not be shown. */
  secrets: ReadonlySet<string>;
  /** For the observation that runs now, or ran last. */
  inputs: Inputs | undefined;

  /** What other hosts are known to have of it: the mark of a `Publication`. Kept by work.ts. */
  published: string | undefined;

  // ---- What it may use, kept by env.ts ----
  memory: Map<string, Value> | undefined;
  stateDirectory: Promise<string> | undefined;

  // ---- What `report` tells ----
  observations: number;
  steps: number;
}

/** What an observation is given. */
export interface Inputs {
  readonly want: AnyWant;
  readonly hints: Hints;
  /** All received fields, changed or not. */
  readonly received: ReadonlyMap<string, unknown>;
  /** Values that cannot be known, because noop keeps a sender from its step. */
  readonly unsure: readonly string[];
  /** The turn in which they were taken: a refresh that came later is not served yet. */
  readonly turn: number;
}

/** As last observed, received values included; as declared when it was never observed. */
export function wantOf(part: Part): AnyWant {
  return part.inputs?.want ?? part.vertex.want;
}

export const noKeys: ReadonlySet<string> = new Set();
const nothingReceived: ReadonlyMap<string, unknown> = new Map();
const noSecrets: ReadonlySet<string> = new Set();

/** Every resource in the graph, by key. */
export class Parts {
  readonly #parts = new Map<string, Part>();

  all(): Iterable<Part> {
    return this.#parts.values();
  }

  /** Those of a vertex: its own first, then its members, theirs included. They keep what they had elsewhere. */
  of(vertex: Vertex): ReadonlyMap<string, Part> {
    const parts = new Map<string, Part>();
    for (const resource of withMembers(vertex)) {
      const known = this.#parts.get(resource.key);
      const part = known ?? createPart(resource);
      if (known === undefined) this.#parts.set(resource.key, part);
      else part.vertex = resource;
      parts.set(resource.key, part);
    }
    return parts;
  }

  /** Forgets those of the vertex that run nowhere any more; calls `gone` for each. */
  forget(vertex: Vertex, isInGraph: (node: Node) => boolean, gone: (part: Part) => void): void {
    for (const { key } of withMembers(vertex)) {
      const part = this.#parts.get(key);
      if (part === undefined) continue;
      const { home } = part;
      if (home !== undefined && isInGraph(home) && home.parts.get(key) === part) continue;
      this.#parts.delete(key);
      gone(part);
    }
  }
}

function createPart(vertex: Vertex): Part {
  return {
    key: vertex.key,
    vertex,
    home: undefined,
    sent: new Map(),
    outbox: undefined,
    unsure: noKeys,
    received: nothingReceived,
    secrets: noSecrets,
    inputs: undefined,
    published: undefined,
    memory: undefined,
    stateDirectory: undefined,
    observations: 0,
    steps: 0,
  };
}
