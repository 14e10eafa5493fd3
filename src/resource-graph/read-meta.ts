// SPDX-License-Identifier: Apache-2.0
// Reads the meta parameters that a program sets: names, types and ranges.

import { nearest } from "../base/nearest.ts";
import type { Problems } from "../base/problem.ts";
import { renderReference, type ResourceDeclaration } from "../contract/declaration.ts";
import { defaultMeta, type Meta, metaParameters } from "../contract/meta.ts";
import { conforms } from "../values/conforms.ts";
import { renderType } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import { unknownMeta, wrongMeta } from "./problems.ts";

/** Later entries of the declaration have been merged into it already; what is not set has its default. */
export function readMeta(declaration: ResourceDeclaration, problems: Problems): Meta {
  if (declaration.meta.size === 0) return defaultMeta;
  const set: Partial<Record<keyof Meta, unknown>> = {};
  for (const [name, value] of declaration.meta) {
    const at = declaration.metaAt?.get(name) ?? declaration.at;
    const parameter = metaParameters.find((candidate) => candidate.name === name);
    if (parameter === undefined) {
      const suggestion = nearest(
        name,
        metaParameters.map((known) => known.name),
      );
      problems.report(unknownMeta, at, { name, suggestion });
      continue;
    }
    const why = conforms(value, parameter.type)
      ? reasonAgainst(parameter.name, parameter.bits, value)
      : `takes ${renderType(parameter.type)}`;
    if (why === undefined) set[parameter.name] = typeof value === "bigint" ? Number(value) : value;
    else problems.report(wrongMeta, at, { resource: renderReference(declaration), name, why });
  }
  const meta = { ...defaultMeta, ...(set as Partial<Meta>) }; // Each value conforms to the type of its parameter.
  if (Number.isFinite(meta.limit) && meta.burst === 0) {
    problems.report(wrongMeta, declaration.metaAt?.get("limit") ?? declaration.at, {
      resource: renderReference(declaration),
      name: "limit",
      why: "would let no event through, because `Meta:burst` is 0",
      hint: "Set `Meta:burst` to the number of events that may come at once, at least 1.",
    });
  }
  return meta;
}

function reasonAgainst(name: keyof Meta, bits: 16 | 32 | 64 | undefined, value: Value): string | undefined {
  if (typeof value === "bigint") {
    if (bits !== undefined && BigInt.asIntN(bits, value) !== value)
      return `must fit into ${bits} bits, but is ${value}`;
    const negative = value < 0n && (name === "delay" || name === "timeout" || name === "burst");
    if (name === "expire" && value < 0n) return `must not be negative, but is ${value}`;
    return negative ? `must not be negative, but is ${value}` : undefined;
  }
  if (name === "limit") return typeof value === "number" && value >= 0 ? undefined : "must not be negative";
  if (name === "sema") {
    const nameless = wrongText(value, /^-?\d*$/, "has a semaphore without a name: write name or name:count");
    return nameless ?? wrongText(value, /:(?:0+|-\d+)$/, "has a semaphore that nobody could take: count from 1");
  }
  if (name === "export") return wrongText(value, /^$/, 'has an empty host name: write "*" for every host');
  return undefined;
}

function wrongText(value: Value, forbidden: RegExp, why: string): string | undefined {
  return Array.isArray(value) && value.some((text) => forbidden.test(String(text))) ? why : undefined;
}
