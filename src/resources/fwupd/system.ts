// SPDX-License-Identifier: Apache-2.0
// `fwupd:system`: the newest firmware for every device of the machine. The machine is never started anew for it.

import { field, type Want } from "../../contract/field.ts";
import { defineResource, type Step, type WantProblem } from "../../contract/resource.ts";
import { afterRemotes, deviceOf, isDeviceName, watchDaemon } from "./device.ts";
import { devices, installRelease, releases } from "./daemon.ts";

const fields = {
  state: field.str({
    choices: ["newest"],
    doc: "`newest`: every device has the newest firmware that there is for it.",
  }),
  exclude: field.strings({
    doc: "Devices that are left alone, by their numbers in fwupd or their GUIDs.",
    example: '["b585990a-003e-5270-89d5-3705a17f9a43"]',
  }),
};

type SystemWant = Want<typeof fields>;

interface Upgrade extends Step {
  readonly do: "install";
  readonly id: string;
  readonly name: string;
  readonly was: string;
  readonly version: string;
}

export const fwupdSystem = defineResource({
  kind: "fwupd:system",
  summary: "The newest firmware for every device of the machine, by fwupd.",
  fields,
  traits: {},
  watchedFields: [],
  edges: afterRemotes,
  check({ state, exclude }: SystemWant): readonly WantProblem[] {
    const found: WantProblem[] = [];
    if (state === "") found.push({ field: "state", title: 'the firmware of a machine needs `state => "newest"`' });
    for (const device of exclude) {
      if (isDeviceName(device)) continue;
      found.push({
        field: "exclude",
        title: `"${device}" is neither the number of a device nor a GUID`,
        hint: "`fwupdmgr get-devices` shows both.",
      });
    }
    return found;
  },
  async observe({ exclude }: SystemWant, env): Promise<readonly Upgrade[]> {
    const all = await devices(env);
    const excluded = exclude.map((name) => deviceOf(name, all)?.id);
    const upgrades: Upgrade[] = [];
    for (const { id, name, version: was, isUpdatable, waits } of all) {
      if (!isUpdatable || waits || excluded.includes(id)) continue;
      const upgrade = (await releases(id, env)).find(({ isUpgrade }) => isUpgrade);
      if (upgrade !== undefined) upgrades.push({ do: "install", id, name, was, version: upgrade.version });
    }
    return upgrades;
  },
  plan: (_want: SystemWant, upgrades: readonly Upgrade[]) => upgrades,
  explain: ({ name, version, was }: Upgrade) => ({
    mark: "~",
    text: `install ${version} on ${name} (was ${was === "" ? "unknown" : was})`,
  }),
  apply: ({ id, version }: Upgrade, _want, env) => installRelease(id, version, false, env),
  watch: (_want: SystemWant, env) => watchDaemon(env),
});
