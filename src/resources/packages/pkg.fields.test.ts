// SPDX-License-Identifier: Apache-2.0
// Each field of `pkg`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";

const allowed = "it says which packages and changes are allowed";
const archive = "/srv/agent.deb";

eachField("pkg", {
  machine: inMemory(({ outside }) => {
    outside.packages.publish("nginx", "1.22", { files: ["/etc/nginx/nginx.conf"] });
    outside.packages.publish("nginx", "1.24", { files: ["/etc/nginx/nginx.conf"] });
    outside.packages.refresh();
    outside.makeDirectory("/srv");
    outside.write(archive, "archive agent 1.0\n/usr/bin/agent\n");
  }),
  name: "nginx",
  changes: {
    state: [
      { outside: ({ host }) => host.outside.packages.remove("nginx"), repair: ["+ install 1.24"] },
      {
        fields: { state: "newest" },
        outside: ({ host }) => host.outside.packages.install("nginx", "1.22"),
        repair: ["~ upgrade to 1.24 (was 1.22)"],
      },
      {
        fields: { state: "newest" },
        outside: ({ host }) => {
          host.outside.packages.publish("nginx", "1.26");
          host.outside.packages.refresh();
        },
        repair: ["~ upgrade to 1.26 (was 1.24)"],
      },
      {
        fields: { state: "1.24" },
        outside: ({ host }) => host.outside.packages.install("nginx", "1.22"),
        repair: ["~ upgrade to 1.24 (was 1.22)"],
      },
      {
        fields: { state: "uninstalled" },
        outside: ({ host }) => host.outside.packages.install("nginx"),
        repair: ["- remove 1.24"],
      },
    ],
    allowdowngrade: {
      fields: { state: "1.22", allowdowngrade: true },
      outside: ({ host }) => host.outside.packages.install("nginx", "1.24"),
      repair: ["~ downgrade to 1.22 (was 1.24)"],
    },
    purge: {
      fields: { state: "uninstalled", purge: true },
      outside: ({ host }) => {
        host.outside.packages.install("nginx");
        host.outside.packages.remove("nginx");
      },
      repair: ["- purge the configuration that was left"],
    },
    hold: [
      {
        fields: { hold: true },
        outside: ({ host }) => host.outside.packages.setHeld("nginx", false),
        repair: ["~ hold at its version"],
      },
      {
        fields: { hold: false },
        outside: ({ host }) => host.outside.packages.setHeld("nginx", true),
        repair: ["~ release from its version"],
      },
    ],
    source: [
      {
        name: "agent",
        fields: { source: archive },
        outside: ({ host }) => host.outside.write(archive, "archive agent 2.0\n/usr/bin/agent\n"),
        repair: ["~ upgrade to 2.0 (was 1.0)"],
      },
      {
        name: "agent",
        fields: { source: archive },
        outside: ({ host }) => host.outside.packages.remove("agent"),
        repair: ["+ install 1.0 from /srv/agent.deb"],
      },
    ],
  },
  parameters: { allowuntrusted: allowed, allownonfree: allowed, allowunsupported: allowed },
});
