// SPDX-License-Identifier: Apache-2.0
// Each field of `password`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";

const file = "/var/lib/mgmt/test/password";
const hashFile = "/var/lib/mgmt/test/hash";
const other = "$6$rounds=2000$salt$0123456789";

eachField("password", {
  machine: inMemory(),
  name: "db",
  fields: { length: 8, saved: true, check_recovery: true },
  changes: {
    length: {
      outside: ({ host }) => host.outside.write(file, "abcdefghi\n"),
      repair: ["~ generate another password: what was kept is no such password"],
    },
    saved: [
      {
        outside: ({ host }) => host.outside.write(file, "\n"),
        repair: ["~ generate another password: only the hash of the last one was kept"],
      },
      { outside: ({ host }) => host.outside.remove(file), repair: ["+ generate a password of 8 letters"] },
      {
        fields: { saved: false },
        outside: ({ host }) => host.outside.write(file, "abcdefgh\n"),
        repair: ["~ hash the password again", "- keep only the hash of the password"],
      },
    ],
    format: {
      outside: ({ host }) => host.outside.write(hashFile, "$y$j9T$salt$0123456789\n"),
      repair: ["~ hash the password again"],
    },
    cost: {
      fields: { cost: 1000 },
      outside: ({ host }) => host.outside.write(hashFile, `${other}\n`),
      repair: ["~ hash the password again"],
    },
  },
  parameters: { check_recovery: "it says what becomes of what is kept and no such password" },
});
