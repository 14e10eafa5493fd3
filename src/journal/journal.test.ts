// SPDX-License-Identifier: Apache-2.0
// The journal on a real disk: what is written is there, whatever happens to its writer or to its file.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Clock } from "../contract/host.ts";
import { openForReading } from "../database/database.ts";
import { journalForm } from "./form.ts";
import type { Written } from "./entry.ts";
import { Journal } from "./journal.ts";
import { entriesOf } from "./queries.ts";

/** Its time and its timers are moved by the test. */
class DrivenClock implements Clock {
  nowMs = 1_700_000_000_000;
  readonly #tasks: { readonly atMs: number; readonly task: () => void }[] = [];

  now(): number {
    return this.nowMs;
  }
  monotonicMs(): number {
    return this.nowMs;
  }
  sleep(): Promise<void> {
    throw new Error("nobody sleeps here");
  }
  after(ms: number, task: () => void): () => void {
    const planned = { atMs: this.nowMs + ms, task };
    this.#tasks.push(planned);
    return () => {
      const at = this.#tasks.indexOf(planned);
      if (at !== -1) this.#tasks.splice(at, 1);
    };
  }
  offsetMinutes(): number {
    return 0;
  }
  zoneName(): undefined {
    return undefined;
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.#tasks.toSorted((left, right) => left.atMs - right.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#tasks.splice(this.#tasks.indexOf(next), 1);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.task();
    }
    this.nowMs = untilMs;
  }
}

interface Place {
  readonly path: string;
  readonly clock: DrivenClock;
  readonly troubles: string[];
  readonly written: Written[];
  readonly open: (limits?: { readonly keepDays?: number; readonly keepBytes?: number }) => Journal;
}

async function check(body: (place: Place) => void | Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-journal-"));
  const path = join(directory, "journal.db");
  const clock = new DrivenClock();
  const troubles: string[] = [];
  const written: Written[] = [];
  const open: Place["open"] = ({ keepDays = 30, keepBytes = 64 * 1024 * 1024 } = {}) =>
    new Journal({
      path,
      clock,
      keepDays,
      keepBytes,
      onTrouble: (message) => troubles.push(message),
      onWritten: (entries) => written.push(...entries),
    });
  try {
    await body({ path, clock, troubles, written, open });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const settled = (name: string) => ({ type: "settled" as const, resource: `test[${name}]` });

function namesIn(path: string): readonly string[] {
  const database = openForReading(journalForm, path);
  assert.ok(database !== undefined);
  const names = entriesOf(database, { limit: 1_000_000 }).map((entry) => ("resource" in entry ? entry.resource : ""));
  database.close();
  return names;
}

test("entries are written together, a moment later, and can be read at once by the writer", () =>
  check(({ clock, path, open, written, troubles }) => {
    const journal = open();
    journal.add(settled("a"));
    journal.add(settled("b"));
    assert.deepEqual(written, [], "adding writes nothing");
    clock.advance(50);
    assert.equal(written.length, 2);
    journal.add(settled("c"));
    const [found] = journal.entries({ resource: "test[c]", limit: 1 });
    assert.deepEqual(found, { id: 3, timeMs: clock.nowMs, ...settled("c") });
    journal.close();
    assert.deepEqual(namesIn(path), ["test[a]", "test[b]", "test[c]"]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(path, "..")), ["journal.db"], "reading leaves nothing beside it");
    assert.deepEqual(troubles, []);
  }));

test("what is too old goes, and what is known of resources that are gone", () =>
  check(({ clock, open, path }) => {
    const journal = open({ keepDays: 2 });
    for (let day = 0; day < 5; day += 1) {
      journal.add(settled(`day ${day}`));
      journal.setState({ resource: `test[${day}]`, state: day === 1 ? "settled" : "removed", timeMs: clock.nowMs });
      journal.flush();
      clock.advance(24 * 60 * 60 * 1000);
    }
    journal.close();
    const again = open({ keepDays: 2 });
    again.add(settled("now"));
    clock.advance(1000);
    assert.deepEqual(
      again.lastStates().map(({ resource }) => resource),
      ["test[1]", "test[4]"],
    );
    again.close();
    assert.deepEqual(namesIn(path), ["test[day 4]", "test[now]"]);
  }));

test("what makes it too large goes, the oldest first, and the file becomes small", () =>
  check(({ clock, open, path }) => {
    const keepBytes = 256 * 1024;
    const journal = open({ keepBytes });
    const long = "x".repeat(500);
    for (let count = 0; count < 20; count += 1) {
      for (let each = 0; each < 500; each += 1) journal.add(settled(`${count * 500 + each} ${long}`));
      clock.advance(2000);
    }
    clock.advance(60_000);
    journal.close();
    const names = namesIn(path);
    assert.ok(
      names.length > 50 && names.length < 2600,
      `${names.length} are left, with those since it was last looked at`,
    );
    assert.ok(names.at(-1)?.startsWith("test[9999 "), "the newest is there");
    assert.ok(statSync(path).size < 4 * 1024 * 1024, `${statSync(path).size} bytes`);
  }));

test("a file that is no journal, is damaged, or is of another version is moved aside and told of", () =>
  check(({ path, open, troubles }) => {
    const foreign = new DatabaseSync(path);
    foreign.exec("CREATE TABLE theirs (value TEXT)");
    foreign.close();
    open().close();
    writeFileSync(path, "this is no database at all, but it is long enough to be taken for one ".repeat(100));
    open().close();
    const later = new DatabaseSync(path);
    later.exec("PRAGMA user_version = 99");
    later.close();
    const journal = open();
    journal.add(settled("a"));
    journal.close();
    assert.deepEqual(namesIn(path), ["test[a]"]);
    assert.equal(troubles.length, 3);
    for (const [at, why] of ["not a journal", "damaged", "another version"].entries()) {
      assert.match(troubles[at] ?? "", new RegExp(why));
    }
    assert.ok(["", "-2", "-3"].every((end) => existsSync(`${path}.aside${end}`)));
    assert.match(readFileSync(`${path}.aside-2`, "utf8"), /no database at all/);
  }));

test("while another process holds the file, entries wait and nobody else does", () =>
  check(({ clock, path, open, troubles }) => {
    const journal = open();
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    journal.add(settled("a"));
    clock.advance(1000);
    other.exec("COMMIT");
    other.close();
    clock.advance(50);
    journal.close();
    assert.deepEqual(namesIn(path), ["test[a]"]);
    assert.deepEqual(troubles, []);
  }));

test("two writers at once lose nothing and leave a sound file", () =>
  check(({ clock, path, open, troubles }) => {
    const [left, right] = [open(), open()];
    for (let count = 0; count < 200; count += 1) {
      left.add(settled(`left ${count}`));
      right.add(settled(`right ${count}`));
      clock.advance(50);
    }
    left.close();
    right.close();
    assert.equal(new Set(namesIn(path)).size, 400);
    assert.deepEqual(troubles, []);
  }));

test(
  "a writer that is killed at any instant leaves a journal that can be read and gone on with",
  { timeout: 120_000 },
  () =>
    check(async ({ path, open, troubles }) => {
      const script = fileURLToPath(import.meta.resolve("./writer.test-support.ts"));
      let known = 0;
      for (let round = 0; round < 40; round += 1) {
        const writer = spawn(process.execPath, [script, path, `round ${round}`], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        const said = (await once(writer.stdout, "data")) as readonly unknown[];
        assert.equal(String(said[0]), "ready\n", "the file of the former one was as good as new");
        const until = performance.now() + (round % 10);
        while (performance.now() < until); // The instant varies; a timer would not be finer than a millisecond.
        writer.kill("SIGKILL");
        await once(writer, "exit");
        const database = openForReading(journalForm, path);
        assert.ok(database !== undefined);
        assert.deepEqual(Object.values(database.prepare("PRAGMA integrity_check").get() ?? {}), ["ok"]);
        const entries = entriesOf(database, { limit: 1_000_000 });
        database.close();
        assert.ok(entries.length >= known && entries.length % 100 === 0, "each piece is there or it is not");
        known = entries.length;
      }
      assert.ok(known > 0, "some had written");
      const journal = open();
      journal.add(settled("after"));
      journal.close();
      assert.equal(namesIn(path).at(-1), "test[after]");
      assert.deepEqual(troubles, []);
    }),
);
