// SPDX-License-Identifier: Apache-2.0
// A virtual machine that the provisioner can be tried with: on a bridge that leads nowhere else, with an empty disk. It boots
// from the network first, as a machine in a rack may, so that its second boot shows who decides about its disk.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";

export const trialPlace = {
  interface: "mgmt-try",
  network: "192.168.243.0/24",
  router: "192.168.243.1/24",
  mac: "52:54:00:74:72:79",
  ip: "192.168.243.13/24",
} as const;

const tap = "mgmt-try.0";
const firmware = "/usr/share/OVMF/OVMF_CODE_4M.fd";
const firmwareSettings = "/usr/share/OVMF/OVMF_VARS_4M.fd";

export interface TrialOptions {
  /** For the disk and what the machine writes to its console. */
  readonly directory: string;
  readonly memoryMb: number;
  /** As `qemu-img` takes it. */
  readonly diskSize: string;
  readonly uefi: boolean;
}

/** Makes the bridge; what is left of an earlier one is taken away first. The returned function takes it away again. */
export async function connectTrial(host: Host, signal: AbortSignal): Promise<() => Promise<void>> {
  const ip = (...args: readonly string[]): Promise<unknown> => run(host, ["ip", ...args], signal);
  const remove = async (): Promise<void> => {
    for (const name of [tap, trialPlace.interface]) await ip("link", "del", name).catch(() => {}); // It may not be there.
  };
  await remove();
  await ip("link", "add", trialPlace.interface, "type", "bridge", "forward_delay", "0", "stp_state", "0");
  await ip("link", "set", trialPlace.interface, "up");
  await ip("tuntap", "add", "dev", tap, "mode", "tap");
  await ip("link", "set", tap, "master", trialPlace.interface, "up");
  return remove;
}

/** Until the machine is switched off, or the signal. */
export async function runTrial(options: TrialOptions, host: Host, signal: AbortSignal): Promise<void> {
  const { directory, uefi } = options;
  await run(host, ["qemu-img", "create", "-q", "-f", "qcow2", `${directory}/disk`, options.diskSize], signal);
  if (uefi) await run(host, ["cp", firmwareSettings, `${directory}/firmware`], signal);
  await run(host, ["qemu-system-x86_64", ...argumentsOf(options, await acceleration(host, signal))], signal);
}

function argumentsOf({ directory, memoryMb, uefi }: TrialOptions, accelerator: string): readonly string[] {
  const drive = (file: string, rest: string): readonly string[] => ["-drive", `file=${file},${rest}`];
  return [
    ...["-name", "mgmt-try", "-machine", "q35,graphics=off", "-display", "none", "-vga", "none", "-monitor", "none"],
    // One processor, and without the programs for 16 bytes at once: emulation is not always right about more.
    ...[
      "-accel",
      accelerator,
      "-cpu",
      accelerator === "kvm" ? "max" : "max,-cx16",
      "-smp",
      "1",
      "-m",
      String(memoryMb),
    ],
    ...["-netdev", `tap,id=net,ifname=${tap},script=no,downscript=no`],
    ...["-device", `virtio-net-pci,netdev=net,mac=${trialPlace.mac},bootindex=1${uefi ? ",romfile=" : ""}`],
    ...drive(`${directory}/disk`, "if=none,id=disk,cache=unsafe,discard=unmap"),
    ...["-device", "virtio-blk-pci,drive=disk,bootindex=2", "-device", "virtio-rng-pci"],
    ...["-serial", `file:${directory}/console`],
    ...(uefi
      ? [
          ...drive(firmware, "if=pflash,format=raw,readonly=on"),
          ...drive(`${directory}/firmware`, "if=pflash,format=raw"),
          // Its own client of PXE, as machines have it, and not over IPv6, where nobody serves it and it would wait a minute.
          ...["-fw_cfg", "name=opt/org.tianocore/IPv6PXESupport,string=n"],
        ]
      : []),
  ];
}

/** Of the kernel only where that runs whole systems as they are; else each instruction is emulated. */
export async function acceleration(host: Host, signal: AbortSignal): Promise<string> {
  for (const module of ["kvm_intel", "kvm_amd"]) {
    const isThere = (await host.files.inspectTarget(`/sys/module/${module}`, signal)) !== undefined;
    if (isThere && (await host.files.inspectTarget("/dev/kvm", signal)) !== undefined) return "kvm";
  }
  return "tcg,thread=multi";
}

async function run(host: Host, argv: readonly [string, ...string[]], signal: AbortSignal): Promise<void> {
  try {
    await host.processes.run({ argv }, signal);
  } catch (reason) {
    if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
    throw new Failure(`The program ${argv[0]} is not on this machine.`, {
      code: "not-found",
      hint: "A trial needs QEMU with its firmware: on Debian qemu-system-x86, qemu-utils, ovmf, ipxe-qemu and iproute2.",
      cause: reason,
    });
  }
}
