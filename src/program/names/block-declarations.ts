// SPDX-License-Identifier: Apache-2.0
// What the statements of one block declare: its variables, functions, classes and aliases. Each kind has its own
// names; imports and includes share those of aliases. Nothing is resolved yet. Reference: mcl language, 5.1, 5.2.

import type { Problems } from "../../base/problem.ts";
import type { Span } from "../../base/span.ts";
import type { Bind, Class, FunctionStatement, Import, Include, Statement } from "../../syntax/tree.ts";
import { duplicateAlias, duplicateDefinition, duplicateImport } from "../problems.ts";

export interface BlockDeclarations {
  readonly variables: ReadonlyMap<string, Bind>;
  readonly functions: ReadonlyMap<string, FunctionStatement>;
  readonly classes: ReadonlyMap<string, Class>;
  /** Includes with an alias, by it. */
  readonly instances: ReadonlyMap<string, Include>;
  readonly imports: readonly Import[];
}

/** Of two declarations of one name the first counts. */
export function declarationsOf(body: readonly Statement[], problems: Problems): BlockDeclarations {
  const variables = new Map<string, Bind>();
  const functions = new Map<string, FunctionStatement>();
  const classes = new Map<string, Class>();
  const instances = new Map<string, Include>();
  const imports: Import[] = [];
  const aliases = new Map<string, { readonly statement: Import | Include; readonly at: Span }>();

  const declareAlias = (alias: string, at: Span, statement: Import | Include): boolean => {
    const first = aliases.get(alias);
    if (first === undefined) {
      aliases.set(alias, { statement, at });
      return true;
    }
    const isSamePath =
      first.statement.kind === "import" &&
      statement.kind === "import" &&
      first.statement.path.text === statement.path.text;
    if (isSamePath) problems.report(duplicateImport, at, { path: statement.path.text, first: first.at });
    else problems.report(duplicateAlias, at, { name: alias, first: first.at });
    return false;
  };

  for (const statement of body) {
    switch (statement.kind) {
      case "bind": {
        const name = statement.name.text;
        const first = variables.get(name);
        if (first === undefined) variables.set(name, statement);
        else
          problems.report(duplicateDefinition, variableAt(statement), { name: `$${name}`, first: variableAt(first) });
        break;
      }
      case "func": {
        const { text: name, at } = statement.name;
        const first = functions.get(name);
        if (first === undefined) functions.set(name, statement);
        else problems.report(duplicateDefinition, at, { name: `${name}()`, first: first.name.at });
        break;
      }
      case "class":
        // There is one of each name: nested-classes.ts saw to it.
        classes.set(statement.name.text, statement);
        break;
      case "include": {
        const { alias } = statement;
        if (alias !== undefined && declareAlias(alias.text, alias.at, statement)) instances.set(alias.text, statement);
        break;
      }
      case "import": {
        const { alias, path } = statement;
        // Without an alias it is the whole text that must be alone: "strings" and "golang/strings" may meet.
        const at = alias?.at ?? path.at;
        if (alias?.text === "*" || declareAlias(alias?.text ?? path.text, at, statement)) imports.push(statement);
        break;
      }
      case "panic":
      case "collect":
      case "resource":
      case "edge":
      case "if":
      case "for":
      case "forkv":
        break;
    }
  }
  return { variables, functions, classes, instances, imports };
}

/** The name with its `$`. */
export function variableAt({ at, name }: Bind): Span {
  return { file: at.file, start: at.start, end: name.at.end };
}
