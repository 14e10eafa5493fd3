// SPDX-License-Identifier: Apache-2.0
// Every problem that type inference can find. Codes are stable: pages of the reference are named so.
// The wording of expectations and of types is in wording.ts.

import { nearest, nearestFirst } from "../../base/nearest.ts";
import { defineProblem, type Message, type ProblemDefinition } from "../../base/problem.ts";
import type { Span } from "../../base/span.ts";
import { metaParameters } from "../../contract/meta.ts";
import type { Type } from "../../values/type.ts";
import type { CallFact } from "./inference.ts";
import type { Reason } from "./reason.ts";
import {
  aType,
  becauseOf,
  conversionHint,
  partlyKnown,
  placeHint,
  placeOfReason,
  structDifference,
  verbHint,
} from "./wording.ts";

/** `Facts` come with the calls and includes through which the place was reached. */
type Found<Facts> = Facts & { readonly calls: readonly CallFact[] };

function define<Facts = object>(code: string, describe: (facts: Facts) => Message): ProblemDefinition<Found<Facts>> {
  return defineProblem<Found<Facts>>({
    code,
    phase: "unify",
    describe: (facts) => {
      const message = describe(facts);
      const calls = facts.calls.map(({ name, at }) => ({ at, label: `in this use of \`${name}\`` }));
      return calls.length === 0 ? message : { ...message, related: [...(message.related ?? []), ...calls] };
    },
  });
}

// ---- Mismatches ----

export interface MismatchFacts {
  /** Why a type was expected. */
  readonly reason: Reason;
  readonly expected: Type;
  /** When the caret is at a part of what was found, the type of that part. */
  readonly innerExpected: Type | undefined;
  readonly found: Type;
  /** A type would have to contain itself. */
  readonly endless: boolean;
  /** What gave one of the sides its type. */
  readonly since: readonly { readonly reason: Reason; readonly type: Type }[];
  /** The variable that was found, and its value. */
  readonly source: { readonly name: string; readonly at: Span } | undefined;
  /** The text of what was found, if it is a constant. */
  readonly literal: string | undefined;
}

export const typeMismatch = define<MismatchFacts>("type-mismatch", (facts) => {
  const { reason, found, source } = facts;
  const expected = facts.innerExpected ?? facts.expected;
  const because = becauseOf(reason, facts.expected);
  const so = facts.innerExpected === undefined ? "" : `, so this must be ${aType(expected)}`;
  const place = placeOfReason(reason, facts.expected);
  const shown = [reason.at, ...(source === undefined ? [] : [source.at])];
  const related = [
    ...(source === undefined ? [] : [{ at: source.at, label: `\`$${source.name}\` is this` }]),
    ...(place === undefined ? [] : [{ at: reason.at, label: place }]),
    ...facts.since
      .filter((since) => !shown.some((other) => covers(other, since.reason.at)))
      .map((since) => ({ at: since.reason.at, label: `this makes it ${aType(since.type)}` })),
  ];
  if (facts.endless) {
    const title = "The type of this would have to contain itself";
    return { title, label: "would have to be a part of its own type", related };
  }
  const hint =
    structDifference(expected, found) ??
    verbHint(reason, found) ??
    placeHint(reason, found) ??
    conversionHint(expected, found, facts.literal);
  return {
    title: `${because}${so}, but this is ${shownInTitle(found)}`,
    label: labelOf(found),
    related,
    ...(hint === undefined ? {} : { hint }),
  };
});

/** The text is what stands for the name; `variable` is set when that is a plain variable. */
export const nameMustBeList = define<{ readonly text: string; readonly variable: string | undefined }>(
  "name-must-be-list",
  ({ text, variable }) => {
    const shown = text.length <= 60 && !text.includes("\n") ? text : "…";
    if (variable === undefined) {
      return {
        title: "The name of a resource is computed here, so it must be a list of names, but this is a str",
        label: "one str",
        hint: `Write \`[${shown}]\` for a list of names, here of one. A text such as \`"\${a}-b"\` needs no brackets.`,
      };
    }
    return {
      title: `Whether \`$${variable}\` is one name or a list is not known here, so it must be a list of names, but it is a str`,
      label: "one str",
      hint: `Write \`[${shown}]\` for a list of names, here of one, or make a text of it: \`"\${${variable}}"\`.`,
    };
  },
);

export const callsTooDeep = define<{ readonly name: string }>("calls-too-deep", ({ name }) => ({
  title: `\`${name}\` is used deeper inside of others than there is room for`,
  label: "too deep",
  hint: "Let functions and classes use each other side by side: a list of values and a loop instead of one that uses the next.",
}));

export const typeTooDeep = define<{ readonly deepest: number }>("type-too-deep", ({ deepest }) => ({
  title: `This has a type that is nested more than ${deepest} deep`,
  label: "each level is one more list, map, struct or func around the last",
  hint: "A list that grows needs no more brackets: put one after the other, not one into the other.",
}));

export const ambiguousType = define<{
  readonly what: string;
  readonly name: string | undefined;
  readonly shownAs: string | undefined;
  readonly empty: boolean;
  readonly type: Type;
}>("ambiguous-type", ({ what, name, shownAs, empty, type }) => {
  const bare = partlyKnown(type);
  if (empty) {
    return {
      title: `Nothing says what this empty ${what} is for`,
      label: bare,
      hint:
        what === "list"
          ? "Give it to a variable with a type: `$names []str = []`."
          : "Give it to a variable with a type: `$sizes map{str: int} = {}`.",
    };
  }
  if (what === "parameter") {
    return {
      title: `Nothing says what type \`$${name}\` has`,
      label: bare,
      hint: `Give it a type, such as \`$${name} str\`: a function that is never called, or only with values of unknown types, tells nothing.`,
    };
  }
  if (shownAs === "[]" || shownAs === "->") {
    return {
      title: `Nothing says what type the result of \`${shownAs}\` has`,
      label: bare,
      hint:
        shownAs === "[]"
          ? "Give what it looks into a type, such as `$l []str` for a parameter, or use `list.lookup` or `map.lookup`."
          : "Give the struct a type, such as `$s struct{name str}` for a parameter.",
    };
  }
  const subject = shownAs === undefined ? "this" : `the result of \`${shownAs}\``;
  return {
    title: `Nothing says what type ${subject} has`,
    label: bare,
    hint: "Give it to a variable with a type, such as `$x int = …`, or use it where only one type fits.",
  };
});

export const unhashableKey = define<{ readonly type: Type }>("unhashable-key", ({ type }) => ({
  title: `The key of a map cannot be ${aType(type)}`,
  label: aType(type),
  hint: "Keys are bools, strs, ints, floats, and structs of such.",
}));

// ---- Calls ----

export const wrongArgumentCount = define<{
  readonly shownAs: string;
  /** The names of the parameters, where they have any. */
  readonly takes: readonly (string | undefined)[];
  readonly given: number;
  readonly declaredAt: Span | undefined;
}>("wrong-argument-count", ({ shownAs, takes, given, declaredAt }) => {
  const names = takes.every((name) => name !== undefined) && takes.length > 0 ? ` (${takes.join(", ")})` : "";
  const wants = takes.length === 0 ? "no arguments" : `${count(takes.length, "argument")}${names}`;
  return {
    title: `${called(shownAs)} takes ${wants}, but is called with ${given === 0 ? "none" : given}`,
    label: given < takes.length ? "too few arguments" : "too many arguments",
    ...(declaredAt === undefined ? {} : { related: [{ at: declaredAt, label: "defined here" }] }),
  };
});

export const notAFunction = define<{
  readonly shownAs: string;
  readonly type: Type;
  readonly declaredAt: Span | undefined;
}>("not-a-function", ({ shownAs, type, declaredAt }) => ({
  title: `${called(shownAs)} is called like a function, but is ${aType(type)}`,
  label: aType(type),
  ...(declaredAt === undefined ? {} : { related: [{ at: declaredAt, label: "its value comes from here" }] }),
}));

/** A built-in has no signature for these arguments; `message` is its own sentence. */
export const wrongCall = define<{ readonly shownAs: string; readonly message: string }>("wrong-call", sentence);

/** A built-in refuses the types that inference found. */
export const refusedTypes = define<{ readonly shownAs: string; readonly message: string }>("refused-types", sentence);

// ---- Resources and edges ----

export const unknownKind = define<{ readonly resource: string; readonly known: readonly string[] }>(
  "unknown-kind",
  ({ resource, known }) => ({
    title: `There is no kind of resource called \`${resource}\``,
    ...otherNameOfKind(resource, known),
  }),
);

/** What other tools call a kind, and how it is declared here. */
const otherKinds: ReadonlyMap<string, readonly [kind: string, hint: string]> = new Map([
  ["directory", ["file", 'A directory is a `file` whose name ends in a slash: `file "/srv/app/" {`.']],
  ["dir", ["file", 'A directory is a `file` whose name ends in a slash: `file "/srv/app/" {`.']],
  ["link", ["file", "A symbolic link is a `file` with `symlink => true,` and its target as `source`."]],
  ["symlink", ["file", "A symbolic link is a `file` with `symlink => true,` and its target as `source`."]],
  ["template", ["file", 'It is a `file` whose `content` comes from `golang.template(…)` of `import "golang"`.']],
  ["copy", ["file", "It is a `file` with a `source`."]],
  ["command", ["exec", "A command is run by an `exec`."]],
  ["shell", ["exec", 'A command is run by an `exec`; with `shell => "/bin/sh",` through a shell.']],
  ["script", ["exec", 'A command is run by an `exec`; with `shell => "/bin/sh",` through a shell.']],
  ["run", ["exec", "A command is run by an `exec`."]],
  ["service", ["svc", "A service is kept running by an `svc`."]],
  ["systemd", ["svc", "A service is kept running by an `svc`."]],
  ["daemon", ["svc", "A service is kept running by an `svc`."]],
  ["package", ["pkg", "A package is installed by a `pkg`."]],
  ["apt", ["pkg", "A package is installed by a `pkg`."]],
  ["yum", ["pkg", "A package is installed by a `pkg`."]],
  ["dnf", ["pkg", "A package is installed by a `pkg`."]],
  ["notify", ["print", "A message is shown by a `print`."]],
  ["echo", ["print", "A message is shown by a `print`."]],
  ["log", ["print", "A message is shown by a `print`, and sent to the journal by a `msg`."]],
]);

function otherNameOfKind(resource: string, known: readonly string[]): { readonly hint: string } {
  const near = nearest(resource, known);
  if (near !== undefined) return { hint: `Did you mean \`${near}\`?` };
  const other = otherKinds.get(resource);
  if (other !== undefined && known.includes(other[0])) return { hint: other[1] };
  return { hint: "`mgmt docs` lists the kinds of resources." };
}

export const unknownField = define<{
  readonly resource: string;
  readonly field: string;
  readonly known: readonly string[];
}>("unknown-field", ({ resource, field, known }) => ({
  title: `The kind \`${resource}\` has no field \`${field}\``,
  ...otherNameOfField(resource, field, known),
}));

/** What other tools call a field, by the first of these names that the kind has. */
const otherFields: ReadonlyMap<string, readonly string[]> = new Map([
  ["ensure", ["state"]],
  ["present", ["state"]],
  ["text", ["content", "msg", "body"]],
  ["data", ["content"]],
  ["src", ["source"]],
  ["target", ["source"]],
  ["dest", ["path"]],
  ["destination", ["path"]],
  ["perm", ["mode"]],
  ["perms", ["mode"]],
  ["permissions", ["mode"]],
  ["chmod", ["mode"]],
  ["command", ["cmd"]],
  ["run", ["cmd"]],
  ["arguments", ["args"]],
  ["environment", ["env"]],
  ["chdir", ["cwd"]],
  ["dir", ["cwd"]],
  ["onlyif", ["ifcmd"]],
  ["unless", ["nifcmd"]],
  ["message", ["msg", "body"]],
  ["seconds", ["interval"]],
  ["refreshonly", ["refresh_only"]],
]);

function otherNameOfField(resource: string, field: string, known: readonly string[]): { readonly hint: string } {
  if (metaParameters.some(({ name }) => name === field)) {
    return { hint: `Every kind has it as a meta parameter: \`Meta:${field} => …,\`.` };
  }
  const other = otherFields.get(field)?.find((name) => known.includes(name));
  if (other !== undefined) return { hint: `Here it is called \`${other}\`; see \`mgmt docs ${resource}\`.` };
  const near = nearest(field, known);
  if (near !== undefined) return { hint: `Did you mean \`${near}\`?` };
  return { hint: listOf(field, known, "It has", `mgmt docs ${resource}`) };
}

const mostListed = 12;

/** So few more are listed too, instead of counted. */
const fewLeft = 4;

/** The names that are there, those most like the wrong one first; not more than a person reads. */
function listOf(wrong: string, known: readonly string[], lead: string, command: string): string {
  if (known.length <= mostListed + fewLeft) return `${lead}: ${known.toSorted().join(", ")}; see \`${command}\`.`;
  const shown = nearestFirst(wrong, known).slice(0, mostListed);
  return `${lead}: ${shown.join(", ")} … and ${known.length - shown.length} more; see \`${command}\`.`;
}

export const edgeWithOneHalf = define("edge-with-one-half", () => ({
  title: "An edge goes from one resource to another, and this names only one",
  label: "from here to where?",
  hint: 'Write `File["/a"] -> Exec["b"]`: the first one is carried out before the second.',
}));

export const notSent = define<{ readonly resource: string; readonly key: string; readonly known: readonly string[] }>(
  "not-sent",
  ({ resource, key, known }) => ({
    title:
      known.length === 0
        ? `The kind \`${resource}\` sends nothing`
        : `The kind \`${resource}\` does not send \`${key}\``,
    ...(known.length === 0 ? {} : didYouMean(key, known, `It sends: ${known.toSorted().join(", ")}.`)),
  }),
);

export const notReceiving = define<{ readonly resource: string }>("not-receiving", ({ resource }) => ({
  title: `The kind \`${resource}\` cannot receive values`,
  hint: "Without the fields behind the dots, the edge still keeps the order.",
}));

export const sentTypeDiffers = define<{
  readonly key: { readonly resource: string; readonly name: string; readonly type: Type; readonly at: Span };
  readonly field: { readonly resource: string; readonly name: string; readonly type: Type };
}>("sent-type-differs", ({ key, field }) => ({
  title: `The field \`${field.name}\` of \`${field.resource}\` is ${aType(field.type)}, but \`${key.name}\` of \`${key.resource}\` is ${aType(key.type)}`,
  label: aType(field.type),
  related: [{ at: key.at, label: aType(key.type) }],
}));

/** All of them; for the reference pages. */
export const typeProblems: readonly ProblemDefinition<never>[] = [
  typeMismatch,
  nameMustBeList,
  ambiguousType,
  callsTooDeep,
  typeTooDeep,
  unhashableKey,
  wrongArgumentCount,
  notAFunction,
  wrongCall,
  refusedTypes,
  unknownKind,
  unknownField,
  edgeWithOneHalf,
  notSent,
  notReceiving,
  sentTypeDiffers,
];

function didYouMean(word: string, known: readonly string[], otherwise?: string): { hint?: string; label?: string } {
  const near = nearest(word, known);
  if (near !== undefined) return { hint: `Did you mean \`${near}\`?` };
  return otherwise === undefined || known.length === 0 ? {} : { hint: otherwise };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** What a function says, under its name if it has one that does not stand in the sentence already. */
function sentence({ shownAs, message }: { readonly shownAs: string; readonly message: string }): Message {
  const name = shownAs.slice(shownAs.lastIndexOf(".") + 1);
  if (message.startsWith(`${name} `)) return { title: `\`${name}\`${message.slice(name.length)}` };
  if (/^[a-z]/.test(shownAs)) return { title: `\`${shownAs}\`: ${message}` };
  return { title: message.charAt(0).toUpperCase() + message.slice(1) };
}

/** The type at the caret, unless it is as long as the line. */
function labelOf(type: Type): string {
  const text = aType(type);
  return text.length <= 60 ? text : "another type";
}

function called(shownAs: string): string {
  return shownAs.includes(" ") ? shownAs : `\`${shownAs}\``;
}

function covers(outer: Span, inner: Span): boolean {
  return outer.file === inner.file && outer.start <= inner.start && inner.end <= outer.end;
}

/** The title is one line. */
function shownInTitle(type: Type): string {
  const text = aType(type);
  return text.length <= 100 ? text : `another ${type.kind}`;
}
