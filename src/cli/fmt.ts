// SPDX-License-Identifier: Apache-2.0
// `mgmt fmt [PATH…]`

import { formatFiles } from "../agent/format-files.ts";
import { thisMachine } from "../agent/machine.ts";
import { Problems } from "../base/problem.ts";
import { formatSource } from "../syntax/format.ts";
import type { Execute, Terminal } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { jsonProblems, showFailure, showProblems } from "./problem-output.ts";

export const execute: Execute = async ({ arguments: given, options, terminal }) => {
  if (given.length === 1 && given[0] === "-") return formatStandardInput(terminal);
  const paths = given.length > 0 ? given : ["."];
  const test = options.test === true;
  const { workingDirectory } = terminal;
  const { signal } = new AbortController();
  let good = true;
  for await (const result of formatFiles(paths, { host: thisMachine(), workingDirectory, test }, signal)) {
    const { path, problems, failure, changed } = result;
    const ok = problems.length === 0 && failure === undefined;
    good &&= ok && !(test && changed);
    if (options.json === true) {
      terminal.stdout(`${JSON.stringify({ version: 1, path, ok, changed, problems: jsonProblems(result) })}\n`);
    } else if (failure !== undefined) {
      showFailure(failure, terminal);
    } else {
      showProblems(problems, terminal);
      if (changed && (test || options.verbose === true)) terminal.stdout(`${path}\n`);
    }
  }
  return good ? exitStatus.good : exitStatus.wrong;
};

async function formatStandardInput(terminal: Terminal): Promise<number> {
  const problems = new Problems();
  const text = formatSource({ path: "<stdin>", text: await terminal.readStandardInput() }, problems);
  showProblems(problems.all, terminal);
  if (text === undefined) return exitStatus.wrong;
  terminal.stdout(text);
  return exitStatus.good;
}
