// SPDX-License-Identifier: Apache-2.0
// `mgmt check PATH…`

import { catalogFor } from "../agent/catalog.ts";
import { checkKnownValues } from "../agent/check-values.ts";
import { compileProgram } from "../agent/compile-program.ts";
import { thisMachine } from "../agent/machine.ts";
import { Failure } from "../contract/failure.ts";
import type { Execute } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { programPaths } from "./former-options.ts";
import { moduleChoice } from "./module-options.ts";
import { jsonOf, type PathResult, showFailure, showProblems } from "./problem-output.ts";

export const execute: Execute = async (invocation) => {
  const { options, terminal } = invocation;
  const host = thisMachine();
  const { signal } = new AbortController();
  const { readStandardInput, workingDirectory } = terminal;
  const modules = moduleChoice(invocation);
  const { hostname } = options;
  const catalog = catalogFor(typeof hostname === "string" ? hostname : await host.identity.hostname(signal));
  let good = true;
  for (const path of programPaths(invocation.arguments)) {
    let result: PathResult;
    try {
      const compiled = await compileProgram(path, catalog, {
        host,
        workingDirectory,
        readStandardInput,
        signal,
        modules,
        skipTypes: options.skipUnify === true,
      });
      const { program } = compiled;
      result = { path, problems: program === undefined ? compiled.problems : checkKnownValues(program, catalog) };
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      result = { path, problems: [], failure: reason };
    }
    good &&= result.problems.length === 0 && result.failure === undefined;
    if (options.json === true) terminal.stdout(`${jsonOf(result)}\n`);
    else if (result.failure !== undefined) showFailure(result.failure, terminal);
    else showProblems(result.problems, terminal);
  }
  return good ? exitStatus.good : exitStatus.wrong;
};
