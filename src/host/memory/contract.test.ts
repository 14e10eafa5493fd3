// SPDX-License-Identifier: Apache-2.0
// The machine in memory keeps every promise of a host.

import assert from "node:assert/strict";
import { accountContract } from "../accounts.contract.test-support.ts";
import { BusRefusal } from "../../contract/bus.ts";
import { type BusBench, busContract } from "../bus.contract.test-support.ts";
import type { Bench } from "../bench.test-support.ts";
import { fileContentContract } from "../file-content.contract.test-support.ts";
import { fileTreeContract } from "../file-tree.contract.test-support.ts";
import { httpContract } from "../http.contract.test-support.ts";
import { commandContract, worldContract } from "../world.contract.test-support.ts";
import { filterContract } from "../filter.contract.test-support.ts";
import { networkContract } from "../network.contract.test-support.ts";
import { mountContract } from "../mounts.contract.test-support.ts";
import { watchContract } from "../watching.contract.test-support.ts";
import { type ServicesBench, servicesContract } from "../services.contract.test-support.ts";
import type { MemoryService } from "./bus.ts";
import { memoryHost } from "./index.ts";

async function makeBench({ ordinary }: { readonly ordinary: boolean }): Promise<Bench> {
  const over = new AbortController();
  const host = memoryHost({ uid: ordinary ? 1000 : 0, seed: 7 });
  const { outside, clock } = host;
  const directory = "/srv/bench";
  outside.makeDirectory(directory);
  outside.setOwner(directory, host.identity.uid, host.identity.gid);
  outside.install("speak", ({ print, complain }) => {
    print("out\n");
    complain("err\n");
    return 3;
  });
  outside.install("env", ({ env, print }) => {
    print(
      [...env]
        .map(([name, value]) => `${name}=${value}\n`)
        .sort()
        .join(""),
    );
    return 0;
  });
  outside.install("pwd", ({ cwd, print }) => {
    print(`${cwd}\n`);
    return 0;
  });
  outside.install("stubborn", async ({ print, clock: time }) => {
    print("ready\n");
    await time.sleep(86_400_000, new AbortController().signal);
    return 0;
  });
  let disk: { capacityBytes: number; readOnly: boolean } | undefined;
  return {
    host,
    directory,
    others: { ...outside, makePipe: async (path) => outside.makeOther(path) },
    commands: {
      speakAndFail: ["speak"],
      environment: ["env"],
      workingDirectory: ["pwd"],
      stubborn: ["stubborn"],
    },
    manyRuns: 500,
    signal: over.signal,
    settle: () => clock.settle(),
    stopWithinMs: 2_000,
    pass: (ms) => clock.advance(ms),
    async serve(server) {
      outside.serve("http://bench", server);
      outside.serve("/run/bench.sock", server);
      return { origin: "http://bench", socketPath: "/run/bench.sock" };
    },
    async smallDisk(bytes) {
      disk = outside.mount(`${directory}/disk`, bytes);
      return `${directory}/disk`;
    },
    async makeReadOnly() {
      if (disk !== undefined) disk.readOnly = true;
    },
    lacks: () => false,
    expectNoWatches: () => assert.equal(outside.watched, 0),
    close: async () => over.abort(),
  };
}

const echo: MemoryService = ({ method, takes, arguments: values }) => {
  switch (method) {
    case "Echo":
      return { signature: takes, values };
    case "Fail":
      throw new BusRefusal("org.example.Broken", "it is broken.");
    case "Silent":
      return undefined;
    default:
      throw new BusRefusal("org.freedesktop.DBus.Error.UnknownMethod", `no ${method}`);
  }
};

async function makeBusBench(): Promise<BusBench> {
  const { buses, outside, clock } = memoryHost();
  const { system } = outside.buses;
  system.serve("org.example.Echo", echo);
  return {
    bus: buses.system,
    emit: async (path, member, signature, ...values) => {
      const from = { sender: "org.example.Echo", interface: "org.example.Echo" };
      system.emit({ ...from, path, member, signature, arguments: values });
    },
    async replace() {
      system.serve("org.example.Echo", undefined);
      system.serve("org.example.Echo", echo);
    },
    restart: async () => system.restart(),
    stop: async () => system.stop(),
    pass: (ms) => clock.advance(ms),
    close: async () => assert.equal(system.listening, 0),
  };
}

async function makeServicesBench(): Promise<ServicesBench> {
  const { services, outside } = memoryHost();
  outside.makeDirectory("/usr/lib/systemd/system");
  const { system } = outside.services;
  return {
    manager: services.system,
    async define(name, { ends, reloads, isFixed }) {
      const program = ends === undefined ? "/bin/sleep 1000" : ends === "well" ? "/bin/true" : "/bin/false";
      const place = name.startsWith("lib/") ? "/usr/lib/systemd/system" : "/etc/systemd/system";
      outside.makeDirectory(place);
      const install = isFixed === true ? "" : "[Install]\nWantedBy=multi-user.target\n";
      const reload = reloads === true ? "ExecReload=/bin/true\n" : "";
      outside.write(
        `${place}/${name.replace("lib/", "")}.service`,
        `[Service]\nExecStart=${program}\n${reload}${install}`,
      );
    },
    async link(name, to) {
      const place = name.startsWith("lib/") ? "/usr/lib/systemd/system" : "/etc/systemd/system";
      outside.makeDirectory(place);
      const target = to === undefined ? "/dev/null" : `/usr/lib/systemd/system/${to}.service`;
      outside.link(`${place}/${name.replace("lib/", "")}.service`, target);
    },
    kill: async (name) => system.kill(`${name}.service`),
    async others(verb, name) {
      if (verb === "start" || verb === "stop")
        system.become(`${name}.service`, verb === "start" ? "active" : "inactive");
      else await services.system[verb](`${name}.service`, new AbortController().signal);
    },
    reloads: async (name) => system.log.filter((line) => line === `reload ${name}.service`).length,
    close: async () => {},
  };
}

const everything = { masks: true, hasFixed: true, noticesNewDefinitions: true };
servicesContract("the machine in memory", everything, makeServicesBench);
busContract("the machine in memory", makeBusBench);
fileContentContract("the machine in memory", makeBench);
fileTreeContract("the machine in memory", makeBench);
watchContract("the machine in memory", makeBench);
commandContract("the machine in memory", makeBench);
worldContract("the machine in memory", makeBench);
accountContract("the machine in memory", () => memoryHost());
httpContract("the machine in memory", makeBench);
mountContract("the machine in memory", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/srv/bench");
  const hold = async (place: string, name: string) => {
    host.outside.mounts.hold(place, [`${name} (7)`]);
    return () => host.outside.mounts.hold(place, []);
  };
  return { host, directory: "/srv/bench", hold };
});
filterContract("the machine in memory", () => memoryHost());
networkContract("the machine in memory", async () => {
  const host = memoryHost();
  const [loopback] = await host.network.interfaces(new AbortController().signal);
  assert.ok(loopback !== undefined);
  const d0 = { ...loopback, name: "d0", index: 2, isLoopback: false, isUp: false, mtu: 1500, addresses: [] };
  host.outside.setInterfaces([loopback, d0]);
  return host;
});
