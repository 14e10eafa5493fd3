// SPDX-License-Identifier: Apache-2.0
// Fields that say whose something is: the name or the number of a user or a group that is there, wherever the machine has it
// from. So they take more than names of accounts that are made: those of a directory service have white space or an @.

import type { WantProblem } from "../../contract/resource.ts";
import { largestId } from "./names.ts";

const longestName = 256;

/** By the names of the fields; `""` says nothing. */
export function accountProblems(accounts: Readonly<Record<string, string>>): WantProblem[] {
  return Object.entries(accounts).flatMap(([field, text]) => {
    const wrong = text === "" ? undefined : whyNobody(text);
    if (wrong === undefined) return [];
    const sort = field === "group" ? "group" : "user";
    const isPair = /^[^:/\s]+:[^:/\s]*$/.test(text);
    return [
      {
        field,
        title: `"${text}" is neither the name nor the number of a ${sort}: ${wrong}`,
        hint: isPair ? "The user and the group are in two fields." : examples[sort],
      },
    ];
  });
}

const examples = { user: 'Write it like "www-data" or "33".', group: 'Write it like "adm" or "4".' } as const;

function whyNobody(text: string): string | undefined {
  if (/^\d+$/.test(text)) return Number(text) > largestId ? `the largest number is ${largestId}` : undefined;
  if (text.length > longestName) return `it has ${text.length} characters`;
  if (/\p{Cc}/u.test(text)) return "it has control characters";
  if (/[:/]/.test(text)) return "a name has no colon and no slash";
  if (text.startsWith("-")) return "a name does not begin with a hyphen";
  return text.trim() === text ? undefined : "there is white space around it";
}
