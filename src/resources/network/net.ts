// SPDX-License-Identifier: Apache-2.0
// `net`: a network interface, now and at the next start. The parts are in `net/`.

import { joinPulses } from "../../base/join-pulses.ts";
import { Failure } from "../../contract/failure.ts";
import { defineResource, type ResourceEnv } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { parentOf } from "../files/path.ts";
import { directoriesAbove } from "../files/path-identities.ts";
import { checkNet, type NetWant, netFields } from "./net/fields.ts";
import { fileOf, forwardingFile, isOfLink, observeNet, wantedAddresses } from "./net/have.ts";
import { explainNet, type NetStep, planNet } from "./net/plan.ts";

export const net = defineResource({
  kind: "net",
  summary: "A network interface: whether it is on, its addresses, gateway and routes.",
  fields: netFields,
  traits: {},
  watchedFields: ["ip_forward"],
  edges: {
    reads: ["state", "persist"],
    offers: (want, name) => (want.state === "up" && want.persist ? [{ space: "path" as const, id: fileOf(name) }] : []),
    *wishes(want, name) {
      if (want.state === "up" && want.persist) {
        yield { order: "before", anyOf: directoriesAbove(fileOf(name)), why: "is kept in" };
      }
    },
  },
  reversal: {
    refuse: (want) =>
      want.state === ""
        ? { field: "state", title: "without `state` there is nothing that can be put back" }
        : undefined,
    subject: (_want) => "the interface",
    async reverse(want, env) {
      const { link, file, routes } = await observeNet(want, env);
      const gateway = routes.find((route) => /^(?:0\.0\.0\.0|::)\/0$/.test(route.destination))?.gateway ?? "";
      if (link?.isUp !== true) return { state: "down" };
      return {
        state: "up",
        persist: file !== undefined,
        ...(want.addrs === undefined ? {} : { addrs: link.addresses.filter((address) => !isOfLink(address)) }),
        ...(want.gateway === "" ? {} : { gateway }),
      };
    },
  },
  check: checkNet,
  observe: observeNet,
  plan: planNet,
  explain: explainNet,
  apply: applyNet,
  watch: (want: NetWant, { host, name, signal }) => {
    const places = [{ path: fileOf(name) }, ...(want.ip_forward === undefined ? [] : [{ path: forwardingFile(name) }])];
    return joinPulses(signal, [(living) => host.network.changes(living), (living) => host.files.watch(places, living)]);
  },
});

async function applyNet(step: NetStep, want: NetWant, env: ResourceEnv): Promise<void> {
  const { network, files } = env.host;
  const { signal } = env;
  switch (step.do) {
    case "refuse":
      throw new Failure(`there is no network interface ${step.name}`, {
        code: "not-found",
        hint: "It is set up as soon as it is there. See `ip link`.",
      });
    case "keep-file": {
      const directory = parentOf(step.path);
      if ((await files.inspectTarget(directory, signal)) === undefined) {
        await files.createDirectory(directory, { parents: true, mode: 0o755 }, signal);
      }
      await files.write(step.path, bytesOf(step.text), { mode: 0o644, durable: true }, signal);
      return tellNetworkd(env);
    }
    case "remove-file":
      await files.remove(step.path, {}, signal);
      return tellNetworkd(env);
    case "switch":
      await network.switchInterface(step.name, step.on, signal);
      // IPv6 addresses go when it is switched off, so they may be missing though they were there.
      return step.on ? addMissing(step.name, want, env) : undefined;
    case "set-mtu":
      return network.setMtu(step.name, step.mtu, signal);
    case "add-address":
      return network.addAddress(step.name, step.address, signal);
    case "remove-address":
      await network.removeAddress(step.name, step.address, signal);
      // Those of the same network may have gone with it.
      return addMissing(step.name, want, env);
    case "add-route":
      return network.addRoute(step.route, signal);
    case "remove-route":
      return network.removeRoute(step.route, signal);
    case "forward":
      return files.overwrite(forwardingFile(step.name), bytesOf(step.on ? "1\n" : "0\n"), signal);
  }
}

async function addMissing(name: string, want: NetWant, { host, signal }: ResourceEnv): Promise<void> {
  const link = (await host.network.interfaces(signal)).find((each) => each.name === name);
  for (const address of wantedAddresses(want) ?? []) {
    if (link?.addresses.includes(address) === false) await host.network.addAddress(name, address, signal);
  }
}

/** Where it runs, it does not look at its files by itself. */
async function tellNetworkd({ host, signal }: ResourceEnv): Promise<void> {
  if ((await host.files.inspect("/run/systemd/netif/state", signal)) === undefined) return;
  await host.buses.system.call(
    {
      destination: "org.freedesktop.network1",
      path: "/org/freedesktop/network1",
      interface: "org.freedesktop.network1.Manager",
      method: "Reload",
      returns: "",
    },
    signal,
  );
}
