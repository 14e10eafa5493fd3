// SPDX-License-Identifier: Apache-2.0
// `mgmt run PATH`

import { attend } from "../agent/record/attend.ts";
import { compileProgram } from "../agent/compile-program.ts";
import { thisMachine } from "../agent/machine.ts";
import { approvalOf, movedSince, planProgram, readPlan } from "../agent/plan-program.ts";
import type { Ending, RunOptions } from "../agent/run.ts";
import { runProgram } from "../agent/run-program.ts";
import { borrowed } from "../agent/deploys/client.ts";
import { takePart } from "../agent/trust.ts";
import type { GivenInputs } from "../program/tool/inputs.ts";
import { writeReport } from "../agent/write-report.ts";
import type { EngineEvent } from "../contract/event.ts";
import type { Execute, Invocation } from "./command.ts";
import { deploysOption, followsDeploys } from "./deploys-option.ts";
import { EventPrinter, eventJson } from "./event-output.ts";
import { exitStatus } from "./exit-status.ts";
import { programPath, withoutFormerOptions } from "./former-options.ts";
import { startMetrics } from "./metrics-option.ts";
import { moduleChoice } from "./module-options.ts";
import { showProblems } from "./problem-output.ts";
import { fileOption, textOption } from "./option-values.ts";
import { runSetting } from "./run-setting.ts";
import { stopOnSignals } from "./stop-ladder.ts";

export const execute: Execute = async (given) => {
  const invocation = withoutFormerOptions(given);
  if (typeof invocation.options.plan === "string") return runPlan(invocation);
  const path = programPath(invocation.arguments);
  if (invocation.options.quiet === true && invocation.options.verbose === true) {
    invocation.terminal.stderr("mgmt: --quiet and --verbose cannot both be given\n");
    return exitStatus.usage;
  }
  if (path === undefined) {
    invocation.terminal.stderr("mgmt: `mgmt run` takes one program\n  hint: mgmt run --help\n");
    return exitStatus.usage;
  }
  return runPath(invocation, path, {});
};

/** Does what a plan says, once: looks again before anything is touched, and is held to the plan on the way. */
async function runPlan(invocation: Invocation): Promise<number> {
  const { terminal } = invocation;
  const host = thisMachine();
  const plan = await readPlan(fileOption(invocation, "plan") ?? "", host, new AbortController().signal);
  const options = { ...invocation.options, once: true, watch: false, hostname: plan.hostname };
  const planned = { ...invocation, options, terminal: { ...terminal, workingDirectory: plan.workingDirectory } };
  const { plan: now, problems } = await planProgram(await runSetting(planned, plan.path, { readOnly: true }));
  showProblems(problems, terminal);
  if (now === undefined) return exitStatus.wrong;
  const moved = movedSince(plan, now);
  if (moved.length === 0) return runPath(planned, plan.path, { approve: approvalOf(plan) });
  for (const resource of moved) terminal.stderr(`mgmt: ${resource} has moved since the plan was made\n`);
  terminal.stderr("  hint: nothing was changed; make a new plan with `mgmt plan --out=FILE PATH`\n");
  return exitStatus.wrong;
}

export interface Held extends Pick<RunOptions, "approve"> {
  /** What the options of the program's own command line say. */
  readonly inputs?: GivenInputs;
}

export async function runPath(invocation: Invocation, path: string, { inputs, ...held }: Held): Promise<number> {
  const { options, terminal } = invocation;
  const told = inputs === undefined ? {} : { inputs };
  const setting = await runSetting(invocation, path, { readOnly: invocation.options.noop === true, ...told });
  const { host, reading, catalog } = setting;
  const { signal } = new AbortController();
  const startedMs = host.clock.monotonicMs();
  const json = options.json === true;
  const printing = { verbose: options.verbose === true, quiet: options.quiet === true };
  const printer = new EventPrinter(terminal, host.clock, printing);
  const show = (event: EngineEvent): void => {
    if (json) {
      printer.count(event);
      terminal.stdout(`${eventJson(event)}\n`);
    } else {
      printer.print(event);
    }
  };
  if (moduleChoice(invocation).onlyDownload) {
    const { problems } = await compileProgram(path, catalog, { ...reading, host, signal });
    showProblems(problems, terminal);
    return problems.length === 0 ? exitStatus.good : exitStatus.wrong;
  }
  const source = path === followsDeploys ? await deploysOption(invocation, setting) : undefined;
  const metrics = await startMetrics(invocation, setting);
  const attendance = await attend({
    ...setting,
    noop: options.noop === true,
    storePlace: setting.store.place,
    keepDays: Number(options.journalDays),
    keepBytes: Number(options.journalSize) * 1024 * 1024,
    // One that ends by itself is soon over; one that goes on for ever is not waited for.
    patienceMs: convergedMs(options) === undefined ? 2000 : 10_000,
    onWait: () => terminal.stderr("mgmt: another mgmt has the state directory; waiting for its end\n"),
    onTrouble: (message) => terminal.stderr(`mgmt: ${message}\n`),
  });
  const isInSight = terminal.isLookedAt && !printing.quiet && convergedMs(options) === undefined;
  if (isInSight) printer.announceRest();
  // However the process ends, also by a mistake of ours, no command outlives it.
  process.once("exit", () => host.processes.killAll());
  let leave: () => Promise<void>;
  try {
    await setting.store.start(attendance.onStoreLog, signal);
    leave = await takePart({
      ...setting,
      onTrouble: setting.onTrouble ?? (() => {}),
      entrance: textOption(options, "acceptJoins"),
      seeds: setting.store.seeds,
      signal,
    });
  } catch (reason) {
    attendance.end("the store could not be started");
    throw reason;
  }
  const run = runProgram({
    ...setting,
    cluster: borrowed(setting.store.cluster),
    ...held,
    ...(source === undefined ? {} : { source }),
    onProgram: attendance.onProgram,
    noop: options.noop === true,
    reverseOnExit: options.reverseOnExit === true,
    watchProgram: options.watch !== false,
    convergedMs: convergedMs(options),
    convergedScope: options.convergedScope === "cluster" ? "cluster" : "host",
    graphvizFile: fileOption(invocation, "graphviz"),
    emit: [attendance.emit, show, metrics.listen],
    onProblems: (problems) => showProblems(problems, terminal),
    onReload: () => {
      if (source === undefined) terminal.stderr("mgmt: the program was edited and is taken up\n");
      if (isInSight) printer.announceRest();
    },
  });
  attendance.begin(run.view);
  metrics.begin(run.view);
  let ended = "broken off";
  const stopListening = stopOnSignals(run, terminal, host, () => printer.flush());
  try {
    const { ending, report, status } = await run.ended;
    printer.flush();
    ended = ending;
    const reportFile = fileOption(invocation, "report");
    if (reportFile !== undefined) await writeReport(report, reportFile, host, signal);
    const isQuiet = printing.quiet || !terminal.isLookedAt;
    if (ending !== "wrong" && !json && (printer.hasNews || !isQuiet)) {
      terminal.stderr(printer.summary(report.length, host.clock.monotonicMs() - startedMs));
    }
    return status ?? statusOf(ending, printer);
  } finally {
    await leave();
    await setting.store.end();
    stopListening();
    metrics.end();
    attendance.end(ended);
  }
}

function convergedMs(options: Invocation["options"]): number | undefined {
  if (options.once === true) return 0;
  return typeof options.convergedTimeout === "number" ? options.convergedTimeout * 1000 : undefined;
}

function statusOf(ending: Ending, printer: EventPrinter): number {
  if (ending === "wrong" || ending === "max-runtime") return exitStatus.wrong;
  return printer.failed.size > 0 ? exitStatus.refused : exitStatus.good;
}
