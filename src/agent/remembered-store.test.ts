// SPDX-License-Identifier: Apache-2.0
// The file of what was known: kept a moment later, read by the next run, and worth no run when it is broken.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { drivenClock } from "../host/memory/clock.ts";
import { RememberedStore } from "./remembered-store.ts";

const entry = { key: "/k", value: "a\udcff", changed: 7, created: 3 };

async function check(run: (path: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-remembered-"));
  try {
    await run(join(directory, "remembered.db"));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("the next run reads what was kept last, with its time", () =>
  check(async (path) => {
    const clock = drivenClock();
    const options = { path, clock, readOnly: false, onTrouble: assert.fail };
    const store = new RememberedStore(options);
    assert.equal(store.load("/*"), undefined);
    assert.equal(existsSync(path), false, "looking makes no file");
    store.save("/*", () => [entry]);
    await clock.advance(1000);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    store.save("/*", () => [entry, { ...entry, key: "/l", session: "ab" }]);
    store.close();
    const again = new RememberedStore({ ...options, readOnly: true });
    assert.deepEqual(again.load("/*"), {
      timeMs: clock.now(),
      entries: [entry, { ...entry, key: "/l", session: "ab" }],
    });
    again.save("/*", () => []);
    again.close();
    assert.equal(new RememberedStore(options).load("/*")?.entries.length, 2, "who only looks keeps nothing");
  }));

test("while changes keep coming it is written ever more rarely, and soon again when it was quiet", () =>
  check(async (path) => {
    const clock = drivenClock();
    const store = new RememberedStore({ path, clock, readOnly: false, onTrouble: assert.fail });
    let writes = 0;
    const save = (): void => store.save("/*", () => [{ ...entry, changed: (writes += 1) }]);
    for (let change = 0; change < 600; change += 1) {
      save();
      await clock.advance(100);
    }
    assert.ok(writes >= 8 && writes <= 12, `${writes} in a minute`);
    await clock.advance(20_000);
    assert.equal(store.load("/*")?.entries[0]?.changed, writes, "the last one is not lost");
    const before = writes;
    save();
    await clock.advance(600);
    assert.equal(writes, before + 1);
    store.close();
  }));

test("a file that is none of ours is moved aside, and one that cannot be written is told once", () =>
  check(async (path) => {
    const clock = drivenClock();
    const troubles: string[] = [];
    const onTrouble = (text: string): number => troubles.push(text);
    writeFileSync(path, "not a database, but long enough to be looked at as one".repeat(100));
    const store = new RememberedStore({ path, clock, readOnly: false, onTrouble });
    assert.equal(store.load("/*"), undefined);
    store.save("/*", () => [entry]);
    store.close();
    assert.match(troubles[0] ?? "", /it was moved to .*\.aside$/);
    assert.ok(readdirSync(join(path, "..")).includes("remembered.db.aside"));
    const nowhere = new RememberedStore({ path: "/proc/none/x.db", clock, readOnly: false, onTrouble });
    nowhere.save("/*", () => [entry]);
    await clock.advance(1000);
    nowhere.save("/*", () => [entry]);
    await clock.advance(1000);
    assert.equal(troubles.length, 2);
  }));
