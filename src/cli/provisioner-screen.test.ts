// SPDX-License-Identifier: Apache-2.0
// What a person sees of machines that are installed, on a clock that the test drives.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "../contract/event.ts";
import { drivenClock } from "../host/memory/index.ts";
import { withFleet } from "../exchange/fleet.test-support.ts";
import type { Course } from "./installation-course.ts";
import { MachineScreen, type ScreenOptions } from "./provisioner-screen.ts";

const machines = [
  { name: "web1", mac: "52:54:00:12:34:56", label: "web1", ip: "192.168.42.13", joins: false },
  { name: "database1", mac: "", label: "database1", ip: "", joins: false },
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

test("a machine that is to join the cluster is waited for there", () => {
  const joining = { name: "52-54-00-12-34-56", mac: "52:54:00:12:34:56", label: "web1", ip: "", joins: true };
  const { said, take, screen } = start({ machines: [joining] });
  said(joining.name, "done");
  assert.deepEqual([take(), screen.allOver], ["web1: done\n", false]);
  said(joining.name, "done: in the cluster");
  assert.deepEqual([take(), screen.allOver, screen.hasFailed], ["web1: done: in the cluster\n", true, false]);
});

const debian = "/debian/pool/main";

function asking(screen: MachineScreen) {
  return (from: string, path: string, bytes: number, outcome: "good" | "refused" = "good"): void =>
    screen.hearAsked({ server: "http:server[:4280]", from, what: `GET ${path}`, answer: "200", outcome, bytes });
}

test("what a machine fetches shows that it lives, until it is done", async () => {
  const { clock, screen, said, take } = start({ colour: true });
  const asked = asking(screen);
  const shown = async (): Promise<string> => {
    take();
    await clock.advance(1000);
    return take();
  };
  said("web1", "installing: the base system");
  asked("192.168.42.13", "/debian/dists/trixie/Release", 200_000);
  assert.match(await shown(), /\n {11}1 file, 0\.2 MB, the last: Release\n/);
  for (let times = 0; times < 2; times += 1) asked("192.168.42.13", `${debian}/b/bash/bash_5.2_amd64.deb`, 1_500_000);
  asked("192.168.42.13", `${debian}/n/nothing_1_amd64.deb`, 9, "refused");
  asked("192.168.42.99", `${debian}/z/zsh/zsh_5.9_amd64.deb`, 1);
  assert.match(await shown(), /\n {11}1 package, 1\.5 MB, the last: bash_5\.2_amd64\.deb\n/);
  said("web1", "done");
  assert.doesNotMatch(await shown(), /bash/);
});

test("a machine whose address nobody said is known by what is served for it alone", async () => {
  const { clock, screen, take } = start({
    colour: true,
    machines: [
      { name: "web1", mac: "52:54:00:12:34:56", label: "web1", ip: "", joins: false },
      { name: "any", mac: "", label: "any", ip: "", joins: false },
    ],
  });
  const asked = asking(screen);
  asked("192.0.2.7", `${debian}/z/zsh_5.9_amd64.deb`, 1);
  asked("192.0.2.8", "/52-54-00-12-34-56.ipxe", 100);
  asked("192.0.2.8", `${debian}/b/bash_5.2_amd64.deb`, 100_000);
  asked("192.0.2.9", "/preseed/default.cfg", 100);
  asked("192.0.2.9", `${debian}/v/vim_9_amd64.deb`, 200_000);
  await clock.advance(1000);
  const shown = take();
  assert.match(shown, /web1.*\n +1 package, 0\.1 MB, the last: bash_5\.2_amd64\.deb\nany.*\n +1 package, 0\.2 MB/);
  assert.doesNotMatch(shown, /zsh/);
});

test("how far an installation is, is told about when one of its kind was seen to its end", async () => {
  const kept: [string, Course][] = [];
  const former = { of: (name: string) => kept.find(([own]) => own === name)?.[1], keep: (...all: [string, Course]) => void kept.unshift(all) }; // biome-ignore format: one line
  const install = async (options: Parameters<typeof start>[0], after: (step: string, shown: string) => void) => {
    const { clock, screen, said, take } = start({ former, ...options });
    const asked = asking(screen);
    const step = async (name: string, ms: number): Promise<void> => {
      take();
      await clock.advance(ms);
      after(name, take());
    };
    asked("192.168.42.13", "/preseed/52:54:00:12:34:56.cfg", 100);
    said("web1", "booting");
    await step("booting", 100_000);
    for (let count = 0; count < 100; count += 1) asked("192.168.42.13", `${debian}/p/p${count}_1_amd64.deb`, 10_000);
    await step("fetched", 1000);
    await step("unpacks", 149_000);
    said("web1", "installing: packages");
    for (let count = 100; count < 150; count += 1) asked("192.168.42.13", `${debian}/p/p${count}_1_amd64.deb`, 10_000);
    await step("packages", 150_000);
    said("web1", "done");
    await step("done", 1000);
    screen.end();
  };
  await install({ colour: true }, (_, shown) => assert.doesNotMatch(shown, /%/));
  assert.deepEqual([kept[0]?.[0], kept[0]?.[1].packagesMs.length, kept[0]?.[1].totalMs], ["web1", 150, 400_000]);

  const last: Record<string, string> = {};
  await install({ colour: true }, (name, shown) => {
    last[name] = /\n {11}([^\n]*)\n[^\n]*\n$/.exec(shown)?.[1] ?? "";
  });
  assert.deepEqual(last, {
    booting: "[#####---------------] about 25 %, 0 of 150 packages, 0.0 MB, the l…",
    fetched: "[#####---------------] about 25 %, 100 of 150 packages, 1.0 MB, the…",
    unpacks: "[############--------] about 62 %, 100 of 150 packages, 1.0 MB, the…",
    packages: "[###################-] about 99 %, 150 of 150 packages, 1.5 MB, the…",
    done: "",
  });

  const objects: Record<string, unknown>[] = [];
  await install({ json: true }, (_, lines) => {
    for (const line of lines.split("\n").filter((each) => each !== "")) objects.push(JSON.parse(line) as never);
  });
  const fetched = objects.filter(({ type }) => type === "fetched");
  const about = { version: 1, type: "fetched", name: "web1", mac: "52:54:00:12:34:56" };
  assert.deepEqual(fetched.at(-1), {
    ...about,
    files: 151,
    packages: 150,
    bytes: 1_500_000,
    percent: 99,
    formerPackages: 150,
  });
  const percents = fetched.map(({ percent }) => Number(percent));
  assert.deepEqual(
    percents,
    percents.toSorted((a, b) => a - b),
  );
  assert.ok(new Set(percents).size > 30, percents.join(" "));
});

test("remarks that are over do not stay in the table", () =>
  withFleet(async (fleet) => {
    const { screen, take } = start({ colour: true });
    const a = fleet.start("a");
    let shown = 0;
    const look = (): string => {
      for (const line of a.troubles.slice(shown)) screen.remark(line);
      shown = a.troubles.length;
      return take();
    };
    a.exchange.announce();
    await fleet.clock.advance(1000);
    a.door.cutOff();
    await fleet.clock.advance(60_000);
    assert.match(look(), /\n\* [^\n]+: what was known of other hosts stays in …\n/);
    screen.remark("ssh.example.com cannot be reached over SSH");
    a.door.heal();
    await fleet.clock.advance(60_000);
    screen.remark("ssh.example.com is reached over SSH again");
    const lost = "nothing was heard of this host for too long: others took it for lost";
    assert.ok(a.troubles.includes(lost), a.troubles.join("\n"));
    look();
    screen.remark("here");
    const picture = take().split("machine    address").at(-1) ?? "";
    assert.match(picture, /\n\* here\n$/);
    assert.equal(picture.match(/\n\* /g)?.length, 1, picture);
  }));

test("of a machine that has failed the end of its log is shown, once", async () => {
  const asked: string[] = [];
  const readLog = async (address: string) => {
    asked.push(address);
    return { path: `/logs/${address}.log`, last: ["info a: one", "err b: two"] };
  };
  const { clock, said, screen, take } = start({ readLog });
  said("web1", "installing");
  said("web1", "failed");
  said("web1", "failed");
  said("database1", "failed"); // Nobody knows where it is.
  await clock.settle();
  assert.deepEqual(asked, ["192.168.42.13"]);
  assert.equal(
    take(),
    `web1: installing
web1: failed
web1: failed
database1: failed
web1: what its installer said is in /logs/192.168.42.13.log; the last of it:
web1: info a: one
web1: err b: two
`,
  );
  assert.ok(screen.hasFailed);
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

test("machines that wait to be named are listed with what they have told, until they are gone", () => {
  const told = "Acme & Sons\tX 1\tS/N=7\t512 MB\tx86_64\tpcbios";
  const about = (mac: string, line: string | undefined): EngineEvent => {
    const resource = `print[unknown machine ${mac}]`;
    const event =
      line === undefined ? { type: "removed", resource } : { type: "said", resource, line, stream: "stdout" };
    return event as unknown as EngineEvent;
  };
  const other = "52:54:00:12:34:99";
  const table = start({ colour: true });
  table.screen.notice(about(other, told));
  assert.match(table.take(), /\n\+ 52:54:00:12:34:99 waits: Acme & Sons X 1, serial S\/N=7, 512 MB, x86_64 pcbios\n$/);
  table.screen.notice(about("52:54:00:12:34:98", "\t\t\t0 MB\tarm64\tefi"));
  assert.match(table.take(), /\n\+ 52:54:00:12:34:98 waits: arm64 efi\n\+ 52:54:00:12:34:99 waits/);
  table.screen.notice(about("52:54:00:12:34:56", told)); // It is named.
  assert.equal(table.take(), "");
  table.screen.notice(about(other, undefined));
  assert.doesNotMatch(table.take(), /34:99/);

  const json = start({ json: true });
  json.screen.notice(about(other, told));
  json.screen.notice(about(other, undefined));
  json.screen.notice(about(other, undefined));
  const object = {
    version: 1,
    mac: other,
    vendor: "Acme & Sons",
    product: "X 1",
    serial: "S/N=7",
    memoryMb: 512,
    arch: "x86_64",
    firmware: "pcbios",
  };
  const lines = json.take().trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    [
      { ...object, type: "unknown" },
      { ...object, type: "unknown-gone" },
    ],
  );
  const lineByLine = start({ machines: [] });
  lineByLine.screen.notice(about(other, told));
  assert.equal(lineByLine.take(), `${other} waits: Acme & Sons X 1, serial S/N=7, 512 MB, x86_64 pcbios\n`);
  assert.equal(lineByLine.screen.allOver, false);
});
