// SPDX-License-Identifier: Apache-2.0
// What `nspawn` must do, as cases that run on the machine in memory and in a lab host that can have containers.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { converge, drive } from "../../../test/resource.ts";
import type { Host } from "../../contract/host.ts";
import { nspawn } from "./nspawn.ts";

/** There is an image `box`, and none of `absent`. */
export interface NspawnBench {
  readonly host: Host;
  readonly others: (verb: "start" | "stop") => Promise<void>;
}

export function nspawnCases(name: string, makeBench: () => Promise<NspawnBench>): void {
  const check = (title: string, task: (bench: NspawnBench) => Promise<void>) => {
    it(title, { timeout: 60_000 }, async () => {
      const bench = await makeBench();
      try {
        await task(bench);
      } finally {
        await converge(nspawn, "box", { state: "stopped" }, bench.host);
      }
    });
  };

  describe(`nspawn on ${name}`, () => {
    check("a container is started and stopped, and then there is nothing to do", async ({ host }) => {
      assert.deepEqual(await converge(nspawn, "box", {}, host), ["+ start the container box"]);
      assert.deepEqual(await converge(nspawn, "box", {}, host), []);
      assert.deepEqual(await converge(nspawn, "box", { state: "stopped" }, host), ["- stop the container box"]);
      assert.deepEqual(await converge(nspawn, "absent", { state: "stopped" }, host), []);
    });

    check("one that others stop or start is seen and put right", async ({ host, others }) => {
      for (const state of ["running", "stopped"] as const) {
        const stop = new AbortController();
        const resource = drive(nspawn, "box", { state }, host, { signal: stop.signal });
        await resource.settle();
        const watch = resource.watch();
        await watch.next();
        await others(state === "running" ? "stop" : "start");
        let done: readonly string[] = [];
        while (done.length === 0) {
          assert.equal((await watch.next()).done, false);
          done = await resource.settle();
        }
        assert.deepEqual(done, [`${state === "running" ? "+ start" : "- stop"} the container box`]);
        assert.deepEqual(await resource.plan(), []);
        stop.abort();
        while ((await watch.next()).done !== true);
      }
    });

    check("a refresh restarts it, and a start swallows it", async ({ host }) => {
      const resource = drive(nspawn, "box", {}, host);
      assert.deepEqual(await resource.settle({ refresh: true }), ["+ start the container box"]);
      assert.deepEqual(await resource.settle({ refresh: true }), ["! restart the container box"]);
      assert.deepEqual(await resource.plan(), []);
    });

    check("a container without an image says so", async ({ host }) => {
      await assert.rejects(drive(nspawn, "absent", {}, host).settle(), {
        code: "not-found",
        message: "there is no image of a container absent",
      });
    });
  });
}
