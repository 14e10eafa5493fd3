// SPDX-License-Identifier: Apache-2.0
// Extraction on a machine in memory, of archives that our own `tar` has made and of others that mean harm.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, type DrivenResource, drive, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { bytesOf } from "../../values/bytes.ts";
import { archive } from "./archive.ts";
import { endOfTar, type TarEntry, tarHeader } from "./formats/tar-writing.ts";
import { checksumOf, paddingAfter, tarTypes } from "./formats/tar-layout.ts";

const source = "/var/app.tar";
const never = new AbortController().signal;

interface Made extends Partial<TarEntry> {
  readonly name: string;
  readonly content?: string;
  /** The letter of a sort that our own writer does not make. */
  readonly type?: string;
}

function tarFile(...entries: readonly Made[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { content = "", type, ...entry } of entries) {
    const bytes = bytesOf(content);
    const filled = { kind: "file", mode: 0o644, size: bytes.length, linkText: "", ...entry } as const;
    const header = tarHeader(filled, "fitting");
    assert.ok(!("wrong" in header));
    if (type !== undefined) {
      header.set(bytesOf(type), 156);
      header.set(bytesOf(checksumOf(header).toString(8).padStart(6, "0")), 148);
    }
    parts.push(header, bytes, new Uint8Array(paddingAfter(bytes.length)));
  }
  return Buffer.concat([...parts, endOfTar]);
}

const app = [
  { name: "app-1", kind: "directory", mode: 0o755 },
  { name: "app-1/bin", kind: "directory", mode: 0o750 },
  { name: "app-1/bin/app", content: "program", mode: 0o4755 },
  { name: "app-1/readme", content: "text" },
  { name: "app-1/latest", kind: "symlink", mode: 0o777, linkText: "bin/app" },
  { name: "app-1/share/doc/deep", content: "implied" },
  { name: "app-1/second", linkText: "app-1/readme", type: tarTypes.hardLink },
] as const satisfies readonly Made[];

function machine(bytes: Uint8Array = tarFile(...app)): MemoryHost {
  const host = memoryHost();
  host.outside.write(source, bytes);
  return host;
}

async function modeAt(host: MemoryHost, path: string): Promise<string | undefined> {
  return (await host.files.inspect(path, never))?.mode.toString(8);
}

test("everything is extracted with its mode, without the directories that are left out and without set-id bits", async () => {
  for (const bytes of [tarFile(...app), gzipSync(tarFile(...app)), zstdCompressSync(tarFile(...app))]) {
    const host = machine(bytes);
    const done = await converge(archive, "/opt/app/", { source, strip: 1 }, host);
    assert.deepEqual(done, ["+ extract 8 entries: share, share/doc, bin, bin/app, readme and 3 more"]);
    assert.equal(host.outside.read("/opt/app/bin/app"), "program");
    assert.equal(host.outside.read("/opt/app/second"), "text");
    assert.equal(host.outside.read("/opt/app/share/doc/deep"), "implied");
    assert.equal(await host.files.readLink("/opt/app/latest", never), "bin/app");
    assert.deepEqual([await modeAt(host, "/opt/app/bin"), await modeAt(host, "/opt/app/bin/app")], ["750", "755"]);
  }
});

test("a change of anything that was extracted is seen and mended, and only that", async () => {
  const host = machine();
  const stop = new AbortController();
  const resource = drive(archive, "/opt/app", { source, strip: 1, owner: "7", force: true }, host, {
    signal: stop.signal,
  });
  await resource.settle();
  host.outside.write("/opt/app/other", "of somebody else");
  const watch = resource.watch();
  await watch.next();
  const changes: readonly (readonly [() => void, ...string[]])[] = [
    [() => host.outside.write("/opt/app/readme", "tixt"), "~ extract 1 entry: readme"],
    [() => host.outside.remove("/opt/app/bin"), "~ extract 2 entries: bin, bin/app"],
    [() => host.outside.setMode("/opt/app/bin", 0o777), "~ set mode 0750 of bin (was 0777)"],
    [() => host.outside.setOwner("/opt/app/second", 1, 0), "~ set owner 7: of second (was 1:0)"],
    [() => host.outside.link("/opt/app/latest", "readme"), "~ extract 1 entry: latest"],
    [
      () => {
        host.outside.remove("/opt/app/share");
        host.outside.link("/opt/app/share", "/etc");
      },
      "- remove the symbolic link share",
      "~ extract 3 entries: share, share/doc, share/doc/deep",
    ],
    [
      () => {
        host.outside.remove("/opt/app/readme");
        host.outside.makeDirectory("/opt/app/readme/x");
      },
      "- remove the directory readme",
      "~ extract 1 entry: readme",
    ],
    [() => host.outside.remove("/opt/app"), "+ extract 8 entries: share, share/doc, bin, bin/app, readme and 3 more"],
  ];
  for (const [change, ...steps] of changes) {
    await host.clock.advance(1_000);
    assert.deepEqual(await resource.plan(), []);
    change();
    await watch.next();
    assert.deepEqual(await resource.settle(), steps);
    assert.deepEqual(await resource.plan(), []);
    await host.clock.settle();
    await watch.next();
  }
  stop.abort();
});

test("another version of the archive changes what differs", async () => {
  const host = machine();
  const resource = drive(archive, "/opt/app", { source, strip: 1 }, host);
  await resource.settle();
  await host.clock.advance(1_000);
  host.outside.write(source, tarFile(...app.slice(0, 3), { name: "app-1/readme", content: "new text" }));
  assert.deepEqual(await resource.settle(), ["~ extract 1 entry: readme"]);
  assert.equal(host.outside.read("/opt/app/readme"), "new text");
});

test("without the archive what was extracted is still looked after, as far as that is possible", async () => {
  const host = machine();
  const fields = { source, strip: 1 };
  await converge(archive, "/opt/app", fields, host);
  host.outside.remove(source);
  assert.deepEqual(await converge(archive, "/opt/app", fields, host), []);
  host.outside.setMode("/opt/app/readme", 0o600);
  assert.deepEqual(await converge(archive, "/opt/app", fields, host), ["~ set mode 0644 of readme (was 0600)"]);
  host.outside.remove("/opt/app/readme");
  await assert.rejects(drive(archive, "/opt/app", fields, host).settle(), {
    code: "not-found",
    message: `1 entry has to be extracted again, and the archive ${source} does not exist`,
  });
  await assert.rejects(drive(archive, "/opt/app", { ...fields, strip: 0 }, host).settle(), {
    message: `the archive ${source} does not exist`,
  });
});

test("with another checksum nothing is extracted", async () => {
  const host = machine();
  const sha256 = await host.files.digest(source, never);
  const wrong = "0".repeat(64);
  const resource: DrivenResource = drive(archive, "/opt/app", { source, sha256: wrong }, host);
  assert.deepEqual((await resource.plan()).map(renderStep), [
    `! the archive ${source} has the SHA-256 ${sha256}, not ${wrong}`,
  ]);
  await assert.rejects(resource.settle(), { code: "conflict" });
  assert.equal(host.outside.exists("/opt/app"), false);
  await converge(archive, "/opt/app", { source, sha256 }, host);
  assert.equal(host.outside.read("/opt/app/app-1/readme"), "text");
});

test("an archive that would write elsewhere is refused as a whole, before anything is written", async () => {
  const refuses = async (message: RegExp, ...entries: readonly Made[]) => {
    const host = machine(tarFile({ name: "good", content: "good" }, ...entries));
    host.outside.makeDirectory("/opt/app");
    host.outside.write("/etc/victim", "safe");
    await assert.rejects(drive(archive, "/opt/app", { source }, host).settle(), { message });
    assert.deepEqual(await host.files.list("/opt/app", never), []);
    assert.equal(host.outside.read("/etc/victim"), "safe");
  };
  await refuses(/\/etc\/victim has an absolute path/, { name: "/etc/victim", content: "x" });
  await refuses(/leads out of the directory/, { name: "../etc/victim", content: "x" });
  await refuses(/leads out of the directory/, { name: "a/../../../etc/victim", content: "x" });
  await refuses(/the link way leads out/, { name: "way", kind: "symlink", linkText: "/etc" });
  await refuses(/the link a\/way leads out/, { name: "a/way", kind: "symlink", linkText: "../../etc" });
  await refuses(/way\/victim lies below way/, { name: "way", kind: "symlink", linkText: "." }, { name: "way/victim" });
  await refuses(/another name of \/etc\/victim/, { name: "h", linkText: "/etc/victim", type: tarTypes.hardLink });
  await refuses(/another name of none/, { name: "h", linkText: "none", type: tarTypes.hardLink });
  await refuses(/pipe is a device or pipe/, { name: "pipe", type: "6" });
});

test("links that lead out may be trusted, but are not followed", async () => {
  const host = machine(tarFile({ name: "etc", kind: "symlink", linkText: "/etc" }));
  await converge(archive, "/opt/app", { source, links: "any" }, host);
  assert.equal(await host.files.readLink("/opt/app/etc", never), "/etc");
  host.outside.write(
    source,
    tarFile({ name: "etc", kind: "directory", mode: 0o755 }, { name: "etc/passwd", content: "x" }),
  );
  await host.clock.advance(1_000);
  await assert.rejects(drive(archive, "/opt/app", { source, links: "any" }, host).settle(), { code: "conflict" });
  await converge(archive, "/opt/app", { source, links: "any", force: true }, host);
  assert.match(host.outside.read("/etc/passwd") ?? "", /^root:/);
  assert.equal(host.outside.read("/opt/app/etc/passwd"), "x");
});

test("damage of every sort is told", async () => {
  const whole = tarFile(...app);
  const rejects = async (bytes: Uint8Array, message: RegExp) => {
    await assert.rejects(drive(archive, "/opt/app", { source }, machine(bytes)).settle(), { message, code: "invalid" });
  };
  await rejects(new Uint8Array(), /is empty/);
  await rejects(whole.subarray(0, 1_700), /cut off/);
  await rejects(
    Uint8Array.from(whole, (byte, at) => (at === 3 ? byte ^ 1 : byte)),
    /checksum/,
  );
  await rejects(Buffer.from("no archive at all, but long enough to be one. ".repeat(20)), /no tar archive at all/);
  await rejects(gzipSync(whole).subarray(0, 100), /gzip content is damaged/);
  await rejects(Buffer.from("PK\x03\x04 and nothing more"), /zip archive without its end/);
});

test("owners come from the archive, by name or number, only if that is wanted", async () => {
  const host = machine(tarFile({ name: "x", content: "x", mode: 0o4755 }));
  await converge(archive, "/opt/app", { source, same_owner: true }, host);
  const at = await host.files.inspect("/opt/app/x", never);
  assert.deepEqual([at?.uid, at?.mode], [0, 0o4755]);
  await assert.rejects(drive(archive, "/opt/b", { source, owner: "nobody-known" }, host).settle(), {
    message: "there is no user named nobody-known",
  });
});

test("mistakes are found before anything is touched", () => {
  const titles = (name: string, fields: AnyWant) => problemsOf(archive, name, fields);
  assert.deepEqual(titles("/opt/app", { source: "/a.tar", sha256: "0a".repeat(32), strip: 2 }), []);
  assert.deepEqual(titles("/opt/app", {}), ["an archive needs `source`, the file to extract"]);
  assert.deepEqual(titles("opt", { source: "a/" }), [
    '`path` must be the absolute path of a directory, not "opt"',
    '`source` must be the absolute path of a file, not "a/"',
  ]);
  assert.deepEqual(titles("/a.tar/x", { source: "/a.tar" }), ["an archive cannot be extracted below itself"]);
  assert.deepEqual(titles("/a", { source: "/b", sha256: "ABC" }), ['"ABC" is no SHA-256']);
  assert.deepEqual(titles("/a", { source: "/b", strip: -1 }), ["`strip` cannot be less than 0, but is -1"]);
  assert.deepEqual(titles("/a", { source: "/b", same_owner: true, owner: "root" }), [
    "`same_owner` cannot go with `owner` or `group`",
  ]);
});

test("whatever is in the directory, one pass settles it, or refuses without touching anything", async () => {
  const places = ["bin", "bin/app", "readme", "latest", "share", "share/doc", "second"];
  const damage = fc.record({
    place: fc.constantFrom(...places),
    how: fc.constantFrom("remove", "write", "mode", "owner", "directory", "link", "pipe"),
  });
  const apply = (host: MemoryHost, place: string, how: string) => {
    const path = `/opt/app/${place}`;
    const { outside } = host;
    const clear = () => outside.remove(path);
    const steps: Record<string, () => void> = {
      remove: clear,
      write: () => (clear(), outside.write(path, "damaged")),
      mode: () => outside.setMode(path, 0o600),
      owner: () => outside.setOwner(path, 33, 33),
      directory: () => (clear(), outside.makeDirectory(`${path}/inner`)),
      link: () => (clear(), outside.link(path, "/etc/passwd")),
      pipe: () => (clear(), outside.makeOther(path)),
    };
    steps[how]?.();
  };
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { maxLength: 3 }), fc.boolean(), fc.boolean(), async (all, force, extracted) => {
      const host = machine();
      const resource = drive(archive, "/opt/app", { source, strip: 1, owner: "7", group: "8", force }, host);
      if (extracted) await resource.settle();
      else host.outside.makeDirectory("/opt/app");
      for (const { place, how } of all) {
        try {
          apply(host, place, how);
        } catch {
          // There is nothing to damage there any more.
        }
      }
      const passwd = host.outside.read("/etc/passwd");
      const planned = (await resource.plan()).map(renderStep);
      try {
        await resource.settle();
      } catch (reason) {
        assert.ok(
          planned.some((step) => step.startsWith("!")),
          String(reason),
        );
        assert.deepEqual((await resource.plan()).map(renderStep), planned);
        return;
      }
      assert.deepEqual(await resource.plan(), []);
      assert.equal(host.outside.read("/opt/app/bin/app"), "program");
      assert.equal(host.outside.read("/opt/app/share/doc/deep"), "implied");
      assert.equal(host.outside.read("/etc/passwd"), passwd);
    }),
    { numRuns: 500 },
  );
});

proves("archive", "twice", "outside change", "bad values", "random starts");

eachField("archive", {
  machine: () => {
    const host = machine(tarFile({ name: "x", content: "text", mode: 0o644 }));
    host.outside.addUser("alice", 1000);
    host.outside.addGroup("staff", 50);
    return { host };
  },
  name: "/opt/app",
  fields: { source },
  changes: {
    path: [
      { outside: ({ host }) => host.outside.remove("/opt/app"), repair: ["+ extract 1 entry: x"] },
      { outside: ({ host }) => host.outside.write("/opt/app/x", "tXxt"), repair: ["~ extract 1 entry: x"] },
    ],
    source: {
      outside: ({ host }) => host.outside.write(source, tarFile({ name: "x", content: "other" })),
      repair: ["~ extract 1 entry: x"],
    },
    owner: [
      {
        fields: { owner: "1000" },
        outside: ({ host }) => host.outside.setOwner("/opt/app/x", 9, 0),
        repair: ["~ set owner 1000: of x (was 9:0)"],
      },
      {
        fields: { owner: "alice" },
        outside: ({ host }) => host.outside.write("/etc/passwd", "root:x:0:0::/:/bin/sh\nalice:x:2000:0::/:/bin/sh\n"),
        repair: ["~ set owner 2000: of x (was 1000:0)"],
      },
    ],
    group: [
      {
        fields: { group: "50" },
        outside: ({ host }) => host.outside.setOwner("/opt/app/x", 0, 9),
        repair: ["~ set owner :50 of x (was 0:9)"],
      },
      {
        fields: { group: "staff" },
        outside: ({ host }) => host.outside.write("/etc/group", "root:x:0:\nstaff:x:51:\n"),
        repair: ["~ set owner :51 of x (was 0:50)"],
      },
    ],
    same_owner: {
      fields: { same_owner: true },
      outside: ({ host }) => host.outside.setOwner("/opt/app/x", 9, 9),
      repair: ["~ set owner 0:0 of x (was 9:9)"],
    },
  },
  parameters: {
    sha256: "it says which archive is believed",
    strip: "it says how names of the archive are read",
    links: "it says which archives are believed",
    force: "it says what may be removed on the way",
  },
});
