// SPDX-License-Identifier: Apache-2.0
// What the kernel tells of itself and of the machine below it.

import { Failure } from "../../contract/failure.ts";
import { defineFunction, type FunctionDefinition, type StreamEnv } from "../../contract/function.ts";
import { textOf } from "../../values/bytes.ts";
import { textAt } from "../arguments.ts";
import { each, every, once } from "../streams.ts";

const readLimitBytes = 16 * 1024 * 1024;

const boardFiles = ["product_name", "sys_vendor", "board_vendor", "bios_vendor", "product_version"];

const virtualVendors = [
  "Amazon EC2",
  "Apple Virtualization",
  "BHYVE",
  "Bochs",
  "Google Computer Engine",
  "Hyper-V",
  "innotek GmbH",
  "KubeVirt",
  "KVM",
  "OpenStack",
  "Oracle Corporation",
  "Parallels",
  "QEMU",
  "VMware",
  "Xen",
];

export const kernel: readonly FunctionDefinition[] = [
  defineFunction({
    module: "os",
    name: "modinfo_loaded",
    type: "func(module str) bool",
    doc: "Whether the kernel has loaded this module, looked at every five seconds.",
    example: '$filtering = os.modinfo_loaded("nf_tables")',
    stream: (args, env) =>
      each(every(5000, env.host.clock, env.signal), async () => {
        // The kernel writes the names with underscores only.
        const wanted = textAt(args, 0).replaceAll("-", "_");
        const modules = (await contentOf("/proc/modules", env)) ?? "";
        return modules.split("\n").some((line) => line.split(" ")[0] === wanted);
      }),
  }),
  defineFunction({
    module: "os",
    name: "is_virtual",
    type: "func() bool",
    doc: "Whether this is a virtual machine.",
    example: "$physical = not os.is_virtual()",
    stream: (_, env) =>
      once(async () => {
        if (/\bhypervisor\b/.test((await contentOf("/proc/cpuinfo", env)) ?? "")) return true;
        for (const file of boardFiles) {
          const text = (await contentOf(`/sys/class/dmi/id/${file}`, env)) ?? "";
          if (virtualVendors.some((vendor) => text.includes(vendor))) return true;
        }
        return false;
      }),
  }),
];

/** Undefined when there is no such file, or we may not read it. */
async function contentOf(path: string, { host, signal }: StreamEnv): Promise<string | undefined> {
  try {
    return textOf(await host.files.read(path, readLimitBytes, signal));
  } catch (reason) {
    if (reason instanceof Failure && (reason.code === "not-found" || reason.code === "denied")) return undefined;
    throw reason;
  }
}
