// SPDX-License-Identifier: Apache-2.0
// Each field of `ssh:authorized_key`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";

const key = "AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const alice = `ssh-ed25519 ${key} alice`;
const file = "/srv/alice/.ssh/authorized_keys";
const parts = { type: "ssh-ed25519", key, comment: "alice", options: ["no-pty"] };

eachField("ssh:authorized_key", {
  machine: inMemory(({ outside }) => {
    outside.write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/srv/alice:/bin/sh\n");
    outside.makeDirectory("/srv/alice");
    outside.setOwner("/srv/alice", 1000, 1000);
  }),
  name: "alice",
  fields: { state: "exists", user: "alice", content: alice },
  changes: {
    state: {
      fields: { state: "absent" },
      before: ({ host }) => host.outside.makeDirectory("/srv/alice/.ssh"),
      outside: ({ host }) => host.outside.write(file, `${alice}\n`),
      repair: ["- remove the key ssh-ed25519 …BwcHBwcH (alice)"],
    },
    file: [
      {
        outside: ({ host }) => host.outside.remove(file),
        repair: ["+ add the key ssh-ed25519 …BwcHBwcH (alice) to a new file"],
      },
      {
        fields: { file: "/etc/keys/alice" },
        outside: ({ host }) => host.outside.rename("/etc/keys/alice", "/etc/keys/bob"),
        repair: ["+ add the key ssh-ed25519 …BwcHBwcH (alice) to a new file"],
      },
      { outside: ({ host }) => host.outside.setMode(file, 0o666), repair: ["~ set mode 0644 (was 0666)"] },
    ],
    user: [
      { outside: ({ host }) => host.outside.setOwner(file, 7, 1000), repair: ["~ set owner 1000 (was 7)"] },
      {
        before: ({ host }) => host.outside.makeDirectory("/var/alice"),
        outside: ({ host }) =>
          host.outside.write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/var/alice:/bin/sh\n"),
        repair: [
          "+ make the directory /var/alice/.ssh, mode 0700, owner 1000",
          "+ add the key ssh-ed25519 …BwcHBwcH (alice) to a new file",
        ],
      },
      {
        before: ({ host }) => host.outside.makeDirectory("/srv/alice/.ssh"),
        outside: ({ host }) => {
          host.outside.setOwner("/srv/alice", 1001, 1000);
          host.outside.write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1001:1000::/srv/alice:/bin/sh\n");
        },
        repair: ["~ set owner 1001 (was 1000)"],
      },
    ],
    content: {
      outside: ({ host }) => host.outside.write(file, `${alice}2\n`),
      repair: ["~ change the line of the key ssh-ed25519 …BwcHBwcH (alice)"],
    },
    options: {
      fields: { content: "", ...parts },
      outside: ({ host }) => host.outside.write(file, `${alice}\n`),
      repair: ["~ change the line of the key ssh-ed25519 …BwcHBwcH (alice)"],
    },
    type: {
      fields: { content: "", ...parts, options: [] },
      outside: ({ host }) => host.outside.write(file, `ssh-rsa ${key} alice\n`),
      repair: ["+ add the key ssh-ed25519 …BwcHBwcH (alice)"],
    },
    key: {
      fields: { content: "", ...parts, options: [] },
      outside: ({ host }) => host.outside.write(file, `ssh-ed25519 ${key.replace("IAcH", "IAgH")} alice\n`),
      repair: ["+ add the key ssh-ed25519 …BwcHBwcH (alice)"],
    },
    comment: {
      fields: { content: "", ...parts, options: [] },
      outside: ({ host }) => host.outside.write(file, `ssh-ed25519 ${key} bob\n`),
      repair: ["~ change the line of the key ssh-ed25519 …BwcHBwcH (alice)"],
    },
    mkdir: {
      outside: ({ host }) => host.outside.remove("/srv/alice/.ssh"),
      repair: [
        "+ make the directory /srv/alice/.ssh, mode 0700, owner 1000",
        "+ add the key ssh-ed25519 …BwcHBwcH (alice) to a new file",
      ],
    },
  },
});
