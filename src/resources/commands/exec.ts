// SPDX-License-Identifier: Apache-2.0
// `exec`: a command that runs when something happened and its conditions allow it. The parts are in `exec/`.

import { defineResource, type Step } from "../../contract/resource.ts";
import { strType } from "../../values/type.ts";
import { execEdges } from "./exec/automatic-edges.ts";
import { checkExec } from "./exec/check.ts";
import { shownCommand } from "./exec/command-line.ts";
import { type ExecWant, execFields } from "./exec/fields.ts";
import { type ExecHave, observeExec } from "./exec/observe.ts";
import { mainCommand, runExec } from "./exec/run.ts";
import { watchExec } from "./exec/watch.ts";

interface Run extends Step {
  readonly do: "run";
  /** For people. */
  readonly command: string;
  readonly mtimes: ExecHave["mtimes"];
}

export const exec = defineResource({
  kind: "exec",
  summary: "A command, run at the start and whenever something happened, if its conditions allow it.",
  fields: execFields,
  traits: { sends: { output: strType, stdout: strType, stderr: strType } },
  watchedFields: [
    "env",
    "sig",
    "watchcmd",
    "watchcwd",
    "watchshell",
    "watchfiles",
    "creates",
    "mtimes",
    "user",
    "group",
  ],
  edges: execEdges,
  check: checkExec,
  observe: observeExec,
  plan: (want: ExecWant, have: ExecHave): readonly Run[] =>
    have.mayRun ? [{ do: "run", command: shownCommand(mainCommand(want)), mtimes: have.mtimes }] : [],
  explain: (step: Run) => ({ mark: "!", text: `run ${step.command}`, brings: ["output", "stdout", "stderr"] }),
  apply: (step: Run, want: ExecWant, env) => runExec(want, step.mtimes, env),
  watch: watchExec,
});
