// SPDX-License-Identifier: Apache-2.0
// `mgmt provisioner`: machines from bare metal to configured, in one process.

import { catalogFor } from "../agent/catalog.ts";
import { evaluateProgram } from "../agent/evaluate-program.ts";
import { compileProgram } from "../agent/compile-program.ts";
import { thisMachine } from "../agent/machine.ts";
import { type Prepared, prepareProvisioner, type Request } from "../agent/provisioner/prepare.ts";
import { acceleration, connectTrial, runTrial, trialPlace } from "../agent/provisioner/trial.ts";
import { statePrefix } from "../agent/state-prefix.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { Execute, Invocation } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { showProblems } from "./problem-output.ts";
import { fileOption, textOption } from "./option-values.ts";
import { programReading, serve } from "./provisioner-serving.ts";

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
  const usual = { serial: "ttyS0", handoffHostname: "try" };
  const asked = requestOf({ ...invocation, options: { ...usual, ...options, network, router, mac, ip } });
  const told = { ...asked.told, interface: name, password: await passwordOf(invocation, host, signal) };
  const prepared = await prepareProvisioner(
    { ...asked, machinesFile: undefined, told, usual: new Map([...virtualKernel(asked), ...asked.usual]) },
    host,
    signal,
  );
  if (options.dryRun === true || options.check === true) return show(prepared, invocation, host, signal);
  const directory = await statePrefix({ given: undefined, temporary: true }, host, signal);
  const state = `${directory}/state`;
  const trial = { memoryMb: Number(options.memory), diskSize: textOption(options, "diskSize") ?? "10G" };
  if (options.json !== true) {
    const isFast = (await acceleration(host, signal)) === "kvm";
    terminal.stderr(
      introductionOf(prepared, [
        [
          "hardware",
          `virtual, ${trial.memoryMb} MB, disk of ${trial.diskSize}, ${options.uefi === true ? "UEFI" : "BIOS"}`,
        ],
        [
          "takes",
          isFast ? "some minutes" : "half an hour and more, as this machine must emulate the processor (no KVM)",
        ],
        ["console", `tail -f ${directory}/console`],
        ["ask it", `mgmt status --prefix=${state}`],
      ]),
    );
  }
  const disconnect = await connectTrial(host, signal);
  let status: number;
  try {
    const run = { ...invocation, options: { ...options, state } };
    status = await serve(prepared, run, host, signal, (living, remark) => {
      remark("the virtual machine is switched on; Ctrl-C ends it, and takes it away");
      return runTrial({ directory, ...trial, uefi: options.uefi === true }, host, living);
    });
  } finally {
    await disconnect();
  }
  // What has failed is kept for looking at it.
  if (status === exitStatus.good) await host.files.remove(directory, { recursive: true }, signal);
  return status;
}

/** Without drivers of real hardware, which take a fifth of an installation's time. */
function virtualKernel({ told }: Request): readonly (readonly [string, string])[] {
  return told.distro === "debian" && (told.arch ?? "x86_64") === "x86_64"
    ? [["kernel", "linux-image-cloud-amd64"]]
    : [];
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

type Row = readonly [string, string];

function introductionOf({ settings, machines, joins }: Prepared, more: readonly Row[] = []): string {
  const lines: readonly Row[] = [
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
        : machines
            .map(({ name, mac, fields }) =>
              mac === "" ? "the next one that boots" : `${String(fields.get("hostname") ?? name)} (${mac})`,
            )
            .join(", "),
    ],
    ...(joins ? [["cluster", `they join that of this host, at ${settings.entrance}`] as const] : []),
    ...(settings.discover
      ? [["others", `wait, and are listed${settings.discoverLoaders === "" ? " if they boot with iPXE" : ""}`] as const]
      : []),
    ...more,
  ];
  return `${lines.map(([name, value]) => `${name.padEnd(10)} ${value}`).join("\n")}\n`;
}

/** Says what would be served, and serves nothing. */
async function show(prepared: Prepared, invocation: Invocation, host: Host, signal: AbortSignal): Promise<number> {
  const { terminal, options } = invocation;
  const hostname = await host.identity.hostname(signal);
  const catalog = catalogFor(hostname, prepared.settings);
  const { program, problems } = await compileProgram("-", catalog, {
    ...programReading(prepared, invocation),
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
