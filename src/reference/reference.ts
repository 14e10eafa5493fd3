// SPDX-License-Identifier: Apache-2.0
// All pages of the reference, from the schemas of kinds and functions, the table of commands, and the problems.
// Writes no files and prints nothing: `npm run docs` does the one, `mgmt docs` the other.

import { nearest } from "../base/nearest.ts";
import type { Constant } from "../contract/catalog.ts";
import type { ResourceKind } from "../contract/resource.ts";
import { type DocumentedCommand, type DocumentedStatus, pageOfCommand } from "./commands.ts";
import { explanations } from "./explanations.ts";
import { type DocumentedModule, pageOfModule } from "./functions.ts";
import { kindExamples } from "./kind-examples.ts";
import { pageOfKind } from "./kinds.ts";
import { pageOfConstants, pageOfMeta } from "./language.ts";
import { heading, links, type Page, text } from "./page.ts";
import { pageOfProblem } from "./problems.ts";

export interface ReferenceSources {
  readonly kinds: readonly ResourceKind[];
  /** "" among them is what needs no import. */
  readonly modules: readonly DocumentedModule[];
  readonly commands: readonly DocumentedCommand[];
  readonly statuses: readonly DocumentedStatus[];
  /** What is printed for the wrong program of a problem, by its code; those not in it are shown without. */
  readonly messages: ReadonlyMap<string, string>;
}

/** The first page leads to all others. */
export function referencePages(sources: ReferenceSources): readonly Page[] {
  const { kinds, modules, commands, statuses, messages } = sources;
  const everywhere: readonly Constant[] = modules.find(({ name }) => name === "")?.constants ?? [];
  const sections: readonly Section[] = [
    { title: "Kinds of resources", pages: kinds.map((kind) => pageOfKind(kind, kindExamples[kind.kind])) },
    { title: "Functions", pages: modules.map((module) => pageOfModule(withoutConstants(module))) },
    { title: "The language", pages: [pageOfMeta, pageOfConstants(everywhere)] },
    { title: "Commands", pages: commands.map((command) => pageOfCommand(command, statuses)) },
    {
      title: "Problems",
      pages: Object.entries(explanations)
        .map(([code, explanation]) => pageOfProblem({ code, explanation, message: messages.get(code) }))
        .toSorted((left, right) => (left.path < right.path ? -1 : 1)),
    },
  ];
  return [contents(sections), ...sections.flatMap(({ pages }) => pages)];
}

interface Section {
  readonly title: string;
  readonly pages: readonly Page[];
}

/** Those that need no import have a page of their own. */
function withoutConstants(module: DocumentedModule): DocumentedModule {
  return module.name === "" ? { ...module, constants: [] } : module;
}

function contents(sections: readonly Section[]): Page {
  return {
    path: "README",
    title: "Reference",
    summary: "All kinds, functions, commands and problems.",
    words: [],
    blocks: [
      text("Each of these is also shown by `mgmt docs` with its name, for example `mgmt docs file`."),
      ...sections.flatMap(({ title, pages }) => [heading(title), links(pages)]),
    ],
  };
}

export type FoundPage =
  | { readonly page: Page; readonly meant?: undefined }
  /** Nothing is called so, and this may be meant. */
  | { readonly page?: undefined; readonly meant: string | undefined };

/** By what a person writes behind `mgmt docs`: the first page that is called so, then one whose word ends so. */
export function findPage(pages: readonly Page[], word: string): FoundPage {
  const page =
    pages.find(({ words }) => words.includes(word)) ??
    pages.find(({ words }) => words.some((each) => each.endsWith(`.${word}`) || each.endsWith(`/${word}`)));
  if (page !== undefined) return { page };
  return {
    meant: nearest(
      word,
      pages.flatMap(({ words }) => words),
    ),
  };
}
