// SPDX-License-Identifier: Apache-2.0
// Values of a running program that are wrong for now: a file with data is empty while somebody saves it, or has a mistake
// in it. What the program said before stays in force; the problems are told once they have lasted, and when they are over.

import type { Problem } from "../base/problem.ts";
import type { Clock } from "../contract/host.ts";

/** A file that is being saved is whole again by then. */
const lastsMs = 200;

export class HeldProblems implements Disposable {
  readonly #clock: Clock;
  readonly #onProblems: (problems: readonly Problem[]) => void;
  readonly #onOver: (message: string) => void;
  #present: readonly Problem[] = [];
  #told = "";
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, onProblems: (problems: readonly Problem[]) => void, onOver: (message: string) => void) {
    this.#clock = clock;
    this.#onProblems = onProblems;
    this.#onOver = onOver;
  }

  /** All that there are now; none when they are over. */
  found(problems: readonly Problem[]): void {
    this.#cancelLater();
    this.#present = problems;
    if (problems.length > 0) {
      this.#cancel = this.#clock.after(lastsMs, () => void this.tellAll());
    } else if (this.#told !== "") {
      this.#told = "";
      this.#onOver("the values of the program are right again");
    }
  }

  /** Whether there are any. */
  tellAll(): boolean {
    this.#cancelLater();
    const text = this.#present.map(({ message }) => message.title).join("\n");
    if (text !== this.#told) {
      this.#told = text;
      this.#onProblems(this.#present);
    }
    return this.#present.length > 0;
  }

  /** Nothing is told later on. */
  [Symbol.dispose](): void {
    this.#cancelLater();
  }

  #cancelLater(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
