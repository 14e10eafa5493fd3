// SPDX-License-Identifier: Apache-2.0
// Inside of strings: escapes and `${name}`. Knows no scope. Reference: mcl language, 7.

import type { Problems } from "../../base/problem.ts";
import type { Span } from "../../base/span.ts";
import type { Statement, StringLiteral } from "../../syntax/tree.ts";
import { doubleUnderscoreInText, malformedInterpolation, unknownEscape } from "../problems.ts";
import { eachExpression, eachStatement, expressionsOf } from "./walk.ts";

export type StringPart =
  | { readonly kind: "text"; readonly text: string }
  /** `at` is the whole `${name}`; the name has its dots and no `$`. */
  | { readonly kind: "variable"; readonly name: string; readonly at: Span };

/** The parts of every string of a program. Texts are never empty and never neighbours; `""` has no parts. */
export type Strings = ReadonlyMap<StringLiteral, readonly StringPart[]>;

/** Adds the strings of a file. */
export function readStrings(
  body: readonly Statement[],
  strings: Map<StringLiteral, readonly StringPart[]>,
  problems: Problems,
): void {
  eachStatement(body, (statement) => {
    for (const expression of expressionsOf(statement)) {
      eachExpression(expression, (inner) => {
        if (inner.kind === "string") strings.set(inner, readString(inner, problems));
      });
    }
  });
}

const escapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  $: "$",
};

/** Matches only where it is told to begin. */
const interpolation = /\$\{([a-z](?:[a-z0-9_]|\.[a-z0-9_])*)\}/y;

function readString(literal: StringLiteral, problems: Problems): readonly StringPart[] {
  const { raw } = literal;
  // Nearly all strings are plain.
  if (!raw.includes("\\") && !raw.includes("${")) return raw === "" ? [] : [{ kind: "text", text: raw }];

  const parts: StringPart[] = [];
  let text = "";
  const endText = () => {
    if (text !== "") parts.push({ kind: "text", text });
    text = "";
  };
  const spanOf = (start: number, end: number): Span => {
    const first = literal.at.start + 1; // Behind the quote.
    return { file: literal.at.file, start: first + start, end: first + end };
  };

  for (let at = 0; at < raw.length; ) {
    if (raw[at] === "\\") {
      const escaped = String.fromCodePoint(raw.codePointAt(at + 1) ?? 0);
      const end = at + 1 < raw.length ? at + 1 + escaped.length : raw.length;
      const meaning = at + 1 < raw.length ? escapes[escaped] : undefined;
      if (meaning === undefined) problems.report(unknownEscape, spanOf(at, end), { escape: raw.slice(at, end) });
      text += meaning ?? "";
      at = end;
    } else if (raw.startsWith("${", at)) {
      interpolation.lastIndex = at;
      const [written, name] = interpolation.exec(raw) ?? [];
      if (written === undefined || name === undefined) {
        const close = raw.indexOf("}", at);
        const end = close === -1 ? at + 2 : close + 1;
        problems.report(malformedInterpolation, spanOf(at, end), {
          inside: raw.slice(at + 2, end - 1),
          closed: close !== -1,
        });
        at = end;
      } else {
        endText();
        at += written.length;
        const place = spanOf(at - written.length, at);
        if (name.includes("__")) problems.report(doubleUnderscoreInText, place, { name });
        else parts.push({ kind: "variable", name, at: place });
      }
    } else {
      text += raw[at];
      at += 1;
    }
  }
  endText();
  return parts;
}
