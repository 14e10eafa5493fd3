// SPDX-License-Identifier: Apache-2.0
// What a machine may boot, as it comes to its stages, is armed anew, and as others speak in its name; on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../../host/memory/index.ts";
import { bytesOf } from "../../values/bytes.ts";
import { Trial } from "../trial.test-support.ts";

const form = { "content-type": "application/x-www-form-urlencoded" };
const place = "/action/done/mac=52:54:00:12:34:56";

const program = (arm: string): string => `
import "embedded/provisioner"
include provisioner.base(struct{interface => "eth1", router => "192.168.42.1/24", binary => "/binary"}) as base
include base.repo(struct{distro => "debian", version => "13", files => "/srv/debian/"}) as debian
include base.host("web1", struct{repo => $debian.uid, mac => "52:54:00:12:34:56", arm => "${arm}"}) as web1
file "/stage" { state => "exists", content => $web1.stage, }
`;

function asking(trial: Trial) {
  return async (target: string, body?: string): Promise<{ readonly status: number; readonly text: string }> => {
    const method = body === undefined ? "GET" : "POST";
    const asked = trial.host.outside.strangers.ask(4280, { target, method, headers: form, body: bytesOf(body ?? "") });
    await trial.host.clock.settle();
    const answered = await asked;
    return { status: answered?.status ?? 0, text: new TextDecoder().decode(answered?.body) };
  };
}

test("a machine is offered a system until it is done, by its token alone, and again when it is armed anew", async () => {
  const host = memoryHost();
  const trial = await Trial.start(program(""), host);
  const ask = asking(trial);
  const stage = (): string | undefined => host.outside.read("/stage");
  const tokenOf = async (): Promise<string> =>
    /\?token=([0-9a-f]{32})/.exec((await ask("/52-54-00-12-34-56.ipxe")).text)?.[1] ?? "none";

  assert.equal(stage(), "armed");
  const token = await tokenOf();
  assert.equal((await ask("/preseed/52:54:00:12:34:56.cfg")).status, 401);
  assert.equal((await ask(`/preseed/52:54:00:12:34:56.cfg?token=${token}`)).status, 200);
  assert.equal((await ask(place, "done=true")).status, 401);
  assert.equal((await ask(`${place}?token=${"0".repeat(32)}`, "done=true")).status, 403);
  assert.equal(stage(), "armed");
  assert.equal((await ask(`${place}?token=${token}`, "stage=installing")).status, 200);
  assert.equal(stage(), "installing");
  assert.equal((await ask(`${place}?token=${token}`, "done=true")).status, 200);
  assert.equal(stage(), "done");
  for (const path of ["/52-54-00-12-34-56.ipxe", `/preseed/52:54:00:12:34:56.cfg?token=${token}`])
    assert.equal((await ask(path)).status, 404, path);

  // A late word of a stage before changes nothing.
  await ask(`${place}?token=${token}`, "stage=booting");
  assert.equal(stage(), "done");

  await trial.edit(program("again"));
  assert.equal(stage(), "armed");
  const next = await tokenOf();
  assert.notEqual(next, token);
  assert.equal((await ask(`${place}?token=${token}`, "done=true")).status, 403);
  assert.equal((await ask(`${place}?token=${next}`, "done=true")).status, 200);
  assert.equal(stage(), "done");
  await trial.stop();
});
