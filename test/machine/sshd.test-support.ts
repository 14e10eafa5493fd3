// SPDX-License-Identifier: Apache-2.0
// A server for SSH on a loopback port, with keys of its own. Needs root, or a user who reaches himself alone.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../free-port.ts";

export interface SshServer {
  readonly port: number;
  /** Base64. */
  readonly hostKey: string;
  /** A private key with which everybody is let in. */
  readonly keyFile: string;
  /** Kills whatever serves a connection. */
  breakOff(): void;
  stop(): Promise<void>;
}

export function makeKey(path: string): string {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path]);
  return readFileSync(`${path}.pub`, "utf8").split(" ")[1] ?? "";
}

/** `directory`: an empty one. */
export async function startSshServer(directory: string, more: readonly string[] = []): Promise<SshServer> {
  const hostKey = makeKey(join(directory, "host_key"));
  const keyFile = join(directory, "client_key");
  makeKey(keyFile);
  const port = await freePort();
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const config = join(directory, "sshd_config");
  const lines = [
    ...more, // What is said first counts.
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(directory, "host_key")}`,
    `AuthorizedKeysFile ${keyFile}.pub`,
    `PidFile none`,
    "UsePAM no",
    "StrictModes no",
    "PermitRootLogin yes",
    "PasswordAuthentication yes",
    "AllowTcpForwarding yes",
    "MaxStartups 100",
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const server = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  server.stderr?.on("data", (text: Buffer) => {
    said += text.toString();
  });
  for (let left = 600; ; left -= 1) {
    if (await answers(port)) break;
    if (left === 0 || server.exitCode !== null) throw new Error(`sshd does not serve: ${said}`);
    await sleep(50);
  }
  return {
    port,
    hostKey,
    keyFile,
    breakOff: () => killChildren(server),
    async stop() {
      killChildren(server);
      if (server.exitCode !== null) return;
      server.kill("SIGKILL");
      await once(server, "exit");
    },
  };
}

function killChildren({ pid }: ChildProcess): void {
  if (pid !== undefined) for (const child of childrenOf(pid)) killTree(child);
}

function killTree(pid: number): void {
  const children = childrenOf(pid);
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
  for (const child of children) killTree(child);
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return text === "" ? [] : text.split(" ").map(Number);
  } catch {
    return []; // It has just ended.
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
