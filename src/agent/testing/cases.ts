// SPDX-License-Identifier: Apache-2.0
// The cases of a test file, by the names of its classes: `test_NAME` is the program of a case, `given_NAME` what is on the
// machine before it, `after_NAME` what must be there afterwards. `given` and `after` are those of all cases.
// Knows the text, and nothing of what it means.

import { Problems, type Problem } from "../../base/problem.ts";
import type { SourceFile, Span } from "../../base/span.ts";
import { parseFile } from "../../syntax/parser.ts";
import type { Class } from "../../syntax/tree.ts";

export interface TestCase {
  readonly name: string;
  readonly at: Span;
  /** Classes without parameters, in the order in which they are included. */
  readonly given: readonly string[];
  readonly program: readonly string[];
  readonly after: readonly string[];
}

export interface CasesOfFile {
  readonly cases: readonly TestCase[];
  readonly problems: readonly Problem[];
}

/** A file without `test_` classes is one case. */
export function casesIn(file: SourceFile): CasesOfFile {
  const problems = new Problems();
  const tree = parseFile(file, problems);
  if (tree === undefined || problems.any) return { cases: [], problems: problems.all };
  const classes = new Map<string, Class>();
  for (const statement of tree.body) if (statement.kind === "class") classes.set(statement.name.text, statement);
  const parts = (name: string): readonly string[] => [name].filter((each) => classes.has(each));
  const shared = { given: parts("given"), after: parts("after") };
  const names = [...classes.keys()].filter((name) => name.startsWith("test_")).map((name) => name.slice(5));
  const found: Problem[] = [];
  for (const [name, { at, params }] of classes) {
    const [, part, of] = /^(given|test|after)(?:_(.+))?$/.exec(name) ?? [];
    if (part === undefined) continue;
    if (params !== undefined && params.items.length > 0)
      found.push(wrongCase(at, `The class ${name} of a test has no parameters`));
    if (part !== "test" && of !== undefined && !names.includes(of)) {
      found.push(wrongCase(at, `There is no class test_${of} to which ${name} belongs`));
    }
  }
  if (found.length > 0) return { cases: [], problems: found };
  if (names.length === 0) {
    const at = { file, start: 0, end: 0 };
    return { cases: [{ name: nameOfFile(file.path), at, ...shared, program: [] }], problems: [] };
  }
  const cases = names.map((name) => ({
    name,
    at: classes.get(`test_${name}`)?.name.at ?? { file, start: 0, end: 0 },
    given: [...shared.given, ...parts(`given_${name}`)],
    program: [`test_${name}`],
    after: [...shared.after, ...parts(`after_${name}`)],
  }));
  return { cases, problems: [] };
}

/** The text of a part: the whole file, so that places in it stay true, and at its end what is included. */
export function textOfPart(text: string, classes: readonly string[]): string {
  return `${text}${text.endsWith("\n") ? "" : "\n"}${classes.map((name) => `include ${name}\n`).join("")}`;
}

function nameOfFile(path: string): string {
  return (path.split("/").at(-1) ?? path).replace(/(?:_test)?\.mcl$/, "");
}

function wrongCase(at: Span, title: string): Problem {
  return { code: "test-wrong", phase: "scope", at, message: { title } };
}
