// SPDX-License-Identifier: Apache-2.0
// A program in files, and its edits.

import { Failure } from "../contract/failure.ts";
import { type Compiled, compileProgram } from "./compile-program.ts";
import { packingOf } from "./packing.ts";
import type { Offer, ProgramSource } from "./program-source.ts";
import type { RunOptions } from "./run.ts";

/** An edited program counts when its files have not changed for this long. */
const savedForMs = 50;

export function fileSource(options: RunOptions): ProgramSource {
  return new FileSource(options);
}

class FileSource implements ProgramSource {
  readonly endsWithItsProgram = true;
  readonly #options: RunOptions;
  /** The last that was read, right or wrong: it says which files to look at. */
  #known: Compiled | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  async first(signal: AbortSignal): Promise<Offer | undefined> {
    const compiled = await this.#read(signal);
    if (compiled.problems.length > 0) this.#options.onProblems(compiled.problems);
    this.#known = compiled;
    return this.#offer(compiled);
  }

  /** Never, when edits are not taken up. */
  async next(signal: AbortSignal): Promise<Offer | undefined> {
    for (;;) {
      const known = this.#known;
      if (known?.canBeReadAgain !== true || !this.#options.watchProgram) return until(signal);
      const edited = await this.#nextVersion(known, signal);
      if (edited === undefined) return undefined;
      this.#known = edited; // It may consist of other files.
      if (edited.program !== undefined) return this.#offer(edited);
      this.#options.onProblems(edited.problems);
    }
  }

  #offer({ program, loaded, looked, given }: Compiled): Offer | undefined {
    if (program === undefined) return undefined;
    const files = given === undefined ? looked : new Map([...looked, [given.path, given.text]]);
    const { host, reading } = this.#options;
    const packing = packingOf(loaded, { ...reading, host });
    return { program, files, ...(packing === undefined ? {} : { packing }) };
  }

  #read(signal: AbortSignal, { afterEdit } = { afterEdit: false }): Promise<Compiled> {
    const { path, catalog, reading, host, program } = this.#options;
    if (program !== undefined) {
      return Promise.resolve({ program, problems: [], looked: new Map(), canBeReadAgain: false });
    }
    // The newest of each module is asked for once, not at every edit.
    const again = afterEdit && reading.modules !== undefined ? { modules: { ...reading.modules, update: false } } : {};
    return compileProgram(path, catalog, { ...reading, ...again, host, signal });
  }

  /** Resolves when any file is another than it was, also one that was looked for and not there. */
  async #nextVersion(known: Compiled, signal: AbortSignal): Promise<Compiled | undefined> {
    const { looked } = known;
    const { files, clock } = this.#options.host;
    const targets = [...looked.keys()].map((path) => ({ path }));
    for await (const _ of files.watch(targets, signal)) {
      let last: Compiled | undefined;
      // Many editors empty a file before they fill it: what is there counts once it has stayed the same for a while.
      for (;;) {
        const read = await this.#readIfThere(signal);
        if (read === undefined || sameTexts(read.looked, looked)) break;
        if (last !== undefined && sameTexts(read.looked, last.looked)) return read;
        last = read;
        await clock.sleep(savedForMs, signal);
      }
    }
    return undefined;
  }

  /** Undefined between the halves of a save. */
  async #readIfThere(signal: AbortSignal): Promise<Compiled | undefined> {
    try {
      return await this.#read(signal, { afterEdit: true });
    } catch (reason) {
      if (reason instanceof Failure) return undefined;
      throw reason;
    }
  }
}

function sameTexts(some: ReadonlyMap<string, string | undefined>, others: typeof some): boolean {
  return some.size === others.size && [...some].every(([path, text]) => others.has(path) && others.get(path) === text);
}

/** Resolves with nothing when the signal aborts. */
function until(signal: AbortSignal): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (signal.aborted) resolve(undefined);
  else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  return promise;
}
