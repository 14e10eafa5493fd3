// SPDX-License-Identifier: Apache-2.0
// Machines by a list in the store: they are served like those of a program, and let themselves in when they are done.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../../host/memory/index.ts";
import { withMembers } from "../../resource-graph/vertex.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { Trial } from "../trial.test-support.ts";

const mac = "52:54:00:12:34:56";
const loaders = "/srv/debian/debian-installer/amd64";

const program = (list: string): string => `import "embedded/provisioner"
include provisioner.base(struct{interface => "eth1", network => "", binary => "/usr/bin/mgmt", prefix => "/cache/"}) as base
include base.repo(struct{distro => "debian", version => "13", files => "/srv/debian/"}) as repo
include base.runner(struct{})
kv "provisioner/hosts" {
	value => "${list.replaceAll('"', '\\"')}",
}
kv "provisioner_etcd_server" {
	value => "{\\"host\\": \\"192.0.2.1\\", \\"port\\": 2222, \\"hostkey\\": \\"AAAAC3Nza\\"}",
}
`;

const listed = `[{"name": "web1", "mac": "${mac}", "repo": "debian13-amd64"}]`;

test("a machine of the list is installed, reaches the store over SSH, and exports its key when it is done", async () => {
  const host = memoryHost();
  for (const file of [
    "linux",
    "initrd.gz",
    "pxelinux.0",
    "bootnetx64.efi",
    "grubx64.efi",
    "boot-screens/ldlinux.c32",
  ]) {
    const path = `${loaders}/${file}`;
    host.outside.makeDirectory(path.slice(0, path.lastIndexOf("/")));
    host.outside.write(path, file);
  }
  host.outside.makeDirectory("/usr/bin");
  host.outside.write("/usr/bin/mgmt", "mgmt");
  const trial = await Trial.start(program(listed), host);
  await host.clock.advance(60_000);
  const ask = async (target: string, method = "GET", body = ""): Promise<string> => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const asked = host.outside.strangers.ask(4280, { target, method, headers, body: bytesOf(body) });
    await host.clock.settle();
    return textOf((await asked)?.body ?? new Uint8Array());
  };
  const names = () =>
    trial.run.view.graph.vertices
      .flatMap((vertex) => [...withMembers(vertex)])
      .map(({ kind, name }) => `${kind.kind}[${name}]`);
  const token = /token=(\w+)/.exec(await ask("/52-54-00-12-34-56.ipxe"))?.[1] ?? "";
  const finish = await ask(`/finish/${mac}.sh?token=${token}`);
  assert.match(
    finish,
    / '--seeds=http:\/\/127\.0\.0\.1:2379' '--ssh-url=root@192\.0\.2\.1:2222' --ssh-id=\/root\/\.ssh\/id_ed25519 '--ssh-hostkey=AAAAC3Nza'/,
  );
  const exported = () => trial.run.view.graph.vertices.filter(({ kind }) => kind.kind === "ssh:authorized_key");
  assert.ok(!names().some((name) => name.startsWith("ssh:authorized_key")), names().join("\n"));
  await ask(`/action/done/mac=${mac}?token=${token}`, "POST", "done=true&sshtype=ssh-ed25519&sshkey=AAAA&sshcomment=a");
  await host.clock.advance(5000);
  const [key] = exported();
  assert.deepEqual([key?.name, key?.meta.export, key?.meta.hidden], ["web1", ["*"], true], names().join("\n"));

  // Taken off the list it is let in no more, and nothing is served for it.
  await trial.edit(program("[]"));
  await host.clock.advance(5000);
  assert.deepEqual(
    names().filter((name) => name.includes("web1") || name.includes(mac)),
    [],
  );
  // What it has come to is remembered: on the list again, it is not installed once more.
  await trial.edit(program(listed));
  await host.clock.advance(5000);
  assert.deepEqual(exported().length, 1);
  assert.ok(!names().includes(`http:server:file[/finish/${mac}.sh]`), names().join("\n"));
  await trial.stop();
});
