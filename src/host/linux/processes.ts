// SPDX-License-Identifier: Apache-2.0
// Commands on this machine. Each runs in a process group of its own, so that stopping it stops all it has started.
// Knows nothing of shells.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, readdirSync, readFileSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { invariant } from "../../base/invariant.ts";
import type { Command, Outcome, Processes } from "../../contract/host.ts";
import { LineSplitter, Tail } from "../output.ts";
import { saysGone, startFailureFrom } from "./failures.ts";
import { openPipe } from "./ffi.ts";
import { programOf, stopSignalOf } from "./programs.ts";

export interface ProcessOptions {
  /** Milliseconds that a command has to stop by itself before it is killed. */
  readonly stopWithinMs?: number;
}

const defaultStopWithinMs = 2_000;

/** Milliseconds for which we wait until what was killed is dead. */
const dieWithinMs = 500;

/** Milliseconds for which what is in the pipes is read when the command has ended and others hold them open. */
const drainWithinMs = 250;

const defaultKeepBytes = 1024 * 1024;

/** Lines that wait for their reader before the command is held up. */
const linesAhead = 1_000;

export function linuxProcesses(options: ProcessOptions = {}): Processes {
  const setting: Setting = { stopWithinMs: options.stopWithinMs ?? defaultStopWithinMs, groups: new Set() };
  return {
    run: (command, signal) => run(command, setting, signal),
    lines: (command, signal) => lines(command, setting, signal),
    killAll() {
      for (const group of setting.groups) signalGroup(group, "SIGKILL");
    },
  };
}

interface Setting {
  readonly stopWithinMs: number;
  /** Process groups of the commands that run now. */
  readonly groups: Set<number>;
}

async function run(command: Command, setting: Setting, signal: AbortSignal): Promise<Outcome> {
  const keep = command.keepBytes ?? defaultKeepBytes;
  const tails = { stdout: new Tail(keep), stderr: new Tail(keep), output: new Tail(2 * keep) };
  const running = await start(command, setting, signal);
  running.onOutput((stream, bytes) => {
    tails[stream].add(bytes);
    tails.output.add(bytes);
    command.onOutput?.(stream, bytes);
  });
  const { status, endedBy } = await running.ended;
  signal.throwIfAborted();
  return {
    status,
    endedBy,
    stdout: tails.stdout.bytes(),
    stderr: tails.stderr.bytes(),
    output: tails.output.bytes(),
  };
}

async function* lines(
  command: Command,
  setting: Setting,
  signal: AbortSignal,
): AsyncGenerator<string, undefined, undefined> {
  const stopping = new AbortController();
  const running = await start(command, setting, AbortSignal.any([signal, stopping.signal]));
  const waiting: string[] = [];
  let wake = () => {};
  let over = false;
  const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  running.onOutput((stream, bytes) => {
    waiting.push(...splitters[stream].add(bytes));
    if (waiting.length > linesAhead) running.hold(true);
    wake();
  });
  const end = () => {
    waiting.push(...splitters.stdout.rest(), ...splitters.stderr.rest());
    over = true;
    wake();
  };
  const ended = running.ended.then(end, end);
  try {
    while (!signal.aborted) {
      const line = waiting.shift();
      if (line !== undefined) {
        yield line;
        continue;
      }
      if (over) break;
      running.hold(false);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    stopping.abort();
    running.hold(false);
    await ended;
  }
  return undefined;
}

interface Running {
  /** Must be called at once: output that comes before is lost. */
  onOutput(take: (stream: "stdout" | "stderr", bytes: Uint8Array) => void): void;
  /** Reads no output for now, which in the end makes the command wait. */
  hold(still: boolean): void;
  /** When the command has ended, its output is read, and, after an abort, nothing of its group is left. */
  readonly ended: Promise<{ readonly status: number | undefined; readonly endedBy: string | undefined }>;
}

async function start(command: Command, setting: Setting, signal: AbortSignal): Promise<Running> {
  signal.throwIfAborted();
  const file = programOf(command);
  const outputs = { stdout: openPipe(), stderr: openPipe() };
  let child: ChildProcess;
  try {
    child = spawn(file, command.argv.slice(1), {
      argv0: command.argv[0],
      cwd: command.cwd,
      env: command.env === undefined ? process.env : Object.fromEntries(command.env),
      uid: command.uid,
      gid: command.gid,
      detached: true,
      stdio: [
        command.input === undefined ? "ignore" : "pipe",
        outputs.stdout?.write ?? "pipe",
        outputs.stderr?.write ?? "pipe",
      ],
    });
    if (child.pid === undefined) await once(child, "spawn"); // Rejects with the reason.
  } catch (reason) {
    for (const pipe of [outputs.stdout, outputs.stderr]) if (pipe !== undefined) closeSync(pipe.read);
    throw startFailureFrom(reason, command.argv[0], file);
  } finally {
    for (const pipe of [outputs.stdout, outputs.stderr]) if (pipe !== undefined) closeSync(pipe.write);
  }
  child.on("error", () => {}); // Of a signal that could not be sent: the process is gone.
  giveInput(child, command.input);
  const streams = {
    stdout: outputs.stdout === undefined ? child.stdout : readingEnd(outputs.stdout.read),
    stderr: outputs.stderr === undefined ? child.stderr : readingEnd(outputs.stderr.read),
  };
  const readers = [streams.stdout, streams.stderr].filter((stream) => stream !== null);
  let heard = 0;
  let exited = false;
  child.once("exit", () => {
    exited = true; // What is in the pipes now is all there will be.
    for (const reader of readers) reader.resume();
  });
  return {
    onOutput(take) {
      for (const stream of ["stdout", "stderr"] as const) {
        streams[stream]?.on("data", (bytes: Buffer) => {
          heard += 1;
          take(stream, bytes);
        });
      }
    },
    hold(still) {
      for (const reader of readers) {
        if (still && !exited) reader.pause();
        else reader.resume();
      }
    },
    ended: endOf(child, readers, () => heard, { stopSignal: stopSignalOf(command), ...setting }, signal),
  };
}

function readingEnd(descriptor: number): Readable {
  return new Socket({ fd: descriptor, readable: true, writable: false });
}

function giveInput(child: ChildProcess, input: Uint8Array | undefined): void {
  child.stdin?.on("error", () => {}); // It does not want to hear all of it.
  child.stdin?.end(input);
}

async function endOf(
  child: ChildProcess,
  readers: readonly Readable[],
  heard: () => number,
  { stopSignal, stopWithinMs, groups }: Setting & { readonly stopSignal: NodeJS.Signals },
  signal: AbortSignal,
): Promise<{ status: number | undefined; endedBy: string | undefined }> {
  const group = child.pid;
  invariant(group !== undefined && group > 1, "a command that has started has a process id");
  let killTimer: NodeJS.Timeout | undefined;
  let killed = false;
  const stop = () => {
    signalGroup(group, stopSignal);
    signalGroup(group, "SIGCONT"); // One that is suspended would not hear the other.
    killTimer = setTimeout(() => {
      killed = true;
      signalGroup(group, "SIGKILL");
    }, stopWithinMs);
  };
  groups.add(group);
  const closed = Promise.all(readers.map((reader) => closing(reader)));
  signal.addEventListener("abort", stop, { once: true });
  try {
    const [status, endedBy] = await exitOf(child);
    await drained(closed, heard);
    if (signal.aborted) await groupGone(group, () => killed);
    return { status: status ?? undefined, endedBy: endedBy ?? undefined };
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(killTimer);
    groups.delete(group);
    for (const reader of readers) reader.destroy();
  }
}

async function exitOf(child: ChildProcess): Promise<readonly [number | null, NodeJS.Signals | null]> {
  return new Promise((resolve) => {
    child.once("exit", (status, endedBy) => resolve([status, endedBy]));
  });
}

async function closing(reader: Readable): Promise<void> {
  return new Promise((resolve) => {
    reader.once("close", resolve);
    reader.on("error", () => {});
  });
}

/** Children in the background may hold the pipes open for ever; what the command itself wrote is in them already. */
async function drained(closed: Promise<unknown>, heard: () => number): Promise<void> {
  let open = true;
  const closing = closed.then(() => {
    open = false;
  });
  const until = performance.now() + drainWithinMs;
  for (let before = -1, quiet = 0; open && quiet < 2 && performance.now() < until; ) {
    quiet = heard() === before ? quiet + 1 : 0;
    before = heard();
    await Promise.race([closing, nextTurn()]);
  }
}

/**
 * After the command itself has stopped, what it left in its group has the rest of the time, and is then killed. Death
 * takes a moment, and longer for one that waits for a disk: that one will die when it wakes.
 */
async function groupGone(group: number, killed: () => boolean): Promise<void> {
  let afterKillMs = 0;
  for (let pauseMs = 1; signalGroup(group, 0) && afterKillMs < dieWithinMs; pauseMs = Math.min(50, pauseMs * 2)) {
    if ((killed() || pauseMs > 10) && onlyDeadIn(group)) return;
    await sleep(pauseMs);
    if (killed()) afterKillMs += pauseMs;
  }
}

/** A dead process stays in its group until its parent asks for it, which in a container may be never. */
function onlyDeadIn(group: number): boolean {
  try {
    for (const id of readdirSync("/proc")) {
      if (!/^\d+$/.test(id)) continue;
      const [state = "", , processGroup = ""] = statFields(id);
      if (Number(processGroup) === group && state !== "Z" && state !== "X") return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** The fields after the name, which is in brackets and may itself contain anything. */
function statFields(id: string): readonly string[] {
  try {
    const text = readFileSync(`/proc/${id}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // It has ended meanwhile.
  }
}

/** False when no process of the group is left. */
function signalGroup(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, name);
  } catch (reason) {
    return !saysGone(reason);
  }
}
