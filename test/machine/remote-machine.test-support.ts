// SPDX-License-Identifier: Apache-2.0
// Another machine, as far as namespaces can be one: its processes, network, name and directories are its own, and there is
// no other way to it than SSH.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeKey } from "./sshd.test-support.ts";

export interface RemoteMachine {
  readonly address: string;
  readonly hostKey: string;
  readonly keyFile: string;
  /** A file of it; undefined: there is none. */
  read(path: string): string | undefined;
  /** For the owner alone, as its directory is. */
  write(path: string, text: string): void;
  /** Programs that were put there for mgmt and run now. */
  agents(): readonly number[];
  /** Cuts the cable, or mends it. */
  setCable(isThere: boolean): void;
  stop(): Promise<void>;
}

const script = `
mount --make-rprivate /
for path in /var/lib /root /srv /run; do mount -t tmpfs own $path; done
mkdir -p /run/sshd
hostname "$1"
ip link set lo up
exec /usr/sbin/sshd -D -e -f "$2"
`;

/** `more`: further lines of the settings of its sshd. */
export async function startRemoteMachine(
  name: string,
  number: number,
  directory: string,
  more: readonly string[] = [],
): Promise<RemoteMachine> {
  mkdirSync(directory);
  const hostKey = makeKey(join(directory, "host_key"));
  const keyFile = join(directory, "client_key");
  makeKey(keyFile);
  const config = join(directory, "sshd_config");
  const lines = [
    `HostKey ${join(directory, "host_key")}`,
    `AuthorizedKeysFile ${keyFile}.pub`,
    "PidFile none",
    "UsePAM no",
    "StrictModes no",
    "PermitRootLogin prohibit-password",
    ...more,
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const flags = ["--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const outer = spawn("unshare", [...flags, "sh", "-c", script, "", name, config], { stdio: "ignore" });
  process.once("exit", () => outer.kill("SIGKILL"));
  const pid = await firstChild(outer.pid ?? 0);
  const [link, address, ours] = [`cable${number}`, `10.9.${number}.2`, `10.9.${number}.1`];
  const ip = (...args: readonly string[]): void => void execFileSync("ip", args);
  const inside = (...args: readonly string[]): void => void execFileSync("nsenter", ["-t", String(pid), "-n", "ip", ...args]); // biome-ignore format: one line
  ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(pid));
  ip("address", "add", `${ours}/24`, "dev", link);
  ip("link", "set", link, "up");
  inside("address", "add", `${address}/24`, "dev", "eth0");
  inside("link", "set", "eth0", "up");
  for (let left = 600; !(await answers(address)); left -= 1) {
    if (left === 0 || outer.exitCode !== null) throw new Error(`${name} does not serve SSH`);
    await sleep(50);
  }
  const space = readlinkSync(`/proc/${pid}/ns/pid`);
  return {
    address,
    hostKey,
    keyFile,
    read(path) {
      const whole = `/proc/${pid}/root${path}`;
      return existsSync(whole) ? readFileSync(whole, "utf8") : undefined;
    },
    write(path, text) {
      const whole = `/proc/${pid}/root${path}`;
      mkdirSync(dirname(whole), { recursive: true, mode: 0o700 });
      writeFileSync(whole, text, { mode: 0o700 });
    },
    agents: () =>
      readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .map(Number)
        .filter((each) => {
          try {
            const isHere = readlinkSync(`/proc/${each}/ns/pid`) === space;
            return isHere && /\/remote\/[0-9a-f]{10}\/mgmt/.test(readlinkSync(`/proc/${each}/exe`));
          } catch {
            return false; // It has just ended.
          }
        }),
    setCable: (isThere) => ip("link", "set", link, isThere ? "up" : "down"),
    async stop() {
      if (outer.exitCode !== null || outer.signalCode !== null) return;
      outer.kill("SIGKILL");
      await once(outer, "exit");
    },
  };
}

async function firstChild(pid: number): Promise<number> {
  for (let left = 200; left > 0; left -= 1) {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    // Its name spaces are there when it has become another program.
    if (first !== undefined && first !== "" && !readlinkSync(`/proc/${first}/exe`).endsWith("/unshare")) {
      return Number(first);
    }
    await sleep(25);
  }
  throw new Error("unshare has started nothing");
}

function answers(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 22, timeout: 1000 });
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    for (const event of ["error", "timeout"]) socket.once(event, () => resolve(false));
  });
}
