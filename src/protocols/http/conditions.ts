// SPDX-License-Identifier: Apache-2.0
// Whether a request still wants the content that there is (RFC 9110 section 13). Knows no requests, only their headers.

import { parseHttpDate } from "./date.ts";

/** What the content that there is goes by. */
export interface Validators {
  /** With its quotes: `"abc"`. */
  readonly entityTag?: string;
  /** Milliseconds since 1970. */
  readonly modifiedMs?: number;
}

/** `send` it, say that it is `not-modified`, or that a precondition `failed`. */
export type Decision = "send" | "not-modified" | "failed";

type Headers = ReadonlyMap<string, string>;

/** In the order of section 13.2.2, for GET and HEAD. */
export function decide(headers: Headers, validators: Validators): Decision {
  const { entityTag, modifiedMs } = validators;
  const ifMatch = headers.get("if-match");
  if (ifMatch !== undefined) {
    if (!lists(ifMatch, entityTag, "strong")) return "failed";
  } else {
    const limit = dateOf(headers, "if-unmodified-since");
    if (limit !== undefined && modifiedMs !== undefined && wholeSeconds(modifiedMs) > limit) return "failed";
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== undefined) return lists(ifNoneMatch, entityTag, "weak") ? "not-modified" : "send";
  const since = dateOf(headers, "if-modified-since");
  if (since !== undefined && modifiedMs !== undefined && wholeSeconds(modifiedMs) <= since) return "not-modified";
  return "send";
}

/** Whether a part may be sent: the one who asks has the rest of the same content (`If-Range`). */
export function mayBePart(headers: Headers, { entityTag, modifiedMs }: Validators): boolean {
  const condition = headers.get("if-range");
  if (condition === undefined) return true;
  if (condition.startsWith('"')) return condition === entityTag;
  const date = parseHttpDate(condition);
  return date !== undefined && modifiedMs !== undefined && wholeSeconds(modifiedMs) === date;
}

function lists(header: string, entityTag: string | undefined, comparison: "strong" | "weak"): boolean {
  if (header.trim() === "*") return true;
  if (entityTag === undefined) return false;
  const tags: readonly string[] = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  const opaque = (tag: string): string => tag.replace(/^W\//, "");
  if (comparison === "weak") return tags.some((tag) => opaque(tag) === opaque(entityTag));
  return !entityTag.startsWith("W/") && tags.includes(entityTag);
}

function dateOf(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  return text === undefined ? undefined : parseHttpDate(text);
}

function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000;
}
