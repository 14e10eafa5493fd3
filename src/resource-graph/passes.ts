// SPDX-License-Identifier: Apache-2.0
// The passes that turn the whole output of a program into a resource graph, in their order.

import { Problems } from "../base/problem.ts";
import type { Catalog } from "../contract/catalog.ts";
import {
  renderReference,
  type ResourceDeclaration,
  type StatementKey,
  type StatementOutput,
} from "../contract/declaration.ts";
import type { Facts } from "../contract/automatic.ts";
import type { ResourceKind } from "../contract/resource.ts";
import type { Graph } from "../graph/graph.ts";
import { addAutomaticEdges } from "./automatic-edges.ts";
import { addDeclaredEdges } from "./declared-edges.ts";
import { formGroups, type Groups, noGroups } from "./groups.ts";
import { mergeDuplicates } from "./merge-duplicates.ts";
import type { ReadResource } from "./read-declaration.ts";
import { rejectCycles } from "./reject-cycles.ts";
import { checkSemaphores } from "./semaphores.ts";
import type { ResourceEdge, Vertex } from "./vertex.ts";

/** What the passes work on, one after the other. */
export interface Draft {
  readonly catalog: Catalog;
  /** In the order of the source. */
  readonly statements: readonly { readonly key: StatementKey; readonly output: StatementOutput }[];
  /** Remembers what it has read before. */
  readonly read: (declaration: ResourceDeclaration, statement: StatementKey) => ReadResource;
  readonly problems: Problems;
  /** Sound resources as declared, duplicates included. */
  readonly resources: Vertex[];
  /** References of resources that are declared, but wrong: they have had their problem already. */
  readonly unsound: Set<string>;
  /** By key. */
  readonly vertices: Map<string, Vertex>;
  /** The vertices that an edge to a reference means: one visible, and any number of hidden ones. */
  readonly byReference: Map<string, Vertex[]>;
  /** What each kind knows of the machine by now. */
  readonly facts: (kind: ResourceKind) => Facts;
  /** What the kinds of the vertices want to know of it. */
  readonly questions: Map<ResourceKind, Set<string>>;
  /** By `edgeKey`. */
  readonly edges: Map<string, ResourceEdge>;
  /** Of all resources, then of the groups. */
  shape: Graph<ResourceEdge> | undefined;
  groups: Groups;
}

/** Adds to the draft, or reports; goes on after a problem, so that a person sees all of them at once. */
export type Pass = (draft: Draft) => void;

/** What of the automatic parts is wanted. */
export interface PassOptions {
  /** Absent: yes. */
  readonly autoedges?: boolean | undefined;
  readonly autogroups?: boolean | undefined;
  /** What is known of the machine; absent: nothing. */
  readonly facts?: ((kind: ResourceKind) => Facts) | undefined;
}

export function passesFor({ autoedges = true, autogroups = true }: PassOptions): readonly Pass[] {
  return [
    readDeclarations, // Each resource by itself: kind, fields, meta parameters, name, the kind's own check.
    mergeDuplicates, // Needs sound resources to compare; makes the vertices.
    addDeclaredEdges, // Needs all vertices, for an edge may lead to any of them; checks what is sent along.
    ...(autoedges ? [addAutomaticEdges] : []), // Needs all vertices, and adds none that is declared.
    checkSemaphores, // Only looks.
    rejectCycles, // Needs all edges.
    ...(autogroups ? [formGroups] : []), // Last: needs to know that there is no cycle, and makes none.
  ];
}

export function createDraft(parts: Pick<Draft, "catalog" | "statements" | "read" | "facts">): Draft {
  return {
    ...parts,
    problems: new Problems(),
    resources: [],
    unsound: new Set(),
    vertices: new Map(),
    byReference: new Map(),
    questions: new Map(),
    edges: new Map(),
    shape: undefined,
    groups: noGroups,
  };
}

function readDeclarations(draft: Draft): void {
  for (const { key, output } of draft.statements) {
    for (const declaration of output.resources) {
      const { vertex, problems } = draft.read(declaration, key);
      draft.problems.adopt(problems);
      if (vertex !== undefined) draft.resources.push(vertex);
      else draft.unsound.add(renderReference(declaration));
    }
  }
}
