// SPDX-License-Identifier: Apache-2.0
// What one machine has come to and when, how much of that time its emulated processor worked, and what it fetched meanwhile,
// from the cache and from the mirror; as a table beside that of another machine.

import { readFileSync } from "node:fs";

interface Mark {
  readonly what: string;
  readonly atMs: number;
  /** Of the process of the machine, so far. */
  readonly workedMs: number;
}

/** As `mgmt events --json` has it. */
export interface Asked {
  readonly time: string;
  readonly from: string;
  readonly answer: string;
  readonly bytes?: number;
}

const tickMs = 10;

export class Course {
  readonly name: string;
  readonly ip: string;
  readonly #marks: Mark[] = [];
  /** The process that is the machine. */
  pid = 0;

  constructor(name: string, ip: string) {
    this.name = name;
    this.ip = ip;
  }

  /** `what` is over. */
  mark(what: string): void {
    const mark = { what, atMs: Date.now(), workedMs: workedMs(this.pid) };
    const first = this.#marks[0] ?? mark;
    this.#marks.push(mark);
    console.log(`${clock(mark.atMs - first.atMs).padStart(7)}  ${this.name}: ${what}`);
  }

  rows(asked: readonly Asked[]): ReadonlyMap<string, readonly string[]> {
    const own = asked.filter(({ from, bytes }) => from === this.ip && bytes !== undefined);
    const rows = this.#marks.slice(1).map(({ what, atMs, workedMs: worked }, index): [string, readonly string[]] => {
      const before = this.#marks[index] ?? { atMs, workedMs: worked };
      const tookMs = atMs - before.atMs;
      const isIn = ({ time }: Asked): boolean => Date.parse(time) > before.atMs && Date.parse(time) <= atMs;
      const bytes = (from: RegExp): number =>
        own.filter((each) => isIn(each) && from.test(each.answer)).reduce((sum, each) => sum + (each.bytes ?? 0), 0);
      // A machine that was switched on anew is another process.
      const share = worked < before.workedMs ? worked / tookMs : (worked - before.workedMs) / tookMs;
      return [
        what,
        [
          clock(tookMs),
          `${Math.round(share * 100)} %`,
          megabytes(bytes(/\((?:miss|pass)\)/)),
          megabytes(bytes(/\((?:hit|checked|stale)\)/)),
          megabytes(bytes(/^\d+$/)),
        ],
      ];
    });
    return new Map(rows);
  }
}

/** Side by side. */
export function table(courses: readonly Course[], asked: readonly Asked[]): string {
  const all = courses.map((course) => course.rows(asked));
  const columns = ["took", "worked", "mirror", "cache", "served"];
  const header = ["", ...courses.flatMap(({ name }) => columns.map((column) => `${name} ${column}`))];
  const names = [...new Set(all.flatMap((rows) => [...rows.keys()]))];
  const lines = [
    header,
    header.map(() => "---"),
    ...names.map((name) => [name, ...all.flatMap((rows) => rows.get(name) ?? columns.map(() => ""))]),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** 0 when there is no such process. */
function workedMs(pid: number): number {
  try {
    const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const fields = rest.split(" ");
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return 0;
  }
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function megabytes(bytes: number): string {
  return bytes === 0 ? "" : `${(bytes / 1e6).toFixed(1)} MB`;
}
