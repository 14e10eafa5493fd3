// SPDX-License-Identifier: Apache-2.0
// Work on one thing by one task at a time, in the order in which they came.

export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Runs the task when those before it are over. One whose signal aborts while it waits is not run. */
  async take<Result>(task: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    try {
      await before;
      signal.throwIfAborted();
      return await task();
    } finally {
      resolve();
    }
  }
}
