// SPDX-License-Identifier: Apache-2.0
// Resources and the edges between them. Language: mcl reference, sections 4.2 to 4.5.

import type { Span } from "../base/span.ts";
import { expectExpression } from "./expressions.ts";
import { expectCapitalised, expectCapitalisedKind, expectColonName, expectName } from "./names.ts";
import {
  itemWithoutArrow,
  missingTrailingComma,
  onlyMetaHere,
  reservedWord,
  resourceInResource,
  resourceWithoutName,
  sendReceivePair,
} from "./problems.ts";
import type { TokenReader } from "./reader.ts";
import { isReservedWord, startsStatement } from "./tokens.ts";
import type { Edge, EdgeHalf, Expression, Name, Resource, ResourceItem } from "./tree.ts";

/** `kind name { items }` */
export function parseResource(reader: TokenReader): Resource {
  const { start } = reader;
  const type = expectColonName(reader, "the kind of a resource");
  const name = expectResourceName(reader, type);
  const opener = reader.here;
  if (name.kind === "map" && !reader.at("{")) reader.fail(resourceWithoutName, name.at, { kind: type.text });
  const hint = (): string => `A resource is written \`${type.text} "name" {\`, with the brace on the same line.`;
  reader.expectToken("{", "`{`", hint);
  const items: ResourceItem[] = [];
  for (;;) {
    reader.skipNewlines();
    if (reader.isLost || reader.tryToken("}")) break;
    if (reader.at("end") || (startsOtherStatement(reader) && reader.isOutside(opener))) {
      reader.neverClosed(opener, "}");
      break;
    }
    const mark = reader.mark();
    const item = parseItem(reader, opener);
    if (reader.isLost) reader.recover(mark);
    else items.push(item);
  }
  return { kind: "resource", at: reader.spanFrom(start), type, name, items, bodyAt: reader.spanFrom(opener.start) };
}

/** What braces hold where the name should be, as in Puppet, is no map, and the mistake is not in it. */
function expectResourceName(reader: TokenReader, type: Name): Expression {
  const { here: opener, problemCount } = reader;
  const isBrace = reader.at("{");
  const name = expectExpression(reader);
  if (isBrace) reader.explain(problemCount, resourceWithoutName, opener, { kind: type.text });
  return name;
}

/** What begins a statement but no item: the start of a resource or an edge is told by what follows its first word. */
function startsOtherStatement(reader: TokenReader): boolean {
  if (reader.at("name")) return reader.nextKind === "text";
  if (reader.at("capitalised")) return reader.nextKind === "[";
  return startsStatement(reader.kind);
}

function parseItem(reader: TokenReader, opener: Span): ResourceItem {
  const item = reader.at("capitalised") ? parseCapitalisedItem(reader) : parseField(reader, opener);
  if (reader.tryToken(",")) return item;
  if (reader.at("newline") || reader.at("}")) {
    const end = reader.previousEnd;
    reader.report(missingTrailingComma, { file: reader.source, start: end, end }, undefined);
  } else {
    const hint = reader.at("?:") ? "One condition can stand before the value; join several with `and`." : undefined;
    reader.unexpected("a comma", hint);
  }
  return item;
}

/** `field => condition ?: value` */
function parseField(reader: TokenReader, opener: Span): ResourceItem {
  const { start } = reader;
  if (isReservedWord(reader.kind)) {
    reader.fail(reservedWord, reader.here, { word: reader.text, expected: "the name of a field" });
  }
  const name = expectName(reader, "a field, an edge like `Before`, or `}`");
  if (reader.at("text")) reader.fail(resourceInResource, name.at, { kind: name.text, opener });
  expectArrow(reader, name);
  const { condition, value } = parseConditional(reader, expectExpression);
  const at = reader.spanFrom(start);
  return condition === undefined ? { kind: "field", at, name, value } : { kind: "field", at, name, condition, value };
}

/** `Before => Kind["name"]`, `Meta:name => value` or `Meta => struct{…}`, each with an optional condition. */
function parseCapitalisedItem(reader: TokenReader): ResourceItem {
  const { start } = reader;
  const word = reader.text;
  const relation = expectCapitalised(reader);
  if (reader.tryToken(":")) {
    if (relation.text !== "meta") reader.report(onlyMetaHere, relation.at, { word, hasColon: true });
    const name = expectName(reader, "the name of a meta parameter");
    expectArrow(reader, name);
    const { condition, value } = parseConditional(reader, expectExpression);
    const at = reader.spanFrom(start);
    return condition === undefined ? { kind: "meta", at, name, value } : { kind: "meta", at, name, condition, value };
  }
  expectArrow(reader, { at: relation.at, text: word });
  const { condition, value } = parseConditional(reader, parseEdgeTarget);
  const at = reader.spanFrom(start);
  const conditioned = condition === undefined ? { at } : { at, condition };
  if (!("kind" in value)) return { kind: "edge", ...conditioned, relation, target: value };
  if (relation.text !== "meta") reader.report(onlyMetaHere, relation.at, { word, hasColon: false });
  return { kind: "meta-struct", ...conditioned, value };
}

/** An edge half, or the value of `Meta`. */
function parseEdgeTarget(reader: TokenReader): EdgeHalf | Expression {
  return reader.at("capitalised") ? parseEdgeHalf(reader) : expectExpression(reader);
}

function expectArrow(reader: TokenReader, name: Name): void {
  if (reader.at("=") || reader.at(":")) {
    reader.fail(itemWithoutArrow, reader.here, { name: name.text, written: reader.text });
  }
  reader.expectToken("=>", "`=>`", () => `A field is written \`${name.text} => value,\`.`);
}

/** `condition ?: value`, or the value alone. An edge half cannot be a condition. */
function parseConditional<T extends Expression | EdgeHalf>(
  reader: TokenReader,
  parseValue: (reader: TokenReader) => T,
): { readonly condition?: Expression; readonly value: T | Expression } {
  if (reader.at("capitalised")) return { value: parseValue(reader) };
  const first = expectExpression(reader);
  if (!reader.tryToken("?:")) return { value: first };
  return { condition: first, value: parseValue(reader) };
}

/** `A["x"] -> B["y"] -> C["z"]`, or exactly two with a field each: send and receive. */
export function parseEdge(reader: TokenReader): Edge {
  const { start } = reader;
  const halves: EdgeHalf[] = [];
  do halves.push(parseEdgeHalf(reader, "with field"));
  while (reader.tryToken("->"));
  const fields = halves.filter(({ field }) => field !== undefined);
  if (fields.length > 0 && (halves.length !== 2 || fields.length !== 2)) {
    const at = fields[0]?.field?.at ?? reader.here;
    reader.fail(sendReceivePair, at, { halves: halves.length, fields: fields.length });
  }
  return { kind: "edge", at: reader.spanFrom(start), halves };
}

function parseEdgeHalf(reader: TokenReader, fieldAllowed?: "with field"): EdgeHalf {
  const { start } = reader;
  const type = expectCapitalisedKind(reader);
  const hint = reader.at("capitalised")
    ? "Only the first letter of a kind, and of each part of it, is a capital."
    : 'A resource is named with its kind and its name in brackets: `File["/tmp/a"]`.';
  reader.expectToken("[", "`[`", hint);
  const name = expectExpression(reader);
  reader.expectToken("]", "`]`");
  if (fieldAllowed === undefined || !reader.tryToken(".")) return { at: reader.spanFrom(start), type, name };
  const field = expectName(reader, "the name of a field");
  return { at: reader.spanFrom(start), type, name, field };
}
