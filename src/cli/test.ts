// SPDX-License-Identifier: Apache-2.0
// `mgmt test [PATH…]`

import { thisMachine } from "../agent/machine.ts";
import { type CaseOptions, runCase } from "../agent/testing/run-case.ts";
import { casesIn } from "../agent/testing/cases.ts";
import { findTests, readTest } from "../agent/testing/find-tests.ts";
import type { Problem } from "../base/problem.ts";
import { renderProblem } from "../base/render-problem.ts";
import { Failure } from "../contract/failure.ts";
import type { Execute, Terminal } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { moduleChoice } from "./module-options.ts";
import { textOption } from "./option-values.ts";
import { errorColour, markColours, paint } from "./paint.ts";
import { showPlan } from "./plan.ts";
import { jsonProblems, showFailure } from "./problem-output.ts";

interface Told {
  readonly path: string;
  /** Absent when it did not come to its cases. */
  readonly name?: string;
  readonly problems: readonly Problem[];
  readonly failure?: Failure;
}

export const execute: Execute = async (invocation) => {
  const { options, terminal } = invocation;
  const host = thisMachine();
  const { signal } = new AbortController();
  const { workingDirectory } = terminal;
  const timeoutSeconds = Number(options.timeout);
  const caseOptions: CaseOptions = { host, workingDirectory, modules: moduleChoice(invocation), timeoutSeconds };
  const only = textOption(options, "filter");
  const count = { good: 0, bad: 0 };
  const isForPrograms = options.json === true;
  const tell = (told: Told): void => {
    const isGood = told.problems.length === 0 && told.failure === undefined;
    count[isGood ? "good" : "bad"] += 1;
    if (isForPrograms) terminal.stdout(`${jsonOf(told, isGood)}\n`);
    else show(told, isGood, terminal);
  };
  for (const given of invocation.arguments.length > 0 ? invocation.arguments : ["."]) {
    try {
      for (const path of await findTests(given, caseOptions, signal)) {
        const file = await readTest(path, caseOptions, signal);
        const { cases, problems } = casesIn(file);
        if (problems.length > 0) tell({ path, problems });
        for (const test of cases) {
          if (only !== undefined && !test.name.includes(only)) continue;
          const result = await runCase(file, test, caseOptions);
          tell({ path, name: test.name, problems: result.problems });
          if (options.verbose === true && !isForPrograms && result.plan !== undefined) showPlan(result.plan, terminal);
        }
      }
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      tell({ path: given, problems: [], failure: reason });
    }
  }
  if (!isForPrograms) terminal.stdout(`\n${summaryOf(count)}\n`);
  return count.bad === 0 && count.good > 0 ? exitStatus.good : exitStatus.wrong;
};

function jsonOf({ path, name, problems, failure }: Told, ok: boolean): string {
  const told = jsonProblems(failure === undefined ? { path, problems } : { path, problems, failure });
  return JSON.stringify({ version: 1, path, ...(name === undefined ? {} : { case: name }), ok, problems: told });
}

function show({ path, name, problems, failure }: Told, isGood: boolean, terminal: Terminal): void {
  const colour = terminal.colour.stdout;
  const word = isGood ? "ok  " : "FAIL";
  const shown = colour ? paint(isGood ? markColours["+"] : errorColour, word) : word;
  terminal.stdout(`${shown} ${path}${name === undefined ? "" : `: ${name}`}\n`);
  for (const problem of problems) terminal.stdout(`${renderProblem(problem, { colour })}\n`);
  if (failure !== undefined) showFailure(failure, terminal);
}

function summaryOf({ good, bad }: { readonly good: number; readonly bad: number }): string {
  const all = good + bad;
  if (all === 0) return "No case is called so.";
  return `${all} case${all === 1 ? "" : "s"}: ${bad === 0 ? "all good" : `${good} good, ${bad} failed`}.`;
}
