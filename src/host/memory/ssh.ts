// SPDX-License-Identifier: Apache-2.0
// Machines that the one in memory reaches over SSH: each is a record that a test gives, its shell a function. What goes through a
// tunnel is one text and one answer.

import { Failure } from "../../contract/failure.ts";
import type { Clock, Outcome } from "../../contract/host.ts";
import type { Ssh, SshCommand, SshConnection, SshPlace, TunnelAddress, TunnelTarget } from "../../contract/ssh.ts";
import { textOf } from "../../values/bytes.ts";
import { bytesOf } from "../../values/bytes.ts";
import { Tail } from "../output.ts";
import { credentialsFor, labelOf } from "../ssh/credentials.ts";
import { badKeyFile, brokenOff, nobodyThere, notLetIn, portTaken, tooSlow } from "../ssh/failures.ts";
import { judgeOf, type SshWorld } from "../ssh/judge.ts";
import { stoppable } from "./files.ts";

/** What the shell of another machine is given. */
export interface ShellCall {
  readonly line: string;
  readonly user: string;
  readonly input: AsyncIterable<Uint8Array>;
  readonly print: (text: string | Uint8Array) => void;
  readonly complain: (text: string | Uint8Array) => void;
  /** Aborts when the command is given up, or the connection is over. */
  readonly signal: AbortSignal;
}

export interface OtherMachine {
  /** Base64. */
  hostKey: string;
  /** By user: texts of the private keys, and passwords, with which one is let in. */
  readonly users: ReadonlyMap<string, { readonly keys: readonly string[]; readonly passwords: readonly string[] }>;
  /** It answers nothing at all. */
  isSilent?: boolean;
  /** Gives the exit status. */
  run: (call: ShellCall) => Promise<number> | number;
  /** Ports at which somebody listens, `127.0.0.1:80`, and what one is answered there. */
  readonly listening: Map<string, (text: string) => string>;
}

/** Somebody who looks at it from outside. */
export interface OutsideSsh {
  /** By `HOST:PORT`. */
  readonly machines: Map<string, OtherMachine>;
  /** What listens on this machine: by `HOST:PORT`, or by the path of the socket. */
  readonly here: Map<string, (text: string) => string>;
  /** Asks, on the other machine, what listens there, or is offered there through a tunnel. Undefined: nobody. */
  askThere(machine: string, address: TunnelAddress, text: string): string | undefined;
  /** The same on this machine. */
  askHere(socketPath: string, text: string): string | undefined;
  /** Breaks off every connection to it. */
  breakOff(machine: string): void;
  /** How many connections are open. */
  readonly open: number;
}

const withinMs = 15_000;

interface Open {
  readonly machine: string;
  readonly offers: Map<string, TunnelTarget>;
  readonly reached: Map<string, TunnelAddress>;
  readonly end: (reason: Error) => void;
}

export function memorySsh(world: SshWorld & { readonly clock: Clock }): {
  readonly ssh: Ssh;
  readonly outside: OutsideSsh;
} {
  const machines = new Map<string, OtherMachine>();
  const here = new Map<string, (text: string) => string>();
  const open = new Set<Open>();
  const outside: OutsideSsh = {
    machines,
    here,
    askThere(machine, address, text) {
      const key = addressKey(address);
      const target = [...open].find((each) => each.machine === machine && each.offers.has(key))?.offers.get(key);
      if (target === undefined) return machines.get(machine)?.listening.get(key)?.(text);
      return here.get("socketPath" in target ? target.socketPath : addressKey(target))?.(text);
    },
    askHere(socketPath, text) {
      for (const { machine, reached } of open) {
        const target = reached.get(socketPath);
        if (target !== undefined) return machines.get(machine)?.listening.get(addressKey(target))?.(text);
      }
      return here.get(socketPath)?.(text);
    },
    breakOff(machine) {
      const [, host = "", port] = /^(.*):(\d+)$/.exec(machine) ?? [];
      for (const each of [...open]) {
        if (each.machine === machine) each.end(brokenOff({ host, port: Number(port) }, "it ended"));
      }
    },
    get open() {
      return open.size;
    },
  };
  const ssh: Ssh = {
    async connect(place, signal) {
      signal.throwIfAborted();
      const judge = await judgeOf(place, world, signal);
      const key = addressKey(place);
      const machine = machines.get(key);
      if (machine === undefined) throw nobodyThere(place, "nobody listens there");
      if (machine.isSilent === true) {
        await world.clock.sleep(withinMs, signal);
        throw tooSlow(place, withinMs);
      }
      const refusal = judge.refusal(machine.hostKey);
      if (refusal !== undefined) throw refusal;
      await letIn(place, machine, world, signal);
      return connectionTo(key, place, machine, open);
    },
  };
  return { ssh, outside };
}

async function letIn(place: SshPlace, { users }: OtherMachine, world: SshWorld, signal: AbortSignal): Promise<void> {
  const tried: string[] = [];
  const known = users.get(place.user);
  for await (const credential of credentialsFor(place, world, () => {}, signal)) {
    if (credential.kind === "agent") continue;
    if (credential.kind === "key" && !textOf(credential.file.content).includes("PRIVATE KEY")) {
      if (place.keyFile === undefined) continue;
      throw badKeyFile(credential.file.path, "it is in no form that is known");
    }
    tried.push(labelOf(credential));
    const isRight =
      credential.kind === "key"
        ? known?.keys.includes(textOf(credential.file.content))
        : known?.passwords.includes(credential.password);
    if (isRight === true) return;
  }
  throw notLetIn(place, tried);
}

function connectionTo(key: string, place: SshPlace, machine: OtherMachine, all: Set<Open>): SshConnection {
  const over = new AbortController();
  const end = (reason: Error): void => {
    all.delete(record);
    over.abort(reason);
  };
  const record: Open = { machine: key, offers: new Map(), reached: new Map(), end };
  all.add(record);
  const expectOpen = (signal: AbortSignal): void => {
    signal.throwIfAborted();
    if (over.signal.aborted) throw over.signal.reason;
  };
  return {
    over: over.signal,
    async run(command, signal) {
      expectOpen(signal);
      return runThere(command, place.user, machine, over.signal, signal);
    },
    async offer(address, target, signal) {
      expectOpen(signal);
      const taken = (port: number): boolean => {
        const wanted = addressKey({ ...address, port });
        const others = [...all].some((each) => each.machine === key && each.offers.has(wanted));
        return others || machine.listening.has(wanted);
      };
      if (taken(address.port)) throw portTaken(place, address);
      let { port } = address;
      if (port === 0) for (port = 40_000; taken(port); ) port += 1;
      record.offers.set(addressKey({ ...address, port }), target);
      return port;
    },
    async reach(socketPath, target, signal) {
      expectOpen(signal);
      record.reached.set(socketPath, target);
    },
    close() {
      if (!over.signal.aborted) end(new DOMException("the connection was closed", "AbortError"));
      return Promise.resolve();
    },
  };
}

async function runThere(
  command: SshCommand,
  user: string,
  machine: OtherMachine,
  over: AbortSignal,
  signal: AbortSignal,
): Promise<Outcome> {
  const keep = command.keepBytes ?? 1024 * 1024;
  const tails = { stdout: new Tail(keep), stderr: new Tail(keep), output: new Tail(2 * keep) };
  const take =
    (stream: "stdout" | "stderr") =>
    (text: string | Uint8Array): void => {
      const bytes = typeof text === "string" ? bytesOf(text) : text;
      tails[stream].add(bytes);
      tails.output.add(bytes);
      command.onOutput?.(stream, bytes);
    };
  const given = AbortSignal.any([over, signal]);
  let broken: Error | undefined;
  const input = (async function* () {
    try {
      for await (const piece of command.input ?? []) {
        if (given.aborted) return;
        yield piece;
      }
    } catch (reason) {
      broken = reason as Error;
    }
  })();
  const call: ShellCall = {
    line: command.line,
    user,
    input,
    print: take("stdout"),
    complain: take("stderr"),
    signal: given,
  };
  const running = Promise.resolve(machine.run(call));
  running.catch(() => {}); // One that is given up may say so.
  try {
    const status = await stoppable(running, given);
    if (broken !== undefined) throw broken;
    const [stdout, stderr, output] = [tails.stdout.bytes(), tails.stderr.bytes(), tails.output.bytes()];
    return { status, endedBy: undefined, stdout, stderr, output };
  } catch (reason) {
    signal.throwIfAborted();
    throw over.aborted && !(reason instanceof Failure) ? (over.reason as Error) : reason;
  }
}

function addressKey({ host, port }: TunnelAddress): string {
  return `${host}:${port}`;
}
