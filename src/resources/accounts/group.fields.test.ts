// SPDX-License-Identifier: Apache-2.0
// Each field of `group`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";

eachField("group", {
  machine: inMemory(),
  name: "staff",
  changes: {
    state: [
      { outside: ({ host }) => host.outside.write("/etc/group", "root:x:0:\n"), repair: ["+ add the group"] },
      {
        fields: { state: "absent" },
        outside: ({ host }) => host.outside.addGroup("staff", 50),
        repair: ["- remove the group with the number 50"],
      },
    ],
    gid: {
      fields: { gid: 50 },
      outside: ({ host }) => host.outside.write("/etc/group", "root:x:0:\nstaff:x:51:\n"),
      repair: ["~ set the number 50 (was 51)"],
    },
  },
  parameters: { system: "it says from which numbers that of a new group is taken" },
});
