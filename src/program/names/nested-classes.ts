// SPDX-License-Identifier: Apache-2.0
// `class base:inner { … }` beside `class base` means a class `inner` inside of `base`: moves it there, at any depth.
// Without a `base` beside it the class keeps its name, which nothing can include. Reference: mcl language, 4.8.

import type { Problems } from "../../base/problem.ts";
import type { Block, Class, Statement } from "../../syntax/tree.ts";
import { duplicateClass } from "../problems.ts";
import { blocksOf } from "./walk.ts";

/** The same statements with all classes where they belong, and one class of a name in each block. */
export function nestClasses(body: readonly Statement[], problems: Problems): readonly Statement[] {
  if (!body.some(hasBlocks)) return body;
  const inner = innerClasses(body);
  const seen = new Map<string, Class>();
  const nested: Statement[] = [];
  for (const statement of body) {
    if (statement.kind !== "class") {
      nested.push(withNestedBlocks(statement, problems));
      continue;
    }
    const name = statement.name.text;
    const first = seen.get(name);
    if (first !== undefined) {
      problems.report(duplicateClass, statement.name.at, { name, first: first.name.at });
      continue;
    }
    seen.set(name, statement);
    if (inner.moved.has(statement)) continue;
    const ofThisClass = inner.byOuter.get(name) ?? [];
    const whole = { ...statement.body, body: [...statement.body.body, ...ofThisClass] };
    nested.push({ ...statement, body: nestBlock(whole, problems) });
  }
  return nested;
}

/** The classes that move, renamed, under the class of this block that they move into. */
function innerClasses(body: readonly Statement[]) {
  const classes = body.filter((statement) => statement.kind === "class");
  const names = new Set(classes.map(({ name }) => name.text));
  const moved = new Set<Class>();
  const byOuter = new Map<string, Class[]>();
  const taken = new Set<string>();
  for (const statement of classes) {
    const { text, at } = statement.name;
    const colon = text.indexOf(":");
    const outer = text.slice(0, colon);
    if (colon === -1 || !names.has(outer)) continue;
    moved.add(statement);
    if (taken.has(text)) continue; // The second of a name, which is reported and left out.
    taken.add(text);
    const renamed = { ...statement, name: { at, text: text.slice(colon + 1) } };
    const others = byOuter.get(outer);
    if (others === undefined) byOuter.set(outer, [renamed]);
    else others.push(renamed);
  }
  return { moved, byOuter };
}

function hasBlocks(statement: Statement): boolean {
  return blocksOf(statement).length > 0;
}

function withNestedBlocks(statement: Exclude<Statement, Class>, problems: Problems): Statement {
  switch (statement.kind) {
    case "if": {
      const then = nestBlock(statement.then, problems);
      const { otherwise } = statement;
      return otherwise === undefined
        ? { ...statement, then }
        : { ...statement, then, otherwise: nestBlock(otherwise, problems) };
    }
    case "for":
    case "forkv":
      return { ...statement, body: nestBlock(statement.body, problems) };
    case "bind":
    case "panic":
    case "collect":
    case "resource":
    case "edge":
    case "func":
    case "include":
    case "import":
      return statement;
  }
}

function nestBlock(block: Block, problems: Problems): Block {
  return { at: block.at, body: nestClasses(block.body, problems) };
}
