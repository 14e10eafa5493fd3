// SPDX-License-Identifier: Apache-2.0
// The provisioner with a virtual machine that boots from it, on a network of its own.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chains } from "./network-boot-chains.ts";
import { runInNamespace } from "./namespace.ts";

const usual = "/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/";
/** Where the lab keeps those of Debian 13. */
const cache = process.env["LAB_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mgmt/lab");
const newer = [
  "/usr/lib/debian-installer/images/13/amd64/text/debian-installer/amd64/",
  join(cache, "di-trixie/netboot/debian-installer/amd64/"),
];

/** Grub speaks HTTP through the firmware since 2.12, and calls itself so. */
function speaksHttp(loaders: string): boolean {
  const grub = join(loaders, "grubx64.efi");
  return existsSync(grub) && readFileSync(grub).includes("UefiHttpBoot");
}

for (const [name, chain] of Object.entries(chains)) {
  test(`a machine boots from the network until it has told that it is done, and then from its disk: ${name}`, (context) => {
    const { status, stderr } = spawnSync(join(import.meta.dirname, "../lab/pxe-vm"), ["can"], { encoding: "utf8" });
    if (status !== 0) {
      context.diagnostic(`not tried: ${stderr.trim()}`);
      return;
    }
    const loaders = chain.loaders === "usual" ? usual : newer.find(speaksHttp);
    if (loaders === undefined) {
      context.diagnostic("not tried: no grub is here that boots over HTTP; `test/lab/di-mirror trixie` fetches one");
      return;
    }
    const missing = chain.needs?.find((path) => !existsSync(path));
    if (missing !== undefined) {
      context.diagnostic(`not tried: ${missing} is not here; the package ipxe has it`);
      return;
    }
    runInNamespace(context, join(import.meta.dirname, "network-boot.test-support.ts"), {
      flags: ["--net", "--mount"],
      empty: ["/run"],
      environment: { CHAIN: name, LOADERS: loaders },
    });
  });
}
