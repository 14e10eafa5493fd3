// SPDX-License-Identifier: Apache-2.0
// What every keeper of services must do, as cases that run on each.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ServiceManager } from "../contract/services.ts";
import { fails, never } from "./bench.test-support.ts";

/** What a service of a case is like: it runs on, unless something else is said. */
export interface ServiceShape {
  readonly ends?: "with an error" | "well";
  /** It has a command for reading its configuration again. */
  readonly reloads?: boolean;
  /** Nothing says when it is to start. */
  readonly isFixed?: boolean;
}

export interface ServicesBench {
  readonly manager: ServiceManager;
  /** An administrator writes its definition. */
  readonly define: (name: string, shape: ServiceShape) => Promise<void>;
  /** An administrator, or with `lib/` a package, puts a link in the place of a definition; undefined: a mask. */
  readonly link?: (name: string, to: string | undefined) => Promise<void>;
  /** All its processes are killed. */
  readonly kill: (name: string) => Promise<void>;
  /** Somebody else works on it with the tools of the machine. */
  readonly others: (verb: "start" | "stop" | "enable" | "disable", name: string) => Promise<void>;
  /** What has been done to it since it is there; undefined where nobody can tell. */
  readonly reloads: (name: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

export function servicesContract(
  name: string,
  can: {
    readonly masks: boolean;
    readonly hasFixed: boolean;
    readonly noticesNewDefinitions: boolean;
    /** What ends by itself it starts again by itself. */
    readonly revives?: boolean;
  },
  makeBench: () => Promise<ServicesBench>,
): void {
  const check = (title: string, task: (bench: ServicesBench) => Promise<void>) => {
    it(title, { timeout: 60_000 }, async () => {
      const bench = await makeBench();
      try {
        await task(bench);
      } finally {
        await bench.close();
      }
    });
  };
  const activity = async ({ manager }: ServicesBench, unit: string) => (await manager.inspect(unit, never()))?.activity;
  const enablement = async ({ manager }: ServicesBench, unit: string) =>
    (await manager.inspect(unit, never()))?.enablement;

  describe(`services of ${name}`, () => {
    check("a service that is not there is not there", async ({ manager }) => {
      assert.equal(await manager.inspect("no-such.service", never()), undefined);
      await fails("not-found", manager.start("no-such.service", never()), "has no unit no-such.service");
      await fails("not-found", manager.enable("no-such.service", never()), "has no unit no-such.service");
    });

    check("a service is started and stopped, and doing it twice does no harm", async (bench) => {
      await bench.define("one", {});
      assert.equal(await activity(bench, "one.service"), "inactive");
      for (let count = 0; count < 2; count += 1) await bench.manager.start("one.service", never());
      assert.equal(await activity(bench, "one.service"), "active");
      await bench.manager.restart("one.service", never());
      assert.equal(await activity(bench, "one.service"), "active");
      for (let count = 0; count < 2; count += 1) await bench.manager.stop("one.service", never());
      assert.equal(await activity(bench, "one.service"), "inactive");
      await bench.manager.restart("one.service", never());
      assert.equal(await activity(bench, "one.service"), "active");
    });

    check("a service is enabled and disabled without being started or stopped", async (bench) => {
      await bench.define("two", {});
      assert.equal(await enablement(bench, "two.service"), "disabled");
      for (let count = 0; count < 2; count += 1) await bench.manager.enable("two.service", never());
      assert.equal(await enablement(bench, "two.service"), "enabled");
      assert.equal(await activity(bench, "two.service"), "inactive");
      await bench.manager.start("two.service", never());
      for (let count = 0; count < 2; count += 1) await bench.manager.disable("two.service", never());
      assert.equal(await enablement(bench, "two.service"), "disabled");
      assert.equal(await activity(bench, "two.service"), "active");
    });

    check("a service that ends at once is a failure that says so", async (bench) => {
      await bench.define("bad", { ends: "with an error" });
      await fails("command-failed", bench.manager.start("bad.service", never()), "bad.service");
      assert.notEqual(await activity(bench, "bad.service"), "active");
      await bench.define("short", { ends: "well" });
      await fails("command-failed", bench.manager.start("short.service", never()), "short.service");
    });

    check("a service that was killed is seen, and can be started again", async (bench) => {
      await bench.define("three", {});
      await bench.manager.start("three.service", never());
      const over = new AbortController();
      const pulses = bench.manager.watch("three.service", over.signal);
      await pulses.next();
      await bench.kill("three");
      if (can.revives === true) {
        await pulses.next();
        while ((await activity(bench, "three.service")) !== "active") await pulses.next();
      } else {
        while ((await activity(bench, "three.service")) === "active") await pulses.next();
        assert.equal(await activity(bench, "three.service"), "failed");
      }
      await bench.manager.start("three.service", never());
      assert.equal(await activity(bench, "three.service"), "active");
      over.abort();
      while ((await pulses.next()).done !== true);
    });

    check("what others do is seen", async (bench) => {
      await bench.define("four", {});
      const over = new AbortController();
      const pulses = bench.manager.watch("four.service", over.signal);
      await pulses.next();
      const seen = async (what: () => Promise<string | undefined>, wanted: string) => {
        while ((await what()) !== wanted) assert.equal((await pulses.next()).done, false);
      };
      await bench.others("start", "four");
      await seen(() => activity(bench, "four.service"), "active");
      await bench.others("stop", "four");
      await seen(() => activity(bench, "four.service"), "inactive");
      await bench.others("enable", "four");
      await seen(() => enablement(bench, "four.service"), "enabled");
      await bench.others("disable", "four");
      await seen(() => enablement(bench, "four.service"), "disabled");
      over.abort();
      while ((await pulses.next()).done !== true);
    });

    check("a service reads its configuration again, or is restarted, or stays stopped", async (bench) => {
      await bench.define("reloading", { reloads: true });
      await bench.define("plain", {});
      await bench.manager.reloadOrRestart("reloading.service", never());
      assert.equal(await activity(bench, "reloading.service"), "inactive");
      for (const each of ["reloading", "plain"]) {
        await bench.manager.start(`${each}.service`, never());
        await bench.manager.reloadOrRestart(`${each}.service`, never());
        assert.equal(await activity(bench, `${each}.service`), "active");
      }
      assert.equal(await bench.reloads("reloading"), 1);
      assert.equal(await bench.reloads("plain"), 0);
    });

    if (can.masks) {
      check("what is masked cannot be started until the mask is taken away", async (bench) => {
        await bench.define("lib/masked", {});
        await bench.manager.mask("masked.service", never());
        assert.equal(await enablement(bench, "masked.service"), "masked");
        await fails("conflict", bench.manager.start("masked.service", never()), "masked.service is masked");
        await bench.manager.unmask("masked.service", never());
        assert.equal(await enablement(bench, "masked.service"), "disabled");
        await bench.manager.start("masked.service", never());
        await bench.define("own", {});
        await fails("exists", bench.manager.mask("own.service", never()), "own.service cannot be masked");
      });

      check("what is masked while it runs goes on, and can be stopped", async (bench) => {
        await bench.define("lib/going", {});
        await bench.manager.start("going.service", never());
        await bench.manager.mask("going.service", never());
        assert.equal(await activity(bench, "going.service"), "active");
        await bench.manager.stop("going.service", never());
        assert.equal(await activity(bench, "going.service"), "inactive");
        await bench.manager.unmask("going.service", never());
      });

      check("a mask holds for all names of a service, and goes by each of them", async (bench) => {
        await bench.define("lib/real", {});
        await bench.link?.("other", "real");
        await bench.manager.readDefinitions(never());
        await bench.manager.start("other.service", never());
        for (const [masks, unmasks] of [
          ["real", "other"],
          ["other", "real"],
        ] as const) {
          await bench.manager.mask(`${masks}.service`, never());
          for (const name of ["real.service", "other.service"]) {
            assert.deepEqual([await activity(bench, name), await enablement(bench, name)], ["active", "masked"], name);
          }
          await bench.manager.stop("other.service", never());
          await fails("conflict", bench.manager.start("other.service", never()), ".service is masked");
          await bench.manager.unmask(`${unmasks}.service`, never());
          await bench.manager.start("other.service", never());
          assert.deepEqual(
            [await activity(bench, "real.service"), await enablement(bench, "real.service")],
            ["active", "disabled"],
          );
        }
      });

      check("the mask of a package stays, and says so", async (bench) => {
        await bench.link?.("lib/packaged", undefined);
        await bench.manager.readDefinitions(never());
        assert.equal(await enablement(bench, "packaged.service"), "masked");
        await fails("conflict", bench.manager.unmask("packaged.service", never()), "packaged.service stays masked by");
        await bench.link?.("many@", undefined);
        await bench.manager.readDefinitions(never());
        await fails("conflict", bench.manager.unmask("many@one.service", never()), "many@one.service stays masked by");
      });
    }

    if (can.hasFixed) {
      check("what nothing can enable says so", async (bench) => {
        await bench.define("fixed", { isFixed: true });
        assert.equal(await enablement(bench, "fixed.service"), "fixed");
        await fails("unsupported", bench.manager.enable("fixed.service", never()), "fixed.service cannot be enabled");
      });
    }

    if (can.noticesNewDefinitions) {
      check("a definition that was changed is out of date until it is read again", async (bench) => {
        await bench.define("five", {});
        await bench.manager.start("five.service", never());
        const isOutdated = async () => (await bench.manager.inspect("five.service", never()))?.isOutdated;
        assert.equal(await isOutdated(), false);
        const over = new AbortController();
        const pulses = bench.manager.watch("five.service", over.signal);
        await pulses.next();
        await bench.define("five", { reloads: true });
        while ((await isOutdated()) !== true) await pulses.next();
        await bench.manager.readDefinitions(never());
        assert.equal(await isOutdated(), false);
        assert.equal(await activity(bench, "five.service"), "active");
        over.abort();
      });
    }
  });
}
