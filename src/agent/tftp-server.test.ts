// SPDX-License-Identifier: Apache-2.0
// A TFTP server with its files, as programs declare them, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cameTrue, proves } from "../../test/proofs.ts";
import { problemsOf } from "../../test/resource.ts";
import { memoryHost } from "../host/memory/index.ts";
import { decodePacket, encodePacket, type Packet } from "../protocols/tftp/packet.ts";
import { tftpFile } from "../resources/tftp/file.ts";
import { tftpServer } from "../resources/tftp/server.ts";
import { textOf } from "../values/bytes.ts";
import { Trial } from "./trial.test-support.ts";

/** A client of the book that loses nothing: what it gets, or the message with which it is refused. */
async function fetch(trial: Trial, file: string, client = 3000, mode = "octet"): Promise<string> {
  const { strangers } = trial.host.outside;
  const from = { host: "192.0.2.9", port: client };
  const send = async (port: number, packet: Packet): Promise<readonly (readonly [number, Packet])[]> => {
    strangers.send(port, encodePacket(packet), from);
    await trial.host.clock.settle();
    return strangers.heard().flatMap(({ bytes, from: port_, to }) => {
      const heard = decodePacket(bytes);
      return heard.type === "malformed" || to.port !== client ? [] : [[port_, heard] as const];
    });
  };
  let text = "";
  let heard = await send(69, { type: "read", file, mode, options: new Map() });
  for (;;) {
    const [port, packet] = heard[0] ?? assert.fail("nobody answers");
    if (packet.type === "error") return `error ${packet.code}: ${packet.message}`;
    assert.equal(packet.type, "data");
    if (packet.type !== "data") continue;
    text += textOf(packet.bytes);
    heard = await send(port, { type: "acknowledgement", block: packet.block });
    if (packet.bytes.length < 512) return text;
  }
}

const program = `
file "/srv/" { state => "exists", }
file "/srv/a" { state => "exists", content => "from the root\\n", }
file "/boot.cfg" { state => "exists", content => "${"0123456789".repeat(120)}", }
tftp:server ":69" { root => "/srv/", }
tftp:file "/text" { data => "a text\\n", }
tftp:file "boot.cfg" { path => "/boot.cfg", }
`;

test("a server hands out texts, files and what is below its root, and nothing else", async () => {
  const trial = await Trial.start(program);
  trial.host.outside.link("/srv/out", "/boot.cfg");
  assert.equal(await fetch(trial, "/text"), "a text\n");
  assert.equal(await fetch(trial, "boot.cfg"), "0123456789".repeat(120));
  assert.equal(await fetch(trial, "/a"), "from the root\n");
  assert.equal(await fetch(trial, "/text", 3000, "netascii"), "a text\r\n");
  for (const file of ["text", "/b", "/../boot.cfg", "/srv/../../boot.cfg", "/out", "/", ".."]) {
    assert.equal(await fetch(trial, file), "error 1: file not found", file);
  }
  assert.equal(await fetch(trial, "/text", 3000, "mail"), "error 4: there is no mode mail");
  await trial.stop();
});

test("nobody may write", async () => {
  const trial = await Trial.start(program);
  const { strangers } = trial.host.outside;
  strangers.send(69, encodePacket({ type: "write", file: "/text", mode: "octet", options: new Map() }), {
    host: "192.0.2.9",
    port: 1,
  });
  await trial.host.clock.settle();
  const [answer] = strangers.heard();
  assert.deepEqual(decodePacket(answer?.bytes ?? new Uint8Array()), {
    type: "error",
    code: 2,
    message: "this server only lets read",
  });
  await trial.stop();
});

test("a client that is silent is sent the same again, and given up at last", async () => {
  const trial = await Trial.start(program);
  const { strangers } = trial.host.outside;
  strangers.send(69, encodePacket({ type: "read", file: "/text", mode: "octet", options: new Map() }), {
    host: "192.0.2.9",
    port: 1,
  });
  await trial.host.clock.settle();
  trial.news();
  for (let seconds = 0; seconds < 40; seconds += 5) await trial.host.clock.advance(5000);
  assert.equal(strangers.heard().length, 6);
  assert.deepEqual(trial.news(), [
    "tftp:server[:69] says 192.0.2.9 did not get /text: the client does not answer any more",
  ]);
  await trial.stop();
});

test("an edited text is served to the next one who asks, and who is being served gets the rest of the former one", async () => {
  const trial = await Trial.start(`tftp:server ":69" {}\ntftp:file "/t" { data => "one", }\n`);
  assert.equal(await fetch(trial, "/t"), "one");
  await trial.edit(`tftp:server ":69" {}\ntftp:file "/t" { data => "two", }\n`);
  assert.equal(await fetch(trial, "/t"), "two");
  await trial.stop();
});

test("whatever was served before, the files of now are served, and no others", async () => {
  const part = fc.record({ name: fc.constantFrom("/a", "/b", "c"), text: fc.constantFrom("", "one", "x".repeat(512)) });
  const served = fc.record({
    hasRoot: fc.boolean(),
    parts: fc.uniqueArray(part, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
    fromDisk: fc.boolean(),
  });
  type Served = typeof served extends fc.Arbitrary<infer Type> ? Type : never;
  const source = ({ hasRoot, parts, fromDisk }: Served): string =>
    [
      `tftp:server ":69" { ${hasRoot ? 'root => "/srv/",' : ""} }`,
      ...parts.map(({ name, text }) => {
        const from = fromDisk ? 'path => "/boot.cfg"' : `data => "${text}"`;
        return `tftp:file "${name}" { ${from}, }`;
      }),
      "",
    ].join("\n");
  const disk = fc.option(fc.constantFrom("on the disk", ""), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(served, disk, served, async (before, inRoot, after) => {
      const host = memoryHost();
      host.outside.makeDirectory("/srv");
      host.outside.write("/boot.cfg", "boot");
      if (inRoot !== undefined) host.outside.write("/srv/b", inRoot);
      const trial = await Trial.start(source(before), host);
      await fetch(trial, "/a");
      await trial.edit(source(after));
      for (const name of ["/a", "/b", "c"]) {
        const own = after.parts.find((each) => each.name === name);
        const below = name === "/b" && after.hasRoot ? inRoot : undefined;
        const expected = own === undefined ? below : after.fromDisk ? "boot" : own.text;
        assert.equal(await fetch(trial, name), expected ?? "error 1: file not found");
      }
      await trial.stop();
      for (const kind of ["tftp:server", "tftp:file"]) cameTrue(kind, host);
    }),
    { numRuns: 300 },
  );
});

test("mistakes are found before anything is touched", () => {
  assert.deepEqual(problemsOf(tftpServer, "69", { timeout: 0n }), [
    '"69" is no address to listen on',
    "`timeout` must be from 1 to 255 seconds, but is 0",
  ]);
  assert.deepEqual(problemsOf(tftpFile, "", { path: "a", data: "b" }), [
    "a file that is served needs a `filename`",
    "only one of `path` and `data` can be served",
    '"a" is not the absolute path of a file',
  ]);
});

proves("tftp:server", "bad values", "random starts");
proves("tftp:file", "bad values", "random starts");
