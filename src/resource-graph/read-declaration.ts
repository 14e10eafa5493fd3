// SPDX-License-Identifier: Apache-2.0
// The passes over one declared resource: kind, fields, meta parameters, name, and the kind's own check.
// Looks at nothing but the declaration, so what it gives can be kept as long as the declaration is in force.

import { nearest } from "../base/nearest.ts";
import { type Problem, Problems } from "../base/problem.ts";
import type { Catalog } from "../contract/catalog.ts";
import { renderReference, type ResourceDeclaration, type StatementKey } from "../contract/declaration.ts";
import { type FieldTable, fromName } from "../contract/field.ts";
import type { AnyWant, ResourceKind } from "../contract/resource.ts";
import { askKind } from "./ask-kind.ts";
import { dollarName, emptyName, unknownField, unknownKind, wrongField, wrongMeta, wrongResource } from "./problems.ts";
import { readMeta } from "./read-meta.ts";
import type { Vertex } from "./vertex.ts";
import { readWanted } from "./wanted.ts";

/** A vertex that is not in a graph yet, so it has only the name that others call it by. */
export interface ReadResource {
  /** Undefined when there are problems. */
  readonly vertex: Vertex | undefined;
  readonly problems: readonly Problem[];
}

export function readDeclaration(
  catalog: Catalog,
  declaration: ResourceDeclaration,
  statement: StatementKey,
): ReadResource {
  const problems = new Problems();
  const kind = catalog.kind(declaration.kind);
  if (kind === undefined) {
    const suggestion = nearest(declaration.kind, catalog.kinds);
    problems.report(unknownKind, declaration.at, { kind: declaration.kind, suggestion });
    return { vertex: undefined, problems: problems.all };
  }
  const reference = renderReference(declaration);
  const want = readFields(kind, declaration, problems);
  const meta = readMeta(declaration, problems);
  checkName(declaration, meta.dollar, problems);
  // The kind's own check may count on what the schema promises, so it only sees sound fields.
  askKind({ reference, at: declaration.at }, problems, () => {
    if (!problems.any && !meta.hidden) checkPolling(kind, meta.poll, declaration, problems);
    if (!problems.any && !meta.hidden) checkWant(kind, want, declaration, problems);
    if (!problems.any && !meta.hidden && meta.reverse) checkReverse(kind, want, declaration, problems);
  });
  if (problems.any) return { vertex: undefined, problems: problems.all };
  const { name, at, collected } = declaration;
  const given = [...declaration.fields.keys()];
  const vertex = { key: reference, kind, name, reference, want, given, meta, at, statement, members: [] };
  return { vertex: collected === undefined ? vertex : { ...vertex, collected }, problems: [] };
}

/** What is wrong with single fields of a declaration in which others are missing, so that its kind cannot be asked. */
export function readKnownFields(catalog: Catalog, declaration: ResourceDeclaration): readonly Problem[] {
  const problems = new Problems();
  const kind = catalog.kind(declaration.kind);
  if (kind !== undefined) readFields(kind, declaration, problems);
  return problems.all;
}

function readFields(kind: ResourceKind, declaration: ResourceDeclaration, problems: Problems): AnyWant {
  const want = defaultsOf(kind.fields, declaration.name);
  for (const [name, value] of declaration.fields) {
    const field = Object.hasOwn(kind.fields, name) ? kind.fields[name] : undefined;
    const at = declaration.fieldsAt.get(name) ?? declaration.at;
    if (field === undefined) {
      problems.report(unknownField, at, {
        kind: kind.kind,
        field: name,
        suggestion: nearest(name, Object.keys(kind.fields)),
        exporter: exporterOf(declaration, name),
      });
      continue;
    }
    const reading = readWanted(field, value);
    if (reading.ok) {
      want[name] = reading.wanted;
      continue;
    }
    const choice = reading.unknownChoice;
    const suggestion = choice === undefined ? undefined : nearest(choice, field.choices ?? []);
    problems.report(wrongField, at, {
      resource: renderReference(declaration),
      field: name,
      why: reading.why,
      suggestion,
      exporter: exporterOf(declaration, name),
    });
  }
  return want;
}

/** Who exports the value, unless the statement that collects it sets it. */
function exporterOf({ collected, fieldsAt }: ResourceDeclaration, field: string): string | undefined {
  return fieldsAt.has(field) ? undefined : collected?.host;
}

/** What a resource wants when the program sets no field. */
export function defaultsOf(fields: FieldTable, name: string): Record<string, unknown> {
  const { values, named } = initialsOf(fields);
  const want = { ...values };
  for (const field of named) want[field] = name;
  return want;
}

/** What fields want that are not set, and which of them want the name of the resource. */
interface Initials {
  readonly values: Readonly<Record<string, unknown>>;
  readonly named: readonly string[];
}

/** There may be many thousand resources of one kind. */
const known = new WeakMap<FieldTable, Initials>();

function initialsOf(fields: FieldTable): Initials {
  let initials = known.get(fields);
  if (initials === undefined) {
    const entries = Object.entries(fields).map(([field, { initial }]): [string, unknown] => [field, initial]);
    const named = entries.filter(([, initial]) => initial === fromName).map(([field]) => field);
    initials = { values: Object.fromEntries(entries), named };
    known.set(fields, initials);
  }
  return initials;
}

function checkName(declaration: ResourceDeclaration, dollar: boolean, problems: Problems): void {
  if (declaration.name === "") problems.report(emptyName, declaration.at, { kind: declaration.kind });
  if (declaration.name.startsWith("$") && !dollar) {
    problems.report(dollarName, declaration.at, { resource: renderReference(declaration) });
  }
}

function checkPolling(kind: ResourceKind, poll: number, declaration: ResourceDeclaration, problems: Problems): void {
  const { polling } = kind.traits;
  const resource = renderReference(declaration);
  if (polling === "needed" && poll === 0) {
    const hint = "Set it to the seconds between two looks.";
    problems.report(wrongMeta, declaration.at, {
      resource,
      name: "poll",
      why: "must be set: nothing tells of changes",
      hint,
    });
  }
  if (polling === "refused" && poll !== 0) {
    const at = declaration.metaAt?.get("poll") ?? declaration.at;
    problems.report(wrongMeta, at, { resource, name: "poll", why: "must not be set: changes are told as they happen" });
  }
}

function checkReverse(kind: ResourceKind, want: AnyWant, declaration: ResourceDeclaration, problems: Problems): void {
  const refusal = kind.reversal?.refuse(want);
  if (refusal === undefined) return;
  const at = declaration.metaAt?.get("reverse") ?? declaration.at;
  problems.report(wrongResource, at, { resource: renderReference(declaration), problem: refusal });
}

function checkWant(kind: ResourceKind, want: AnyWant, declaration: ResourceDeclaration, problems: Problems): void {
  for (const problem of kind.check?.(want, declaration.name) ?? []) {
    const at = (problem.field === undefined ? undefined : declaration.fieldsAt.get(problem.field)) ?? declaration.at;
    problems.report(wrongResource, at, { resource: renderReference(declaration), problem });
  }
}
