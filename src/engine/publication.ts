// SPDX-License-Identifier: Apache-2.0
// What a resource with `Meta:export` tells other hosts of itself: the fields that its program sets, and those that it has
// received. Pure.

import type { ExportKey, Shown } from "../contract/exchange.ts";
import { Failure } from "../contract/failure.ts";
import type { StepText } from "../contract/resource.ts";
import type { GraphDifference } from "../resource-graph/difference.ts";
import { type ResourceGraph, type Vertex, withMembers } from "../resource-graph/vertex.ts";
import { valueOfWanted } from "../resource-graph/wanted.ts";
import { storedTextOf } from "../values/stored.ts";
import { StructValue, type Value } from "../values/value.ts";
import type { Inputs, Part } from "./part.ts";

/** What other hosts are to have of it, for some of them. */
export interface Publication {
  readonly keys: readonly ExportKey[];
  readonly shown: Shown;
  /** The same for the same publication. */
  readonly mark: string;
}

export function isExported({ meta }: Vertex): boolean {
  return meta.export.length > 0;
}

/** Throws a `Failure` for what must not leave this host. */
export function publicationOf({ vertex, secrets }: Part, { want, received }: Inputs): Publication {
  const { kind, name, meta, given } = vertex;
  const fields: (readonly [name: string, value: Value])[] = [];
  for (const [field, declared] of Object.entries(kind.fields)) {
    if (!given.includes(field) && !received.has(field)) continue;
    const value = valueOfWanted(declared, want[field]);
    if (value === undefined) continue;
    if (declared.secret || secrets.has(field)) throw isSecret(field);
    fields.push([field, value]);
  }
  const names = fields.map(([field]) => field);
  const data = storedTextOf(
    new StructValue(
      names,
      fields.map(([, value]) => value),
    ),
  );
  const hosts = [...new Set(meta.export)].sort();
  const keys = hosts.map((to): ExportKey => ({ to, kind: kind.kind, name }));
  const shown = { data, expire: meta.expire };
  return { keys, shown, mark: JSON.stringify([hosts, shown]) };
}

/** `isNew`: some host could not collect it before. */
export function publicationText({ keys }: Publication, isNew: boolean): StepText {
  const names = keys.map(({ to }) => to);
  const hosts = names.includes("*") ? "every host" : names.join(", ");
  return { mark: isNew ? "+" : "~", text: `export it to ${hosts}` };
}

/** Nothing of what others see is another: a later run looks after it. */
export const takeOver: StepText = { mark: "~", text: "keep what it exports from expiring", says: true, internal: true };

/** For sets. */
export function exportName({ to, kind, name }: ExportKey): string {
  return JSON.stringify([to, kind, name]);
}

function isSecret(field: string): Failure {
  return new Failure(`its field "${field}" is a secret, which no other host may see`, {
    code: "invalid",
    hint: "Take `Meta:export` off it.",
  });
}

/** Everything that a graph exports, by `exportName`. */
export function exportNames(graph: ResourceGraph): ReadonlySet<string> {
  const names = new Set<string>();
  for (const vertex of graph.vertices) {
    for (const { kind, name, meta } of withMembers(vertex)) {
      for (const to of meta.export) names.add(exportName({ to, kind: kind.kind, name }));
    }
  }
  return names;
}

/** Whether something may not be exported any more. */
export function exportsLess({ removed, changed }: GraphDifference): boolean {
  const before = [...removed, ...changed.map((change) => change.before)];
  return before.some((vertex) => withMembers(vertex).some(isExported));
}
