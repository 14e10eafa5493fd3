// SPDX-License-Identifier: Apache-2.0
// One etcd server of this host as our child: started, watched, started again when it ends by itself, and ended with us.
// Decides nothing about who else serves the store.

import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { invariant } from "../../../base/invariant.ts";
import { Failure } from "../../../contract/failure.ts";
import type { Clock, Processes } from "../../../contract/host.ts";
import { textOf } from "../../../values/bytes.ts";
import { endFailure, isRemoval, sentenceOf } from "./log.ts";
import { untilFree } from "./listening.ts";
import { endOrphans } from "./orphans.ts";
import { etcdCommand, etcdVersion, type FirstMembers, type ServerPlace, tetherOf } from "./program.ts";

export type { FirstMembers, ServerPlace } from "./program.ts";

export interface ServerOptions extends ServerPlace {
  readonly processes: Processes;
  readonly clock: Clock;
  /** Resolves when it answers; fails with a `Failure` while it does not. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  /** What it says, worth keeping. */
  readonly onLog: (text: string) => void;
  /** A sentence for the person who runs the program. */
  readonly onTrouble: (message: string) => void;
  /** It answers, again too, or was removed. */
  readonly onState: () => void;
}

export interface EtcdServer {
  readonly state: ServerState;
  /** It has been a member before, and has what it knew then. */
  hasData(): Promise<boolean>;
  /** Until it answers. Fails when it is not installed, its data is another host's, or it ends before. */
  start(first: FirstMembers, signal: AbortSignal): Promise<void>;
  /** Once more, so that it begins with what it is to believe now; nothing when it does not run. Until it answers. */
  restart(signal: AbortSignal): Promise<void>;
  /** In order; its data stays. */
  stop(): Promise<void>;
  /** Only when it was removed; it is stopped then. */
  removeData(): Promise<void>;
  /** Nobody believes this host any more: stopped, and its data moved aside, for a person to look at. */
  retire(): Promise<void>;
}

/** `removed`: the others have said that it is no member any more, and it has ended. */
export type ServerState = "stopped" | "starting" | "ready" | "starting again" | "removed";

const readyWithinMs = 60_000;
const firstProbePauseMs = 25;
const longestProbePauseMs = 500;
const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** One that has run for so long was well. */
const wellMs = 30_000;
const lastLines = 50;

export function etcdServer(options: ServerOptions): EtcdServer {
  return new Server(options);
}

class Server implements EtcdServer {
  state: ServerState = "stopped";
  readonly #options: ServerOptions;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #life = new AbortController();
  #restarted: (() => void) | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  async start(first: FirstMembers, signal: AbortSignal): Promise<void> {
    const { processes, directory, clock } = this.#options;
    this.#stopping = new AbortController();
    this.state = "starting";
    try {
      await etcdVersion(processes, signal);
      await rm(this.#removedDirectory, { recursive: true, force: true });
      await this.#claim();
      await endOrphans(directory, clock, signal);
      await untilFree([...this.#options.clientUrls, ...this.#options.serverUrls], clock, signal);
      const tether = await tetherOf(processes, signal);
      await this.#firstLife(() => [...tether, ...etcdCommand(this.#options, first)], signal);
    } catch (reason) {
      const isRemoved = this.#isRemoved;
      await this.stop();
      if (isRemoved) this.state = "removed";
      throw reason;
    }
  }

  async restart(signal: AbortSignal): Promise<void> {
    if (this.state !== "ready") return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#restarted = resolve;
    this.state = "starting again";
    this.#life.abort();
    const stop = AbortSignal.any([signal, this.#stopping.signal]);
    stop.addEventListener("abort", () => resolve(), { once: true });
    if (!stop.aborted) await promise;
  }

  async hasData(): Promise<boolean> {
    try {
      await access(join(this.#options.directory, "member", "wal"));
      return true;
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#running = undefined;
    this.state = "stopped";
  }

  /** All at once, or a kill could leave a half of it, which nothing could begin with. */
  async removeData(): Promise<void> {
    invariant(this.#isRemoved, "data of a member of the store is not thrown away");
    await this.stop();
    await rm(this.#removedDirectory, { recursive: true, force: true });
    await rename(this.#options.directory, this.#removedDirectory);
    await rm(this.#removedDirectory, { recursive: true, force: true });
    await rm(this.#claimFile, { force: true });
  }

  async retire(): Promise<void> {
    await this.stop();
    if (!(await this.hasData())) return;
    const aside = `${this.#options.directory}.revoked`;
    await rm(aside, { recursive: true, force: true });
    await rename(this.#options.directory, aside);
    await rm(this.#claimFile, { force: true });
  }

  get #isRemoved(): boolean {
    return this.state === "removed";
  }

  get #removedDirectory(): string {
    return `${this.#options.directory}.removed`;
  }

  get #claimFile(): string {
    return join(dirname(this.#options.directory), "member.json");
  }

  /** Data of a host with another name would let etcd wait for ever: it looks for itself among the members. */
  async #claim(): Promise<void> {
    const { directory, name } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const known = await readFile(this.#claimFile, "utf8").catch(() => undefined);
    const former = known === undefined ? undefined : nameIn(known);
    if (former !== undefined && former !== name) {
      throw new Failure(`What etcd keeps in ${directory} is of the host ${former}, and this one is called ${name}.`, {
        code: "conflict",
        hint: `Run it with --hostname=${former}, or with a --prefix of its own. If it has a new name for good, remove it from the store (\`etcdctl member remove\`), then its directory.`,
      });
    }
    if (former === undefined)
      await writeFile(this.#claimFile, `${JSON.stringify({ version: 1, name })}\n`, { mode: 0o600 });
  }

  async #firstLife(command: () => readonly string[], signal: AbortSignal): Promise<void> {
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => {});
    const ready = Promise.withResolvers<void>();
    this.#running = this.#lives(command, ready.promise, (failure) => ended.reject(failure));
    const waiting = new AbortController();
    const bounded = AbortSignal.any([signal, waiting.signal]);
    try {
      await Promise.race([this.#untilReady(bounded, readyWithinMs), ended.promise]);
    } finally {
      waiting.abort();
    }
    this.state = "ready";
    ready.resolve();
  }

  /** `onFirstEnd`: it has ended before it was ready, and is not started again. */
  async #lives(
    command: () => readonly string[],
    ready: Promise<void>,
    onFirstEnd: (failure: Failure) => void,
  ): Promise<void> {
    const { clock, onTrouble } = this.#options;
    const { signal } = this.#stopping;
    let isReady = false;
    ready.then(
      () => (isReady = true),
      () => {},
    );
    for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
      const began = clock.monotonicMs();
      this.#life = new AbortController();
      const over = new AbortController();
      if (isReady) this.#waitAgain(AbortSignal.any([signal, over.signal]));
      const failure = await this.#live(command(), AbortSignal.any([signal, this.#life.signal]));
      over.abort();
      if (signal.aborted) return;
      const isWanted = this.#life.signal.aborted;
      if (isRemoval(failure)) this.state = "removed";
      if (!isReady) return onFirstEnd(failure);
      if (isRemoval(failure)) return this.#options.onState();
      if (clock.monotonicMs() - began > wellMs) pause = firstPauseMs;
      if (!isWanted) onTrouble(`${failure.message.replace(/\.$/, "")}; it is started again`);
      this.state = "starting again";
      if (!isWanted) await clock.sleep(pause, signal).catch(() => {});
      if (signal.aborted) return;
    }
  }

  /** As long as this life lasts, as others may have to be there before. */
  #waitAgain(life: AbortSignal): void {
    this.#untilReady(life).then(
      () => {
        if (this.state === "starting again") this.state = "ready";
        this.#restarted?.();
        this.#options.onState();
      },
      () => {}, // It has ended again, or is to.
    );
  }

  /** Runs it until it ends. Why it did. */
  async #live(command: readonly string[], signal: AbortSignal): Promise<Failure> {
    const { processes, directory, onLog } = this.#options;
    const lines: string[] = [];
    let rest = "";
    const onOutput = (_: unknown, bytes: Uint8Array): void => {
      const pieces = (rest + textOf(bytes)).split("\n");
      rest = pieces.pop() ?? "";
      for (const line of pieces) {
        if (lines.push(line) > lastLines) lines.shift();
        const sentence = sentenceOf(line);
        if (sentence !== undefined) onLog(sentence);
      }
    };
    try {
      const argv = command as readonly [string, ...string[]];
      const { status, endedBy } = await processes.run(
        { argv, cwd: dirname(directory), keepBytes: 0, onOutput },
        signal,
      );
      return endFailure([...lines, rest], directory, endedBy ?? `status ${status}`);
    } catch (reason) {
      if (reason instanceof Failure) return reason;
      if (!signal.aborted) throw reason;
      return endFailure(lines, directory, "stopped");
    }
  }

  async #untilReady(signal: AbortSignal, withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    const { clock, probe } = this.#options;
    const beganMs = clock.monotonicMs();
    for (let pause = firstProbePauseMs; ; pause = Math.min(pause * 1.2, longestProbePauseMs)) {
      try {
        return await probe(signal);
      } catch (reason) {
        signal.throwIfAborted();
        if (!(reason instanceof Failure)) throw reason;
        if (clock.monotonicMs() - beganMs > withinMs) throw reason;
      }
      await clock.sleep(pause, signal);
    }
  }
}

function nameIn(text: string): string | undefined {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null && "name" in read && typeof read.name === "string") return read.name;
  } catch {
    // Half a file: as if there were none.
  }
  return undefined;
}
