// SPDX-License-Identifier: Apache-2.0
// What `npm test` shows of a run of tests: failures in full, what the tests print, why one was not tried, what one has
// measured; passed tests are only counted. Knows nothing of where the tests run.

import { join, relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

const root = join(import.meta.dirname, "..");

/**
 * `notTried` are files for which this machine has not what they need, `secondTry` those that passed only when they ran
 * again alone.
 */
export type Counts = Record<"tests" | "pass" | "fail" | "cancelled" | "skipped" | "notTried" | "secondTry", number>;

export const noCounts: Counts = { tests: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, notTried: 0, secondTry: 0 };

const wordOf: Partial<Record<string, string>> = {
  notTried: "files not tried",
  secondTry: "files passed at the second try",
};

export function sum(a: Counts, b: Counts): Counts {
  const keys = Object.keys(a) as (keyof Counts)[];
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as Counts;
}

/** Runs each file, `width` at a time. */
export async function eachOf(
  files: readonly string[],
  width: number,
  runFile: (file: string) => Promise<Counts>,
): Promise<ReadonlyMap<string, Counts>> {
  const counts = new Map<string, Counts>();
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) counts.set(file, await runFile(file));
  };
  await Promise.all(Array.from({ length: width }, worker));
  return counts;
}

/** Follows a run to its end. Failures are those seen, as one outside of a test is in no count. */
export async function follow(events: AsyncIterable<unknown>, print: (text: string) => void): Promise<Counts> {
  const counts = { ...noCounts };
  for await (const given of events) {
    const event = given as TestEvent;
    switch (event.type) {
      case "test:fail":
        if (hasFailedItself(event)) {
          counts.fail += 1;
          print(renderFailure(event));
        }
        break;
      case "test:stdout":
      case "test:stderr":
        print(event.data.message);
        break;
      case "test:diagnostic": {
        const [, name, count] = /^(tests|pass|cancelled|skipped) (\d+)$/.exec(event.data.message) ?? [];
        if (name !== undefined) counts[name as keyof Counts] = Number(count);
        else if (/^(?:not tried|measured: )/.test(event.data.message)) print(`  ${event.data.message}\n`);
        break;
      }
      default:
    }
  }
  return counts;
}

export function renderCounts(counts: Counts, durationMs: number): string {
  const lines = Object.entries(counts).filter(([name, count]) => !(name in wordOf) || count > 0);
  const shown = lines.map(([name, count]) => `  ${wordOf[name] ?? name} ${count}`);
  return [...shown, `  duration_ms ${durationMs.toFixed(0)}`].join("\n");
}

type Fail = Extract<TestEvent, { readonly type: "test:fail" }>;

/** A suite fails because a test in it did, which was said. */
function hasFailedItself({ data }: Fail): boolean {
  const { failureType } = data.details.error as Error & { readonly failureType?: string };
  return failureType !== "subtestsFailed";
}

function renderFailure({ data }: Fail): string {
  const { name, file, line, details } = data;
  const place = file === undefined ? "" : `${relative(root, file)}:${line ?? 1}`;
  const reason = inspect(details.error.cause ?? details.error).replaceAll(/^/gm, "    ");
  return `\n  ✖ ${name}  ${place}\n${reason}\n\n`;
}
