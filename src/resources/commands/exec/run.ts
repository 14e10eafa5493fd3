// SPDX-License-Identifier: Apache-2.0
// Running the command: its output told line by line, its failure told with the end of what it wrote.

import { Failure } from "../../../contract/failure.ts";
import type { Outcome } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { textOf } from "../../../values/bytes.ts";
import { type CommandText, commandOf, shownCommand } from "./command-line.ts";
import type { ExecWant } from "./fields.ts";
import { keepLastRun, type LastRun, sendOutputs } from "./last-run.ts";
import { createLineSplitter } from "./lines.ts";

export async function runExec(
  want: ExecWant,
  mtimes: Readonly<Record<string, string>>,
  env: ResourceEnv,
): Promise<void> {
  const beganMs = env.host.clock.now();
  const outcome = await runAndTell(mainCommand(want), want, env);
  if (want.donecmd !== "") {
    await runAndTell({ cmd: want.donecmd, shell: want.doneshell, cwd: want.donecwd }, want, env);
  }
  const run: LastRun = {
    beganMs,
    mtimes,
    ...(outcome.output.length === 0 ? {} : { output: textOf(outcome.output) }),
    ...(outcome.stdout.length === 0 ? {} : { stdout: textOf(outcome.stdout) }),
    ...(outcome.stderr.length === 0 ? {} : { stderr: textOf(outcome.stderr) }),
  };
  await keepLastRun(run, env);
  sendOutputs(run, want, env);
}

export function mainCommand(want: ExecWant): CommandText {
  return { cmd: want.cmd, args: want.args, shell: want.shell, cwd: want.cwd };
}

/** Fails unless the command ends with status 0. */
async function runAndTell(text: CommandText, want: ExecWant, env: ResourceEnv): Promise<Outcome> {
  const lines = {
    stdout: createLineSplitter((line) => env.say(line, "stdout")),
    stderr: createLineSplitter((line) => env.say(line, "stderr")),
  };
  const command = await commandOf(text, want, env);
  try {
    const outcome = await env.host.processes.run(
      { ...command, onOutput: (stream, bytes) => lines[stream].push(bytes) },
      env.signal,
    );
    if (outcome.status !== 0) throw failureOf(text, outcome);
    return outcome;
  } finally {
    lines.stdout.flush();
    lines.stderr.flush();
  }
}

/** So many of the last lines are repeated in the failure. */
const repeatedLines = 3;

function failureOf(text: CommandText, outcome: Outcome): Failure {
  const how =
    outcome.status === undefined
      ? `was ended by ${outcome.endedBy ?? "a signal"}`
      : `failed with status ${outcome.status}`;
  const lines = textOf(outcome.stderr)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-repeatedLines);
  const end = lines.length === 0 ? "" : `: ${lines.join(" / ")}`;
  return new Failure(`the command "${shownCommand(text)}" ${how}${end}`, { code: "command-failed" });
}
