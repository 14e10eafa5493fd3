// SPDX-License-Identifier: Apache-2.0
// What is remembered of installations, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { prepareProvisioner } from "../agent/provisioner/prepare.ts";
import { memoryHost } from "../host/memory/index.ts";
import { openFormerInstallations } from "./former-installations.ts";

const { signal } = new AbortController();
const course = { packagesMs: [1, 2], wordsMs: { "installing: packages": 1 }, totalMs: 3 };
const list = `- {name: web1, mac: "52:54:00:12:34:01", disk: first, packages: [vim]}
- {name: web2, mac: "52:54:00:12:34:02", packages: [vim]}
- {name: web3, mac: "52:54:00:12:34:03", packages: [vim, git]}
- {name: web4, mac: "52:54:00:12:34:04", packages: [vim], version: "12"}
`;

async function opened(host = memoryHost()) {
  host.outside.makeDirectory("/state");
  host.outside.write("/list.yaml", list);
  const told = { interface: "eth1", mirror: "http://mirror.example.com/debian", distro: "debian", version: "13" };
  const request = { told, machinesFile: "/list.yaml", anyMachine: false, intoCluster: undefined, entrance: undefined };
  const prepared = await prepareProvisioner({ ...request, usual: new Map() }, host, signal);
  return { host, former: await openFormerInstallations("/state", prepared, host, signal) };
}

test("machines that get the same are of one kind, also after another start", async () => {
  const { host, former } = await opened();
  former.keep("web1", course);
  former.keep("nobody", course);
  await former.end();
  for (const kept of [former, (await opened(host)).former]) {
    const found = ["web1", "web2", "web3", "web4", "nobody"].map((name) => kept.of(name));
    assert.deepEqual(found, [course, course, undefined, undefined, undefined]);
  }
});

test("what cannot be read or written is as if nothing was kept", async () => {
  const { host, former } = await opened();
  former.keep("web1", course);
  await former.end();
  const whole = host.outside.read("/state/installations.json") ?? "";
  for (const text of [
    "",
    "{}",
    "[]",
    "null",
    whole.slice(0, -9),
    whole.replace("[1,2]", '["a"]'),
    whole.replace("3}", "null}"),
  ]) {
    host.outside.write("/state/installations.json", text);
    assert.equal((await opened(host)).former.of("web1"), undefined, text);
  }
  host.outside.remove("/state");
  former.keep("web1", course);
  await former.end();
});
