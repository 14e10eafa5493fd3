// SPDX-License-Identifier: Apache-2.0
// `svc` on the machine in memory: the cases that every machine must pass, random states, mistakes, and the order.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, wantOf } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { svc } from "./svc.ts";
import { type SvcBench, svcCases, unitText } from "./svc.cases.test-support.ts";

const never = () => new AbortController().signal;

function makeBench(
  scope: "system" | "session" = "system",
): SvcBench & { readonly host: ReturnType<typeof memoryHost> } {
  const host = memoryHost();
  const { outside } = host;
  const services = outside.services[scope];
  const own = scope === "system" ? "/etc/systemd/system" : "/root/.config/systemd/user";
  const packaged = scope === "system" ? "/usr/lib/systemd/system" : "/usr/lib/systemd/user";
  return {
    host,
    isSession: scope === "session",
    async define(file, text) {
      const place = file.startsWith("lib/") ? packaged : own;
      outside.makeDirectory(place);
      outside.write(`${place}/${file.replace("lib/", "")}`, text);
    },
    kill: async (unit) => services.kill(unit),
    async others(verb, unit) {
      if (verb === "start" || verb === "stop") services.become(unit, verb === "start" ? "active" : "inactive");
      else await services[verb](unit, never());
    },
    reloads: async (name) => services.log.filter((line) => line === `reload ${name}.service`).length,
  };
}

svcCases("the machine in memory", async () => makeBench());
svcCases("a session of the machine in memory", async () => makeBench("session"));

test("any state becomes the wanted one", async () => {
  const activity = fc.constantFrom("active", "inactive", "failed", "starting", "stopping");
  await fc.assert(
    fc.asyncProperty(
      fc.record({ activity, isEnabled: fc.boolean(), isMasked: fc.boolean(), isOutdated: fc.boolean() }),
      fc.record({
        state: fc.constantFrom("", "running", "stopped"),
        startup: fc.constantFrom("", "enabled", "disabled", "masked"),
        refresh: fc.boolean(),
      }),
      async (have, { state, startup, refresh }) => {
        if (state === "running" && (startup === "masked" || (startup === "" && have.isMasked))) return;
        const { host, define } = makeBench();
        await define("lib/x.service", unitText("x"));
        if (have.isEnabled) await host.services.system.enable("x.service", never());
        host.outside.services.system.become("x.service", have.activity);
        if (have.isMasked) await host.services.system.mask("x.service", never());
        if (have.isOutdated && !have.isMasked) await define("lib/x.service", `${unitText("x")}# changed\n`);
        const resource = drive(svc, "x", { state, startup }, host);
        // What a mask has hidden is seen when it is gone.
        for (let round = 0; round < 2; round += 1) await resource.settle({ refresh: refresh && round === 0 });
        assert.deepEqual(await resource.plan(), []);
      },
    ),
    { numRuns: 400 },
  );
});

test("mistakes are found before anything is touched", () => {
  const check = (name: string, fields: AnyWant, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(svc, name, fields), titles);
  for (const name of ["nginx", "getty@tty1", "a.socket", "dbus-org.freedesktop.login1", "dev-sda1.swap"])
    check(name, {});
  const letters = "it may have letters, digits and `:`, `-`, `_`, `.`, `@` and `\\`";
  check("a b", {}, `"a b" cannot be the name of a service: ${letters}`);
  check("../x", {}, `"../x" cannot be the name of a service: ${letters}`);
  const template = "it is that of a template: an instance has a word after the `@`";
  check("getty@", {}, `"getty@" cannot be the name of a service: ${template}`);
  check("getty@.service", {}, `"getty@.service" cannot be the name of a service: ${template}`);
  check("@x", {}, '"@x" cannot be the name of a service: there is nothing before the type');
  const long = "x".repeat(250);
  check(long, {}, `"${long}" cannot be the name of a service: it is longer than 255 characters`);
  check("x", { state: "running", startup: "masked" }, "a masked service cannot run");
});

test("a machine without a service manager says so", async () => {
  const { host } = makeBench();
  host.outside.services.system.vanish();
  await assert.rejects(converge(svc, "x", { state: "running" }, host), {
    code: "unsupported",
    message: "no service manager that mgmt knows runs on this machine: neither systemd, OpenRC nor runit",
  });
});

test("a service comes after its unit file, and before what starts it", () => {
  const edges = svc.edges;
  assert.ok(edges !== undefined);
  const facts = new Map([["home", ["/srv/ann"]]]);
  const wishes = (name: string, fields: AnyWant) =>
    [...edges.wishes(wantOf(svc, name, fields), name, facts)].map(
      ({ order, anyOf }) => `${order} ${[...anyOf].map(({ space, id }) => `${space} ${id}`).join(", ")}`,
    );
  assert.deepEqual(wishes("web", {}), [
    "before path /etc/systemd/system/web.service, path /usr/lib/systemd/system/web.service, path /etc/init.d/web",
    "before packaged path /usr/lib/systemd/system/web.service",
    "before path /etc/systemd/system/web.service.d/, path /usr/lib/systemd/system/web.service.d/",
    "after starter web",
  ]);
  const session = { session: true };
  assert.equal(
    wishes("work@1", session)[0],
    [
      "before path /srv/ann/.config/systemd/user/work@1.service, path /usr/lib/systemd/user/work@1.service",
      "path /srv/ann/.config/systemd/user/work@.service, path /usr/lib/systemd/user/work@.service",
    ].join(", "),
  );
  assert.deepEqual(edges.offers(wantOf(svc, "web", {}), "web", facts), [{ space: "service", id: "web" }]);
  assert.deepEqual(edges.offers(wantOf(svc, "web", session), "web", facts), [{ space: "session service", id: "web" }]);
});

proves("svc", "twice", "outside change", "bad values", "random starts");

eachField("svc", {
  machine: async () => {
    const bench = makeBench();
    await bench.define("lib/web.service", unitText("web"));
    bench.host.outside.makeDirectory("/root/.config/systemd/user");
    bench.host.outside.write("/root/.config/systemd/user/web.service", unitText("web"));
    return bench;
  },
  name: "web",
  changes: {
    state: [
      {
        fields: { state: "running" },
        outside: ({ kill }) => kill("web.service"),
        repair: ["+ start web.service (it had failed)"],
      },
      {
        fields: { state: "running" },
        outside: ({ others }) => others("stop", "web.service"),
        repair: ["+ start web.service (was stopped)"],
      },
      {
        fields: { state: "stopped" },
        outside: ({ others }) => others("start", "web.service"),
        repair: ["- stop web.service (was running)"],
      },
    ],
    startup: [
      {
        fields: { startup: "enabled" },
        outside: ({ others }) => others("disable", "web.service"),
        repair: ["~ let web.service start with the machine (was disabled)"],
      },
      {
        fields: { startup: "enabled" },
        outside: ({ others }) => others("mask", "web.service"),
        repair: ["~ take the mask from web.service", "~ let web.service start with the machine (was masked)"],
      },
      {
        fields: { startup: "disabled" },
        outside: ({ others }) => others("enable", "web.service"),
        repair: ["~ do not let web.service start with the machine (was enabled)"],
      },
      {
        fields: { startup: "masked" },
        outside: ({ host }) => host.services.system.unmask("web.service", never()),
        repair: ["~ mask web.service (was disabled)"],
      },
    ],
    session: {
      fields: { session: true, state: "running" },
      outside: ({ host }) => host.outside.services.session.kill("web.service"),
      repair: ["+ start web.service (it had failed)"],
    },
  },
  parameters: { refresh: "it says what becomes of a notice" },
});
