// SPDX-License-Identifier: Apache-2.0
// Each field of `hostname`, changed by others on a machine in memory.

import { type Change, eachField, inMemory } from "../../../test/fields.ts";
import type { MemoryHost } from "../../host/memory/index.ts";

/** Also to the name from before, although two looks find the same then. */
function renamed(name: string): Change<{ readonly host: MemoryHost }> {
  return {
    fields: { transient_hostname: "now" },
    outside: async ({ host }) => {
      host.outside.setHostname(name);
      await host.clock.advance(60_000);
    },
    repair: [`~ set the transient name "now" (was "${name}")`],
  };
}

eachField("hostname", {
  machine: inMemory(),
  name: "web1",
  changes: {
    hostname: {
      outside: ({ host }) => {
        host.outside.write("/etc/hostname", "evil\n");
        host.outside.write("/etc/machine-info", "PRETTY_HOSTNAME=evil\n");
      },
      repair: ['~ set the static name "web1" (was "evil")', '~ set the pretty name "web1" (was "evil")'],
    },
    pretty_hostname: {
      fields: { pretty_hostname: "Front door" },
      outside: ({ host }) => host.outside.write("/etc/machine-info", "PRETTY_HOSTNAME=Back\n"),
      repair: ['~ set the pretty name "Front door" (was "Back")'],
    },
    static_hostname: {
      fields: { static_hostname: "web1.example.com" },
      outside: ({ host }) => host.outside.remove("/etc/hostname"),
      repair: ['+ set the static name "web1.example.com"'],
    },
    transient_hostname: [renamed("evil"), renamed("localhost")],
  },
});
