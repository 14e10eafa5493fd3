// SPDX-License-Identifier: Apache-2.0
// `virt:network`: a network of libvirt, with the addresses that it gives to machines, which its members say.

import { joinPulses } from "../../base/join-pulses.ts";
import { Failure } from "../../contract/failure.ts";
import { defineResource, type ResourceEnv } from "../../contract/resource.ts";
import { filesOfNetwork } from "./kept-files.ts";
import { checkNetwork, networkFields, type NetworkWant } from "./network-fields.ts";
import { explainNetwork, type Network, type NetworkHave, type NetworkStep, planNetwork } from "./network-plan.ts";
import { readNetwork } from "./network-xml.ts";
import { change, changeWith, factsIn, lookAt, watchVirsh } from "./virsh.ts";

export const virtNetwork = defineResource({
  kind: "virt:network",
  summary: "A network of libvirt, with the addresses that it gives to machines.",
  fields: networkFields,
  traits: {},
  watchedFields: ["uri", "auth"],
  edges: {
    reads: [],
    offers: (_want, name) => [{ space: "virtual network", id: name }],
    *wishes() {
      yield { order: "before", anyOf: [{ space: "service", id: "libvirtd" }], why: "is run by" };
    },
  },
  check: checkNetwork,
  observe: async (want: NetworkWant, env): Promise<NetworkHave> => ({
    name: env.name,
    network: await lookAtNetwork(want, env),
  }),
  plan: planNetwork,
  explain: explainNetwork,
  apply: applyNetwork,
  watch: (want: NetworkWant, env) =>
    joinPulses(env.signal, [
      (signal) =>
        watchVirsh(
          want,
          ["net-event", "--event", "lifecycle", "--loop"],
          (line) => line.includes(`network '${env.name}'`) || line.includes(`network ${env.name}:`),
          { ...env, signal },
        ),
      (signal) => env.host.files.watch(filesOfNetwork(want.uri, env.name), signal),
    ]),
});

async function lookAtNetwork(want: NetworkWant, env: ResourceEnv): Promise<Network | undefined> {
  const told = await lookAt(want, ["net-info", env.name], env);
  if (told === undefined) return undefined;
  const facts = factsIn(told);
  const describe = async (...flags: readonly string[]) => {
    const text = await lookAt(want, ["net-dumpxml", env.name, ...flags], env);
    return text === undefined ? undefined : readNetwork(text);
  };
  const [isUp, isPersistent] = [facts.get("Active") === "yes", facts.get("Persistent") === "yes"];
  return {
    isUp,
    isPersistent,
    startsByItself: facts.get("Autostart") === "yes",
    live: isUp ? await describe() : undefined,
    kept: isPersistent ? await describe("--inactive") : undefined,
  };
}

async function applyNetwork(step: NetworkStep, want: NetworkWant, env: ResourceEnv): Promise<void> {
  const { name } = env;
  switch (step.do) {
    case "define":
    case "redefine":
    case "keep":
      return changeWith(want, ["net-define"], step.text, env);
    case "create":
      return changeWith(want, ["net-create"], step.text, env);
    case "forget":
      return change(want, ["net-undefine", name], env);
    case "up":
      return change(want, ["net-start", name], env);
    case "down":
      return change(want, ["net-destroy", name], env);
    case "autostart":
      return change(want, ["net-autostart", name, ...(step.on ? [] : ["--disable"])], env);
    case "update":
      for (const args of step.args) await change(want, args, env);
      return;
    case "refuse":
      throw new Failure(step.reason, { code: "conflict" });
  }
}
