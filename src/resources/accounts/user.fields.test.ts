// SPDX-License-Identifier: Apache-2.0
// Each field of `user`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";
import type { MemoryHost } from "../../host/memory/index.ts";

const hash = "$6$salt$0123456789";

/** As somebody does with an editor. */
function edit({ outside }: MemoryHost, path: string, from: RegExp | string, to: string): void {
  outside.write(path, (outside.read(path) ?? "").replace(from, to));
}

eachField("user", {
  machine: inMemory(({ outside }) => {
    outside.write("/etc/group", "root:x:0:\nadm:x:4:\nstaff:x:50:\nvideo:x:44:\n");
    outside.makeDirectory("/homes");
  }),
  name: "hal",
  changes: {
    state: [
      { outside: ({ host }) => edit(host, "/etc/passwd", /^hal:.*\n/m, ""), repair: ["+ add the user"] },
      {
        fields: { state: "absent" },
        outside: ({ host }) => host.outside.addUser("hal", 1000),
        repair: ["- remove the user with the number 1000; /home/hal stays"],
      },
    ],
    uid: {
      fields: { uid: 1001 },
      outside: ({ host }) => edit(host, "/etc/passwd", /^hal:x:1001/m, "hal:x:1002"),
      repair: ["~ set the number 1001 (was 1002)"],
    },
    gid: {
      fields: { gid: 50 },
      outside: ({ host }) => edit(host, "/etc/passwd", /^(hal:x:\d+):50/m, "$1:4"),
      repair: ["~ set the primary group 50 (was adm)"],
    },
    group: [
      {
        fields: { group: "staff" },
        outside: ({ host }) => edit(host, "/etc/passwd", /^(hal:x:\d+):50/m, "$1:4"),
        repair: ["~ set the primary group staff (was adm)"],
      },
      {
        fields: { group: "staff" },
        outside: ({ host }) => edit(host, "/etc/group", "staff:x:50", "staff:x:51"),
        repair: ["~ set the primary group staff (was 50)"],
      },
    ],
    groups: [
      {
        fields: { groups: ["adm"] },
        outside: ({ host }) => edit(host, "/etc/group", "adm:x:4:hal", "adm:x:4:"),
        repair: ["~ set the other groups adm (was none)"],
      },
      {
        fields: { groups: [] },
        outside: ({ host }) => edit(host, "/etc/group", "video:x:44:", "video:x:44:hal"),
        repair: ["~ set the other groups to none (was video)"],
      },
    ],
    homedir: {
      fields: { homedir: "/homes/hal/" },
      outside: ({ host }) => edit(host, "/etc/passwd", "/homes/hal", "/homes/other"),
      repair: ["~ set the home directory /homes/hal (was /homes/other)"],
    },
    shell: {
      fields: { shell: "/bin/bash" },
      outside: ({ host }) => edit(host, "/etc/passwd", "/bin/bash", "/bin/sh"),
      repair: ["~ set the shell /bin/bash (was /bin/sh)"],
    },
    comment: {
      fields: { comment: "Hal" },
      outside: ({ host }) => edit(host, "/etc/passwd", ":Hal:", ":Mallory:"),
      repair: ['~ set the comment "Hal" (was "Mallory")'],
    },
    password: {
      fields: { password: hash },
      outside: ({ host }) => edit(host, "/etc/shadow", /\$6\$[^:]*/, "!"),
      repair: ["+ set the password"],
    },
    createhome: {
      fields: { createhome: true },
      outside: ({ host }) => host.outside.remove("/home/hal"),
      repair: ["+ make the home directory /home/hal"],
    },
  },
  parameters: {
    allowduplicateuid: "it says what `uid` may be",
    system: "it says from which numbers that of a new user is taken",
    removehome: "it says what goes with a user that goes",
  },
});
