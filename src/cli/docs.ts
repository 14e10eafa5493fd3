// SPDX-License-Identifier: Apache-2.0
// `mgmt docs [WORD]`

import { catalogFor } from "../agent/catalog.ts";
import { judgeProgram } from "../agent/judge-program.ts";
import { thisMachine } from "../agent/machine.ts";
import { ownKindsAndModules } from "../agent/reference.ts";
import { renderProblem } from "../base/render-problem.ts";
import type { Host } from "../contract/host.ts";
import { filesOfProgram } from "../reference/explanation.ts";
import { explanations } from "../reference/explanations.ts";
import { findPage, referencePages } from "../reference/reference.ts";
import { renderForTerminal } from "../reference/terminal.ts";
import type { Execute } from "./command.ts";
import { commands } from "./commands.ts";
import { exitStatus, statuses } from "./exit-status.ts";

export const execute: Execute = async ({ arguments: words, terminal }) => {
  const messages = new Map<string, string>();
  const [code] = words;
  const message = code === undefined ? undefined : await messageOf(code, thisMachine());
  if (code !== undefined && message !== undefined) messages.set(code, message);
  const pages = referencePages({ ...ownKindsAndModules(), commands, statuses, messages });
  const word = words.join(" ");
  const { page, meant } = word === "" ? { page: pages[0] } : findPage(pages, word);
  if (page === undefined) {
    terminal.stderr(`mgmt: the reference has nothing on ${word}\n`);
    terminal.stderr(`  hint: ${meant === undefined ? "mgmt docs lists all" : `did you mean mgmt docs ${meant}?`}\n`);
    return exitStatus.wrong;
  }
  terminal.stdout(renderForTerminal(page, { colour: terminal.colour.stdout }));
  return exitStatus.good;
};

/** What is printed for the wrong program that the page of this problem shows; undefined when it has none. */
export async function messageOf(code: string, host: Host): Promise<string | undefined> {
  const wrong = explanations[code]?.wrong;
  if (wrong === undefined) return undefined;
  const hostname = "web1";
  const judging = { catalog: catalogFor(hostname), host, hostname };
  const problems = await judgeProgram(filesOfProgram(wrong), judging, AbortSignal.timeout(30_000));
  return problems.map((problem) => renderProblem(problem, { colour: false })).join("\n");
}
