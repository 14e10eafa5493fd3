// SPDX-License-Identifier: Apache-2.0
// Starts the histories on etcd in a network, mounts and processes of their own, so nothing of them is left whatever happens.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

const flags = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const prepare =
  'set -e; mount --make-rprivate /; mount -t tmpfs run /run; mkdir /run/netns; ip link set lo up; exec "$@"';

/** Why they cannot be tried here; undefined: they can. */
export function whyNotOnEtcd(): string | undefined {
  for (const program of ["etcd", "ip", "nft", "setpriv"]) {
    if (spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0)
      return `not tried: there is no program ${program}`;
  }
  const probe = `${prepare.replace('exec "$@"', "")} ip link add try type bridge; ip netns add try; unshare --time --monotonic 1 true`;
  if (spawnSync("unshare", [...flags, "sh", "-c", probe]).status === 0) return undefined;
  return "not tried: this user may make no networks and mounts";
}

export interface Run {
  /** How many histories, from which seed on, how many at a time. */
  readonly count: number;
  readonly first: number;
  readonly width: number;
  /** None is begun after this. */
  readonly limitSeconds?: number;
  /** The directory in which those are kept that are wrong; absent: a new one. */
  readonly kept?: string;
}

export function runOnEtcd(
  { count, first, width, limitSeconds = Number.POSITIVE_INFINITY, kept = "" }: Run,
  output: "inherit" | "pipe",
): ChildProcess {
  const script = join(import.meta.dirname, "run-on-etcd.ts");
  const argv = [process.execPath, script, `${count}`, `${first}`, `${width}`, `${limitSeconds}`, kept];
  return spawn("unshare", [...flags, "sh", "-c", prepare, "", ...argv], { stdio: ["ignore", output, output] });
}
