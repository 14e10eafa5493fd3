// SPDX-License-Identifier: Apache-2.0
// The files of a program, of a module below it and of one of somebody else, seen from each.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployed } from "../../base/span.ts";
import type { LocalStore } from "../../contract/local-store.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { createLocalStore } from "../../host/local-store.ts";
import { check, checkFails } from "../check.test-support.ts";
import { follow } from "../stream.test-support.ts";

const program: Deployed = { directory: "/srv/site/", root: "/srv/site/", modules: "/opt/modules/" };
const below: Deployed = { ...program, directory: "/srv/site/lib/" };
const module: Deployed = { ...program, directory: "/opt/modules/example.org/x/" };

function hostWithFiles(): MemoryHost {
  const host = memoryHost();
  for (const path of ["/srv/site/files/deep", "/srv/site/lib/files", "/opt/modules/example.org/x/files", "/etc"]) {
    host.outside.makeDirectory(path);
  }
  host.outside.write("/srv/site/files/motd", "of the program\n");
  host.outside.write("/srv/site/files/deep/a", "a\n");
  host.outside.write("/srv/site/lib/files/motd", "of the part\n");
  host.outside.write("/opt/modules/example.org/x/files/motd", "of the module\n");
  host.outside.write("/etc/motd", "of the machine\n");
  return host;
}

interface Options {
  readonly deployed?: Deployed;
  readonly host?: MemoryHost;
  readonly local?: LocalStore;
}

async function checkOne(name: string, path: string, expected: string | boolean | RegExp, options: Options = {}) {
  const { deployed, host = hostWithFiles(), local } = options;
  const more = { ...(deployed === undefined ? {} : { deployed }), ...(local === undefined ? {} : { local }) };
  const follower = follow(host, `deploy.${name}`, [path], more);
  const values = await follower.take();
  if (expected instanceof RegExp) assert.match(String(follower.end), expected);
  else assert.deepEqual([values, follower.end instanceof Error ? follower.end : undefined], [[expected], undefined]);
  await follower.stop();
}

test("a file is read from the directory of the module with the call", async () => {
  await checkOne("readfile", "/files/motd", "of the program\n", { deployed: program });
  await checkOne("readfile", "/files/motd", "of the part\n", { deployed: below });
  await checkOne("readfile", "/files/motd", "of the module\n", { deployed: module });
  await checkOne("readfile", "/files/../files//motd", "of the module\n", { deployed: module });
  await checkOne("readfile", "/../files/motd", "of the program\n", { deployed: below });
  await checkOne("readfile", "files/motd", /must begin with a slash/, { deployed: program });
  await checkOne("readfile", "/files/none", /the program has no file "\/files\/none"/, { deployed: program });
  await checkOne("readfile", "/../../etc/motd", /leads out of the program/, { deployed: program });
  await checkOne("readfile", "/files/motd", /no files belong to the code/);
});

test("a file that is edited is new, and one that goes for a moment is kept", async () => {
  const host = hostWithFiles();
  const follower = follow(host, "deploy.readfile", ["/files/motd"], { deployed: program });
  assert.deepEqual(await follower.take(), ["of the program\n"]);
  host.outside.remove("/srv/site/files/motd");
  assert.deepEqual(await follower.take(), []);
  host.outside.write("/srv/site/files/motd", "edited\n");
  assert.deepEqual(await follower.take(), ["edited\n"]);
  await follower.stop();
  assert.equal(follower.end, "stopped");
});

test("every file has one place in the deploy, whoever asks", async () => {
  await checkOne("abspath", "", "/", { deployed: program });
  await checkOne("abspath", "", "/lib/", { deployed: below });
  await checkOne("abspath", "", "/modules/example.org/x/", { deployed: module });
  await checkOne("abspath", "/files/motd", "/lib/files/motd", { deployed: below });
  await checkOne("abspath", "files/motd", /must begin with a slash/, { deployed: below });
  await checkOne("abspath", "", /has no place in the deploy/, { deployed: { ...program, directory: "/elsewhere/" } });
  for (const deployed of [program, below, module]) {
    await checkOne("readfileabs", "/files/motd", "of the program\n", { deployed });
    await checkOne("readfileabs", "lib/files/motd", "of the part\n", { deployed });
    await checkOne("readfileabs", "/modules/example.org/x/files/motd", "of the module\n", { deployed });
    await checkOne("readfileabs", "/../../etc/motd", /no file "\/\.\.\/\.\.\/etc\/motd"/, { deployed });
    await checkOne("readfileabs", "/modules/none", /no file/, { deployed });
  }
});

test("modules of a program's own stand before those of others in the same place", async () => {
  const host = hostWithFiles();
  host.outside.makeDirectory("/srv/site/modules/example.org/x/files");
  host.outside.write("/srv/site/modules/example.org/x/files/motd", "own\n");
  const deployed: Deployed = { ...program, directory: "/srv/site/modules/example.org/x/" };
  await checkOne("abspath", "", "/modules/example.org/x/", { deployed });
  await checkOne("readfileabs", "/modules/example.org/x/files/motd", "own\n", { deployed, host });
  const inside: Deployed = { ...deployed, modules: "/srv/site/modules/" };
  await checkOne("abspath", "", "/modules/example.org/x/", { deployed: inside });
  await checkOne("readfileabs", "/modules/example.org/x/files/motd", "own\n", { deployed: inside, host });
});

test("directories exist as well as files", async () => {
  await checkOne("file_exists", "/files/motd", true, { deployed: below });
  await checkOne("file_exists", "/files/", true, { deployed: below });
  await checkOne("file_exists", "/files/deep", false, { deployed: below });
  await checkOne("file_exists", "files", /must begin with a slash/, { deployed: below });
});

test("a directory is copied to a private place, which follows the program", async () => {
  const host = hostWithFiles();
  const local = createLocalStore(host, "/var/lib/mgmt");
  const target = "/var/lib/mgmt/local/vardir/directory/files/";
  const options = { deployed: program, host, local };
  await checkOne("directory", "/files/", target, options);
  assert.equal(host.outside.read(`${target}motd`), "of the program\n");
  assert.equal(host.outside.read(`${target}deep/a`), "a\n");
  host.outside.remove("/srv/site/files/motd");
  host.outside.write("/srv/site/files/deep/a", "b\n");
  await checkOne("directory", "/files/", target, options);
  assert.equal(host.outside.read(`${target}motd`), undefined);
  assert.equal(host.outside.read(`${target}deep/a`), "b\n");
  await checkOne("directory", "/", "/var/lib/mgmt/local/vardir/directory/modules/example.org/x/", {
    ...options,
    deployed: module,
  });
  await checkOne("directory", "/files", /must end with a slash/, options);
  await checkOne("directory", "files/", /must begin with a slash/, options);
  await checkOne("directory", "/none/", /has no directory "\/none\/"/, options);
  await checkOne("directory", "/files/deep/a/", /has no directory/, options);
});

test("the program itself, and what the original needed", () => {
  check("deploy.binary_path", [], "/usr/bin/mgmt");
  check("deploy.bootstrap_packages", ["debian"], ["libaugeas-dev", "libvirt-dev", "packagekit-tools"]);
  check("deploy.bootstrap_packages", ["fedora"], ["augeas-devel", "libvirt-devel", "PackageKit"]);
  checkFails("deploy.bootstrap_packages", ["plan9"], "fatal", /no packages of "plan9"/);
});
