// SPDX-License-Identifier: Apache-2.0
// Names: plain, with dots, with colons, capitalised, and behind a `$`; and which reserved words may be one where.

import type { Span } from "../base/span.ts";
import { reservedWord } from "./problems.ts";
import type { TokenReader } from "./reader.ts";
import { isReservedWord, type TokenKind } from "./tokens.ts";
import type { Name } from "./tree.ts";

/** A name that is no reserved word; `expected` says what it names: "the name of a class". */
export function expectName(reader: TokenReader, expected: string, hint?: string): Name {
  if (!reader.at("name")) failAtName(reader, expected, hint);
  return takeName(reader);
}

/** Variables, called functions and the parts of a dotted name may also be called `map` or `collect`. */
export function expectFreeName(reader: TokenReader, expected: string): Name {
  if (!startsFreeName(reader.kind)) failAtName(reader, expected);
  return takeName(reader);
}

export function startsFreeName(kind: TokenKind): boolean {
  return kind === "name" || kind === "map" || kind === "collect";
}

/** `$name`; the place is without the `$`. */
export function expectVariable(reader: TokenReader, expected: string, hint?: string): Name {
  reader.expectToken("$", expected, reader.at("name") ? "The name of a variable begins with `$`." : hint);
  return expectFreeName(reader, "the name of a variable");
}

/** `name.name` */
export function expectDottedName(reader: TokenReader, expected: string): Name {
  return expectJoined(reader, ".", () => expectFreeName(reader, expected));
}

/** `name:name` */
export function expectColonName(reader: TokenReader, expected: string): Name {
  return expectJoined(reader, ":", () => expectName(reader, expected));
}

/** `Name:Name`, which becomes lower case. */
export function expectCapitalisedKind(reader: TokenReader): Name {
  return expectJoined(reader, ":", () => expectCapitalised(reader));
}

/** `Name`, which becomes lower case. */
export function expectCapitalised(reader: TokenReader): Name {
  if (reader.at("capitalised")) return takeName(reader);
  const hint = reader.at("name") ? capitalHint(reader) : undefined;
  reader.unexpected('a resource, as in `File["/tmp/a"]`', hint);
  return { at: reader.here, text: "" };
}

/** Behind the first part of a kind it is told how the whole one is written. */
function capitalHint(reader: TokenReader): string {
  if (reader.previousKind !== ":") return 'An edge names its resources with a capital: `File["/tmp/a"]`.';
  const { text } = reader.source;
  const before = /[A-Za-z0-9_:]*$/.exec(text.slice(0, reader.start))?.[0] ?? "";
  const behind = /^[a-z0-9_:]*/i.exec(text.slice(reader.start))?.[0] ?? "";
  const kind = (before + behind).replaceAll(/(^|:)[a-z]/g, (start) => start.toUpperCase());
  return `An edge names its resources with a capital in each part: \`${kind}["…"]\`.`;
}

function expectJoined(reader: TokenReader, joint: "." | ":", expectPart: () => Name): Name {
  const first = expectPart();
  if (!reader.at(joint)) return first;
  let text = first.text;
  while (reader.tryToken(joint)) text += joint + expectPart().text;
  return { at: reader.spanFrom(first.at.start), text };
}

function takeName(reader: TokenReader): Name {
  const at: Span = reader.here;
  const text = reader.text;
  const isCapitalised = reader.at("capitalised");
  reader.advance();
  return { at, text: isCapitalised ? text.toLowerCase() : text };
}

function failAtName(reader: TokenReader, expected: string, hint?: string): void {
  if (isReservedWord(reader.kind)) reader.fail(reservedWord, reader.here, { word: reader.text, expected });
  else reader.unexpected(expected, hint);
}
