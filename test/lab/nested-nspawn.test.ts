// SPDX-License-Identifier: Apache-2.0
// `nspawn` with real containers inside of the lab host: their system is that of the host, seen through an overlay.

import { mkdirSync, writeFileSync } from "node:fs";
import { proves } from "../proofs.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { nspawnCases } from "../../src/resources/services/nspawn.cases.test-support.ts";
import { install, run } from "./inside.ts";

let isMade = false;

nspawnCases("a machine with systemd", async () => {
  if (!isMade) await makeImage();
  isMade = true;
  return {
    host: linuxHost(),
    others: async (verb) => void (await run("machinectl", verb === "stop" ? "terminate" : verb, "box")),
  };
});

async function makeImage(): Promise<void> {
  await install("systemd-container");
  const image = "/var/lib/machines/box";
  for (const directory of [image, "/mnt/box", "/etc/systemd/nspawn"]) mkdirSync(directory, { recursive: true });
  await run("mount", "-t", "tmpfs", "tmpfs", "/mnt/box");
  for (const directory of ["/mnt/box/changes", "/mnt/box/work"]) mkdirSync(directory);
  const layers = "lowerdir=/usr/..,upperdir=/mnt/box/changes,workdir=/mnt/box/work";
  await run("mount", "-t", "overlay", "overlay", "-o", layers, image);
  // An overlay cannot be given to other users.
  writeFileSync("/etc/systemd/nspawn/box.nspawn", "[Exec]\nPrivateUsers=no\n[Network]\nVirtualEthernet=no\n");
}

proves("nspawn", "real part");
