// SPDX-License-Identifier: Apache-2.0
// Keeps the resource graph of a program up to date: takes each delta of its output, gives the next graph or problems.
// A delta that only changes values costs work for the changed resources, whatever the size of the program.

import { invariant } from "../base/invariant.ts";
import { type Problem, Problems } from "../base/problem.ts";
import type { Catalog } from "../contract/catalog.ts";
import type { ResourceKind } from "../contract/resource.ts";
import {
  type EdgeDeclaration,
  type OutputDelta,
  renderReference,
  type ResourceDeclaration,
  type StatementKey,
  type StatementOutput,
} from "../contract/declaration.ts";
import { noFacts } from "./automatic-edges.ts";
import { changeOf, differenceBetween, type GraphDifference, type VertexChange } from "./difference.ts";
import { assemble, type Groups, noGroups } from "./groups.ts";
import { createDraft, type Draft, type Pass, type PassOptions, passesFor } from "./passes.ts";
import { type ReadResource, readDeclaration } from "./read-declaration.ts";
import { changedFields, changedMeta, emptyGraph, type ResourceGraph, sameVertex, type Vertex } from "./vertex.ts";

/** What a delta cost, in resources looked at; for tests, and to see where time goes. */
export interface Effort {
  /** Declarations read against their schema. */
  readonly read: number;
  /** Vertices placed into the graph anew. */
  readonly placed: number;
}

export type Questions = ReadonlyMap<ResourceKind, ReadonlySet<string>>;

export type Built =
  | {
      readonly ok: true;
      readonly graph: ResourceGraph;
      readonly difference: GraphDifference;
      readonly effort: Effort;
    }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly effort: Effort };

export interface ResourceGraphBuilder {
  /**
   * Takes what changed in the output since the last call, whether that one gave a graph or not. With problems the
   * graph in force stays, and the next graph is compared with it.
   */
  apply(delta: OutputDelta): Built;
  /** The output of the last call once more, after facts have become others. */
  rebuild(): Built;
  /** What kinds want to know of the machine for the edges of the last output; a graph is made without it too. */
  readonly questions: Questions;
  /** The last sound graph; empty at first. */
  readonly graph: ResourceGraph;
}

export function createResourceGraphBuilder(catalog: Catalog, options: PassOptions = {}): ResourceGraphBuilder {
  return new Builder(catalog, passesFor(options), options.facts ?? (() => noFacts));
}

class Builder implements ResourceGraphBuilder {
  graph: ResourceGraph = emptyGraph;
  readonly #catalog: Catalog;
  readonly #passes: readonly Pass[];
  readonly #facts: Draft["facts"];
  questions: Questions = new Map();
  /** The program's present output, with or without problems. */
  readonly #outputs = new Map<StatementKey, StatementOutput>();
  /** What has been read of the declarations of the present output. */
  readonly #readings = new Map<ResourceDeclaration, ReadResource>();
  /** Of the graph in force, by key, each by itself. */
  #resources: Map<string, Vertex> = new Map();
  #groups: Groups = noGroups;
  /** How many visible declarations each resource comes from. */
  #declarations = new Map<string, number>();
  /** The graph in force is that of the present output. */
  #isCurrent = true;
  #read = 0;

  constructor(catalog: Catalog, passes: readonly Pass[], facts: Draft["facts"]) {
    this.#catalog = catalog;
    this.#passes = passes;
    this.#facts = facts;
  }

  apply(delta: OutputDelta): Built {
    this.#read = 0;
    const patchable = this.#isCurrent && delta.removed.length === 0 && this.#changesValuesOnly(delta);
    for (const key of delta.removed) this.#setOutput(key, undefined);
    for (const [key, output] of delta.changed) this.#setOutput(key, output);
    return this.#accept((patchable ? this.#patch(delta) : undefined) ?? this.#rebuild());
  }

  rebuild(): Built {
    this.#read = 0;
    return this.#accept(this.#rebuild());
  }

  #accept(built: Built): Built {
    this.#isCurrent = built.ok;
    if (built.ok) this.graph = built.graph;
    return built;
  }

  #setOutput(key: StatementKey, output: StatementOutput | undefined): void {
    const former = this.#outputs.get(key)?.resources ?? [];
    const latter = new Set(output?.resources);
    for (const declaration of former) if (!latter.has(declaration)) this.#readings.delete(declaration);
    if (output === undefined) this.#outputs.delete(key);
    else this.#outputs.set(key, output);
  }

  // ---- Only values change ----

  /** True when no vertex and no edge can appear or disappear. */
  #changesValuesOnly(delta: OutputDelta): boolean {
    for (const [key, output] of delta.changed) {
      const former = this.#outputs.get(key);
      if (former === undefined || !sameEdges(former.edges, output.edges)) return false;
      if (former.resources.length !== output.resources.length) return false;
      for (let at = 0; at < output.resources.length; at += 1) {
        const before = former.resources[at] as ResourceDeclaration;
        const after = output.resources[at] as ResourceDeclaration;
        if (before === after) continue;
        if (before.kind !== after.kind || before.name !== after.name) return false;
        // Duplicates must be compared with each other, and hidden resources are counted: the passes do both.
        if (this.#declarations.get(renderReference(after)) !== 1) return false;
        if (before.meta.get("hidden") === true || after.meta.get("hidden") === true) return false;
      }
    }
    return true;
  }

  /** Undefined when a changed value may change an edge or a group. */
  #patch(delta: OutputDelta): Built | undefined {
    const problems = new Problems();
    const changed = new Map<string, Vertex>();
    for (const [key, output] of delta.changed) {
      for (const declaration of output.resources) {
        const reading = this.#readOnce(declaration, key);
        problems.adopt(reading.problems);
        if (reading.vertex === undefined) continue;
        const before = this.#resources.get(reading.vertex.key) as Vertex;
        if (sameVertex(before, reading.vertex)) continue;
        if (changesStructure(before, reading.vertex)) return undefined;
        changed.set(reading.vertex.key, reading.vertex);
      }
    }
    if (problems.any) {
      const effort = { read: this.#read, placed: changed.size };
      return { ok: false, problems: inSourceOrder(problems.all), effort };
    }
    for (const [key, vertex] of changed) this.#resources.set(key, vertex);
    return this.#placeChanged(new Set([...changed.keys()].map((key) => this.#groups.homeOf.get(key) ?? key)));
  }

  /** Puts vertices anew into a graph of the same shape. */
  #placeChanged(keys: ReadonlySet<string>): Built {
    const former = this.graph;
    const vertices = former.vertices.slice();
    const changed: VertexChange[] = [];
    for (const key of keys) {
      const number = former.shape.numberOf.get(key) as number;
      const after = assemble(key, this.#resources, this.#groups);
      changed.push(changeOf(former.vertices[number] as Vertex, after));
      vertices[number] = after;
    }
    const difference: GraphDifference = {
      added: [],
      changed,
      removed: [],
      kept: vertices.length - changed.length,
      edges: { added: [], changed: [], removed: [] },
    };
    const graph = { shape: former.shape, vertices, identity: {}, since: { identity: former.identity, difference } };
    return { ok: true, graph, difference, effort: { read: this.#read, placed: changed.length } };
  }

  // ---- Anything else ----

  #rebuild(): Built {
    const statements = [...this.#outputs].map(([key, output]) => ({ key, output }));
    statements.sort((left, right) => comparePlaces(left.key.at, right.key.at));
    const draft = createDraft({
      catalog: this.#catalog,
      statements,
      read: (declaration, statement) => this.#readOnce(declaration, statement),
      facts: this.#facts,
    });
    for (const pass of this.#passes) pass(draft);
    this.questions = draft.questions;
    const effort = { read: this.#read, placed: draft.vertices.size };
    if (draft.problems.any) return { ok: false, problems: inSourceOrder(draft.problems.all), effort };
    invariant(draft.shape !== undefined, "the passes made a shape");
    this.#declarations = countDeclarations(draft.resources);
    this.#resources = draft.vertices;
    this.#groups = draft.groups;
    const vertices = draft.shape.keys.map((key) => assemble(key, this.#resources, this.#groups));
    const graph: ResourceGraph = { shape: draft.shape, vertices, identity: {} };
    const difference = differenceBetween(this.graph, graph);
    return { ok: true, graph: { ...graph, since: { identity: this.graph.identity, difference } }, difference, effort };
  }

  #readOnce(declaration: ResourceDeclaration, statement: StatementKey): ReadResource {
    const known = this.#readings.get(declaration);
    if (known !== undefined) return known;
    this.#read += 1;
    const reading = readDeclaration(this.#catalog, declaration, statement);
    this.#readings.set(declaration, reading);
    return reading;
  }
}

/** Whether edges or groups may be others than before. Kinds name the fields that theirs depend on. */
function changesStructure(before: Vertex, after: Vertex): boolean {
  const { edges, grouping } = after.kind;
  const reads = [...(edges?.reads ?? []), ...(grouping?.reads ?? [])];
  return (
    changedMeta(before, after).some((name) => structuralMeta.has(name)) ||
    (reads.length > 0 && changedFields(before, after).some((name) => reads.includes(name)))
  );
}

const structuralMeta: ReadonlySet<string> = new Set(["autoedge", "autogroup", "hidden", "noop", "sema"]);

function countDeclarations(resources: readonly Vertex[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { meta, reference } of resources) {
    if (!meta.hidden) counts.set(reference, (counts.get(reference) ?? 0) + 1);
  }
  return counts;
}

function sameEdges(left: readonly EdgeDeclaration[], right: readonly EdgeDeclaration[]): boolean {
  if (left === right) return true;
  return (
    left.length === right.length &&
    left.every((edge, at) => {
      const other = right[at] as EdgeDeclaration;
      return (
        edge.notify === other.notify &&
        edge.from.kind === other.from.kind &&
        edge.from.name === other.from.name &&
        edge.to.kind === other.to.kind &&
        edge.to.name === other.to.name &&
        edge.send?.key === other.send?.key &&
        edge.send?.field === other.send?.field
      );
    })
  );
}

/** Statements appear and disappear in any order; the graph must not depend on it. */
function comparePlaces(left: StatementKey["at"], right: StatementKey["at"]): number {
  if (left.file === right.file || left.file.path === right.file.path) return left.start - right.start;
  return left.file.path < right.file.path ? -1 : 1;
}

function inSourceOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((left, right) => comparePlaces(left.at, right.at));
}
