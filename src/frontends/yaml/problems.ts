// SPDX-License-Identifier: Apache-2.0
// Problems of graphs that are written in YAML. The only place with their wording.

import { defineProblem } from "../../base/problem.ts";

export const yamlSyntax = defineProblem<{ readonly message: string }>({
  code: "yaml-syntax",
  phase: "lexparse",
  describe: ({ message }) => ({ title: `This is not YAML: ${message}`, label: "here" }),
});

export const yamlShape = defineProblem<{ readonly what: string; readonly expected: string }>({
  code: "yaml-shape",
  phase: "lexparse",
  describe: ({ what, expected }) => ({
    title: `${what} must be ${expected}`,
    label: `not ${expected}`,
    hint: "A graph has `graph: NAME`, `resources:` by kind, each a list, and `edges:`.",
  }),
});

export const yamlMissing = defineProblem<{ readonly what: string; readonly key: string }>({
  code: "yaml-missing",
  phase: "lexparse",
  describe: ({ what, key }) => ({ title: `${what} has no \`${key}\``, label: `\`${key}:\` is missing` }),
});

export const yamlUnknownKind = defineProblem<{ readonly kind: string; readonly near: string | undefined }>({
  code: "yaml-unknown-kind",
  phase: "unify",
  describe: ({ kind, near }) => ({
    title: `There is no kind of resource called \`${kind}\``,
    ...(near === undefined ? {} : { hint: `Did you mean \`${near}\`?` }),
  }),
});

export const yamlUnknownField = defineProblem<{
  readonly kind: string;
  readonly field: string;
  readonly near: string | undefined;
}>({
  code: "yaml-unknown-field",
  phase: "unify",
  describe: ({ kind, field, near }) => ({
    title: `${kind} has no \`${field}\``,
    ...(near === undefined ? {} : { hint: `Did you mean \`${near}\`?` }),
  }),
});

export const yamlWrongType = defineProblem<{ readonly what: string; readonly type: string }>({
  code: "yaml-wrong-type",
  phase: "unify",
  describe: ({ what, type }) => ({ title: `${what} takes a value of type ${type}`, label: `not ${type}` }),
});

/** All of this folder, for the reference pages. */
export const yamlProblems = [
  yamlSyntax,
  yamlShape,
  yamlMissing,
  yamlUnknownKind,
  yamlUnknownField,
  yamlWrongType,
] as const;
