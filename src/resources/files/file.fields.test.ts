// SPDX-License-Identifier: Apache-2.0
// Each field of `file`, changed by others on a machine in memory.

import { eachField, inMemory } from "../../../test/fields.ts";
import type { MemoryHost } from "../../host/memory/index.ts";

const path = "/srv/x";
const { signal } = new AbortController();

function prepare({ outside }: MemoryHost): void {
  for (const directory of ["/srv", "/parts", "/tree/in"]) outside.makeDirectory(directory);
  outside.write("/parts/a", "a\n");
  outside.write("/parts/b", "b\n");
  outside.write("/tree/in/file", "one\n");
  outside.addUser("alice", 1000);
  outside.addGroup("staff", 50);
}

eachField("file", {
  machine: inMemory(prepare),
  name: path,
  fields: { state: "exists" },
  changes: {
    path: { outside: ({ host }) => host.outside.rename(path, "/srv/y"), repair: ["+ make an empty file"] },
    dirname: {
      fields: { dirname: "/srv/d/", recurse: true },
      outside: ({ host }) => host.outside.remove("/srv/d"),
      repair: ["+ make the directory /srv/d/ and the directories above it", "+ make an empty file"],
    },
    basename: {
      fields: { basename: "y" },
      outside: ({ host }) => host.outside.rename("/srv/y", "/srv/z"),
      repair: ["+ make an empty file"],
    },
    state: [
      { outside: ({ host }) => host.outside.remove(path), repair: ["+ make an empty file"] },
      {
        fields: { state: "absent" },
        outside: ({ host }) => host.outside.write(path, ""),
        repair: ["- remove the file"],
      },
      {
        name: "/srv/d/",
        fields: { state: "absent", recurse: true },
        outside: ({ host }) => host.outside.makeDirectory("/srv/d"),
        repair: ["- remove the directory"],
      },
    ],
    content: {
      fields: { content: "hello\n" },
      outside: ({ host }) => host.outside.write(path, "hallo\n"),
      repair: ["~ write 6 bytes (was 6)"],
    },
    source: [
      {
        fields: { source: "/parts/a" },
        outside: ({ host }) => host.outside.write("/parts/a", "other\n"),
        repair: ["~ copy 6 bytes from /parts/a (was 2)"],
      },
      {
        fields: { source: "/parts/a" },
        outside: ({ host }) => host.outside.write(path, "other\n"),
        repair: ["~ copy 2 bytes from /parts/a (was 6)"],
      },
      {
        name: "/srv/tree/",
        fields: { source: "/tree/", recurse: true },
        outside: ({ host }) => host.outside.write("/tree/in/second", "two\n"),
        repair: ["+ copy 4 bytes from /tree/in/second to in/second, mode 0644"],
      },
      {
        name: "/srv/tree/",
        fields: { source: "/tree/", recurse: true },
        outside: ({ host }) => host.outside.write("/srv/tree/in/file", "two\n"),
        repair: ["~ copy 4 bytes from /tree/in/file to in/file (was 4)"],
      },
    ],
    fragments: [
      {
        fields: { fragments: ["/parts/"] },
        outside: ({ host }) => host.outside.write("/parts/c", "c\n"),
        repair: ["~ write 6 bytes (was 4)"],
      },
      {
        fields: { fragments: ["/parts/b", "/parts/a"] },
        outside: ({ host }) => host.outside.write("/parts/a", "longer\n"),
        repair: ["~ write 9 bytes (was 4)"],
      },
    ],
    owner: [
      {
        fields: { owner: "1000" },
        outside: ({ host }) => host.outside.setOwner(path, 7, 0),
        repair: ["~ set owner 1000 (was 7)"],
      },
      {
        fields: { owner: "alice" },
        outside: ({ host }) => host.outside.write("/etc/passwd", "root:x:0:0::/:/bin/sh\nalice:x:2000:0::/:/bin/sh\n"),
        repair: ["~ set owner alice (2000, was 1000)"],
      },
    ],
    group: [
      {
        fields: { group: "staff" },
        outside: ({ host }) => host.outside.setOwner(path, 0, 7),
        repair: ["~ set group staff (50, was 7)"],
      },
      {
        fields: { group: "staff" },
        outside: ({ host }) => host.outside.write("/etc/group", "root:x:0:\nstaff:x:51:\n"),
        repair: ["~ set group staff (51, was 50)"],
      },
    ],
    mode: [
      {
        fields: { mode: "0640" },
        outside: ({ host }) => host.outside.setMode(path, 0o666),
        repair: ["~ set mode 0640 (was 0666)"],
      },
      {
        name: "/srv/link",
        fields: { symlink: true, source: "/parts/a", mode: "0600" },
        outside: ({ host }) => host.outside.setMode("/parts/a", 0o644),
        repair: ["~ set mode 0600 of /parts/a (was 0644)"],
      },
    ],
    purge: {
      name: "/srv/d/",
      fields: { purge: true, recurse: true },
      before: ({ host }) => host.outside.makeDirectory("/srv/d/deep"),
      outside: ({ host }) => host.outside.write("/srv/d/stray", ""),
      repair: ["- remove stray"],
    },
    symlink: [
      {
        name: "/srv/link",
        fields: { symlink: true, source: "/parts/a" },
        outside: ({ host }) => host.outside.link("/srv/link", "/parts/b"),
        repair: ["~ link to /parts/a (was /parts/b)"],
      },
      {
        name: "/srv/link",
        fields: { symlink: true, source: "/parts/a", force: true },
        outside: ({ host }) => {
          host.outside.remove("/srv/link");
          host.outside.write("/srv/link", "a\n");
        },
        repair: ["~ link to /parts/a (was a file)"],
      },
    ],
    selinux: {
      fields: { selinux: "system_u:object_r:etc_t:s0" },
      outside: ({ host }) => host.files.setSecurityContext(path, "system_u:object_r:tmp_t:s0", signal),
      repair: ["~ set the SELinux context system_u:object_r:etc_t:s0 (was system_u:object_r:tmp_t:s0)"],
    },
  },
  parameters: {
    recurse: "it says how far the other fields reach",
    force: "it says what may be removed on the way",
    validate: "it says who judges new content",
  },
});
