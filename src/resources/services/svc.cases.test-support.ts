// SPDX-License-Identifier: Apache-2.0
// What `svc` must do, as cases that run on the machine in memory and on a real one with systemd.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  converge,
  type DrivenResource,
  type DriveOptions,
  drive,
  renderStep,
  repairedSoon,
} from "../../../test/resource.ts";
import type { Host } from "../../contract/host.ts";
import type { AnyWant, ResourceKind } from "../../contract/resource.ts";
import type { ServiceManager } from "../../contract/services.ts";
import { repairsOf } from "./repairs.test-support.ts";
import { svc } from "./svc.ts";

export interface SvcBench {
  readonly host: Host;
  /** The services are those of the user for whom the tests act. */
  readonly isSession?: boolean;
  /** The text of a unit file of the administrator, or of the user; with `lib/` before its name of a package. */
  readonly define: (file: string, text: string) => Promise<void>;
  readonly kill: (unit: string) => Promise<void>;
  readonly others: (verb: "start" | "stop" | "enable" | "disable" | "mask", unit: string) => Promise<void>;
  /** How often its configuration was read again, and how often it was started. */
  readonly reloads: (name: string) => Promise<number>;
}

/** Resources of a kind on a bench, in the session or not. */
export interface Hands {
  readonly manager: ServiceManager;
  readonly drive: (name: string, fields: AnyWant, options?: DriveOptions) => DrivenResource;
  readonly converge: (name: string, fields: AnyWant) => Promise<readonly string[]>;
}

export function handsOn(kind: ResourceKind, { host, isSession = false }: SvcBench): Hands {
  const session = isSession ? { session: true } : {};
  return {
    manager: isSession ? host.services.session : host.services.system,
    drive: (name, fields, options) => drive(kind, name, { ...fields, ...session }, host, options),
    converge: (name, fields) => converge(kind, name, { ...fields, ...session }, host),
  };
}

export interface Shape {
  readonly program?: string;
  readonly reloads?: boolean;
  readonly isFixed?: boolean;
}

export function unitText(
  name: string,
  { program = "/bin/sleep 1000", reloads = false, isFixed = false }: Shape = {},
): string {
  const reload = reloads ? `ExecReload=/bin/sh -c 'echo x >> /run/${name}.reloads'\n` : "";
  return `[Service]\nExecStart=${program}\n${reload}${isFixed ? "" : "[Install]\nWantedBy=multi-user.target\n"}`;
}

export function svcCases(name: string, makeBench: () => Promise<SvcBench>): void {
  const check = (title: string, task: (bench: SvcBench & Hands) => Promise<void>) => {
    it(title, { timeout: 60_000 }, async () => {
      const bench = await makeBench();
      await task({ ...bench, ...handsOn(svc, bench) });
    });
  };

  describe(`svc on ${name}`, () => {
    check("a service is enabled and started, and then there is nothing to do", async ({ converge, define }) => {
      await define("web.service", unitText("web"));
      const fields = { state: "running", startup: "enabled" };
      assert.deepEqual(await converge("web", fields), [
        "~ let web.service start with the machine (was disabled)",
        "+ start web.service (was stopped)",
      ]);
      assert.deepEqual(await converge("web", { state: "stopped", startup: "disabled" }), [
        "~ do not let web.service start with the machine (was enabled)",
        "- stop web.service (was running)",
      ]);
      assert.deepEqual(await converge("web", {}), []);
      assert.deepEqual(await converge("web.service", { state: "running" }), ["+ start web.service (was stopped)"]);
    });

    check("an outside change of each field is seen and repaired", async ({ drive, define, kill, others }) => {
      await define("watched.service", unitText("watched"));
      const stop = new AbortController();
      const fields = { state: "running", startup: "enabled" };
      const resource = drive("watched", fields, { signal: stop.signal });
      await resource.settle();
      const watch = resource.watch();
      await watch.next();
      const repairs = repairsOf(resource, watch);
      await repairs(() => kill("watched.service"), "+ start watched.service");
      await repairs(() => others("stop", "watched.service"), "+ start watched.service");
      await repairs(() => others("disable", "watched.service"), "~ let watched.service start with the machine");
      await repairs(
        () => define("watched.service", `${unitText("watched")}# changed\n`),
        "~ let the service manager read the changed definition of watched.service",
      );
      stop.abort();
      while ((await watch.next()).done !== true);
    });

    check(
      "what is started or enabled behind its back is stopped and disabled",
      async ({ converge, define, others }) => {
        await define("off.service", unitText("off"));
        await converge("off", { state: "stopped", startup: "disabled" });
        await others("start", "off.service");
        await others("enable", "off.service");
        assert.deepEqual(await converge("off", { state: "stopped", startup: "disabled" }), [
          "~ do not let off.service start with the machine (was enabled)",
          "- stop off.service (was running)",
        ]);
      },
    );

    check("a refresh reloads what runs, and a start swallows it", async ({ drive, define, reloads }) => {
      await define("fresh.service", unitText("fresh", { reloads: true }));
      const resource = drive("fresh", { state: "running" });
      assert.deepEqual(await resource.settle({ refresh: true }), ["+ start fresh.service (was stopped)"]);
      assert.equal(await reloads("fresh"), 0);
      assert.deepEqual(await resource.settle({ refresh: true }), [
        "! reload fresh.service, or restart it when it cannot",
      ]);
      assert.equal(await reloads("fresh"), 1);
      const left = drive("fresh", {});
      assert.deepEqual(await left.settle({ refresh: true }), ["! reload fresh.service, or restart it when it cannot"]);
      const anew = drive("fresh", { state: "running", refresh: "restart" });
      assert.deepEqual(await anew.settle({ refresh: true }), ["! restart fresh.service"]);
      assert.deepEqual(await anew.settle(), []);
      assert.equal(await reloads("fresh"), 2);
      const stopped = drive("fresh", { state: "stopped" });
      assert.deepEqual(await stopped.settle({ refresh: true }), ["- stop fresh.service (was running)"]);
      assert.deepEqual(await left.settle({ refresh: true }), []);
    });

    check("a mask is put on and taken away", async ({ converge, drive, define, others }) => {
      await define("lib/veiled.service", unitText("veiled"));
      await converge("veiled", { state: "running", startup: "enabled" });
      const masked = { state: "stopped", startup: "masked" };
      assert.deepEqual(await converge("veiled", masked), [
        "- stop veiled.service (was running)",
        "~ mask veiled.service (was enabled)",
      ]);
      const running = drive("veiled", { state: "running" });
      await assert.rejects(running.settle(), { code: "conflict", message: /veiled\.service is masked/ });
      const again = drive("veiled", { state: "running", startup: "enabled" });
      assert.equal((await again.settle())[0], "~ take the mask from veiled.service");
      await again.settle();
      assert.deepEqual(await again.plan(), []);
      await others("stop", "veiled.service");
      await others("mask", "veiled.service");
      assert.equal((await again.settle())[0], "~ take the mask from veiled.service");
    });

    check("a service that is masked while it runs", async ({ converge, drive, manager, define, kill, others }) => {
      await define("lib/going.service", unitText("going"));
      const stop = new AbortController();
      const watched = (fields: AnyWant) => {
        const resource = drive("going", fields, { signal: stop.signal });
        return { resource, watch: resource.watch() };
      };
      const kept = watched({ state: "running", startup: "enabled" });
      await kept.resource.settle();
      await kept.watch.next();
      await others("mask", "going.service");
      assert.deepEqual(await repairedSoon(kept.resource, kept.watch), [
        "~ take the mask from going.service",
        "~ let going.service start with the machine (was masked)",
      ]);
      assert.deepEqual(await kept.resource.plan(), []);
      // Of whom nothing is said about the start of the machine: it runs on, but may not be started any more.
      const left = watched({ state: "running" });
      await left.watch.next();
      await others("mask", "going.service");
      assert.deepEqual(await left.resource.plan(), []);
      await kill("going.service");
      const planned = async () => (await left.resource.plan()).map(renderStep);
      while ((await planned()).length === 0) await left.watch.next();
      assert.deepEqual(await planned(), ["! going.service is masked, so nothing may start it"]);
      await assert.rejects(left.resource.settle(), { code: "conflict", hint: /startup => "enabled"/ });
      await manager.unmask("going.service", stop.signal);
      assert.match((await repairedSoon(left.resource, left.watch)).join(), /\+ start going\.service/);
      // Who wants it to be stopped gets that, whatever stands in the way of its start.
      await others("mask", "going.service");
      assert.deepEqual(await converge("going", { state: "stopped" }), ["- stop going.service (was running)"]);
      stop.abort();
      for (const { watch } of [kept, left]) while ((await watch.next()).done !== true);
    });

    check("an instance of a template is a service", async ({ converge, define }) => {
      await define("worker@.service", unitText("worker"));
      assert.deepEqual(await converge("worker@one", { state: "running", startup: "enabled" }), [
        "~ let worker@one.service start with the machine (was disabled)",
        "+ start worker@one.service (was stopped)",
      ]);
    });

    check("what cannot be had says so", async ({ converge, drive, define }) => {
      const absent = drive("no-such", { state: "running" });
      assert.deepEqual((await absent.plan()).map(renderStep), ["! there is no service no-such.service"]);
      await assert.rejects(absent.settle(), { code: "not-found", message: "there is no service no-such.service" });
      await define("broken.service", unitText("broken", { program: "/bin/false" }));
      const broken = drive("broken", { state: "running" });
      await assert.rejects(broken.settle(), {
        code: "command-failed",
        message: /^could not start broken\.service: its program ended/,
      });
      await define("short.service", unitText("short", { program: "/bin/true" }));
      const short = drive("short", { state: "running" });
      await assert.rejects(short.settle(), {
        code: "command-failed",
        message: /^short\.service was started and has ended/,
      });
      await define("static.service", unitText("static", { isFixed: true }));
      const fixed = drive("static", { startup: "enabled" });
      await assert.rejects(fixed.settle(), { code: "unsupported", message: /static\.service cannot be enabled/ });
      assert.deepEqual(await converge("static", { startup: "disabled" }), []);
      await define("wrong.service", "[Service]\nType=simple\n");
      const wrong = drive("wrong", { state: "running" });
      await assert.rejects(wrong.settle(), { code: "invalid", message: /^the definition of wrong\.service is wrong/ });
      await define("wrong.service", unitText("wrong"));
      const steps = await wrong.settle();
      assert.match(steps.join(), /start wrong\.service/);
    });
  });
}
