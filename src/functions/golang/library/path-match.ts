// SPDX-License-Identifier: Apache-2.0
// Patterns for names: `*`, `?`, `[a-z]`, `[^a-z]`, `\x`. Works on bytes as characters, and on whole characters in `?` and
// in ranges, as Go does.

import { quote } from "../../../values/print.ts";
import { fatal } from "../../arguments.ts";
import { bytesAsCharacters } from "../../strings/bytewise.ts";
import { characterAt } from "./bytes-as-characters.ts";

/**
 * `whole`: a pattern that is wrong fails even where the name has already been told not to fit, as Go's package path does;
 * its package filepath only looks at as much as it needs. Throws `FunctionFailure`.
 */
export function matches(pattern: string, name: string, look: "whole" | "as-needed"): boolean {
  const wrong = () => fatal(`the pattern ${quote(pattern)} is malformed`);
  let left = bytesAsCharacters(pattern);
  let rest = bytesAsCharacters(name);
  while (left !== "") {
    const chunk = chunkOf(left);
    left = chunk.rest;
    if (chunk.star && chunk.text === "") return !rest.includes("/");
    const found = placeOf(chunk, rest, left === "");
    if (found === "wrong") throw wrong();
    if (found !== "no") {
      rest = found.rest;
      continue;
    }
    while (look === "whole" && left !== "") {
      const next = chunkOf(left);
      if (matchChunk(next.text, "") === "wrong") throw wrong();
      left = next.rest;
    }
    return false;
  }
  return rest === "";
}

interface Chunk {
  /** Stars stand before it. */
  readonly star: boolean;
  /** Without stars. */
  readonly text: string;
  /** Of the pattern. */
  readonly rest: string;
}

function chunkOf(pattern: string): Chunk {
  const [, stars = "", after = ""] = /^(\**)([^]*)$/.exec(pattern) ?? [];
  let inRange = false;
  for (let at = 0; at < after.length; at += 1) {
    const letter = after.charAt(at);
    if (letter === "\\") at += 1;
    else if (letter === "[") inRange = true;
    else if (letter === "]") inRange = false;
    else if (letter === "*" && !inRange) return { star: stars !== "", text: after.slice(0, at), rest: after.slice(at) };
  }
  return { star: stars !== "", text: after, rest: "" };
}

/** What follows the first place where the chunk fits; the last chunk has to reach the end. */
function placeOf({ star, text }: Chunk, name: string, isLast: boolean): { readonly rest: string } | "no" | "wrong" {
  for (let at = 0; ; at += 1) {
    const found = matchChunk(text, name.slice(at));
    if (typeof found === "object") {
      if (!isLast || found.rest === "") return found;
    } else if (found === "wrong") {
      return "wrong";
    }
    if (!star || at >= name.length || name.charAt(at) === "/") return "no";
  }
}

/** Goes on when nothing can fit any more: the chunk may still be malformed. */
function matchChunk(chunk: string, name: string): { readonly rest: string } | "no" | "wrong" {
  let [at, rest, failed] = [0, name, false];
  while (at < chunk.length) {
    failed ||= rest === "";
    const letter = chunk.charAt(at);
    if (letter === "[") {
      const found = failed ? undefined : characterAt(rest, 0);
      const range = rangeAt(chunk, at, found?.code);
      if (range === undefined) return "wrong";
      rest = rest.slice(found?.length ?? 0);
      failed ||= !range.fits;
      at = range.end;
      continue;
    }
    if (letter === "?") {
      failed ||= rest.startsWith("/");
      rest = rest.slice(rest === "" ? 0 : characterAt(rest, 0).length);
      at += 1;
      continue;
    }
    if (letter === "\\") at += 1;
    if (at >= chunk.length) return "wrong";
    failed ||= chunk.charAt(at) !== rest.charAt(0);
    rest = rest.slice(1);
    at += 1;
  }
  return failed ? "no" : { rest };
}

/** Undefined when it is malformed. */
function rangeAt(
  chunk: string,
  start: number,
  code: number | undefined,
): { readonly fits: boolean; readonly end: number } | undefined {
  const negated = chunk.charAt(start + 1) === "^";
  let at = start + (negated ? 2 : 1);
  let fits = false;
  for (let count = 0; ; count += 1) {
    if (chunk.charAt(at) === "]" && count > 0) return { fits: fits !== negated, end: at + 1 };
    const low = edgeAt(chunk, at);
    if (low === undefined) return undefined;
    at = low.end;
    let high = low;
    if (chunk.charAt(at) === "-") {
      const given = edgeAt(chunk, at + 1);
      if (given === undefined) return undefined;
      high = given;
      at = high.end;
    }
    fits ||= code !== undefined && low.code <= code && code <= high.code;
  }
}

function edgeAt(chunk: string, start: number): { readonly code: number; readonly end: number } | undefined {
  const at = chunk.charAt(start) === "\\" ? start + 1 : start;
  if (at >= chunk.length || (at === start && /[\]-]/.test(chunk.charAt(at)))) return undefined;
  const { code, length } = characterAt(chunk, at);
  // A byte that is no character, and an end without a bracket, are malformed.
  if ((code === 0xfffd && length === 1) || at + length >= chunk.length) return undefined;
  return { code, end: at + length };
}
