// SPDX-License-Identifier: Apache-2.0
// Changes of one place in a JSON document, as people write them: `.a.b = 1`, `del(.a["x y"])`. Pure.

import { compactJson, isObject, isSameJson, type Json, type JsonObject, parseJson } from "./document.ts";

export type Edit =
  | { readonly do: "set"; readonly path: readonly string[]; readonly value: Json }
  | { readonly do: "delete"; readonly path: readonly string[] };

/** `wrong` is a sentence for the user. */
export function parseEdit(text: string): Edit | { readonly wrong: string } {
  const removal = /^\s*del\s*\((.*)\)\s*$/s.exec(text);
  const { path, rest } = parsePath((removal === null ? text : (removal[1] ?? "")).trim());
  if (path.length === 0) {
    return { wrong: `"${text}" does not begin with the path of a member, such as \`.a.b\` or \`.["a b"]\`` };
  }
  if (removal !== null) {
    return rest.trim() === "" ? { do: "delete", path } : { wrong: `"${text}": "${rest.trim()}" is no part of a path` };
  }
  const equals = /^\s*=/.exec(rest);
  if (equals === null) return { wrong: `"${text}" has no "=" after the path ${renderPath(path)}` };
  const value = parseJson(rest.slice(equals[0].length));
  return "wrong" in value
    ? { wrong: `what "${text}" sets is not JSON: ${value.wrong}` }
    : { do: "set", path, ...value };
}

/** As much of it as is a path, and what follows. */
function parsePath(text: string): { readonly path: readonly string[]; readonly rest: string } {
  const path: string[] = [];
  let at = 0;
  for (;;) {
    const rest = text.slice(at);
    const name = /^\.([A-Za-z_][A-Za-z0-9_]*)/.exec(rest);
    const quoted = /^\.?\[\s*("(?:[^"\\]|\\.)*")\s*\]/s.exec(rest);
    const key = name?.[1] ?? keyFrom(quoted?.[1]);
    if (key === undefined) return { path, rest };
    path.push(key);
    at += (name ?? quoted)?.[0].length ?? 0;
  }
}

function keyFrom(quoted: string | undefined): string | undefined {
  const parsed = quoted === undefined ? undefined : parseJson(quoted);
  return parsed !== undefined && "value" in parsed && typeof parsed.value === "string" ? parsed.value : undefined;
}

/** As it is written in an edit. */
export function renderPath(path: readonly string[]): string {
  return path.map((key) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`)).join("");
}

/** The document with every edit done, and which of them made a difference; or why one cannot be done. */
export function editJson(
  document: JsonObject,
  edits: readonly Edit[],
): { readonly document: JsonObject; readonly done: readonly string[] } | { readonly wrong: string } {
  let edited = document;
  const done: string[] = [];
  for (const edit of edits) {
    const next = changed(edited, edit.path, edit, 0);
    if (typeof next === "string") return { wrong: next };
    if (!isSameJson(edited, next)) done.push(explainEdit(edit, edited));
    edited = next;
  }
  return { document: edited, done };
}

function changed(object: JsonObject, path: readonly string[], edit: Edit, depth: number): JsonObject | string {
  const key = path[depth] ?? "";
  const there = object.get(key);
  if (depth === path.length - 1) {
    const copy = new Map(object);
    if (edit.do === "set") copy.set(key, edit.value);
    else copy.delete(key);
    return copy;
  }
  if (!isObject(there) && edit.do === "delete") return object; // There is no such member.
  if (there !== undefined && !isObject(there)) {
    return `${renderPath(path.slice(0, depth + 1))} is not an object, so it has no member ${renderPath([path[depth + 1] ?? ""])}`;
  }
  const inner = changed(there ?? new Map<string, Json>(), path, edit, depth + 1);
  return typeof inner === "string" ? inner : new Map(object).set(key, inner);
}

const shownLength = 60;

function explainEdit(edit: Edit, document: JsonObject): string {
  const path = renderPath(edit.path);
  const before = valueAt(document, edit.path);
  const was = before === undefined ? "" : ` (was ${shown(before)})`;
  return edit.do === "set" ? `set ${path} to ${shown(edit.value)}${was}` : `remove ${path}${was}`;
}

function valueAt(document: JsonObject, path: readonly string[]): Json | undefined {
  let here: Json | undefined = document;
  for (const key of path) here = isObject(here) ? here.get(key) : undefined;
  return here;
}

function shown(value: Json): string {
  const text = compactJson(value);
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
