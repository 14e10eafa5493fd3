// SPDX-License-Identifier: Apache-2.0
// `mount`: a file system at a directory, now and at the next start. The parts are in `mount/`.

import { joinPulses } from "../../base/join-pulses.ts";
import type { AutomaticEdges } from "../../contract/automatic.ts";
import { Failure } from "../../contract/failure.ts";
import { defineResource, type ResourceEnv } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { oneAtATime } from "../files/one-at-a-time.ts";
import { cleanPath } from "../files/path.ts";
import { fileOrDirectoriesAbove, mountsAbove } from "../files/path-identities.ts";
import { readText } from "../files/read-text.ts";
import { realPath } from "../files/real-path.ts";
import { checkMount } from "./mount/check.ts";
import { type MountWant, mountFields } from "./mount/fields.ts";
import { withEntry, withoutPlace } from "./mount/fstab.ts";
import { fstabFile, observeMount } from "./mount/observe.ts";
import { explainMount, type MountStep, planMount } from "./mount/plan.ts";

const mountEdges = {
  reads: ["state", "device"],
  offers: (_want, name) => (name.startsWith("/") ? [{ space: "mount" as const, id: cleanPath(name) }] : []),
  *wishes(want, name) {
    const order = want.state === "absent" ? "after" : "before";
    if (!name.startsWith("/")) return;
    yield {
      order,
      anyOf: [{ space: "path", id: cleanPath(`${name}/`) === "/" ? "/" : `${cleanPath(name)}/` }],
      why: "is mounted at",
    };
    yield { order, anyOf: mountsAbove(name), why: "is mounted in" };
    if (!want.device.startsWith("/")) return;
    yield { order, anyOf: fileOrDirectoriesAbove(want.device), why: "mounts" };
    yield {
      order,
      anyOf: [{ space: "mount" as const, id: cleanPath(want.device) }, ...mountsAbove(want.device)],
      why: "mounts",
    };
  },
} as const satisfies AutomaticEdges<MountWant>;

export const mount = defineResource({
  kind: "mount",
  summary:
    "A file system that is mounted at the directory that is the name of the resource, now and at the next start.",
  fields: mountFields,
  traits: {},
  watchedFields: [],
  edges: mountEdges,
  check: checkMount,
  observe: observeMount,
  plan: planMount,
  explain: explainMount,
  apply: applyMount,
  watch: (_want: MountWant, { host, signal }) =>
    joinPulses(signal, [
      (living) => host.mounts.changes(living),
      (living) => host.files.watch([{ path: fstabFile }], living),
    ]),
});

async function applyMount(step: MountStep, want: MountWant, env: ResourceEnv): Promise<void> {
  const { mounts } = env.host;
  switch (step.do) {
    case "keep-entry":
      return changeTable((text) => withEntry(text, step.entry), env);
    case "remove-entry":
      return changeTable((text) => withoutPlace(text, step.place), env);
    case "unmount":
      return mounts.unmount(step.mounted.place, env.signal);
    case "mount":
      return mounts.mount(step.request, env.signal);
    case "remount": {
      await mounts.remount(step.request, env.signal);
      const { wrongOptions } = await observeMount(want, env);
      if (wrongOptions.length === 0) return;
      throw new Failure(`the options ${wrongOptions.join(",")} cannot be set while it is mounted`, {
        code: "conflict",
        hint: "Unmount it once: it is then mounted with them.",
      });
    }
  }
}

/** It is read again: another resource may have changed it since it was observed. */
async function changeTable(change: (text: string) => string, { host, signal }: ResourceEnv): Promise<void> {
  const path = await realPath(fstabFile, host.files, signal);
  await oneAtATime(host.files, path, signal, async () => {
    const before = await readText(path, host.files, signal);
    const after = change(before ?? "");
    if (after === before) return;
    await host.files.write(
      path,
      bytesOf(after),
      { durable: true, ...(before === undefined ? { mode: 0o644 } : {}) },
      signal,
    );
  });
  // It has made units of the table, and does not look at it again by itself.
  if ((await host.files.inspect("/run/systemd/system", signal)) === undefined) return;
  await host.buses.system.call(
    {
      destination: "org.freedesktop.systemd1",
      path: "/org/freedesktop/systemd1",
      interface: "org.freedesktop.systemd1.Manager",
      method: "Reload",
      returns: "",
    },
    signal,
  );
}
