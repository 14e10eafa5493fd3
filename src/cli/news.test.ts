// SPDX-License-Identifier: Apache-2.0
// What `mgmt events` shows, and its colours.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Written } from "../journal/entry.ts";
import { News } from "./news.ts";
import { paintLines } from "./paint.ts";

function check(types: readonly string[], shown: readonly number[]): void {
  const news = new News();
  // Of an entry nothing else counts.
  const entries = types.map((type) => ({ type, resource: "file[/f]" }) as unknown as Written);
  assert.deepEqual(
    entries.flatMap((entry, at) => (news.isNew(entry) ? [at] : [])),
    shown,
  );
}

test("that a resource is as declared is left out behind its steps, and told when it was found so or has recovered", () => {
  check(["settled"], [0]);
  check(["applied", "applied", "settled"], [0, 1]);
  check(["applied", "failed", "settled"], [0, 1, 2]);
  check(["applied", "settled", "blocked", "settled"], [0, 2, 3]);
});

test("marks, errors, hints and times have colours, and nothing else changes", () => {
  const text = "12:00:00 ~ file[/f] write - 3 bytes\n2026-11-27 12:00:00 error: file[/f]: no\n  + make\n  hint: x\n";
  const escape = "\u001b[";
  const [before, ...after] = paintLines(text, true).split(escape);
  assert.equal([before, ...after.map((part) => part.slice(part.indexOf("m") + 1))].join(""), text);
  const painted = after.filter((part) => !part.startsWith("0m")).map((part) => part.slice(part.indexOf("m") + 1));
  assert.deepEqual(painted, ["12:00:00 ", "~", "2026-11-27 12:00:00 ", "error", "+", "  hint:"]);
  assert.equal(paintLines(text, false), text);
});
