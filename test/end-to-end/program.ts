// SPDX-License-Identifier: Apache-2.0
// Runs mgmt as a person does: the launcher, and the single file when it is built, in a fresh directory, watched from
// outside. Knows nothing of the sources.

import { type ChildProcess, spawn } from "node:child_process";
import { globSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

export const root = join(import.meta.dirname, "../..");

export interface Program {
  /** For titles: `./mgmt`. */
  readonly name: string;
  readonly path: string;
}

/**
 * What every end-to-end test runs: `MGMT_BIN` alone when it is set, else the launcher, and `dist/mgmt` unless some source
 * is newer than it.
 */
export const programs: readonly Program[] = findPrograms();

function findPrograms(): readonly Program[] {
  const given = process.env["MGMT_BIN"];
  if (given !== undefined && given !== "") return [{ name: given, path: resolve(root, given) }];
  const launcher = { name: "./mgmt", path: join(root, "mgmt") };
  const built = { name: "dist/mgmt", path: join(root, "dist/mgmt") };
  const builtMs = statSync(built.path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(["src/**/*.ts", "modules/**/*", "package-lock.json"], { cwd: root });
  const isFresh = sources.every((source) => statSync(join(root, source)).mtimeMs < builtMs);
  return isFresh ? [launcher, built] : [launcher];
}

/** One test for each program. `timeout`: of one that waits for much, as a busy machine needs. The directory is removed afterwards, and so is every process that the test left. */
export function testPrograms(
  title: string,
  body: (world: World) => Promise<void>,
  options: { readonly timeout?: number } = {},
): void {
  for (const program of programs) {
    test(`${title} (${program.name})`, options, async () => {
      const world = new World(program);
      try {
        await body(world);
      } finally {
        world.end();
      }
    });
  }
}

/** How a run ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Root without what lets root write everywhere; needs setpriv. */
  readonly powerless?: boolean;
  /** The run is killed after this time and the test fails. Default one minute. */
  readonly limitMs?: number;
}

/** A fresh directory and the program in it. */
export class World {
  readonly program: Program;
  readonly directory: string = realpathSync(mkdtempSync(join(tmpdir(), "mgmt-test-")));
  readonly #started: Running[] = [];

  constructor(program: Program) {
    this.program = program;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  /** Runs to the end. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.start(args, options).ended;
  }

  /** Runs while the test goes on. */
  start(args: readonly string[], options: RunOptions = {}): Running {
    const [command = "", ...before] =
      options.powerless === true ? ["setpriv", "--bounding-set=-all", this.program.path] : [this.program.path];
    const child = spawn(command, [...before, ...args], {
      cwd: this.directory,
      env: { ...environment(this.directory), ...options.env },
      // A group of its own, so that what the program starts ends with it.
      detached: true,
    });
    const running = new Running(child, options.limitMs ?? 60_000);
    this.#started.push(running);
    child.stdin.on("error", () => {}); // A program need not read its input.
    child.stdin.end(options.input ?? "");
    return running;
  }

  end(): void {
    for (const running of this.#started) running.killGroup();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A program under way. */
export class Running {
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, limitMs: number) {
    this.#child = child;
    const { promise, resolve, reject } = Promise.withResolvers<Ended>();
    this.ended = promise;
    const started = performance.now();
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    const limit = setTimeout(() => {
      this.killGroup();
      reject(new Error(`still running after ${limitMs} ms\nstdout: ${this.stdout}\nstderr: ${this.stderr}`));
    }, limitMs);
    child.once("error", reject);
    child.once("close", (status, signal) => {
      clearTimeout(limit);
      resolve({ status, signal, stdout: this.stdout, stderr: this.stderr, ms: performance.now() - started });
    });
    // A test that fails before it looks at the end must not fail a second time for the end.
    promise.catch(() => {});
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("the program did not start");
    return pid;
  }

  /** To the program alone, as `kill` does. Ctrl-C in a terminal reaches the group: `signalGroup`. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch (reason) {
      if (!(reason instanceof Error && "code" in reason && reason.code === "ESRCH")) throw reason;
    }
  }

  killGroup(): void {
    if (this.#child.pid !== undefined) this.signalGroup("SIGKILL");
  }
}

/** Waits until `probe` is true. For what can be seen from outside alone, such as a file; states the wait in its error. */
export async function eventually(
  what: string,
  probe: () => boolean | Promise<boolean>,
  limitMs = 10_000,
): Promise<void> {
  const started = performance.now();
  while (!(await probe())) {
    if (performance.now() - started > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** That of a person at a terminal: nothing of npm or of the test runner; the cache of compiled code is the real one. */
function environment(home: string): Record<string, string> {
  const { PATH = "/usr/sbin:/usr/bin:/sbin:/bin", XDG_CACHE_HOME = join(homedir(), ".cache") } = process.env;
  const ownPath = PATH.split(":").filter((part) => !part.includes("node_modules"));
  // Tests run side by side, and one run at a time has the usual state directory of the machine.
  const MGMT_PREFIX = join(home, "usual-state");
  return {
    ...{ PATH: ownPath.join(":"), HOME: home, XDG_CACHE_HOME, MGMT_PREFIX },
    ...{ LANG: "C.UTF-8", TERM: "dumb", NO_COLOR: "1" },
  };
}
