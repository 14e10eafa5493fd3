// SPDX-License-Identifier: Apache-2.0
// The bus of a real machine, with a daemon of its own and a program that speaks through the library's lowest layer.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import dbus from "dbus-native";
import { type BusBench, busContract } from "../bus.contract.test-support.ts";
import { fails, never } from "../bench.test-support.ts";
import { LinuxBus, linuxBuses } from "./bus.ts";
import { linuxClock } from "./clock.ts";

const program = ["/usr/bin/dbus-daemon", "/bin/dbus-daemon"].find((path) => existsSync(path));

async function makeBench(): Promise<(BusBench & { readonly own: LinuxBus }) | undefined> {
  if (program === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), "mgmt-bus-"));
  const address = `unix:path=${join(directory, "bus")}`;
  let daemon = await startDaemon(program, address);
  let echo = await startEcho(address);
  const own = new LinuxBus("system", () => address, linuxClock());
  const stop = async () => {
    if (daemon.signalCode !== null) return;
    const ended = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await ended;
    rmSync(join(directory, "bus"), { force: true });
  };
  return {
    bus: own,
    own,
    emit: async (path, member, signature, ...values) => echo.emit(path, member, signature, values),
    replace: async () => {
      echo.connection.end();
      echo = await startEcho(address);
    },
    restart: async () => {
      await stop();
      daemon = await startDaemon(program, address);
      echo = await startEcho(address);
    },
    stop,
    pass: (ms) => pause(ms),
    close: async () => {
      echo.connection.end();
      await stop();
      rmSync(directory, { recursive: true });
    },
  };
}

async function startDaemon(path: string, address: string): Promise<ChildProcess> {
  const args = ["--session", "--nofork", "--nopidfile", "--nosyslog", `--address=${address}`, "--print-address"];
  const daemon = spawn(path, args, { stdio: ["ignore", "pipe", "ignore"] });
  await once(daemon.stdout, "data");
  return daemon;
}

const methodCall = 1;
const methodReturn = 2;
const errorReply = 3;
const signalType = 4;

async function startEcho(address: string) {
  const connection = dbus.createConnection({ busAddress: address, variants: "wrap" });
  connection.on("error", () => {});
  let serial = 1;
  const send = (message: object) => connection.message({ serial: serial++, ...message });
  const ask = (member: string, signature?: string, ...body: readonly unknown[]) => {
    const to = {
      destination: "org.freedesktop.DBus",
      path: "/org/freedesktop/DBus",
      interface: "org.freedesktop.DBus",
    };
    send({ type: methodCall, ...to, member, ...(signature === undefined ? {} : { signature, body }) });
  };
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  connection.on("message", (message) => {
    if (message.type === signalType && message.member === "NameAcquired") {
      if (message.body?.[0] === "org.example.Echo") resolve();
    }
    if (message.type !== methodCall) return;
    const reply = { destination: message.sender, replySerial: message.serial };
    const refuse = (errorName: string, text: string) =>
      send({ type: errorReply, ...reply, errorName, signature: "s", body: [text] });
    const { signature, body } = message;
    if (message.member === "Echo") send({ type: methodReturn, ...reply, ...(signature ? { signature, body } : {}) });
    else if (message.member === "Fail") refuse("org.example.Broken", "it is broken.");
    else if (message.member !== "Silent") refuse("org.freedesktop.DBus.Error.UnknownMethod", `no ${message.member}`);
  });
  await once(connection, "connect");
  ask("Hello");
  ask("RequestName", "su", "org.example.Echo", 0);
  await ready;
  return {
    connection,
    emit(path: string, member: string, signature: string, body: readonly unknown[]) {
      const values = signature === "" ? {} : { signature, body };
      send({ type: signalType, path, interface: "org.example.Echo", member, ...values });
    },
  };
}

busContract("the real machine", makeBench);

it("a bus connects when it is first used", async (context) => {
  const bench = await makeBench();
  if (bench === undefined) {
    context.diagnostic("not tried: there is no dbus-daemon on this machine");
    return;
  }
  assert.equal(bench.own.isConnected, false);
  await bench.own.call(
    {
      destination: "org.freedesktop.DBus",
      path: "/",
      interface: "org.freedesktop.DBus",
      method: "GetId",
      returns: "s",
    },
    never(),
  );
  assert.equal(bench.own.isConnected, true);
  await bench.close();
});

it("a user without a session is told so", async () => {
  const { session } = linuxBuses(linuxClock(), {});
  await fails("unreachable", session.signals({}, never()).next(), "this user has no session bus");
});
