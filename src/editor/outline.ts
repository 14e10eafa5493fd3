// SPDX-License-Identifier: Apache-2.0
// What a file declares and the resources in it, as a tree: for an editor's outline.

import type { Span } from "../base/span.ts";
import type { Block, Expression, Statement } from "../syntax/tree.ts";

export interface OutlineItem {
  readonly kind: "variable" | "function" | "class" | "import" | "include" | "resource" | "block";
  readonly name: string;
  readonly detail: string;
  readonly whole: Span;
  readonly at: Span;
  readonly inside: readonly OutlineItem[];
}

export function outlineOf(body: readonly Statement[]): readonly OutlineItem[] {
  return body.flatMap((statement) => itemsOf(statement));
}

function itemsOf(statement: Statement): readonly OutlineItem[] {
  const { at: whole } = statement;
  const leaf = { detail: "", whole, inside: [] };
  switch (statement.kind) {
    case "bind":
      return [{ ...leaf, kind: "variable", name: `$${statement.name.text}`, at: statement.name.at }];
    case "func":
      return [{ ...leaf, kind: "function", name: statement.name.text, at: statement.name.at }];
    case "class":
      return [
        {
          ...leaf,
          kind: "class",
          name: statement.name.text,
          at: statement.name.at,
          inside: outlineOf(statement.body.body),
        },
      ];
    case "import": {
      const { path, alias } = statement;
      return [
        {
          ...leaf,
          kind: "import",
          name: path.text,
          detail: alias === undefined ? "" : `as ${alias.text}`,
          at: path.at,
        },
      ];
    }
    case "include": {
      const { name, alias } = statement;
      return [
        {
          ...leaf,
          kind: "include",
          name: name.text,
          detail: alias === undefined ? "" : `as ${alias.text}`,
          at: name.at,
        },
      ];
    }
    case "resource":
      return [{ ...leaf, kind: "resource", name: nameOf(statement.type.text, statement.name), at: statement.type.at }];
    case "collect": {
      const { type, name } = statement.resource;
      return [{ ...leaf, kind: "resource", name: nameOf(type.text, name), detail: "collect", at: type.at }];
    }
    case "if": {
      const otherwise = statement.otherwise === undefined ? [] : outlineOf(statement.otherwise.body);
      return [...outlineOf(statement.then.body), ...otherwise];
    }
    case "for":
      return block(`for $${statement.index.text}, $${statement.value.text}`, whole, statement.index.at, statement.body);
    case "forkv":
      return block(`forkv $${statement.key.text}, $${statement.value.text}`, whole, statement.key.at, statement.body);
    case "edge":
    case "panic":
      return [];
  }
}

function block(name: string, whole: Span, at: Span, { body }: Block): readonly OutlineItem[] {
  const inside = outlineOf(body);
  return inside.length === 0 ? [] : [{ kind: "block", name, detail: "", whole, at, inside }];
}

/** `file["/tmp/a"]`; a name that is computed is shown as it is written. */
function nameOf(kind: string, { at }: Expression): string {
  const written = at.file.text.slice(at.start, at.end).split("\n")[0] ?? "";
  return `${kind}[${written.length > 60 ? `${written.slice(0, 60)}…` : written}]`;
}
