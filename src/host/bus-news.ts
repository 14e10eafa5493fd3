// SPDX-License-Identifier: Apache-2.0
// One listener of a bus: which signals are for it, and those that it has not read yet. Knows no connection.

import type { BusMatch, BusNews, BusSignal } from "../contract/bus.ts";

/** A signal as it came, before it is known who wants it. */
export interface HeardSignal {
  /** Whoever sent it, by all the names that he has. */
  readonly isFrom: (name: string) => boolean;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature: string;
  readonly arguments: BusSignal["arguments"];
}

/** Signals that nobody has read beyond this many are dropped, which is told. */
const longestQueue = 10_000;

export function matches(match: BusMatch, signal: HeardSignal): boolean {
  const { sender, path, pathNamespace: above } = match;
  return (
    (sender === undefined || signal.isFrom(sender)) &&
    (path === undefined || signal.path === path) &&
    (above === undefined || above === "/" || signal.path === above || signal.path.startsWith(`${above}/`)) &&
    (match.interface === undefined || signal.interface === match.interface) &&
    (match.member === undefined || signal.member === match.member) &&
    (match.firstArgument === undefined ||
      (signal.signature.startsWith("s") && signal.arguments[0] === match.firstArgument)) &&
    (match.carries === undefined || signal.signature === match.carries)
  );
}

/** The reading end is `for await`. */
export class Listener implements AsyncIterableIterator<BusNews, undefined> {
  readonly match: BusMatch;
  #news: BusNews[] = [];
  #isEnded = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;
  readonly #signal: AbortSignal;
  readonly #onEnd: () => void;

  /** `onEnd` runs once. */
  constructor(match: BusMatch, signal: AbortSignal, onEnd: (listener: Listener) => void) {
    this.match = match;
    this.#signal = signal;
    this.#onEnd = () => onEnd(this);
    signal.addEventListener("abort", this.end, { once: true });
    if (signal.aborted) this.#isEnded = true;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** What was not read is old news then. */
  arm(): void {
    this.#news = [{ type: "armed" }];
    this.#wake?.();
  }

  hear(signal: HeardSignal): void {
    if (!matches(this.match, signal)) return;
    if (this.#news.length >= longestQueue) {
      this.arm();
      return;
    }
    const { path, interface: of, member } = signal;
    this.#news.push({ type: "signal", path, interface: of, member, arguments: signal.arguments });
    this.#wake?.();
  }

  fail(reason: unknown): void {
    if (this.#isEnded) return;
    this.#failure = { reason };
    this.end();
  }

  end = (): void => {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#signal.removeEventListener("abort", this.end);
    this.#onEnd();
    this.#wake?.();
  };

  async next(): Promise<IteratorResult<BusNews, undefined>> {
    for (;;) {
      if (this.#isEnded) {
        const failure = this.#failure;
        this.#failure = undefined;
        if (failure !== undefined) throw failure.reason;
        return { done: true, value: undefined };
      }
      const value = this.#news.shift();
      if (value !== undefined) return { done: false, value };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  return(): Promise<IteratorResult<BusNews, undefined>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
