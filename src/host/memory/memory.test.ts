// SPDX-License-Identifier: Apache-2.0
// What only a machine in memory can do: time that is driven, and refusals on request.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { fails, never } from "../bench.test-support.ts";
import { drivenClock, memoryHost } from "./index.ts";

describe("driven time", () => {
  it("fires what is due in order, each at its own instant", async () => {
    const clock = drivenClock({ startMs: 1_000_000 });
    const fired: string[] = [];
    const note = (what: string) => fired.push(`${what} at ${clock.now() - 1_000_000}`);
    clock.after(30, () => note("third"));
    clock.after(10, () => {
      note("first");
      clock.after(10, () => note("second"));
    });
    clock.after(30, () => note("fourth"));
    clock.after(31, () => note("never"));
    await clock.advance(30);
    assert.deepEqual(fired, ["first at 10", "second at 20", "third at 30", "fourth at 30"]);
    assert.equal(clock.nextTimerInMs, 1);
  });

  it("lets whatever waits for an instant run before the next", async () => {
    const clock = drivenClock();
    const seen: number[] = [];
    const worker = async () => {
      for (let round = 0; round < 3; round += 1) {
        await clock.sleep(10, never());
        for (let promise = 0; promise < 50; promise += 1) await Promise.resolve();
        seen.push(clock.monotonicMs());
      }
    };
    const working = worker();
    await clock.advance(1000);
    await working;
    assert.deepEqual(seen, [10, 20, 30]);
  });

  it("may be set to another time without making anybody wait", async () => {
    const clock = drivenClock();
    let fired = false;
    clock.after(1000, () => {
      fired = true;
    });
    clock.setTime(Date.UTC(2030, 0, 1));
    await clock.settle();
    assert.equal(clock.now(), Date.UTC(2030, 0, 1));
    assert.equal(fired, false);
    await clock.advance(1000);
    assert.equal(fired, true);
  });
});

describe("a machine in memory", () => {
  it("refuses what it is told to refuse", async () => {
    const { files, outside } = memoryHost();
    outside.refuse("/etc/motd", "device-error");
    await fails("unexpected", files.write("/etc/motd", bytesOf("x"), {}, never()), "input/output error");
    outside.refuse("/etc/motd", undefined);
    await files.write("/etc/motd", bytesOf("x"), {}, never());
    assert.equal(outside.read("/etc/motd"), "x");
  });

  it("stalls where it is told to, until it is let go or nobody waits any more", async () => {
    const { files, outside, clock } = memoryHost();
    const letGo = outside.stall("/etc/motd");
    let done = false;
    const writing = files.write("/etc/motd", bytesOf("x"), {}, never()).then(() => {
      done = true;
    });
    const stopping = new AbortController();
    const stopped = assert.rejects(files.inspect("/etc/motd", stopping.signal), /^Error: enough$/);
    await clock.advance(1000);
    assert.equal(done, false);
    stopping.abort(new Error("enough"));
    await stopped;
    letGo();
    await writing;
    assert.equal(outside.read("/etc/motd"), "x");
  });

  it("has as many watches as it is told to have", async () => {
    const { files, outside } = memoryHost();
    outside.limitWatches(1);
    await fails("full", files.watch([{ path: "/etc/motd" }], never()).next(), "/etc");
    outside.limitWatches(2);
    assert.equal((await files.watch([{ path: "/etc/motd" }], never()).next()).done, false);
  });

  it("shares one watch of each directory, and keeps none that nobody needs", async () => {
    const { files, outside } = memoryHost();
    const stopping = new AbortController();
    outside.makeDirectory("/srv/tree/a/b");
    outside.link("/srv/link", "tree/a");
    const paths = ["/srv/tree/one", "/srv/tree/two", "/srv/tree/missing/deep/file", "/srv/link/b/file"];
    for (const path of paths) await files.watch([{ path }], stopping.signal).next();
    assert.equal(outside.watched, 5, "/, /srv, /srv/tree, and behind the link /srv/tree/a and /srv/tree/a/b");
    await files.watch([{ path: "/srv", recursive: true }], stopping.signal).next();
    assert.equal(outside.watched, 5);
    outside.remove("/srv/link");
    outside.link("/srv/link", "nowhere");
    outside.makeDirectory("/srv/tree/missing/deep");
    outside.remove("/srv/tree/a");
    assert.equal(outside.watched, 5, "/, /srv, /srv/tree, and the two that are new");
    stopping.abort();
    assert.equal(outside.watched, 0);
  });

  it("runs the programs that a test gives it", async () => {
    const { processes, outside, clock } = memoryHost();
    outside.install("greet", async ({ argv, env, print, clock: time, signal }) => {
      await time.sleep(500, signal);
      print(`hello ${argv[1]} from ${env.get("HOME")}`);
      return 4;
    });
    const env = new Map([["HOME", "/root"]]);
    const running = processes.run({ argv: ["/usr/bin/greet", "you"], env }, never());
    await clock.advance(500);
    const outcome = await running;
    assert.equal(outcome.status, 4);
    assert.equal(textOf(outcome.output), "hello you from /root");
  });

  it("lets only root run commands as somebody else", async () => {
    const argv = ["true"] as const;
    await fails("denied", memoryHost({ uid: 1000 }).processes.run({ argv, uid: 0 }, never()), "only root");
    assert.equal((await memoryHost().processes.run({ argv, uid: 1000 }, never())).status, 0);
  });

  it("knows the users that are in its tables", async () => {
    const { identity, outside } = memoryHost();
    outside.addUser("web", 33);
    outside.addGroup("staff", 50);
    assert.equal(await identity.userId("web", never()), 33);
    assert.equal(await identity.userName(33, never()), "web");
    assert.equal(await identity.groupId("staff", never()), 50);
  });

  it("gives the same random bytes for the same seed", () => {
    const bytes = (seed: number) => memoryHost({ seed }).random.bytes(16);
    assert.deepEqual(bytes(3), bytes(3));
    assert.notDeepEqual(bytes(3), bytes(4));
  });
});
