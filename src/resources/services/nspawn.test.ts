// SPDX-License-Identifier: Apache-2.0
// `nspawn` on the machine in memory: the cases of every machine, random states, mistakes, and the order.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { drive, problemsOf, wantOf } from "../../../test/resource.ts";
import { BusRefusal } from "../../contract/bus.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { type NspawnBench, nspawnCases } from "./nspawn.cases.test-support.ts";
import { nspawn } from "./nspawn.ts";

const unit = "systemd-nspawn@box.service";
const machined = "org.freedesktop.machine1";

/** With systemd-machined on its bus: containers are those whose service runs, and `strangers`. */
function makeBench(strangers = new Set<string>(), images: ReadonlySet<string> = new Set(["box"])) {
  const host = memoryHost();
  const { outside } = host;
  const { system } = outside.services;
  outside.makeDirectory("/usr/lib/systemd/system");
  outside.write("/usr/lib/systemd/system/systemd-nspawn@.service", "[Service]\nExecStart=/usr/bin/systemd-nspawn\n");
  outside.buses.system.serve(machined, async ({ method, arguments: [given] }) => {
    if (method === "Get") {
      // There is only ever the box.
      const keeper = strangers.has("box") ? "session-1.scope" : unit;
      return { signature: "v", values: [{ type: "s", value: keeper }] };
    }
    const name = typeof given === "string" ? given : "";
    const state = await host.services.system.inspect(`systemd-nspawn@${name}.service`, new AbortController().signal);
    const isThere = state?.activity === "active" || strangers.has(name);
    if (method === "UnregisterMachine") return { signature: "", values: [] };
    if (method === "TerminateMachine") {
      strangers.delete(name);
      return { signature: "", values: [] };
    }
    const has = method === "GetMachine" ? isThere : images.has(name);
    if (has) return { signature: "o", values: ["/org/freedesktop/machine1/x"] };
    throw new BusRefusal(`${machined}.${method === "GetMachine" ? "NoSuchMachine" : "NoSuchImage"}`, "no such thing");
  });
  const bench: NspawnBench = {
    host,
    others: async (verb) => system.become(unit, verb === "start" ? "active" : "inactive"),
  };
  return { ...bench, host };
}

nspawnCases("the machine in memory", async () => makeBench());

test("any state becomes the wanted one", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("active", "inactive", "failed", "starting", "stopping"),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom("running", "stopped"),
      async (activity, isStranger, isOutdated, state) => {
        const { host } = makeBench(new Set(isStranger ? ["box"] : []));
        host.outside.services.system.become(unit, activity);
        const place = "/usr/lib/systemd/system/systemd-nspawn@.service";
        if (isOutdated) host.outside.write(place, `${host.outside.read(place) ?? ""}# changed\n`);
        const resource = drive(nspawn, "box", { state }, host);
        for (let round = 0; round < 2; round += 1) await resource.settle();
        assert.deepEqual(await resource.plan(), []);
      },
    ),
    { numRuns: 300 },
  );
});

test("a container that somebody else has started is ended", async () => {
  const strangers = new Set(["box"]);
  const resource = drive(nspawn, "box", { state: "stopped" }, makeBench(strangers).host);
  assert.deepEqual(await resource.settle(), ["- stop the container box, which somebody else has started"]);
  assert.deepEqual([...strangers], []);
});

test("a machine that can run no containers says so", async () => {
  await assert.rejects(drive(nspawn, "box", {}, memoryHost()).settle(), {
    code: "unsupported",
    message: "this machine can run no containers of systemd-nspawn",
  });
});

test("mistakes are found before anything is touched", () => {
  const check = (name: string, why?: string) =>
    assert.deepEqual(
      problemsOf(nspawn, name, {}),
      why === undefined ? [] : [`"${name}" cannot be the name of a container: ${why}`],
    );
  check("web-1.example");
  check("x".repeat(65), "it has 65 characters, 64 are allowed");
  check("a_b", "it may have letters, digits, hyphens and dots");
  check("a..b", "there is nothing before, between or after its dots");
  check("-a", "no part of it may begin or end with a hyphen");
});

test("it comes after its image and its settings", () => {
  const { edges } = nspawn;
  assert.ok(edges !== undefined);
  const [image, settings] = [...edges.wishes(wantOf(nspawn, "box", {}), "box", new Map())];
  const ids = (wish: typeof image) => [...(wish?.anyOf ?? [])].map(({ id }) => id);
  assert.deepEqual(ids(image), ["/var/lib/machines/box/", "/var/lib/machines/box.raw", "/var/lib/machines/box"]);
  assert.deepEqual(ids(settings), ["/etc/systemd/nspawn/box.nspawn", "/var/lib/machines/box.nspawn"]);
  assert.deepEqual(edges.offers(wantOf(nspawn, "box", {}), "box", new Map()), [
    { space: "service", id: "systemd-nspawn@box" },
  ]);
});

proves("nspawn", "twice", "outside change", "bad values", "random starts");

eachField("nspawn", {
  machine: () => makeBench(),
  name: "box",
  changes: {
    state: [
      { outside: ({ others }) => others("stop"), repair: ["+ start the container box"] },
      { fields: { state: "stopped" }, outside: ({ others }) => others("start"), repair: ["- stop the container box"] },
    ],
  },
});
