// SPDX-License-Identifier: Apache-2.0
// Commands of the machine in memory: each program is a function that a test gives, and a few simple ones are there.

import type { Clock, Command, Outcome, Processes } from "../../contract/host.ts";
import { bytesOf } from "../../values/bytes.ts";
import {
  containsNull,
  noSuchProgram,
  noSuchSignal,
  noSuchWorkingDirectory,
  notInstalled,
  notText,
  othersOnlyForRoot,
  workingDirectoryIsNone,
} from "../command-failures.ts";
import { LineSplitter, Tail } from "../output.ts";
import { type Actor, root, type Tree } from "./tree.ts";

/** What a program is given. */
export interface ProgramCall {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: ReadonlyMap<string, string>;
  readonly uid: number;
  readonly gid: number;
  readonly input: Uint8Array;
  readonly tree: Tree;
  readonly clock: Clock;
  /** Aborts when the command is told to stop. */
  readonly signal: AbortSignal;
  /** To stdout. */
  readonly print: (text: string | Uint8Array) => void;
  /** To stderr. */
  readonly complain: (text: string | Uint8Array) => void;
}

/** Gives the exit status, or the name of the signal that ended it. One that is stopped may throw the signal's reason. */
export type Program = (call: ProgramCall) => Promise<number | string> | number | string;

/** As on a real machine: how long a command has to stop by itself. */
const stopWithinMs = 2_000;

const defaultKeepBytes = 1024 * 1024;
const programDirectories = /^(?:\/usr(?:\/local)?)?\/s?bin\//;
const signals = new Set("HUP INT QUIT ABRT KILL USR1 USR2 PIPE ALRM TERM CONT STOP TSTP WINCH".split(" "));

export interface MemoryProcessesParts {
  readonly programs: Map<string, Program>;
  readonly otherProgram: Program | undefined;
  readonly tree: Tree;
  readonly clock: Clock;
  readonly actor: Actor;
  readonly environment: ReadonlyMap<string, string>;
}

interface Setting extends MemoryProcessesParts {
  /** How to kill each of the commands that run now. */
  readonly kills: Set<(ending: string) => void>;
}

export function memoryProcesses(given: MemoryProcessesParts): Processes {
  const parts: Setting = { ...given, kills: new Set() };
  return {
    async run(command, signal) {
      const keep = command.keepBytes ?? defaultKeepBytes;
      const tails = { stdout: new Tail(keep), stderr: new Tail(keep), output: new Tail(2 * keep) };
      const ending = await start(parts, command, signal, (stream, bytes) => {
        tails[stream].add(bytes);
        tails.output.add(bytes);
        command.onOutput?.(stream, bytes);
      });
      signal.throwIfAborted();
      const outcome: Outcome = {
        status: typeof ending === "number" ? ending : undefined,
        endedBy: typeof ending === "string" ? ending : undefined,
        stdout: tails.stdout.bytes(),
        stderr: tails.stderr.bytes(),
        output: tails.output.bytes(),
      };
      return outcome;
    },
    lines: (command, signal) => linesOf(parts, command, signal),
    killAll() {
      for (const kill of parts.kills) kill("SIGKILL");
    },
  };
}

async function* linesOf(
  parts: Setting,
  command: Command,
  signal: AbortSignal,
): AsyncGenerator<string, undefined, undefined> {
  signal.throwIfAborted();
  const stopping = new AbortController();
  const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  const waiting: string[] = [];
  let wake = () => {};
  let over = false;
  let failure: Error | undefined;
  const running = start(parts, command, AbortSignal.any([signal, stopping.signal]), (stream, bytes) => {
    waiting.push(...splitters[stream].add(bytes));
    wake();
  })
    .catch((reason: unknown) => {
      failure = reason instanceof Error ? reason : new Error(String(reason));
    })
    .then(() => {
      waiting.push(...splitters.stdout.rest(), ...splitters.stderr.rest());
      over = true;
      wake();
    });
  try {
    while (!signal.aborted) {
      const line = waiting.shift();
      if (line !== undefined) {
        yield line;
        continue;
      }
      if (over) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    stopping.abort();
    await running;
  }
  if (failure !== undefined && !signal.aborted) throw failure;
  return undefined;
}

/** Runs the program until it ends, or until it has been stopped or killed. */
async function start(
  { programs, otherProgram, tree, clock, actor, environment, kills }: Setting,
  command: Command,
  signal: AbortSignal,
  take: (stream: "stdout" | "stderr", bytes: Uint8Array) => void,
): Promise<number | string> {
  signal.throwIfAborted();
  const program = expectProgram(programs, otherProgram, command);
  const name = command.argv[0];
  if (command.cwd !== undefined) {
    const state = tree.look(command.cwd, root, true);
    if (state === undefined) throw noSuchWorkingDirectory(name, command.cwd);
    if (state.kind !== "directory") throw workingDirectoryIsNone(name, command.cwd);
  }
  const { uid = actor.uid, gid = actor.gid } = command;
  if (actor.uid !== 0 && (uid !== actor.uid || gid !== actor.gid)) throw othersOnlyForRoot(name);

  const told = new AbortController();
  let ended = false;
  const say = (stream: "stdout" | "stderr") => (text: string | Uint8Array) => {
    if (!ended) take(stream, typeof text === "string" ? bytesOf(text) : text);
  };
  let kill: (ending: string) => void = () => {};
  const killed = new Promise<string>((resolve) => {
    kill = resolve;
  });
  kills.add(kill);
  let cancelKill = () => {};
  const stop = () => {
    cancelKill = clock.after(stopWithinMs, () => kill("SIGKILL"));
    told.abort(signal.reason);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const call: ProgramCall = {
      argv: command.argv,
      cwd: command.cwd ?? "/",
      env: command.env ?? environment,
      uid,
      gid,
      input: command.input ?? new Uint8Array(),
      tree,
      clock,
      signal: told.signal,
      print: say("stdout"),
      complain: say("stderr"),
    };
    const run = async () => program(call);
    return await Promise.race([run(), killed]);
  } catch (reason) {
    if (told.signal.aborted) return command.stopSignal ?? "SIGTERM";
    throw reason;
  } finally {
    ended = true;
    kills.delete(kill);
    cancelKill();
    signal.removeEventListener("abort", stop);
  }
}

function expectProgram(programs: Map<string, Program>, other: Program | undefined, command: Command): Program {
  const [name] = command.argv;
  for (const text of [...command.argv, command.cwd ?? "", ...(command.env?.values() ?? [])]) {
    if (!text.isWellFormed()) throw notText(name, text);
    if (text.includes("\0")) throw containsNull(name);
  }
  const wanted = command.stopSignal ?? "SIGTERM";
  if (!wanted.startsWith("SIG") || !signals.has(wanted.slice(3))) {
    const meant = wanted.toUpperCase().replace(/^SIG/, "");
    throw noSuchSignal(name, wanted, signals.has(meant) ? `SIG${meant}` : undefined);
  }
  const program = programs.get(name) ?? programs.get(name.replace(programDirectories, "")) ?? other;
  if (program === undefined) throw name.includes("/") ? noSuchProgram(name) : notInstalled(name);
  return program;
}

/** Programs that every machine has. */
export const simplePrograms: Readonly<Record<string, Program>> = {
  true: () => 0,
  false: () => 1,
  echo: ({ argv, print }) => {
    print(`${argv.slice(1).join(" ")}\n`);
    return 0;
  },
  cat: ({ argv, input, tree, uid, gid, print, complain }) => {
    if (argv.length === 1) print(input);
    for (const path of argv.slice(1)) {
      if (tree.look(path, root, true)?.kind === "file") {
        print(tree.read(path, { uid, gid }));
        continue;
      }
      complain(`cat: ${path}: No such file or directory\n`);
      return 1;
    }
    return 0;
  },
  sleep: async ({ argv, clock, signal }) => {
    await clock.sleep(Number(argv[1] ?? "0") * 1000, signal);
    return 0;
  },
};
