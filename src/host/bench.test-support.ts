// SPDX-License-Identifier: Apache-2.0
// A bench to try a host on, for the contracts beside this file: what every host must do, as cases that run on each, so that
// the twin in memory cannot drift from the machine. Each case gets a fresh bench.

import assert from "node:assert/strict";
import { afterEach, it } from "node:test";
import type { Host } from "../contract/host.ts";
import type { Server } from "./memory/http.ts";

/** A host to try, and somebody else who works on the same machine. */
export interface Bench {
  readonly host: Host;
  /** An empty directory of the user whom the host works for. */
  readonly directory: string;
  readonly others: Others;
  readonly commands: Commands;
  /** How many runs of a property this host does in about a second. */
  readonly manyRuns: number;
  /** Aborts when the case is over: for what would go on for ever. */
  readonly signal: AbortSignal;
  /** Until every event of what has been done so far has been told. */
  readonly settle: () => Promise<void>;
  /** Until this time has passed on the host's clock. */
  readonly pass: (ms: number) => Promise<void>;
  /** How long a command may take to stop before it is killed. */
  readonly stopWithinMs: number;
  /** Starts a server that the host can reach over the network and over a socket, until the case is over. */
  readonly serve: (server: Server) => Promise<{ readonly origin: string; readonly socketPath: string }>;
  /** An empty directory on a disk of this size, or undefined where this user may make none. */
  readonly smallDisk: (bytes: number) => Promise<string | undefined>;
  /** What is on that disk can only be read from now on. */
  readonly makeReadOnly: (disk: string) => Promise<void>;
  /** Whether a program of the distribution is missing, without which the host cannot answer. */
  readonly lacks: (program: string) => boolean;
  /** Fails when the host still watches a directory, where that can be told. */
  readonly expectNoWatches: () => void;
  readonly close: () => Promise<void>;
}

/** Changes things as an administrator does, without asking the host. Nothing here waits. */
export interface Others {
  read(path: string): string | undefined;
  write(path: string, content: string): void;
  /** With its parents. */
  makeDirectory(path: string): void;
  link(path: string, target: string): void;
  makePipe(path: string): Promise<void>;
  rename(from: string, to: string): void;
  remove(path: string): void;
  setMode(path: string, mode: number): void;
}

/** Commands that do the same on each host. */
export interface Commands {
  /** Prints "out\n" to stdout and "err\n" to stderr, and ends with 3. */
  readonly speakAndFail: readonly [string, ...string[]];
  /** Prints its environment, sorted, one variable on a line. */
  readonly environment: readonly [string, ...string[]];
  readonly workingDirectory: readonly [string, ...string[]];
  /** Prints "ready\n" and then does not end for hours, whatever SIGTERM says. */
  readonly stubborn: readonly [string, ...string[]];
}

/** `ordinary`: the host works for a user who is not root. Undefined where that cannot be had. */
export type MakeBench = (options: { readonly ordinary: boolean }) => Promise<Bench | undefined>;

type Task = (bench: Bench, context: { diagnostic(message: string): void }) => Promise<void>;

const patience = { timeout: 30_000 };

/** Runs `task` on a bench that is cleared away afterwards. */
export function benches(makeBench: MakeBench) {
  const open: Bench[] = [];
  afterEach(async () => {
    for (const bench of open.splice(0)) await bench.close();
  });
  const fact = (title: string, task: Task, ordinary: boolean) => {
    it(title, patience, async (context) => {
      const bench = await makeBench({ ordinary });
      if (bench === undefined) {
        notTried(context, "only root can become another user");
        return;
      }
      open.push(bench);
      await task(bench, context);
    });
  };
  return {
    check: (title: string, task: Task) => fact(title, task, false),
    checkAsOrdinaryUser: (title: string, task: Task) => fact(title, task, true),
  };
}

/** Why a case, or a part of it, cannot be had here; stands in the report of the tests. */
export function notTried(context: { diagnostic(message: string): void }, why: string): void {
  context.diagnostic(`not tried: ${why}`);
}

/** A signal that never aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Expects a failure of that code whose message names the path. */
export async function fails(code: string, promise: Promise<unknown>, mention?: string): Promise<void> {
  await assert.rejects(promise, (reason) => {
    assert.ok(reason instanceof Error);
    assert.equal(reason.name, "Failure", reason.message);
    assert.ok("code" in reason);
    assert.equal(reason.code, code, reason.message);
    if (mention !== undefined) assert.ok(reason.message.includes(mention), `${reason.message} names ${mention}`);
    return true;
  });
}
