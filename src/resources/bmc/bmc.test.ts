// SPDX-License-Identifier: Apache-2.0
// Controllers of machines, from a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { drive, type DrivenResource, problemsOf } from "../../../test/resource.ts";
import type { AnyWant, ResourceKind } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { converge, settle } from "../asking/waiting.test-support.ts";
import { TwinController } from "./controller.test-support.ts";
import { bmcFirmware } from "./firmware.ts";
import { bmcPower } from "./power.ts";

interface Machine {
  readonly host: MemoryHost;
  readonly controller: TwinController;
  readonly resource: (kind: ResourceKind, name: string, fields: AnyWant) => DrivenResource;
  readonly power: (state: string, fields?: AnyWant) => DrivenResource;
  readonly firmware: (fields?: AnyWant) => DrivenResource;
}

const name = "gofish://admin@bmc.example";
const file = "/srv/board.bin";

function machine(): Machine {
  const host = memoryHost();
  const controller = new TwinController();
  host.outside.serve("http://bmc.example", controller.serve);
  host.outside.serve("http://bmc.example:8080", controller.serveRpc);
  host.outside.makeDirectory("/srv");
  host.outside.write(file, "firmware 1.1");
  const resource = (kind: ResourceKind, of: string, fields: AnyWant) =>
    drive(kind, of, { password: controller.password, ...fields }, host);
  const power = (state: string, fields: AnyWant = {}) => resource(bmcPower, name, { state, ...fields });
  const firmware = (fields: AnyWant = {}) => resource(bmcFirmware, name, { file, version: "1.1", ...fields });
  return { host, controller, resource, power, firmware };
}

test("a machine is switched on and off over Redfish", async () => {
  const { host, controller, power } = machine();
  assert.deepEqual(await converge(host, power("on")), ["~ switch it on"]);
  assert.deepEqual(await converge(host, power("on")), []);
  assert.deepEqual(await converge(host, power("off")), ["~ switch it off"]);
  controller.power = "PoweringOn";
  const waiting = settle(host, power("on"));
  await host.clock.advance(1000);
  controller.power = "On";
  assert.deepEqual(await waiting, ["! wait until it is not poweringon any more"]);
});

test("its own system may end its work before a machine is switched off", async () => {
  const { host, controller, power } = machine();
  const resets = () => controller.asked.splice(0).map((line) => /"ResetType":"(\w+)"/.exec(line)?.[1]);
  controller.power = "On";
  await converge(host, power("off"));
  assert.deepEqual(resets(), ["GracefulShutdown"]);
  controller.power = "On";
  controller.isStubborn = true;
  await converge(host, power("off"));
  assert.deepEqual(resets(), ["GracefulShutdown", "ForceOff"]);
  controller.power = "On";
  controller.resetTypes = [];
  await converge(host, power("off"));
  assert.deepEqual(resets(), ["ForceOff"]);
  controller.delay = 1_000_000;
  await assert.rejects(settle(host, power("on")), { code: "timed-out", message: /^the machine is poweringon 180 s/ });
});

test("a machine is switched on and off over RPC, with a signature and without the password", async () => {
  const { host, controller, resource } = machine();
  const rpc = "rpc://bmc.example:8080";
  assert.deepEqual(await converge(host, resource(bmcPower, rpc, { state: "on" })), ["~ switch it on"]);
  assert.equal(controller.power, "On");
  assert.deepEqual(await converge(host, resource(bmcPower, rpc, { state: "off" })), ["~ switch it off"]);
  const other = resource(bmcPower, "x", { state: "on", driver: "rpc", hostname: "bmc.example", port: 8080 });
  assert.deepEqual(await converge(host, other), ["~ switch it on"]);
  const wrong = resource(bmcPower, rpc, { state: "on", password: "wr0ng" });
  await assert.rejects(wrong.plan(), { code: "denied", message: /refuses to getPowerState: bad signature/ });
});

test("what a controller says against it is told", async () => {
  const { host, controller, power } = machine();
  await assert.rejects(power("on", { password: "wr0ng" }).plan(), {
    code: "denied",
    message: "the controller refuses to GET /redfish/v1/Systems: Invalid login",
  });
  await converge(host, power("on", { password: "", username: "" }).changed({ ...power("on").want }));
  controller.machines = 2;
  await assert.rejects(power("on").plan(), { code: "unsupported", message: "the controller has several machines" });
  controller.machines = 0;
  await assert.rejects(power("on").plan(), { code: "unsupported", message: "the controller has no machine" });
  host.outside.serve("http://bmc.example", undefined);
  await assert.rejects(power("on").plan(), { code: "unreachable", retry: "backoff" });
});

test("firmware is installed once, in either way, and from the right file only", async () => {
  const { host, controller, firmware } = machine();
  assert.deepEqual(await converge(host, firmware()), ["~ install version 1.1"]);
  assert.equal(controller.received, "firmware 1.1");
  assert.deepEqual(await converge(host, firmware({ version: "2.0" })), []);
  controller.takesParts = false;
  controller.nextVersion = "1.2";
  const other = await settle(host, firmware({ version: "1.2", hash: "0".repeat(64) })).catch((reason: Error) => reason);
  assert.match(String(other), /is another file than declared: its SHA-256 is [0-9a-f]{64}/);
  assert.deepEqual(await converge(host, firmware({ version: "1.2", provider: "dell" })), ["~ install version 1.2"]);
  await assert.rejects(settle(host, firmware({ version: "9", provider: "supermicro" })), {
    code: "conflict",
    message: "the machine was made by Dell Inc., not by supermicro",
  });
  await assert.rejects(settle(host, firmware({ version: "9", file: "/srv/none" })), { message: /no file \/srv\/none/ });
  controller.nextVersion = undefined;
  await assert.rejects(settle(host, firmware({ version: "9" })), { code: "command-failed", message: /is damaged/ });
  controller.nextVersion = "8";
  await assert.rejects(settle(host, firmware({ version: "9" })), { message: /no part has version 9: 2.0, 8$/ });
});

test("firmware without a version is installed once for each file", async () => {
  const { host, controller, firmware } = machine();
  assert.deepEqual(await converge(host, firmware({ version: "" })), ["~ install board.bin"]);
  host.outside.write(file, "firmware 1.3");
  assert.deepEqual(await converge(host, firmware({ version: "" })), ["~ install board.bin"]);
  assert.equal(controller.received, "firmware 1.3");
});

test("a machine is not switched off while it gets firmware", async () => {
  const { host, controller, firmware, power } = machine();
  controller.power = "On";
  controller.delay = 10;
  const done: string[] = [];
  const installing = settle(host, firmware({ block: name })).then(() => done.push("installed"));
  for (let turn = 0; turn < 100 && controller.received === undefined; turn += 1) await host.clock.settle();
  const switching = settle(host, power("off")).then(() => done.push("switched"));
  await Promise.all([installing, switching]);
  assert.deepEqual(done, ["installed", "switched"]);
});

test("mistakes are found before anything is touched", () => {
  const titles = (of: string, fields: AnyWant) => problemsOf(bmcPower, of, { state: "on", ...fields });
  assert.deepEqual(titles(name, {}), []);
  assert.deepEqual(titles("rpcs://u:p@[::1]:99", { insecure_password: true }), []);
  assert.deepEqual(titles("bmc", {}), ["a controller needs a `hostname`", "a controller needs a `driver`"]);
  assert.deepEqual(titles("ipmi://bmc", {}), ['there is no driver "ipmi"']);
  assert.deepEqual(titles("gofish://u:p@bmc", {}), ["there is a password in the name, where everybody sees it"]);
  assert.deepEqual(titles(name, { port: 65_536 }), ["there is no port 65536"]);
  assert.deepEqual(titles(name, { hostname: "a b" }), ['"a b" is no name or address of a machine']);
  assert.deepEqual(titles(name, { username: "a:b" }), ["a user has no colon and no line ends"]);
  assert.deepEqual(problemsOf(bmcPower, name, {}), ["a machine needs a `state`"]);
  const flaws = (of: string, fields: AnyWant) => problemsOf(bmcFirmware, of, { file, ...fields });
  assert.deepEqual(flaws("https://bmc", { hash: "a".repeat(64) }), []);
  assert.deepEqual(flaws("https://bmc", { file: "" }), ["firmware needs a `file`"]);
  assert.deepEqual(flaws("https://bmc", { file: "a" }), ['"a" is not the absolute path of a file']);
  assert.deepEqual(flaws("https://bmc", { hash: "A" }), ['"A" is no SHA-256']);
  assert.deepEqual(flaws("rpc://bmc", {}), ['there is no driver "rpc" for firmware']);
});

test("whatever state a machine is in, one pass settles it", async () => {
  const power = fc.constantFrom("On", "Off");
  await fc.assert(
    fc.asyncProperty(
      power,
      power,
      fc.boolean(),
      fc.boolean(),
      fc.nat(3),
      async (was, becomes, stubborn, rpc, delay) => {
        const { host, controller, resource } = machine();
        Object.assign(controller, { power: was, isStubborn: stubborn, delay });
        const of = rpc ? "rpc://bmc.example:8080" : name;
        await converge(host, resource(bmcPower, of, { state: becomes.toLowerCase() }));
        assert.equal(controller.power, becomes);
      },
    ),
    { numRuns: 300 },
  );
});

test("whatever firmware a machine has, one pass brings the wanted version", async () => {
  const version = fc.constantFrom("0.9", "1.0", "1.1");
  await fc.assert(
    fc.asyncProperty(version, fc.nat(3), fc.boolean(), async (was, delay, takesParts) => {
      const { host, controller, firmware } = machine();
      Object.assign(controller, { delay, takesParts });
      controller.versions["BMC"] = was;
      const steps = await converge(host, firmware());
      assert.deepEqual(steps, was === "1.1" ? [] : ["~ install version 1.1"]);
      assert.equal(controller.versions["BMC"], "1.1");
    }),
    { numRuns: 300 },
  );
});

proves("bmc:power", "twice", "bad values", "random starts");
proves("bmc:firmware", "twice", "bad values", "random starts");

const asking = "it says how the controller is asked, and by whom";
const source = "it says what is installed";
const asked = { hostname: asking, port: asking, username: asking, password: asking, insecure_password: asking };

eachField("bmc:power", {
  machine,
  isPolled: true,
  settle: ({ host }, resource) => settle(host, resource),
  name,
  fields: { password: new TwinController().password, state: "on" },
  changes: {
    state: {
      outside: ({ controller }) => {
        controller.power = "Off";
      },
      repair: ["~ switch it on"],
    },
  },
  parameters: { ...asked, driver: asking },
});

eachField("bmc:firmware", {
  machine,
  isPolled: true,
  settle: ({ host }, resource) => settle(host, resource),
  name,
  fields: { password: new TwinController().password, file, version: "1.1" },
  changes: {
    version: {
      outside: ({ controller }) => {
        controller.versions = { ...controller.versions, BMC: "1.0" };
      },
      repair: ["~ install version 1.1"],
    },
  },
  parameters: { ...asked, provider: asking, file: source, hash: source, block: source },
});
