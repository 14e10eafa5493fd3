// SPDX-License-Identifier: Apache-2.0
// The run of `mgmt provisioner`: the program, the store and the entrance of the cluster, what others can ask of it, and the
// table that a person sees.

import { catalogFor } from "../agent/catalog.ts";
import { borrowed } from "../agent/deploys/client.ts";
import { holdAddress } from "../agent/provisioner/own-address.ts";
import { readInstallerLog } from "../agent/provisioner/installer-logs.ts";
import type { Prepared } from "../agent/provisioner/prepare.ts";
import { provisionerPrefix } from "../agent/record/asked-prefix.ts";
import { type Attendance, attend } from "../agent/record/attend.ts";
import { runProgram } from "../agent/run-program.ts";
import { statePrefix } from "../agent/state-prefix.ts";
import { takePart } from "../agent/trust.ts";
import type { EngineEvent } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { Invocation } from "./command.ts";
import { EventPrinter } from "./event-output.ts";
import { exitStatus } from "./exit-status.ts";
import { openFormerInstallations } from "./former-installations.ts";
import { fileOption, textOption } from "./option-values.ts";
import { showProblems } from "./problem-output.ts";
import { MachineScreen } from "./provisioner-screen.ts";
import { keepsItself, storeInvocation, usualEntrance } from "./provisioner-store.ts";
import { runSetting } from "./run-setting.ts";
import { stopOnSignals } from "./stop-ladder.ts";

/** Begins when everything is served, and ends the run when it ends. */
export type Meanwhile = (signal: AbortSignal, remark: (line: string) => void) => Promise<void>;

const isWaiting = "another mgmt has the state directory; waiting for its end";

/** How many of the last lines of an installer that has failed are shown. */
const linesOfLog = 5;

export function programReading({ program }: Prepared, { terminal }: Invocation) {
  return { readStandardInput: () => Promise.resolve(program), workingDirectory: terminal.workingDirectory };
}

/** Until it is stopped, or, with --once, until every machine is done. Returns the exit status. */
export async function serve(
  prepared: Prepared,
  invocation: Invocation,
  host: Host,
  signal: AbortSignal,
  meanwhile?: Meanwhile,
): Promise<number> {
  const { terminal, options } = invocation;
  const usual = async (): Promise<string> =>
    provisionerPrefix(await statePrefix({ given: undefined, temporary: false }, host, signal));
  const prefix = fileOption(invocation, "state") ?? (await usual());
  await host.files.createDirectory(prefix, { mode: 0o700, parents: true }, signal).catch(ignoreWhenThere);
  const former = await openFormerInstallations(prefix, prepared, host, signal);
  const screen = new MachineScreen(terminal, host.clock, {
    former,
    readLog: (address) => readInstallerLog(prefix, address, linesOfLog, host, signal),
    machines: prepared.machines.map(screenMachine),
    json: options.json === true,
    isQuiet: options.verbose !== true,
  });
  const remark = (line: string): void => screen.remark(line);
  const setting = await runSetting(storeInvocation(prepared, invocation, prefix, remark), "-", { readOnly: false });
  const { hostname } = setting;
  const printer = new EventPrinter(terminal, host.clock, { verbose: options.verbose === true, quiet: false });
  process.once("exit", () => host.processes.killAll());
  const attendance = await attend({
    ...setting,
    path: "provisioner",
    noop: false,
    storePlace: setting.store.place,
    keepDays: Number(options.journalDays),
    keepBytes: Number(options.journalSize) * 1024 * 1024,
    patienceMs: 2000,
    onWait: () => remark(isWaiting),
    onTrouble: remark,
  });
  screen.takeBack(isWaiting);
  const end = new AbortController();
  let other: Promise<void> | undefined;
  let trouble: Error | undefined;
  const look = (event: EngineEvent): void => {
    screen.notice(event);
    if (options.verbose === true) printer.print(event);
    else printer.count(event);
    if (options.once === true && screen.allOver) run.stop();
    if (event.type === "converged" && other === undefined && meanwhile !== undefined) {
      other = meanwhile(end.signal, remark).catch((reason: unknown) => {
        if (end.signal.aborted) return;
        trouble = reason instanceof Error ? reason : new Error(String(reason));
      });
      other.finally(() => run.stop()).catch(() => {}); // What went wrong is in `trouble`.
    }
  };
  const leave = await beginStore(setting, prepared, invocation, attendance, signal);
  const stopWatching = setting.host.serving.asked.listen((asked) => screen.hearAsked(asked));
  const run = runProgram({
    ...setting,
    reading: {
      ...programReading(prepared, invocation),
      modules: { directory: undefined, download: false, update: false },
    },
    catalog: catalogFor(hostname, prepared.settings),
    cluster: borrowed(setting.store.cluster),
    onProgram: attendance.onProgram,
    noop: false,
    watchProgram: false,
    convergedMs: undefined,
    maxRuntimeMs: undefined,
    graphvizFile: undefined,
    // What was done to the interface and the firewall is undone.
    reverseOnExit: true,
    emit: [attendance.emit, look],
    onProblems: (problems) => showProblems(problems, terminal),
    onReload: () => {},
    onTrouble: remark,
  });
  attendance.begin(run.view);
  let ended = "broken off";
  const stopListening = stopOnSignals(run, terminal, host);
  try {
    const { ending } = await run.ended;
    ended = ending;
    screen.end();
    end.abort();
    await other;
    if (trouble !== undefined) throw trouble;
    if (ending === "wrong") return exitStatus.wrong;
    return screen.hasFailed ? exitStatus.refused : exitStatus.good;
  } finally {
    stopWatching();
    stopListening();
    screen.end();
    end.abort();
    await leave();
    await former.end();
    attendance.end(ended);
  }
}

function screenMachine({ name, mac, fields }: Prepared["machines"][number]) {
  const text = (field: string): string => {
    const value = fields.get(field);
    return typeof value === "string" ? value : "";
  };
  return {
    name,
    mac,
    label: text("hostname") === "" ? name : text("hostname"),
    ip: text("ip").replace(/\/.*$/, ""),
    joins: fields.get("handoff_cluster") === true,
  };
}

/** What the store needs is running, and hosts are let in. Returns what ends both. */
async function beginStore(
  setting: Awaited<ReturnType<typeof runSetting>>,
  { joins, settings }: Prepared,
  invocation: Invocation,
  attendance: Attendance,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const { host, store, onTrouble = () => {} } = setting;
  const given = textOption(invocation.options, "acceptJoins");
  let release = async (): Promise<void> => {};
  try {
    if (keepsItself({ joins }, invocation) || (joins && given === undefined))
      release = await holdAddress(settings, host, signal);
    await store.start(attendance.onStoreLog, signal);
    const entrance = joins ? (given ?? usualEntrance(settings)) : given;
    const leave = await takePart({ ...setting, onTrouble, entrance, seeds: store.seeds, signal });
    return async () => {
      await leave();
      await store.end();
      await release();
    };
  } catch (reason) {
    await store.end();
    await release();
    attendance.end("the store could not be started");
    if (!joins || !(reason instanceof Failure)) throw reason;
    throw new Failure(reason.message, {
      code: reason.code,
      hint: `${reason.hint ?? ""} Or let machines keep stores of their own, with --no-handoff-cluster; they would join this host at ${settings.entrance}.`.trim(),
      cause: reason,
    });
  }
}

function ignoreWhenThere(reason: unknown): void {
  if (!(reason instanceof Failure && reason.code === "exists")) throw reason;
}
