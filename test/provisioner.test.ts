// SPDX-License-Identifier: Apache-2.0
// What the provisioner serves for machines of every sort, letter by letter, and what it refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { testGoldenFiles } from "./golden.ts";
import { servedFiles } from "./served-files.ts";

const languages: Readonly<Record<string, string>> = { sh: "sh", ipxe: "ipxe" };

testGoldenFiles("test/cases/provisioner", {
  produce: async ({ input }) =>
    [...(await servedFiles(input("source")))].map(([heading, text]) => ({
      heading,
      language: languages[heading.split(".").at(-1) ?? ""] ?? "text",
      text: text.endsWith("\n") ? text : `${text}\n`,
    })),
});

/** A machine with these fields. */
function servedFor(fields: string): Promise<ReadonlyMap<string, string>> {
  return servedFiles(`import "embedded/provisioner"
include provisioner.base(struct{interface => "eth1", binary => "/usr/bin/mgmt"}) as base
include base.repo(struct{distro => "debian", version => "13", files => "/srv/debian/"}) as repo
include base.host("web1", struct{repo => $repo.uid, ${fields}})
`);
}

test("a machine without an address, or with a wrong one, is never any machine", async () => {
  await assert.rejects(servedFor('disk => "first"'), /a machine has a mac/);
  await assert.rejects(servedFor('mac => ""'), /a machine has a mac/);
  await assert.rejects(servedFor('mac => "52:54:00"'), /"52:54:00" is no MAC address/);
  assert.ok((await servedFor("any => true")).has("http /menu.ipxe"));
});

test("what would break out of a script is refused", async () => {
  const mac = 'mac => "52:54:00:12:34:56"';
  await assert.rejects(servedFor(`${mac}, disk => "a'b"`), /there is a quote in disk/);
  await assert.rejects(servedFor(`${mac}, sshkey => "ssh-rsa A it's me"`), /there is a quote in an SSH key/);
  await assert.rejects(servedFor(`${mac}, part => "zfs"`), /part is plain, lvm or btrfs/);
});
