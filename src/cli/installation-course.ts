// SPDX-License-Identifier: Apache-2.0
// How far an installation is, by a former one of the same kind: when that had come to each package and each word of its
// installer, and when it was done. What was not so then says nothing, so this is never more than about right. Knows no clock.

/** Of an installation that is over; times are from when its installer began. */
export interface Course {
  /** When each package was asked for, in order. */
  readonly packagesMs: readonly number[];
  /** When the installer said each word the first time. */
  readonly wordsMs: Readonly<Record<string, number>>;
  readonly totalMs: number;
}

/** More than this no installation has. */
const mostPackages = 20_000;
const mostWords = 100;

export class InstallationCourse {
  readonly #former: Course | undefined;
  /** When something else happened in the former one, in order. */
  readonly #formerMs: readonly number[];
  readonly #beganMs: number;
  readonly #packagesMs: number[] = [];
  readonly #wordsMs = new Map<string, number>();
  /** The place in the former one that this one has reached, and when. */
  #reachedMs = 0;
  #atMs: number;

  constructor(former: Course | undefined, nowMs: number) {
    this.#former = former;
    this.#formerMs =
      former === undefined
        ? []
        : [...former.packagesMs, ...Object.values(former.wordsMs), former.totalMs].sort((a, b) => a - b);
    this.#beganMs = nowMs;
    this.#atMs = nowMs;
  }

  package(nowMs: number): void {
    const index = this.#packagesMs.length;
    if (index >= mostPackages) return;
    this.#packagesMs.push(Math.round(nowMs - this.#beganMs));
    this.#reach(this.#former?.packagesMs[index], nowMs);
  }

  word(text: string, nowMs: number): void {
    if (this.#wordsMs.has(text) || this.#wordsMs.size >= mostWords) return;
    this.#wordsMs.set(text, Math.round(nowMs - this.#beganMs));
    const former = this.#former?.wordsMs;
    if (former !== undefined && Object.hasOwn(former, text)) this.#reach(former[text], nowMs);
  }

  /**
   * Whole, and less than 100; undefined: nothing like this was installed before. Between two things that happened then, time
   * goes on as it did then, and waits for the second one.
   */
  percent(nowMs: number): number | undefined {
    if (this.#former === undefined || this.#former.totalMs <= 0) return undefined;
    const next = this.#formerMs.find((ms) => ms > this.#reachedMs) ?? this.#reachedMs;
    const placeMs = Math.min(this.#reachedMs + Math.max(0, nowMs - this.#atMs), next);
    return Math.min(99, Math.floor((100 * placeMs) / this.#former.totalMs));
  }

  end(nowMs: number): Course {
    const totalMs = Math.round(nowMs - this.#beganMs);
    return { packagesMs: this.#packagesMs, wordsMs: Object.fromEntries(this.#wordsMs), totalMs };
  }

  #reach(formerMs: number | undefined, nowMs: number): void {
    if (formerMs === undefined || formerMs < this.#reachedMs) return;
    this.#reachedMs = formerMs;
    this.#atMs = nowMs;
  }
}
