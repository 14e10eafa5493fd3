// SPDX-License-Identifier: Apache-2.0
// Each field of `json:edit`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";

const path = "/etc/app.json";

eachField("json:edit", {
  machine: inMemory(({ outside }) => outside.write(path, "{}")),
  name: path,
  fields: { edits: [".a.b = 2", "del(.c)"] },
  changes: {
    store: {
      outside: ({ host }) => {
        host.outside.write("/etc/other.json", "{}");
        host.outside.rename("/etc/other.json", path);
      },
      repair: ["~ set .a.b to 2"],
    },
    edits: [
      { outside: ({ host }) => host.outside.write(path, '{"a":{"b":3}}'), repair: ["~ set .a.b to 2 (was 3)"] },
      { outside: ({ host }) => host.outside.write(path, '{"a":{"b":2},"c":1}'), repair: ["~ remove .c (was 1)"] },
    ],
  },
});
