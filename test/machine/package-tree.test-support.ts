// SPDX-License-Identifier: Apache-2.0
// A tree of files for a package manager, beside the source that it works with, in a directory that goes away.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { linuxClock } from "../../src/host/linux/clock.ts";
import { linuxFiles } from "../../src/host/linux/files.ts";
import { linuxProcesses } from "../../src/host/linux/processes.ts";
import type { ManagerParts } from "../../src/host/packages/programs.ts";

export interface PackageTree {
  /** The whole directory. */
  readonly top: string;
  /** Where packages are installed to. */
  readonly root: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly parts: ManagerParts;
  /** Runs a program in that environment; any other end than a good one throws with what it said. */
  readonly run: (program: string, ...args: readonly string[]) => string;
  readonly write: (path: string, text: string) => void;
  /** Below the root. */
  readonly inRoot: {
    readonly exists: (path: string) => boolean;
    readonly read: (path: string) => string;
    readonly write: (path: string, text: string) => void;
  };
  readonly close: () => Promise<void>;
}

/** Why these programs are not tried here; undefined when all are there. */
export function missingPrograms(...programs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return "only root may install packages, into another tree too";
  const missing = programs.filter((program) => spawnSync("which", [program], { stdio: "ignore" }).status !== 0);
  return missing.length === 0 ? undefined : `${missing.join(", ")} not installed`;
}

export function packageTree(variables: (top: string) => Readonly<Record<string, string>>): PackageTree {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "mgmt-packages-")));
  const root = join(top, "root");
  mkdirSync(root);
  const environment = new Map<string, string>();
  for (const [name, value] of Object.entries({ ...process.env, ...variables(top) })) {
    if (value !== undefined) environment.set(name, value);
  }
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  return {
    top,
    root,
    environment,
    parts: { files: linuxFiles(), processes: linuxProcesses(), clock: linuxClock(), environment, root },
    run(program, ...args) {
      const ended = spawnSync(program, args, {
        env: { ...Object.fromEntries(environment), LC_ALL: "C.UTF-8" },
        encoding: "utf8",
        maxBuffer: 2 ** 26,
      });
      if (ended.status !== 0) {
        throw new Error(`${program} ${args.join(" ")}: ${ended.status}\n${ended.stdout}${ended.stderr}`);
      }
      return ended.stdout;
    },
    write,
    inRoot: {
      exists: (path) => existsSync(root + path),
      read: (path) => readFileSync(root + path, "utf8"),
      write: (path, text) => write(root + path, text),
    },
    close: async () => rmSync(top, { recursive: true, force: true }),
  };
}

/** As dpkg and rpm hold their locks, until the input ends. */
const lockScript = `
  use Fcntl;
  $| = 1;
  open(F, ">", $ARGV[0]) or die;
  my $lock = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0);
  fcntl(F, F_SETLK, $lock) or die;
  print "held\\n";
  <STDIN>;
`;

/** Holds the lock until the function returned is called. */
export async function holdLock(path: string): Promise<() => Promise<void>> {
  const child = spawn("perl", ["-e", lockScript, path]);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return async () => {
    child.stdin.end();
    await new Promise((resolve) => child.once("exit", resolve));
  };
}
