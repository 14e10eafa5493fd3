// SPDX-License-Identifier: Apache-2.0
// `mgmt provisioner`: machines from bare metal to configured, in one process.

import { catalogFor } from "../agent/catalog.ts";
import { borrowed } from "../agent/deploys/client.ts";
import { evaluateProgram } from "../agent/evaluate-program.ts";
import { compileProgram } from "../agent/compile-program.ts";
import { thisMachine } from "../agent/machine.ts";
import { type Prepared, prepareProvisioner, type Request } from "../agent/provisioner/prepare.ts";
import { connectTrial, runTrial, trialPlace } from "../agent/provisioner/trial.ts";
import { runProgram } from "../agent/run-program.ts";
import { statePrefix } from "../agent/state-prefix.ts";
import { takePart } from "../agent/trust.ts";
import type { EngineEvent } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { Execute, Invocation } from "./command.ts";
import { EventPrinter } from "./event-output.ts";
import { exitStatus } from "./exit-status.ts";
import { showProblems } from "./problem-output.ts";
import { MachineScreen } from "./provisioner-screen.ts";
import { storeInvocation, usualEntrance } from "./provisioner-store.ts";
import { fileOption, textOption } from "./option-values.ts";
import { runSetting } from "./run-setting.ts";
import { climbOnSignals } from "./stop-ladder.ts";

export const execute: Execute = async (invocation) => {
  const { terminal, options } = invocation;
  const [action] = invocation.arguments;
  if (action === "try") return tryOut(invocation);
  if (action !== undefined) {
    terminal.stderr(`mgmt: there is nothing like \`mgmt provisioner ${action}\`\n  hint: mgmt provisioner --help\n`);
    return exitStatus.usage;
  }
  const host = thisMachine();
  const { signal } = new AbortController();
  const asked = requestOf(invocation);
  // Refuses what is wrong before it asks for anything.
  const first = await prepareProvisioner(asked, host, signal);
  const password = first.machines.length === 0 ? undefined : await passwordOf(invocation, host, signal);
  const prepared = await prepareProvisioner({ ...asked, told: { ...asked.told, password } }, host, signal);
  if (options.json !== true) terminal.stderr(introductionOf(first));
  return options.dryRun === true || options.check === true
    ? show(prepared, invocation, host, signal)
    : serve(prepared, invocation, host, signal);
};

/** With a virtual machine on a bridge of its own, which is gone afterwards. */
async function tryOut(invocation: Invocation): Promise<number> {
  const { terminal, options } = invocation;
  const host = thisMachine();
  const { signal } = new AbortController();
  const { interface: name, network, router, mac, ip } = trialPlace;
  const asked = requestOf({ ...invocation, options: { serial: "ttyS0", ...options, network, router, mac, ip } });
  const told = { ...asked.told, interface: name, password: await passwordOf(invocation, host, signal) };
  const prepared = await prepareProvisioner({ ...asked, machinesFile: undefined, told }, host, signal);
  if (options.dryRun === true || options.check === true) return show(prepared, invocation, host, signal);
  const directory = await statePrefix({ given: undefined, temporary: true }, host, signal);
  if (options.json !== true) terminal.stderr(`${introductionOf(prepared)}console    ${directory}/console\n`);
  const disconnect = await connectTrial(host, signal);
  let status: number;
  try {
    const state = `${directory}/state`;
    status = await serve(prepared, { ...invocation, options: { ...options, state } }, host, signal, (living) =>
      runTrial(
        {
          directory,
          memoryMb: Number(options.memory),
          diskSize: textOption(options, "diskSize") ?? "10G",
          uefi: options.uefi === true,
        },
        host,
        living,
      ),
    );
  } finally {
    await disconnect();
  }
  // What has failed is kept for looking at it.
  if (status === exitStatus.good) await host.files.remove(directory, { recursive: true }, signal);
  return status;
}

function requestOf(invocation: Invocation): Request {
  const { options } = invocation;
  const text = (name: string): string | undefined => textOption(options, name);
  const flag = (name: string): boolean | undefined => {
    const value = options[name];
    return typeof value === "boolean" ? value : undefined;
  };
  return {
    told: {
      interface: text("interface"),
      network: text("network"),
      router: text("router"),
      dns: listOption(options, "dns"),
      prefix: fileOption(invocation, "prefix"),
      firewalld: flag("firewalld"),
      distro: text("distro"),
      version: text("dversion"),
      arch: text("arch"),
      flavour: text("flavour"),
      mirror: text("mirror"),
      rsync: text("rsync"),
      mac: text("mac")?.toLowerCase().replaceAll("-", ":"),
      ip: text("ip"),
      bios: flag("bios"),
      part: text("part"),
      luks: flag("luks"),
      packages: listOption(options, "packages"),
      handoffExec: text("handoffExec"),
      handoffCode: fileOption(invocation, "handoffCode"),
      handoffModulePath: fileOption(invocation, "handoffModulePath"),
      handoffHostname: text("handoffHostname"),
      bmcUri: text("bmcUri"),
      discover: flag("discover"),
      discoverLoaders: fileOption(invocation, "discoverLoaders"),
      check: flag("check"),
    },
    machinesFile: fileOption(invocation, "machines"),
    anyMachine: options.any === true,
    intoCluster: flag("handoffCluster"),
    entrance: text("acceptJoins"),
    usual: new Map(
      ["arm", "disk", "serial", "args", "sshkey"].flatMap((field) => {
        const value = text(field);
        return value === undefined ? [] : [[field, value] as const];
      }),
    ),
  };
}

/** A repeated option, whose values may be parted by commas too. */
function listOption(options: Invocation["options"], name: string): readonly string[] | undefined {
  const given = options[name];
  if (!Array.isArray(given)) return undefined;
  return given.flatMap((text) => String(text).split(",")).filter((text) => text !== "");
}

/** Only the hash of it is known to anybody else, and that stands in no list of processes. */
async function passwordOf(
  { options, terminal }: Invocation,
  host: Host,
  signal: AbortSignal,
): Promise<string | undefined> {
  const given = textOption(options, "password");
  if (given !== undefined && given !== "-") {
    throw new Failure(
      "A password, or the hash of one, must not stand on the command line, where everybody can read it.",
      {
        code: "invalid",
        hint: "Give the hash on standard input with --password=-, or let mgmt ask for the password.",
      },
    );
  }
  if (given === "-") return (await terminal.readStandardInput()).trim();
  const password = await terminal.askSecret?.("[provisioner] password of root (empty: none): ");
  if (password === undefined || password === "") return undefined;
  const hash = await host.passwords.hash(password, "sha512", 5000, signal);
  return hash === "" ? undefined : hash;
}

function introductionOf({ settings, machines, joins }: Prepared): string {
  const lines: readonly (readonly [string, string])[] = [
    ["interface", settings.interface],
    ["network", settings.network === "" ? "as it is" : `${settings.network}, we are ${settings.router}`],
    ["installs", `${settings.distro} ${settings.version} ${settings.arch} ${settings.flavour}`.replaceAll(/ +/g, " ")],
    ["from", settings.mirror],
    ["cache", settings.prefix],
    ["disks", `${settings.part}${settings.luks ? ", encrypted" : ""}`],
    ...(settings.packages.length === 0 ? [] : [["packages", settings.packages.join(" ")] as const]),
    [
      "machines",
      machines.length === 0
        ? "none"
        : machines.map(({ name, mac }) => (mac === "" ? "the next one that boots" : `${name} (${mac})`)).join(", "),
    ],
    ...(joins ? [["cluster", `they join that of this host, at ${settings.entrance}`] as const] : []),
    ...(settings.discover
      ? [["others", `wait, and are listed${settings.discoverLoaders === "" ? " if they boot with iPXE" : ""}`] as const]
      : []),
  ];
  return `${lines.map(([name, value]) => `${name.padEnd(10)} ${value}`).join("\n")}\n`;
}

function readingOf({ program }: Prepared, { terminal }: Invocation) {
  return { readStandardInput: () => Promise.resolve(program), workingDirectory: terminal.workingDirectory };
}

/** Says what would be served, and serves nothing. */
async function show(prepared: Prepared, invocation: Invocation, host: Host, signal: AbortSignal): Promise<number> {
  const { terminal, options } = invocation;
  const hostname = await host.identity.hostname(signal);
  const catalog = catalogFor(hostname, prepared.settings);
  const { program, problems } = await compileProgram("-", catalog, {
    ...readingOf(prepared, invocation),
    host,
    signal,
  });
  showProblems(problems, terminal);
  if (program === undefined) return exitStatus.wrong;
  if (options.check === true) return exitStatus.good;
  const { graph, problems: late } = await evaluateProgram(
    { program, name: "provisioner", catalog, host, hostname, timeoutMs: 10_000 },
    signal,
  );
  showProblems(late, terminal);
  if (graph === undefined) return exitStatus.wrong;
  for (const vertex of graph.vertices) {
    terminal.stdout(
      options.json === true ? `${JSON.stringify({ version: 1, type: "resource", resource: vertex })}\n` : `${vertex}\n`,
    );
  }
  return exitStatus.good;
}

/**
 * Until it is stopped, or, with --once, until every machine is done. `meanwhile` begins when everything is served, and ends it
 * too.
 */
async function serve(
  prepared: Prepared,
  invocation: Invocation,
  host: Host,
  signal: AbortSignal,
  meanwhile?: (signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const { terminal, options } = invocation;
  const state = fileOption(invocation, "state");
  const prefix = state ?? `${await statePrefix({ given: undefined, temporary: false }, host, signal)}/provisioner`;
  await host.files.createDirectory(prefix, { mode: 0o700, parents: true }, signal).catch(ignoreWhenThere);
  const screen = new MachineScreen(terminal, host.clock, {
    machines: prepared.machines,
    json: options.json === true,
    isQuiet: options.verbose !== true,
  });
  const setting = await runSetting(
    storeInvocation(prepared, invocation, prefix, (text) => screen.remark(text)),
    "-",
    { readOnly: false },
  );
  const { hostname } = setting;
  const onTrouble = (message: string): void => screen.remark(message);
  const printer = new EventPrinter(terminal, host.clock, { verbose: options.verbose === true, quiet: false });
  process.once("exit", () => host.processes.killAll());
  const end = new AbortController();
  let other: Promise<void> | undefined;
  let trouble: Error | undefined;
  const emit = (event: EngineEvent): void => {
    screen.notice(event);
    if (options.verbose === true) printer.print(event);
    else printer.count(event);
    if (options.once === true && screen.allOver) run.stop();
    if (event.type === "converged" && other === undefined && meanwhile !== undefined) {
      other = meanwhile(end.signal).catch((reason: unknown) => {
        if (end.signal.aborted) return;
        trouble = reason instanceof Error ? reason : new Error(String(reason));
      });
      other.finally(() => run.stop()).catch(() => {}); // What went wrong is in `trouble`.
    }
  };
  const leave = await beginStore(setting, prepared, invocation, signal);
  const run = runProgram({
    ...setting,
    reading: { ...readingOf(prepared, invocation), modules: { directory: undefined, download: false, update: false } },
    catalog: catalogFor(hostname, prepared.settings),
    cluster: borrowed(setting.store.cluster),
    noop: false,
    watchProgram: false,
    convergedMs: undefined,
    maxRuntimeMs: undefined,
    graphvizFile: undefined,
    // What was done to the interface and the firewall is undone.
    reverseOnExit: true,
    emit,
    onProblems: (problems) => showProblems(problems, terminal),
    onReload: () => {},
    onTrouble,
  });
  const stopListening = climbOnSignals(terminal, host.clock, {
    stop: () => run.stop(),
    interrupt: () => run.interrupt(),
    end: () => {
      host.processes.killAll();
      process.exit(exitStatus.refused);
    },
  });
  try {
    const { ending } = await run.ended;
    screen.end();
    end.abort();
    await other;
    if (trouble !== undefined) throw trouble;
    if (ending === "wrong") return exitStatus.wrong;
    return screen.hasFailed ? exitStatus.refused : exitStatus.good;
  } finally {
    stopListening();
    screen.end();
    end.abort();
    await leave();
  }
}

/** What the store needs is running, and hosts are let in. Returns what ends both. */
async function beginStore(
  setting: Awaited<ReturnType<typeof runSetting>>,
  { joins, settings }: Prepared,
  { options }: Invocation,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const { store, onTrouble = () => {} } = setting;
  try {
    await store.start(() => {}, signal);
    const entrance = joins ? (textOption(options, "acceptJoins") ?? usualEntrance) : textOption(options, "acceptJoins");
    const leave = await takePart({ ...setting, onTrouble, entrance, seeds: store.seeds, signal });
    return async () => {
      await leave();
      await store.end();
    };
  } catch (reason) {
    await store.end();
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
