// SPDX-License-Identifier: Apache-2.0
// Archives on a machine in memory: what is in them is read back with the reader of `archive`.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { ByteSource } from "./formats/byte-source.ts";
import { readTar } from "./formats/tar-reading.ts";
import { tar } from "./tar.ts";

const path = "/var/out.tar";
const never = new AbortController().signal;

async function listed(host: MemoryHost): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const member of readTar(new ByteSource(host.files.pieces(path, never)))) {
    let text = "";
    for await (const piece of member.content) text += textOf(piece);
    const link = member.linkText === "" ? "" : ` -> ${member.linkText}`;
    lines.push(`${member.mode.toString(8)} ${member.name}${link}${text === "" ? "" : ` "${text}"`}`);
  }
  return lines;
}

function machine(): MemoryHost {
  const host = memoryHost();
  host.outside.makeDirectory("/srv/app/sub");
  host.outside.write("/srv/app/b", "two");
  host.outside.write("/srv/app/a", "one");
  host.outside.write("/srv/app/sub/deep", "three");
  host.outside.setMode("/srv/app/a", 0o755);
  host.outside.link("/srv/app/link", "sub/deep");
  host.outside.write("/etc/app.conf", "conf");
  return host;
}

test("directories are packed by their name, or with a slash without it, in the order of their names", async () => {
  const host = machine();
  const inputs = ["/etc/app.conf", "/srv/app"];
  assert.deepEqual(await converge(tar, path, { inputs }, host), ["+ pack 7 entries, 6656 bytes"]);
  assert.deepEqual(await listed(host), [
    '644 app.conf "conf"',
    "755 app/",
    '755 app/a "one"',
    '644 app/b "two"',
    "777 app/link -> sub/deep",
    "755 app/sub/",
    '644 app/sub/deep "three"',
  ]);
  await converge(tar, path, { inputs: ["/srv/app/"] }, host);
  assert.deepEqual((await listed(host)).slice(0, 2), ['755 a "one"', '644 b "two"']);
  assert.deepEqual(await converge(tar, path, {}, host), ["~ pack 0 entries, 1024 bytes"]);
});

test("the same names, contents and modes give the same bytes, whoever owns them and however old they are", async () => {
  const bytes = await Promise.all(
    [0, 1].map(async (index) => {
      const host = machine();
      if (index === 1) {
        host.outside.setModified("/srv/app/a", 1_000_000);
        host.outside.setOwner("/srv/app/a", 7, 7);
      }
      await converge(tar, path, { inputs: ["/srv/app"] }, host);
      return host.files.digest(path, never);
    }),
  );
  assert.equal(bytes[0], bytes[1]);
});

test("long names, links and bytes that are no text come out as they went in, in every form that can hold them", async () => {
  const long = `/srv/${"d".repeat(90)}/${"e".repeat(50)}`;
  for (const [format, name, fits] of [
    [0, "n".repeat(120), true],
    [2, "n".repeat(90), true],
    [2, "n".repeat(120), false],
    [4, "grün".repeat(30), true],
    [4, `${"x".repeat(120)}\udcff`, true],
    [8, "n".repeat(120), true],
    [8, "\udcff\udc80", true],
    [0, `${"x".repeat(120)}\udcff`, true],
  ] as const) {
    const host = memoryHost();
    host.outside.makeDirectory(long);
    host.outside.write(`${long}/${name}`, "content");
    if (format !== 2) host.outside.link(`${long}/zlink`, "t".repeat(200));
    const resource = drive(tar, path, { inputs: [`/srv/${"d".repeat(90)}`], format }, host);
    if (!fits) {
      assert.match(renderStep((await resource.plan())[0] ?? { mark: "+", text: "" }), /the form ustar has no room/);
      continue;
    }
    await resource.settle();
    const lines = await listed(host);
    assert.ok(lines.includes(`644 ${long.slice(5)}/${name} "content"`), `${format} ${name}`);
    if (format !== 2) assert.ok(lines.includes(`777 ${long.slice(5)}/zlink -> ${"t".repeat(200)}`));
    assert.deepEqual(await resource.plan(), []);
  }
});

test("each change of the output or of an input is seen and mended", async () => {
  const host = machine();
  const stop = new AbortController();
  const resource = drive(tar, path, { inputs: ["/srv/app"] }, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  const changes = [
    () => host.outside.write(path, "no archive"),
    () => host.outside.remove(path),
    () => host.outside.write("/srv/app/a", "uno"),
    () => host.outside.setMode("/srv/app/b", 0o600),
    () => host.outside.rename("/srv/app/b", "/srv/app/c"),
    () => host.outside.remove("/srv/app/sub"),
    () => host.outside.link("/srv/app/link", "elsewhere"),
    () => host.outside.write("/srv/app/new", "new"),
  ];
  for (const change of changes) {
    await host.clock.advance(1_000);
    assert.deepEqual(await resource.plan(), []);
    change();
    await watch.next();
    assert.equal((await resource.settle()).length, 1, String(change));
    assert.deepEqual(await resource.plan(), []);
    await host.clock.settle();
    await watch.next();
  }
  stop.abort();
});

test("what cannot be packed is told by the plan, and nothing is written", async () => {
  const host = machine();
  const told = async (inputs: readonly string[]) =>
    (await drive(tar, path, { inputs }, host).plan()).map(renderStep).join();
  assert.equal(await told(["/none"]), "! the input /none does not exist");
  assert.equal(await told(["/etc/app.conf/"]), "! the input /etc/app.conf/ is not a directory");
  host.outside.makeDirectory("/srv/more");
  host.outside.write("/srv/more/a", "");
  assert.equal(await told(["/srv/app/", "/srv/more/"]), "! two inputs have an entry a in the archive");
  host.outside.makeOther("/srv/more/pipe");
  assert.equal(await told(["/srv/more"]), "! /srv/more/pipe is neither a file, a directory nor a symbolic link");
  assert.equal(host.outside.exists(path), false);
});

test("it comes after its inputs, and after the directory in which they come to be", () => {
  const wishes = [...(tar.edges?.wishes({ path, inputs: ["/opt/app/bin/"] }, path, new Map()) ?? [])];
  const [input] = wishes.map(({ anyOf }) => [...anyOf].map(({ id }) => id));
  assert.deepEqual(input, ["/opt/app/bin/", "/opt/app/", "/opt/", "/"]);
});

test("mistakes are found before anything is touched", () => {
  const titles = (name: string, fields: AnyWant) => problemsOf(tar, name, fields);
  assert.deepEqual(titles(path, { inputs: ["/a", "/b/"], format: 8 }), []);
  assert.deepEqual(titles("out.tar", {}), ['`path` must be the absolute path of a file, not "out.tar"']);
  assert.deepEqual(titles(path, { inputs: ["a"] }), ['the input "a" is not an absolute path']);
  assert.deepEqual(titles(path, { inputs: ["/var/"] }), ['the archive would be a part of itself: it lies in "/var/"']);
  assert.deepEqual(titles(path, { inputs: ["/a/x", "/b/x"] }), ['two inputs have the name "x" in the archive']);
  assert.deepEqual(titles(path, { format: 3 }), ["there is no format 3"]);
});

test("whatever is at the place and in the inputs, one pass settles it", async () => {
  const name = fc.constantFrom("a", "b", "sub/c", "sub/d", "x".repeat(110), "\udcfe");
  const content = fc.constantFrom("", "one", "two".repeat(400));
  const start = fc.constantFrom<((host: MemoryHost) => void)[]>(
    () => {},
    (host) => host.outside.write(path, "old"),
    (host) => host.outside.link(path, "/var/elsewhere"),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, content, { maxKeys: 5 }),
      fc.constantFrom(0, 4, 8),
      start,
      async (files, format, begin) => {
        const host = memoryHost();
        host.outside.makeDirectory("/srv/in/sub");
        for (const [key, text] of Object.entries(files)) host.outside.write(`/srv/in/${key}`, text);
        begin(host);
        await converge(tar, path, { inputs: ["/srv/in/"], format }, host);
        const found = new Map<string, string>();
        for await (const member of readTar(new ByteSource(host.files.pieces(path, never)))) {
          let text = "";
          for await (const piece of member.content) text += textOf(piece);
          if (member.kind === "file") found.set(member.name, text);
        }
        const sorted = (entries: Iterable<readonly [string, string]>) =>
          [...entries].sort(([one], [other]) => Buffer.compare(bytesOf(one), bytesOf(other)));
        assert.deepEqual(sorted(found), sorted(Object.entries(files)));
      },
    ),
    { numRuns: 300 },
  );
});

proves("tar", "twice", "outside change", "bad values", "random starts");

eachField("tar", {
  machine: () => ({ host: machine() }),
  name: path,
  fields: { inputs: ["/srv/app"] },
  changes: {
    path: { outside: ({ host }) => host.outside.remove(path), repair: ["+ pack 6 entries, 5632 bytes"] },
    inputs: [
      {
        outside: ({ host }) => host.outside.write("/srv/app/sub/deep", "THREE"),
        repair: ["~ pack 6 entries, 5632 bytes"],
      },
      { outside: ({ host }) => host.outside.setMode("/srv/app/a", 0o700), repair: ["~ pack 6 entries, 5632 bytes"] },
      { outside: ({ host }) => host.outside.makeDirectory("/srv/app/other"), repair: ["~ pack 7 entries, 6144 bytes"] },
    ],
    format: {
      fields: { format: 4 },
      outside: async ({ host }) => {
        await converge(tar, "/var/gnu.tar", { inputs: ["/srv/app"], format: 8 }, host);
        host.outside.write(path, host.outside.read("/var/gnu.tar") ?? "");
      },
      repair: ["~ pack 6 entries, 5632 bytes"],
    },
  },
});
