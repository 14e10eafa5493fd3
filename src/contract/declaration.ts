// SPDX-License-Identifier: Apache-2.0
// What a program puts out: resources and edges as plain values with their places. Made by the function graph (or another
// front end), read by the passes of the resource graph. Nothing here has been checked against a kind's schema yet.

import type { Span } from "../base/span.ts";
import type { Value } from "../values/value.ts";

/** One resource that a program declares. */
export interface ResourceDeclaration {
  readonly kind: string;
  readonly name: string;
  /** Only the fields that are set now, in source order. */
  readonly fields: ReadonlyMap<string, Value>;
  /** Only the meta parameters that are set now, in source order. */
  readonly meta: ReadonlyMap<string, Value>;
  readonly at: Span;
  /** Where the value of each field that is set was written. */
  readonly fieldsAt: ReadonlyMap<string, Span>;
  /** Likewise of the meta parameters that are set by their names. */
  readonly metaAt?: ReadonlyMap<string, Span>;
  /** Of a resource that was collected: what is not set here is as its host exports it. */
  readonly collected?: Collected;
}

export interface Collected {
  /** Who exports it. */
  readonly host: string;
  /** That is this host itself. */
  readonly own: boolean;
}

/** Names a resource: `file[/etc/motd]`. */
export interface ResourceReference {
  readonly kind: string;
  readonly name: string;
}

/** `from` comes first; both must be declared somewhere in the program's present output. */
export interface EdgeDeclaration {
  readonly from: ResourceReference;
  readonly to: ResourceReference;
  /** A change of `from` refreshes `to`. */
  readonly notify: boolean;
  /** A sent value goes along: from this key, into this field. */
  readonly send?: { readonly key: string; readonly field: string };
  readonly at: Span;
}

/** What one resource or edge statement puts out now. Statements are the unit in which output changes. */
export interface StatementOutput {
  readonly resources: readonly ResourceDeclaration[];
  readonly edges: readonly EdgeDeclaration[];
}

/** Identity of one living statement: the same object as long as the statement lives. */
export interface StatementKey {
  readonly at: Span;
}

/** A call of a function that has brought a new value by itself: the time has gone on, a file has changed. */
export interface Origin {
  /** As the program calls it: `datetime.now`. */
  readonly function: string;
  readonly at: Span;
  /** What it brought, where that is a number or a bool: a text may be a secret. */
  readonly value?: string;
}

/** What changed in the output of a program since the last delta. */
export interface OutputDelta {
  /** New statements, and those whose output changed, with their whole present output. */
  readonly changed: ReadonlyMap<StatementKey, StatementOutput>;
  readonly removed: readonly StatementKey[];
  /** For changed statements: what has brought the change. Absent in the first delta: everything in it is new. */
  readonly origins?: Origins;
}

export type Origins = ReadonlyMap<StatementKey, readonly Origin[]>;

/** `kind[name]`, the form in which people and logs name a resource. */
export function renderReference(reference: ResourceReference): string {
  return `${reference.kind}[${reference.name}]`;
}
