// SPDX-License-Identifier: Apache-2.0
// Each field of `line`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";

const file = "/etc/app.conf";

eachField("line", {
  machine: inMemory((host) => host.outside.write(file, "a\n")),
  name: "l",
  fields: { file, state: "exists", content: "x" },
  changes: {
    file: { outside: ({ host }) => host.outside.remove(file), repair: ['+ add the line "x" to a new file'] },
    state: {
      fields: { state: "absent" },
      outside: ({ host }) => host.outside.write(file, "a\nx\n"),
      repair: ['- remove the line "x"'],
    },
    content: { outside: ({ host }) => host.outside.write(file, "a\nxx\n"), repair: ['+ add the line "x"'] },
  },
  parameters: { trim: "it says how `content` is read" },
});
