// SPDX-License-Identifier: Apache-2.0
// What this machine and this process tell about themselves.

import { readFileSync } from "node:fs";
import os from "node:os";
import type { OwnProcess, System } from "../../contract/host.ts";

export function linuxSystem(): System {
  return {
    async load(signal) {
      signal.throwIfAborted();
      const [one = 0, five = 0, fifteen = 0] = os.loadavg();
      return [one, five, fifteen];
    },
    async uptimeSeconds(signal) {
      signal.throwIfAborted();
      return os.uptime();
    },
    environment: (name) => process.env[name],
    environmentVariables: () => {
      const variables = new Map<string, string>();
      for (const [name, value] of Object.entries(process.env)) if (value !== undefined) variables.set(name, value);
      return variables;
    },
    process: ownProcess,
    get processors() {
      return os.availableParallelism();
    },
    get pageBytes() {
      return pageBytes();
    },
  };
}

/** Behind the runtime's own file stands that of the program: the script, or the same file again when all is in one. */
function ownFile(): string {
  const script = process.argv[1] ?? "";
  return script.startsWith("/") ? script : process.execPath;
}

const ownProcess: OwnProcess = {
  get id() {
    return process.pid;
  },
  get parentId() {
    return process.ppid;
  },
  get userId() {
    return process.getuid?.() ?? 0;
  },
  get groupId() {
    return process.getgid?.() ?? 0;
  },
  get effectiveUserId() {
    return process.geteuid?.() ?? 0;
  },
  get effectiveGroupId() {
    return process.getegid?.() ?? 0;
  },
  get arguments() {
    return [ownFile(), ...process.argv.slice(2)];
  },
  get executable() {
    return ownFile();
  },
  get workingDirectory() {
    return process.cwd();
  },
};

/** Number of the entry in the auxiliary vector that the kernel gives each process. */
const pageSizeEntry = 6n;

function pageBytes(): number {
  const vector = readFileSync("/proc/self/auxv");
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === pageSizeEntry) return Number(vector.readBigUInt64LE(at + 8));
  }
  return 4096;
}
