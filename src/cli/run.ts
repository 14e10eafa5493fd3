// SPDX-License-Identifier: Apache-2.0
// `mgmt run PATH`

import { catalogFor } from "../agent/catalog.ts";
import { compileProgram } from "../agent/compile-program.ts";
import { thisMachine } from "../agent/machine.ts";
import { absolutePath } from "../agent/program-input.ts";
import { type Ending, type Run, runProgram } from "../agent/run-program.ts";
import { statePrefix } from "../agent/state-prefix.ts";
import { writeReport } from "../agent/write-report.ts";
import type { EngineEvent } from "../contract/event.ts";
import type { Execute, Invocation, Terminal } from "./commands.ts";
import { EventPrinter, eventJson } from "./event-output.ts";
import { exitStatus } from "./exit-status.ts";
import { programPath, withoutFormerOptions } from "./former-options.ts";
import { moduleChoice } from "./module-options.ts";
import { showProblems } from "./problem-output.ts";

export const execute: Execute = async (given) => {
  const invocation = withoutFormerOptions(given);
  const { options, terminal } = invocation;
  const path = programPath(invocation.arguments);
  if (path === undefined) {
    terminal.stderr("mgmt: `mgmt run` takes one program\n  hint: mgmt run --help\n");
    return exitStatus.usage;
  }
  const host = thisMachine();
  const { signal } = new AbortController();
  const startedMs = host.clock.monotonicMs();
  const hostname = textOption(options, "hostname") ?? (await host.identity.hostname(signal));
  const json = options.json === true;
  const printer = new EventPrinter(terminal, { verbose: options.verbose === true });
  const emit = (event: EngineEvent): void => {
    if (json) {
      printer.count(event);
      terminal.stdout(`${eventJson(event)}\n`);
    } else {
      printer.print(event);
    }
  };
  const fileOption = (name: string): string | undefined => {
    const file = textOption(options, name);
    return file === undefined ? undefined : absolutePath(file, terminal.workingDirectory);
  };
  const { readStandardInput, workingDirectory } = terminal;
  const modules = moduleChoice(invocation);
  const reading = { readStandardInput, workingDirectory, modules };
  const catalog = catalogFor(hostname);
  if (modules.onlyDownload) {
    const { problems } = await compileProgram(path, catalog, { ...reading, host, signal });
    showProblems(problems, terminal);
    return problems.length === 0 ? exitStatus.good : exitStatus.wrong;
  }
  const prefixOptions = { given: fileOption("prefix"), temporary: options.tmpPrefix === true };

  const run = runProgram({
    path,
    reading,
    host,
    catalog,
    hostname,
    prefix: await statePrefix(prefixOptions, host, signal),
    noop: options.noop === true,
    automatic: { autoedges: options.autoedges !== false, autogroups: options.autogroup !== false },
    sema: typeof options.sema === "number" ? options.sema : undefined,
    watchProgram: options.watch !== false,
    convergedMs: convergedMs(options),
    maxRuntimeMs: typeof options.maxRuntime === "number" ? options.maxRuntime * 1000 : undefined,
    graphvizFile: fileOption("graphviz"),
    emit,
    onProblems: (problems) => showProblems(problems, terminal),
    onReload: () => terminal.stderr("mgmt: the program was edited and is taken up\n"),
  });
  const stopListening = stopOnSignals(run, terminal);
  try {
    const { ending, report } = await run.ended;
    const reportFile = fileOption("report");
    if (reportFile !== undefined) await writeReport(report, reportFile, host, signal);
    if (ending !== "wrong" && !json) {
      terminal.stderr(printer.summary(report.length, host.clock.monotonicMs() - startedMs));
    }
    return statusOf(ending, printer);
  } finally {
    stopListening();
  }
};

function convergedMs(options: Invocation["options"]): number | undefined {
  if (options.once === true) return 0;
  return typeof options.convergedTimeout === "number" ? options.convergedTimeout * 1000 : undefined;
}

function textOption(options: Invocation["options"], name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

function statusOf(ending: Ending, printer: EventPrinter): number {
  if (ending === "wrong" || ending === "max-runtime") return exitStatus.wrong;
  return printer.failed.size > 0 ? exitStatus.refused : exitStatus.good;
}

/** The first signal stops in order, the second cuts running steps off, the third ends the process. */
function stopOnSignals(run: Run, terminal: Terminal): () => void {
  let rung = 0;
  return terminal.onStopSignal(() => {
    rung += 1;
    if (rung === 1) run.stop();
    else if (rung === 2) run.interrupt();
    else process.exit(exitStatus.refused);
  });
}
