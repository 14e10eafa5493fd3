// SPDX-License-Identifier: Apache-2.0
// Problems found while a program's values flow: phases graph, stream and interpret. The only place with their wording.

import { defineProblem } from "../base/problem.ts";

export const uncaughtFailure = defineProblem<{
  readonly shownAs: string;
  readonly message: string;
  readonly catchable: boolean;
}>({
  code: "no-value",
  phase: "stream",
  describe: ({ shownAs, message, catchable }) => ({
    title: sentence(message),
    label: `${shownAs === "[]" ? "this lookup" : `\`${shownAs}\``} gives no value here`,
    ...(catchable ? { hint: "Say with `<|>` what to take instead: `value <|> default`." } : {}),
  }),
});

export const panicked = defineProblem<{ readonly message: string }>({
  code: "panic",
  phase: "stream",
  describe: ({ message }) => ({ title: sentence(message), label: "the program stops itself here" }),
});

export const unknownKindReached = defineProblem<{ readonly kind: string }>({
  code: "unknown-kind-reached",
  phase: "interpret",
  describe: ({ kind }) => ({
    title: `There is no kind of resource called \`${kind}\``,
    hint: "`mgmt docs` lists the kinds.",
  }),
});

export const wrongCollected = defineProblem<{ readonly name: string }>({
  code: "collected-name-wrong",
  phase: "interpret",
  describe: ({ name }) =>
    name === ""
      ? { title: "What is collected has a name, and this one is empty" }
      : {
          title: "A resource is collected from a host that has a name, and `*` is none",
          hint: 'An empty text collects it from any host: `struct{name => "…", host => ""}`.',
        },
});

export const metaGivenTwice = defineProblem<{ readonly parameter: string }>({
  code: "meta-given-twice",
  phase: "graph",
  describe: ({ parameter }) => ({
    title: `The meta parameter \`Meta:${parameter}\` is given twice`,
    label: "given again here",
    hint: "`Meta => struct{…}` gives all of them; leave the single `Meta:… =>` out, or the struct.",
  }),
});

/** What a function says begins with a small letter, because it may stand behind a name. */
function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}

/** All of this folder, for the reference pages. */
export const functionGraphProblems = [
  uncaughtFailure,
  panicked,
  unknownKindReached,
  wrongCollected,
  metaGivenTwice,
] as const;
