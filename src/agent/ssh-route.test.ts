// SPDX-License-Identifier: Apache-2.0
// The way to a store over SSH, on machines in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../contract/failure.ts";
import { memoryHost } from "../host/memory/index.ts";
import { openSshRoute, sshPlaceOf } from "./ssh-route.ts";

const hostKey = `AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;

function jump() {
  const host = memoryHost();
  const { outside, clock } = host;
  const pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nmine\n";
  outside.makeDirectory("/root/.ssh");
  outside.write("/root/.ssh/id_ed25519", pem);
  const machine = {
    hostKey,
    users: new Map([["root", { keys: [pem], passwords: [] }]]),
    listening: new Map([["127.0.0.1:2379", (text: string) => `store: ${text}`]]),
    run: () => 0,
  };
  outside.ssh.machines.set("jump:22", machine);
  const told: string[] = [];
  const place = sshPlaceOf({ url: "jump", hostKey });
  const route = openSshRoute(place, host, (message) => told.push(message));
  const settle = async (ms = 0): Promise<void> => {
    await clock.advance(ms);
    for (let turn = 0; turn < 20; turn += 1) await clock.settle();
  };
  return { host, machine, told, route, settle };
}

test("each server has a socket, and all go through one connection, which is made anew", async () => {
  const { host, told, route, settle, machine } = jump();
  const { ssh } = host.outside;
  assert.equal(ssh.open, 0);
  const path = route.socketFor("http://127.0.0.1:2379");
  assert.equal(route.socketFor("http://127.0.0.1:2379"), path);
  await settle();
  assert.equal(ssh.askHere(path, "who?"), "store: who?");
  machine.listening.set("192.0.2.8:2379", () => "second");
  const second = route.socketFor("http://192.0.2.8:2379");
  await settle();
  assert.equal(ssh.askHere(second, ""), "second");
  assert.equal(ssh.open, 1);
  ssh.machines.delete("jump:22");
  ssh.breakOff("jump:22");
  await settle(5000);
  assert.equal(ssh.askHere(path, "who?"), undefined);
  assert.match(
    told.join("\n"),
    /broke off: it ended\n.*hint: .*\njump cannot be reached over SSH: nobody listens there\n/,
  );
  assert.equal(told.length, 2);
  ssh.machines.set("jump:22", machine);
  await settle(10_000);
  assert.equal(ssh.askHere(path, "who?"), "store: who?");
  assert.equal(told.at(-1), "jump is reached over SSH again");
  await route.close();
  assert.equal(ssh.open, 0);
});

test("a route that was never used connects to nobody", async () => {
  const { host, route, settle } = jump();
  await settle();
  assert.equal(host.outside.ssh.open, 0);
  await route.close();
});

test("options that make no sense are refused, and no password is taken", () => {
  for (const [wishes, why] of [
    [{ url: "no where" }, /no address/],
    [{ url: "me:secret@jump" }, /password/],
    [{ url: "jump", hostKey: "short" }, /no key of a host/],
  ] as const) {
    assert.throws(() => sshPlaceOf(wishes), (reason) => reason instanceof Failure && why.test(reason.message) && !reason.message.includes("secret")); // biome-ignore format: one line
  }
  const key = `${hostKey}`;
  assert.deepEqual(sshPlaceOf({ url: `me@jump:2222?hostkey=${key}`, keyFile: "/k" }), {
    host: "jump",
    port: 2222,
    user: "me",
    hostKey: key,
    keyFile: "/k",
  });
});
