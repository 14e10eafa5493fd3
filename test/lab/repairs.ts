// SPDX-License-Identifier: Apache-2.0
// What somebody else may do to the server of `examples/whole-server` while mgmt keeps it, and how long each repair takes:
// from the end of the change to when it is seen to be undone. Works in a lab host alone.

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

export interface Repair {
  readonly kind: string;
  readonly change: string;
  /** How often it is cheap to do. */
  readonly count: number;
  /** What to wait between two, so that nothing takes one for a part of the other. */
  readonly restMs: number;
  readonly harm: () => void;
  readonly isRight: () => boolean;
}

export interface Measured {
  readonly kind: string;
  readonly change: string;
  readonly tookMs: readonly number[];
}

const does = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
const succeeds = (program: string, ...args: readonly string[]): boolean => {
  try {
    does(program, ...args);
    return true;
  } catch {
    return false;
  }
};
const textOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

const pidFile = "/srv/app/log/pid";
const filter = "/proc/sys/net/ipv4/conf/all/rp_filter";
let killed = "";
let rules = "";

export const repairs: readonly Repair[] = [
  {
    ...{ kind: "file", change: "removed", count: 100, restMs: 5 },
    harm: () => rmSync("/etc/app/settings"),
    isRight: () => existsSync("/etc/app/settings"),
  },
  {
    ...{ kind: "file", change: "overwritten", count: 100, restMs: 5 },
    harm: () => writeFileSync("/etc/motd", "welcome\n"),
    isRight: () => textOf("/etc/motd").startsWith("This is"),
  },
  {
    ...{ kind: "file", change: "a directory gets another mode", count: 100, restMs: 5 },
    harm: () => chmodSync("/srv/app/pages", 0o777),
    isRight: () => (statSync("/srv/app/pages").mode & 0o777) === 0o755,
  },
  {
    ...{ kind: "file", change: "overwritten, with `validate`", count: 20, restMs: 200 },
    harm: () => writeFileSync("/etc/ssh/sshd_config.d/00-mgmt.conf", "PasswordAuthentication yes\n"),
    isRight: () => textOf("/etc/ssh/sshd_config.d/00-mgmt.conf").startsWith("# Written"),
  },
  {
    ...{ kind: "svc", change: "killed", count: 50, restMs: 200 },
    harm: () => {
      killed = textOf(pidFile);
      process.kill(Number(killed), "SIGKILL");
    },
    isRight: () => !["", killed].includes(textOf(pidFile)),
  },
  {
    ...{ kind: "svc", change: "disabled", count: 20, restMs: 300 },
    harm: () => void does("systemctl", "disable", "app"),
    isRight: () => existsSync("/etc/systemd/system/multi-user.target.wants/app.service"),
  },
  {
    ...{ kind: "user", change: "gets another shell", count: 20, restMs: 200 },
    harm: () => void does("usermod", "--shell", "/bin/false", "dave"),
    isRight: () => /^dave:.*:\/bin\/sh$/m.test(textOf("/etc/passwd")),
  },
  {
    ...{ kind: "group", change: "removed, with three members", count: 20, restMs: 300 },
    harm: () => void does("groupdel", "developers"),
    isRight: () =>
      ["alice", "bob", "carol"].every((name) => /^developers:.*$/m.exec(textOf("/etc/group"))?.[0].includes(name)),
  },
  {
    ...{ kind: "cron", change: "the timer is stopped", count: 20, restMs: 300 },
    harm: () => void does("systemctl", "stop", "app-report.timer"),
    isRight: () => succeeds("systemctl", "--quiet", "is-active", "app-report.timer"),
  },
  {
    ...{ kind: "nftables", change: "all rules are flushed", count: 20, restMs: 300 },
    harm: () => {
      rules = does("nft", "list", "table", "inet", "mgmt_host");
      does("nft", "flush", "ruleset");
    },
    isRight: () =>
      succeeds("nft", "list", "table", "inet", "mgmt_host") &&
      does("nft", "list", "table", "inet", "mgmt_host") === rules,
  },
  {
    ...{ kind: "exec", change: "the file that it makes is removed", count: 20, restMs: 500 },
    harm: () => rmSync("/etc/ssl/mgmt/app.example.com.pem"),
    isRight: () => textOf("/etc/ssl/mgmt/app.example.com.pem").includes("END CERTIFICATE"),
  },
  {
    ...{ kind: "sysctl", change: "another value", count: 3, restMs: 100 },
    harm: () => writeFileSync(filter, "2\n"),
    isRight: () => textOf(filter) === "1\n",
  },
  {
    ...{ kind: "pkg", change: "removed with dpkg", count: 3, restMs: 3000 },
    harm: () => void does("dpkg", "--remove", "tree"),
    isRight: () => existsSync("/usr/bin/tree"),
  },
];

const limitMs = 60_000;

/** `atMost` of each. While it waits it looks without pause at what is cheap to look at, for some milliseconds. */
export async function measure(repair: Repair, atMost: number): Promise<Measured> {
  const { kind, change, harm, isRight, restMs } = repair;
  const tookMs: number[] = [];
  for (let time = 0; time < Math.min(repair.count, atMost); time += 1) {
    harm();
    const began = performance.now();
    while (!isRight()) {
      const waitedMs = performance.now() - began;
      if (waitedMs > limitMs) throw new Error(`${kind}, ${change}: not repaired after ${limitMs} ms`);
      if (waitedMs > 20) await pause(1);
    }
    tookMs.push(performance.now() - began);
    await pause(restMs);
  }
  return { kind, change, tookMs };
}

/** A row of a table in markdown. */
export function renderRow({ kind, change, tookMs }: Measured): string {
  const sorted = tookMs.toSorted((left, right) => left - right);
  const at = (share: number): string => {
    const ms = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
  };
  return `| \`${kind}\` | ${change} | ${sorted.length} | ${at(0.5)} | ${at(0.99)} |`;
}
