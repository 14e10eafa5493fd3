// SPDX-License-Identifier: Apache-2.0
// Each field of `sysctl`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";

const name = "net.ipv4.ip_forward";
const live = "/proc/sys/net/ipv4/ip_forward";
const file = `/etc/sysctl.d/99-${name}.conf`;

eachField("sysctl", {
  machine: inMemory(({ outside }) => {
    outside.makeDirectory("/proc/sys/net/ipv4");
    outside.makeDirectory("/etc/sysctl.d");
    outside.write(live, "0\n");
  }),
  name,
  fields: { value: "1" },
  changes: {
    value: {
      outside: ({ host }) => host.outside.write(live, "2\n"),
      repair: ["~ set net.ipv4.ip_forward to 1 (was 2)"],
    },
    runtime: {
      fields: { persist: false },
      outside: async ({ host }) => {
        host.outside.write(live, "0\n");
        await host.clock.advance(60_000);
      },
      repair: ["~ set net.ipv4.ip_forward to 1 (was 0)"],
    },
    persist: {
      fields: { runtime: false },
      outside: ({ host }) => host.outside.write(file, `${name} = 0\n`),
      repair: ["~ write /etc/sysctl.d/99-net.ipv4.ip_forward.conf for the next start"],
    },
    path: {
      fields: { path: "/etc/sysctl.d/50-router.conf" },
      outside: ({ host }) => host.outside.remove("/etc/sysctl.d/50-router.conf"),
      repair: ["+ write /etc/sysctl.d/50-router.conf for the next start"],
    },
  },
});
