// SPDX-License-Identifier: Apache-2.0
// What a person sees of machines that are installed, on a clock that the test drives.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "../contract/event.ts";
import { drivenClock } from "../host/memory/index.ts";
import { MachineScreen, type ScreenOptions } from "./provisioner-screen.ts";

const machines = [
  { name: "web1", mac: "52:54:00:12:34:56" },
  { name: "database1", mac: "" },
];

function start(options: Partial<ScreenOptions> & { readonly colour?: boolean }) {
  const clock = drivenClock();
  let written = "";
  const write = (text: string): void => {
    written += text;
  };
  const isColoured = options.colour === true;
  const terminal = { stdout: write, stderr: write, colour: { stdout: isColoured, stderr: isColoured } };
  const screen = new MachineScreen(terminal, clock, { machines, json: false, isQuiet: true, ...options });
  const said = (name: string, line: string): void =>
    screen.notice({
      type: "said",
      resource: `print[machine ${name}]`,
      line,
      stream: "stdout",
    } as unknown as EngineEvent);
  /** What was written since the last time, without what moves and colours. */
  const take = (): string => {
    // oxlint-disable-next-line no-control-regex
    const text = written.replaceAll(/\u001b\[[0-9]*[A-Z]/g, "");
    written = "";
    return text;
  };
  return { clock, screen, said, take };
}

test("a table that stays in its place tells stages, what the installer does, and how long", async () => {
  const { clock, screen, said, take } = start({ colour: true });
  said("web1", "armed");
  await clock.advance(65_000);
  take();
  said("web1", "installing: packages");
  assert.equal(
    take(),
    "machine    address            stage                         for (in all)\n" +
      "web1       52:54:00:12:34:56  installing: packages          0:00 (1:05)\n" +
      "database1  any machine                                      1:05 (1:05)\n",
  );
  await clock.advance(3_600_000);
  assert.match(take(), /installing: packages {10}1:00:00 \(1:01:05\)\n.*\n$/);
  screen.end();
  await clock.advance(10_000);
  assert.equal(take(), "");
});

test("where nobody looks on there is a line for each stage", () => {
  const { said, take, screen } = start({});
  said("web1", "armed");
  said("other", "armed");
  said("web1", "installing: packages");
  said("web1", "done");
  assert.equal(take(), "web1: armed\nweb1: installing: packages\nweb1: done\n");
  assert.equal(screen.allOver, false);
  said("database1", "failed");
  assert.deepEqual([screen.allOver, screen.hasFailed], [true, true]);
});

test("with --json there is an object for each", () => {
  const { said, take } = start({ json: true, colour: true });
  said("web1", "installing: packages");
  assert.deepEqual(JSON.parse(take()), {
    version: 1,
    type: "machine",
    name: "web1",
    mac: "52:54:00:12:34:56",
    stage: "installing",
    progress: "packages",
  });
});

test("machines that nobody named, and servers of others, are told", () => {
  const { screen, take } = start({ colour: true });
  const hear = (line: string): void =>
    screen.notice({ type: "said", resource: "dhcp:server[:67]", line, stream: "stderr" } as unknown as EngineEvent);
  hear("52:54:00:12:34:99, PXE on bios, asks: is not declared, and is left alone");
  hear("52:54:00:12:34:56 has 192.168.42.13");
  hear("another DHCP server, 192.168.42.254, gives addresses on eth1 too");
  assert.match(
    take(),
    /\n\? 52:54:00:12:34:99, PXE on bios, asks: is not declared, and is left alone\n\? another DHCP/,
  );
});
