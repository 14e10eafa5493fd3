// SPDX-License-Identifier: Apache-2.0
// Every problem of the phases init, interpolate and scope, with its wording. Codes are stable: pages of the reference
// are named so. What goes wrong with types is worded in types/problems.ts, with tool.yaml in tool/problems.ts.

import { defineProblem, type Message, type ProblemDefinition } from "../base/problem.ts";
import type { Span } from "../base/span.ts";
import { metaParameters } from "../contract/meta.ts";
import { renderType, type Type } from "../values/type.ts";

/** A second one of something of which there can be one. */
interface Twice {
  readonly name: string;
  readonly first: Span;
}

// ---- init: a look at each piece alone ----

export const duplicateField = defineProblem<Twice & { readonly kind: string }>({
  code: "duplicate-field",
  phase: "init",
  describe: ({ kind, name, first }) => ({
    title: `This \`${kind}\` sets its field \`${name}\` twice`,
    label: "the second",
    related: [{ at: first, label: "the first" }],
    hint: `Set it once; \`${name} => if $condition { this } else { that },\` chooses between two values.`,
  }),
});

export const duplicateMeta = defineProblem<Twice>({
  code: "duplicate-meta",
  phase: "init",
  describe: ({ name, first }) => ({
    title: `The meta parameter \`Meta:${name}\` is set twice`,
    label: "the second",
    related: [{ at: first, label: "the first" }],
  }),
});

export const unknownMeta = defineProblem<{ readonly name: string; readonly nearest: string | undefined }>({
  code: "unknown-meta",
  phase: "init",
  describe: ({ name, nearest }) => ({
    title: `There is no meta parameter \`Meta:${name}\``,
    ...(nearest === undefined
      ? { hint: `There are ${metaParameters.map((parameter) => `\`${parameter.name}\``).join(", ")}.` }
      : didYouMean(`Meta:${nearest}`)),
  }),
});

export const unknownEdgeWord = defineProblem<{ readonly word: string; readonly nearest: string | undefined }>({
  code: "unknown-edge-word",
  phase: "init",
  describe: ({ word, nearest }) => ({
    title: `\`${capitalised(word)}\` does not say how the two resources depend on each other`,
    label:
      nearest === undefined
        ? "none of `Before`, `Depend`, `Notify`, `Listen`"
        : `did you mean \`${capitalised(nearest)}\`?`,
    hint: `${otherEdgeWords[word] ?? ""}\`Before\` and \`Notify\`: this resource comes first. \`Depend\` and \`Listen\`: the other one comes first.`,
  }),
});

/** What other tools call them. */
const otherEdgeWords: Readonly<Record<string, string>> = {
  require: "What is called `Require` elsewhere is `Depend`. ",
  requires: "What is called `Requires` elsewhere is `Depend`. ",
  subscribe: "What is called `Subscribe` elsewhere is `Listen`. ",
  after: "What is called `After` elsewhere is `Depend`. ",
};

export const duplicateStructField = defineProblem<Twice>({
  code: "duplicate-field-in-struct",
  phase: "init",
  describe: ({ name, first }) => ({
    title: `The struct has two fields \`${name}\``,
    label: "the second",
    related: [{ at: first, label: "the first" }],
  }),
});

export const duplicateParameter = defineProblem<Twice>({
  code: "duplicate-parameter",
  phase: "init",
  describe: ({ name, first }) => ({
    title: `Two variables of one list are called \`$${name}\``,
    label: "the second",
    related: [{ at: first, label: "the first" }],
    hint: "Give one of them another name.",
  }),
});

export const duplicateKey = defineProblem<{ readonly first: Span }>({
  code: "duplicate-key",
  phase: "init",
  describe: ({ first }) => ({
    title: "The map has this key twice",
    label: "the second",
    related: [{ at: first, label: "the first" }],
  }),
});

export const mixedKeys = defineProblem<{ readonly expected: Type; readonly found: Type; readonly first: Span }>({
  code: "mixed-keys",
  phase: "init",
  describe: ({ expected, found, first }) => ({
    title: "The keys of the map are of different types",
    label: `this is ${aType(found)}`,
    related: [{ at: first, label: `this is ${aType(expected)}` }],
    hint: "All keys of a map are of one type; a struct holds values of different types under names.",
  }),
});

export const unhashableKey = defineProblem<{ readonly type: Type }>({
  code: "unhashable-literal-key",
  phase: "init",
  describe: ({ type }) => ({
    title: "This cannot be the key of a map",
    label: `this is ${aType(type)}`,
    hint: "A key is a bool, a str, an int, a float, or a struct of such.",
  }),
});

export const doubleUnderscore = defineProblem<{ readonly name: string }>({
  code: "double-underscore",
  phase: "init",
  describe: ({ name }) => ({
    title: `The variable \`$${name}\` cannot be used`,
    label: "two underscores in a row",
    hint: "Names with two underscores in a row are reserved: call it otherwise.",
  }),
});

export const importInLoop = defineProblem({
  code: "import-in-loop",
  phase: "init",
  describe: () => ({
    title: "A loop cannot import",
    hint: "Write the import outside of the loop: it is seen inside.",
  }),
});

// ---- interpolate: inside of strings, and names of classes ----

export const unknownEscape = defineProblem<{ readonly escape: string }>({
  code: "unknown-escape",
  phase: "interpolate",
  describe: ({ escape }) => ({
    title:
      escape === "\\"
        ? "A backslash ends the string"
        : escape === "\\\n"
          ? "A backslash at the end of a line means nothing in a string"
          : `\`${escape}\` means nothing in a string`,
    hint: 'There are \\a \\b \\f \\n \\r \\t \\v, and \\\\ for a backslash, \\" for a quote, \\$ for a dollar.',
  }),
});

export const malformedInterpolation = defineProblem<{ readonly inside: string; readonly closed: boolean }>({
  code: "malformed-interpolation",
  phase: "interpolate",
  describe: ({ inside, closed }) => ({
    title: closed ? `\`\${${inside}}\` does not name a variable` : "This `${` is never closed",
    label: closed ? "only the name of a variable, without spaces" : "`}` is missing",
    hint: /^\$[a-z0-9_.]+$/.test(inside)
      ? "Inside of `${…}` the name stands without its own `$`."
      : "Bind what you want to insert, `$text = …`, and write `${text}`. For a plain `${` write `\\${`.",
  }),
});

export const doubleUnderscoreInText = defineProblem<{ readonly name: string }>({
  code: "double-underscore-in-text",
  phase: "interpolate",
  describe: ({ name }) => ({
    title: `The variable \`$${name}\` cannot be used`,
    label: "two underscores in a row",
    hint: "Names with two underscores in a row are reserved: call it otherwise.",
  }),
});

export const duplicateClass = defineProblem<Twice>({
  code: "duplicate-class",
  phase: "interpolate",
  describe: ({ name, first }) => ({
    title: `There are two classes \`${name}\``,
    label: "the second",
    related: [{ at: first, label: "the first" }],
    hint: "A block has at most one class of a name.",
  }),
});

// ---- scope: what a block declares ----

export const duplicateDefinition = defineProblem<Twice>({
  code: "duplicate-definition",
  phase: "scope",
  describe: ({ name, first }) => ({
    title: `\`${name}\` is defined twice in this block`,
    label: "the second",
    related: [{ at: first, label: "the first" }],
    hint: name.startsWith("$")
      ? "A variable gets its value once. For a value that depends on something use `if`; for another value, another name."
      : "Give one of them another name.",
  }),
});

export const duplicateAlias = defineProblem<Twice>({
  code: "duplicate-alias",
  phase: "scope",
  describe: ({ name, first }) => ({
    title: `Two imports or includes of this block are called \`${name}\``,
    label: "the second",
    related: [{ at: first, label: "the first" }],
    hint: "Call one of them otherwise with `as`.",
  }),
});

export const duplicateImport = defineProblem<{ readonly path: string; readonly first: Span }>({
  code: "duplicate-import",
  phase: "scope",
  describe: ({ path, first }) => ({
    title: `"${path}" is imported twice in this block`,
    label: "the second",
    related: [{ at: first, label: "the first" }],
    hint: "Remove one of them.",
  }),
});

export const importsClash = defineProblem<Twice>({
  code: "imports-clash",
  phase: "scope",
  describe: ({ name, first }) => ({
    title: `Two imports of this block give \`${name}\``,
    label: "the second",
    related: [{ at: first, label: "the first" }],
    hint: "Call one of them otherwise with `as`.",
  }),
});

export const invalidImport = defineProblem<{
  readonly path: string;
  readonly reason: string;
  readonly better?: string;
}>({
  code: "invalid-import",
  phase: "scope",
  describe: ({ path, reason, better }) => ({
    title: path === "" ? "The import names nothing" : `"${path}" cannot be imported`,
    label: reason,
    ...(better === undefined ? {} : { hint: `Write "${better}".` }),
  }),
});

export const unknownModule = defineProblem<{ readonly path: string; readonly nearest: string | undefined }>({
  code: "unknown-module",
  phase: "scope",
  describe: ({ path, nearest }) => ({
    title: `There is no module "${path}"`,
    ...(nearest === undefined ? {} : { label: `did you mean "${nearest}"?` }),
    hint: 'A module of your own is imported by its file, "dir/name.mcl", or its directory, "dir/".',
  }),
});

export const missingModule = defineProblem<{ readonly path: string; readonly reason: string; readonly hint?: string }>({
  code: "missing-module",
  phase: "scope",
  describe: ({ path, reason, hint }) => ({
    title: `"${path}" cannot be imported`,
    label: reason,
    ...(hint === undefined ? {} : { hint }),
  }),
});

export const importCircle = defineProblem<{ readonly path: string; readonly through: readonly Span[] }>({
  code: "import-circle",
  phase: "scope",
  describe: ({ path, through }) => ({
    title: through.length === 0 ? "This file imports itself" : "Modules import each other in a circle",
    label: `"${path}" leads back to a file that is being imported`,
    related: through.map((at) => ({ at, label: "imported here" })),
    hint: "Move what both need into a module of its own.",
  }),
});

export const importsTooDeep = defineProblem<{ readonly limit: number }>({
  code: "imports-too-deep",
  phase: "scope",
  describe: ({ limit }) => ({
    title: `Imports of imports go deeper than ${limit} files`,
    hint: "Import more of them side by side, from the files that need them.",
  }),
});

export const unusedStatement = defineProblem<{ readonly what: string }>({
  code: "unused-statement",
  phase: "scope",
  describe: ({ what }) => ({
    title: `A module cannot have ${what} outside of its classes`,
    label: "nothing would come of it",
    hint: "Whoever imports a module gets its variables, functions and classes. Write this into a class, which the program includes.",
  }),
});

export const unreadableMetadata = defineProblem<{ readonly reason: string }>({
  code: "unreadable-metadata",
  phase: "lexparse",
  describe: ({ reason }) => ({
    title: "This metadata.yaml is not as it must be",
    label: reason,
    hint: "It has lines such as `main: main.mcl`, `path: modules/` and `files: files/`, or nothing at all.",
  }),
});

export const invalidMetadata = defineProblem<{ readonly name: string; readonly reason: string }>({
  code: "invalid-metadata",
  phase: "lexparse",
  describe: ({ name, reason }) => ({ title: `The \`${name}\` of this module cannot be used`, label: reason }),
});

// ---- scope: order ----

/** One step of a circle: what is used there, `$a`, `f()`, `class c`. */
export interface CircleStep {
  readonly shown: string;
  readonly at: Span;
}

export const circle = defineProblem<{ readonly steps: readonly CircleStep[] }>({
  code: "definition-circle",
  phase: "scope",
  describe: ({ steps }) => describeCircle(steps),
});

function describeCircle(steps: readonly CircleStep[]): Message {
  const [first] = steps;
  if (steps.length === 1 && first !== undefined) return describeItself(first);
  const shown = steps.map((step) => `\`${step.shown}\``);
  const [main, ...others] = steps.toSorted((a, b) => a.at.start - b.at.start);
  return {
    // The use of the first thing closes the circle, so it stands at both ends.
    title: `Definitions go round in a circle: ${[...shown, shown[0]].join(" needs ")}`,
    label: `needs \`${main?.shown ?? ""}\``,
    related: others.map((step) => ({ at: step.at, label: `needs \`${step.shown}\`` })),
    hint: steps.every((step) => isFunction(step) || isClass(step)) ? noRecursion : circleHint,
  };
}

function describeItself(step: CircleStep): Message {
  if (step.shown.startsWith("$")) {
    return {
      title: `\`${step.shown}\` is made from itself`,
      label: "this is the variable being defined",
      hint: "In the whole block the name means this definition, also when an outer block has the same. Use another name.",
    };
  }
  if (isFunction(step))
    return { title: `The function \`${step.shown}\` calls itself`, label: "here", hint: noRecursion };
  if (isClass(step)) return { title: `\`${step.shown}\` includes itself`, label: "here", hint: noRecursion };
  return { title: `\`${step.shown}\` needs itself`, label: "here", hint: circleHint };
}

function isFunction({ shown }: CircleStep): boolean {
  return shown.endsWith("()");
}

function isClass({ shown }: CircleStep): boolean {
  return shown.startsWith("class ");
}

const noRecursion =
  'The language has no recursion. The `for` statement goes over a list; so do `map`, `filter` and `reduce` of `import "iter"`.';

const circleHint =
  "A statement counts as a whole: it needs all that is used anywhere inside of it. Break the circle at one of these places.";

// ---- scope: names ----

export interface UnknownName {
  /** As written, with dots, without `$`. */
  readonly name: string;
  /** A visible name that looks like it, in the same form. */
  readonly nearest?: string | undefined;
  /** What to do, when something better than a similar name is known. */
  readonly hint?: string | undefined;
  /** The alias exists, but what stands behind it has no such name: which kind of thing it is. */
  readonly of?: { readonly alias: string; readonly rest: string; readonly what: "module" | "class" } | undefined;
  /** Where another block gives a value to a variable of this name. */
  readonly elsewhere?: Span | undefined;
}

function outOfReach(elsewhere: Span): Pick<Message, "related" | "hint"> {
  return {
    related: [{ at: elsewhere, label: "this one is seen only in its own block" }],
    hint: "Bind it outside of that block, with an `if` as the value when it depends on something.",
  };
}

export const unknownVariable = defineProblem<UnknownName>({
  code: "unknown-variable",
  phase: "scope",
  describe: (facts) => describeUnknown(facts, "variable", "$"),
});

export const unknownFunction = defineProblem<UnknownName>({
  code: "unknown-function",
  phase: "scope",
  describe: (facts) => describeUnknown(facts, "function", ""),
});

export const unknownClass = defineProblem<UnknownName>({
  code: "unknown-class",
  phase: "scope",
  describe: (facts) => describeUnknown(facts, "class", ""),
});

function describeUnknown({ name, nearest, hint, of, elsewhere }: UnknownName, sort: string, sign: string): Message {
  const title =
    of === undefined
      ? `There is no ${sort} \`${sign}${name}\` here`
      : `The ${of.what === "class" ? "class behind" : "module"} \`${of.alias}\` has no ${sort} \`${of.rest}\``;
  return {
    title,
    ...didYouMean(nearest === undefined ? undefined : `${sign}${nearest}`),
    ...(hint === undefined ? {} : { hint }),
    ...(elsewhere === undefined ? {} : outOfReach(elsewhere)),
  };
}

export const wrongIncludeArguments = defineProblem<{
  readonly name: string;
  readonly parameters: readonly string[];
  readonly given: number;
  readonly definition: Span;
}>({
  code: "wrong-include-arguments",
  phase: "scope",
  describe: ({ name, parameters, given, definition }) => ({
    title: `The class \`${name}\` takes ${count(parameters.length, "argument")}, but ${given === 0 ? "none is" : given === 1 ? "1 is" : `${given} are`} given`,
    label:
      parameters.length === 0
        ? `write \`include ${name}\``
        : `write \`include ${name}(${parameters.map((parameter) => `$${parameter}`).join(", ")})\``,
    related: [{ at: definition, label: "the class" }],
  }),
});

// ---- Words ----

function didYouMean(name: string | undefined): { readonly label?: string } {
  return name === undefined ? {} : { label: `did you mean \`${name}\`?` };
}

function count(number: number, noun: string): string {
  return number === 0 ? `no ${noun}s` : number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}

function aType(type: Type): string {
  const text = renderType(type);
  return `${text.startsWith("int") ? "an" : "a"} ${text}`;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** All of them, for the reference. */
export const nameProblems: readonly ProblemDefinition<never>[] = [
  duplicateField,
  duplicateMeta,
  unknownMeta,
  unknownEdgeWord,
  duplicateStructField,
  duplicateParameter,
  duplicateKey,
  mixedKeys,
  unhashableKey,
  doubleUnderscore,
  importInLoop,
  unknownEscape,
  malformedInterpolation,
  doubleUnderscoreInText,
  duplicateClass,
  duplicateDefinition,
  duplicateAlias,
  duplicateImport,
  importsClash,
  invalidImport,
  unknownModule,
  missingModule,
  importCircle,
  importsTooDeep,
  unusedStatement,
  unreadableMetadata,
  invalidMetadata,
  circle,
  unknownVariable,
  unknownFunction,
  unknownClass,
  wrongIncludeArguments,
];
