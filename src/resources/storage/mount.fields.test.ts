// SPDX-License-Identifier: Apache-2.0
// Each field of `mount`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";
import type { MemoryHost } from "../../host/memory/index.ts";

const place = "/srv/a";
const fstab = "/etc/fstab";

/** Others mount something else in the place of it. */
function remount({ outside }: MemoryHost, change: { readonly [part in "source" | "type"]?: string }): void {
  outside.mounts.become(outside.mounts.mounted.map((each) => (each.place === place ? { ...each, ...change } : each)));
}

function edit({ outside }: MemoryHost, from: string, to: string): void {
  outside.write(fstab, (outside.read(fstab) ?? "").replace(from, to));
}

eachField("mount", {
  machine: inMemory(({ outside }) => {
    outside.write(fstab, "/dev/vda / ext4 defaults 0 1\n");
    outside.makeDirectory(place);
    outside.makeDirectory("/dev");
    for (const path of ["/dev/vda", "/dev/vdb", "/dev/vdc"]) outside.makeOther(path);
  }),
  name: place,
  fields: { device: "/dev/vdb", type: "ext4", freq: 1, passno: 2 },
  changes: {
    state: [
      {
        outside: ({ host }) => host.outside.mounts.become(host.outside.mounts.mounted.slice(0, 1)),
        repair: ["+ mount /dev/vdb (ext4)"],
      },
      {
        fields: { state: "absent", device: "", type: "", freq: 0, passno: 0 },
        outside: ({ host }) => edit(host, "/dev/vda", `/dev/vdb ${place} ext4 defaults\n/dev/vda`),
        repair: ["- remove it from /etc/fstab"],
      },
    ],
    device: [
      {
        outside: ({ host }) => remount(host, { source: "/dev/vdc" }),
        repair: ["- unmount /dev/vdc (ext4), which is something else", "+ mount /dev/vdb (ext4)"],
      },
      { outside: ({ host }) => edit(host, "/dev/vdb", "/dev/vdc"), repair: ["~ change its line in /etc/fstab"] },
    ],
    type: [
      {
        outside: ({ host }) => remount(host, { type: "xfs" }),
        repair: ["- unmount /dev/vdb (xfs), which is something else", "+ mount /dev/vdb (ext4)"],
      },
      {
        outside: ({ host }) => edit(host, `${place}\text4`, `${place}\txfs`),
        repair: ["~ change its line in /etc/fstab"],
      },
    ],
    options: [
      {
        fields: { options: new Map([["noatime", ""]]) },
        outside: ({ host }) =>
          host.mounts.remount(
            { place, source: "/dev/vdb", type: "ext4", options: new Map([["relatime", ""]]) },
            new AbortController().signal,
          ),
        repair: ["~ set the options noatime (was rw,relatime)"],
      },
      {
        fields: { options: new Map([["noatime", ""]]) },
        outside: ({ host }) => edit(host, "noatime", "relatime"),
        repair: ["~ change its line in /etc/fstab"],
      },
    ],
    freq: { outside: ({ host }) => edit(host, "1\t2", "0\t2"), repair: ["~ change its line in /etc/fstab"] },
    passno: { outside: ({ host }) => edit(host, "1\t2", "1\t0"), repair: ["~ change its line in /etc/fstab"] },
  },
});
