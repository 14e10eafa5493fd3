// SPDX-License-Identifier: Apache-2.0
// One vertex for each resource: the same resource may be declared in several places, as long as it is the same, or its
// kind knows a resource that is both.

import { askKind } from "./ask-kind.ts";
import { conflictingDuplicate } from "./problems.ts";
import type { Draft } from "./passes.ts";
import { changedFields, changedMeta, sameVertex, type Vertex } from "./vertex.ts";

/** Hidden resources never conflict: each is a vertex of its own, unless it equals the one before of its reference. */
export function mergeDuplicates(draft: Draft): void {
  const lastHidden = new Map<string, { readonly vertex: Vertex; readonly count: number }>();
  const exported = new Map<string, Vertex>();
  const declared = referencesDeclared(draft.resources);
  for (const resource of draft.resources) {
    if (isOwnCopy(resource, declared)) continue;
    checkExports(draft, exported, resource);
    if (!resource.meta.hidden) {
      mergeVisible(draft, resource);
      continue;
    }
    const former = lastHidden.get(resource.reference);
    if (former !== undefined && sameVertex(former.vertex, resource)) continue;
    const count = (former?.count ?? 0) + 1;
    const vertex = { ...resource, key: `${resource.reference} hidden ${count}` };
    lastHidden.set(resource.reference, { vertex, count });
    add(draft, vertex);
  }
}

/** Visible resources that the program itself declares. */
function referencesDeclared(resources: readonly Vertex[]): ReadonlySet<string> {
  if (!resources.some(({ collected }) => collected?.own === true)) return new Set();
  return new Set(resources.flatMap(({ collected, meta, reference }) => (collected || meta.hidden ? [] : [reference])));
}

/**
 * Collected from this very host, which has the resource itself: the declaration counts, for what was exported of it may
 * be older.
 */
function isOwnCopy({ collected, reference }: Vertex, declared: ReadonlySet<string>): boolean {
  return collected?.own === true && declared.has(reference);
}

function mergeVisible(draft: Draft, resource: Vertex): void {
  const former = draft.vertices.get(resource.key);
  if (former === undefined) add(draft, resource);
  else if (!sameVertex(former, resource)) {
    const both = vertexOfBoth(draft, former, resource);
    if (both === undefined) reportConflict(draft, former, resource);
    else replace(draft, former, both);
  }
}

function vertexOfBoth(draft: Draft, former: Vertex, resource: Vertex): Vertex | undefined {
  if (changedMeta(former, resource).length > 0) return undefined;
  const want = askKind(resource, draft.problems, () => former.kind.merge?.(former.want, resource.want));
  if (want === undefined) return undefined;
  return { ...former, want, given: [...new Set([...former.given, ...resource.given])] };
}

function replace(draft: Draft, former: Vertex, vertex: Vertex): void {
  draft.vertices.set(vertex.key, vertex);
  const others = draft.byReference.get(vertex.reference) ?? [];
  others[others.indexOf(former)] = vertex;
}

/** Who collects on a host asks for a kind and a name, so there is one resource of them for each host. */
function checkExports(draft: Draft, exported: Map<string, Vertex>, resource: Vertex): void {
  const others = new Set<Vertex>();
  for (const host of resource.meta.export) {
    const key = `${resource.reference} ${host}`;
    const former = exported.get(key);
    if (former === undefined) exported.set(key, resource);
    else others.add(former);
  }
  for (const former of others) {
    const areVisible = !former.meta.hidden && !resource.meta.hidden; // Such conflict wherever they are exported to.
    if (!areVisible && !sameVertex(former, resource)) reportConflict(draft, former, resource);
  }
}

function reportConflict(draft: Draft, former: Vertex, resource: Vertex): void {
  const differences = [
    ...changedFields(former, resource),
    ...changedMeta(former, resource).map((name) => `Meta:${name}`),
  ];
  draft.problems.report(conflictingDuplicate, resource.at, {
    resource: resource.reference,
    other: former.at,
    differences,
    exporters: [former.collected?.host, resource.collected?.host],
  });
}

function add(draft: Draft, vertex: Vertex): void {
  draft.vertices.set(vertex.key, vertex);
  const others = draft.byReference.get(vertex.reference);
  if (others === undefined) draft.byReference.set(vertex.reference, [vertex]);
  else others.push(vertex);
}
