// SPDX-License-Identifier: Apache-2.0
// A graph of resources in TypeScript, brought to life: its reactive values are followed, and each time the whole is
// consistent again the change of what it puts out is handed on. Knows no kind but by its schema.

import type { Span } from "../base/span.ts";
import type { Catalog } from "../contract/catalog.ts";
import type { EdgeDeclaration, OutputDelta, ResourceDeclaration, StatementKey } from "../contract/declaration.ts";
import { metaParameters } from "../contract/meta.ts";
import { Node, type Result } from "../function-graph/node.ts";
import { Outputs } from "../function-graph/outputs.ts";
import { Scope } from "../function-graph/scope.ts";
import type { Type } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { toValue } from "./convert.ts";
import { DeclaredResource, SentValue } from "./declared.ts";
import { LivingValues } from "./living-values.ts";
import type { Graph, Resource } from "./resource.ts";
import { type Source, sourceOf } from "./sources.ts";

/**
 * Yields the first complete output, then each change of it, none of them a mixture of old and new values. Ends with the
 * signal; throws what the program's own code throws.
 */
export async function* runGraph(
  graph: Graph,
  catalog: Catalog,
  signal: AbortSignal,
): AsyncGenerator<OutputDelta, void, undefined> {
  const living = new LivingGraph(catalog, signal);
  let first = true;
  try {
    living.begin(graph);
    for await (const _ of living.values.rounds) {
      living.values.round();
      if (living.values.evaluator.absentRoots.size > 0 || !(first || living.outputs.hasChanged)) continue;
      first = false;
      yield living.outputs.take();
    }
  } finally {
    living.end();
    await living.values.end();
  }
}

/** Resources that came to life together. */
interface Part {
  readonly resources: ReadonlySet<DeclaredResource>;
  readonly sources: ReadonlySet<Source<unknown>>;
}

class LivingGraph {
  readonly values: LivingValues;
  readonly outputs = new Outputs();
  readonly #catalog: Catalog;
  /** In how many places of the graph each resource is, and what ends it. */
  readonly #resources = new Map<
    DeclaredResource,
    { count: number; readonly scope: Scope; readonly key: StatementKey }
  >();
  readonly #sources = new Map<Source<unknown>, { count: number; readonly scope: Scope; part: Part }>();
  readonly #root: Part = { resources: new Set(), sources: new Set() };
  #whole: Part = this.#root;

  constructor(catalog: Catalog, signal: AbortSignal) {
    this.#catalog = catalog;
    this.values = new LivingValues(signal);
  }

  begin(graph: Graph): void {
    this.#whole = this.#replace(this.#root, partOf(graph), undefined);
    this.values.rounds.pulse(); // A program without any resource is complete at once.
  }

  end(): void {
    this.#replace(this.#whole, this.#root, undefined);
  }

  /** What begins does so before what ends, so that what both need goes on. */
  #replace(before: Part, after: Part, guard: Node | undefined): Part {
    for (const resource of after.resources) if (!before.resources.has(resource)) this.#addResource(resource, guard);
    for (const source of after.sources) if (!before.sources.has(source)) this.#addSource(source, guard);
    for (const resource of before.resources) if (!after.resources.has(resource)) this.#dropResource(resource);
    for (const source of before.sources) if (!after.sources.has(source)) this.#dropSource(source);
    return after;
  }

  #addResource(resource: DeclaredResource, guard: Node | undefined): void {
    const known = this.#resources.get(resource);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const key: StatementKey = { at: resource.at };
    const scope = new Scope(this.values.evaluator);
    this.#resources.set(resource, { count: 1, scope, key });
    const reading = new Reading(resource, this.#catalog, this.values);
    const edges = edgesOf(resource);
    const compute = (node: Node): Result => {
      if (node.inputs.some((input) => input.result === undefined)) return undefined;
      this.outputs.put(key, { resources: [reading.declaration()], edges });
      return true;
    };
    scope.add(new Node({ inputs: reading.inputs, behaviour: { label: resource.kind, compute } }, guard));
  }

  #dropResource(resource: DeclaredResource): void {
    const known = this.#resources.get(resource);
    if (known === undefined) return;
    known.count -= 1;
    if (known.count > 0) return;
    this.#resources.delete(resource);
    known.scope.end();
    this.outputs.remove(known.key);
  }

  #addSource(source: Source<unknown>, guard: Node | undefined): void {
    const known = this.#sources.get(source);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const entry = { count: 1, scope: new Scope(this.values.evaluator), part: this.#root };
    this.#sources.set(source, entry);
    const input = this.values.nodeOf(source);
    const compute = (node: Node): Result => {
      if (input.result === undefined) return undefined;
      // Whatever it gives is looked at below.
      entry.part = this.#replace(entry.part, partOf(this.values.valueOf(source) as Graph), node);
      return true;
    };
    entry.scope.add(new Node({ inputs: [input], behaviour: { label: "resources", compute } }, guard));
  }

  #dropSource(source: Source<unknown>): void {
    const known = this.#sources.get(source);
    if (known === undefined) return;
    known.count -= 1;
    if (known.count > 0) return;
    this.#sources.delete(source);
    known.scope.end();
    this.#replace(known.part, this.#root, undefined);
  }
}

function partOf(graph: Graph): Part {
  const resources = new Set<DeclaredResource>();
  const sources = new Set<Source<unknown>>();
  const visit = (item: unknown): void => {
    const source = sourceOf(item);
    if (Array.isArray(item)) item.forEach(visit);
    else if (isDeclared(item)) resources.add(item);
    else if (source !== undefined) sources.add(source);
    else if (item !== undefined && item !== null && item !== false) {
      throw new TypeError(`a program consists of resources, but this one holds a value of the type ${typeof item}`);
    }
  };
  visit(graph);
  return { resources, sources };
}

function isDeclared(item: unknown): item is DeclaredResource {
  return item instanceof DeclaredResource;
}

/** The fields and meta parameters of one resource, and the reactive values among them. */
class Reading {
  readonly inputs: readonly Node[];
  readonly #resource: DeclaredResource;
  readonly #values: LivingValues;
  readonly #fields: readonly Entry[];
  readonly #meta: readonly Entry[];
  readonly #fieldsAt: ReadonlyMap<string, Span>;

  constructor(resource: DeclaredResource, catalog: Catalog, values: LivingValues) {
    this.#resource = resource;
    this.#values = values;
    const fields = catalog.kind(resource.kind)?.fields ?? {};
    const typeOfField = (name: string): Type | "any" =>
      (Object.hasOwn(fields, name) ? fields[name]?.type : undefined) ?? "any";
    const typeOfMeta = (name: string): Type | "any" => metaParameters.find((one) => one.name === name)?.type ?? "any";
    this.#fields = entriesOf(resource.fields, typeOfField);
    this.#meta = entriesOf(resource.options.meta ?? {}, typeOfMeta);
    this.#fieldsAt = new Map();
    const sources = [...this.#fields, ...this.#meta].map(({ given }) => sourceOf(given));
    this.inputs = [...new Set(sources)].flatMap((source) => (source === undefined ? [] : [values.nodeOf(source)]));
  }

  declaration(): ResourceDeclaration {
    const { kind, name, at } = this.#resource;
    return { kind, name, at, fields: this.#read(this.#fields), meta: this.#read(this.#meta), fieldsAt: this.#fieldsAt };
  }

  #read(entries: readonly Entry[]): ReadonlyMap<string, Value> {
    const read = new Map<string, Value>();
    for (const { name, given, type } of entries) {
      const source = sourceOf(given);
      const value = source === undefined ? given : this.#values.valueOf(source);
      if (value === undefined) continue;
      try {
        read.set(name, toValue(value, type));
      } catch (reason) {
        if (!(reason instanceof TypeError)) throw reason;
        throw new TypeError(`${this.#resource.toString()}: ${name}: ${reason.message}`, { cause: reason });
      }
    }
    return read;
  }
}

interface Entry {
  readonly name: string;
  readonly given: unknown;
  readonly type: Type | "any";
}

/** What another resource sends is an edge, and no field. */
function entriesOf(given: object, typeOf: (name: string) => Type | "any"): readonly Entry[] {
  return Object.entries(given).flatMap(([name, value]: readonly [string, unknown]) =>
    value instanceof SentValue || value === undefined ? [] : [{ name, given: value, type: typeOf(name) }],
  );
}

function edgesOf(resource: DeclaredResource): readonly EdgeDeclaration[] {
  const { before, depend, notify, listen } = resource.options;
  const { at } = resource;
  return [
    ...listed(before).map((to) => ({ from: resource, to, notify: false, at })),
    ...listed(depend).map((from) => ({ from, to: resource, notify: false, at })),
    ...listed(notify).map((to) => ({ from: resource, to, notify: true, at })),
    ...listed(listen).map((from) => ({ from, to: resource, notify: true, at })),
    ...Object.entries(resource.fields).flatMap(([field, value]) =>
      value instanceof SentValue
        ? [{ from: value.from, to: resource, notify: false, send: { key: value.key, field }, at }]
        : [],
    ),
  ];
}

function listed(resources: Resource | readonly Resource[] | undefined): readonly Resource[] {
  if (resources === undefined) return [];
  return isList(resources) ? resources : [resources];
}

function isList(resources: Resource | readonly Resource[]): resources is readonly Resource[] {
  return Array.isArray(resources);
}
