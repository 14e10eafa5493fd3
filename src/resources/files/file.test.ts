// SPDX-License-Identifier: Apache-2.0
// The plan as a table, then the whole kind on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, renderStep, wantOf } from "../../../test/resource.ts";
import { Failure } from "../../contract/failure.ts";
import { type FileState, isDraftName } from "../../contract/host.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { root } from "../../host/memory/tree.ts";
import { textOf } from "../../values/bytes.ts";
import { file } from "./file.ts";
import type { FileHave } from "./file/have.ts";

// ---- The plan, as a table ----

const regular: FileState = {
  kind: "file",
  size: 3,
  modifiedNs: 0n,
  changedNs: 0n,
  device: 1n,
  inode: 1n,
  mode: 0o644,
  uid: 0,
  gid: 0,
};

/** What is there, as far as a case says it. */
function check(fields: AnyWant, have: Partial<FileHave>, ...steps: readonly string[]): void {
  const name = typeof fields.path === "string" ? fields.path : "/x";
  const whole: FileHave = {
    path: name.replace(/\/$/, ""),
    at: undefined,
    linkText: undefined,
    inside: [],
    parentMissing: false,
    umask: 0o022,
    owner: undefined,
    group: undefined,
    content: undefined,
    tree: undefined,
    context: undefined,
    linked: undefined,
    ...have,
  };
  const planned = file.plan(wantOf(file, name, fields), whole, { refresh: false, received: new Set() }, []);
  assert.deepEqual(
    planned.map((step) => renderStep(file.explain(step))),
    steps,
  );
}

const different = { kind: "different", bytes: new Uint8Array(5), before: undefined } as const;
const same = { kind: "same" } as const;

test("the plan for a file follows from what is wanted and what is there", () => {
  check({ state: "exists" }, {}, "+ make an empty file");
  check({ state: "exists" }, { at: regular });
  check({ state: "absent" }, { at: regular }, "- remove the file");
  check({ state: "absent" }, {});
  check({}, {});
  check({ state: "exists", content: "12345" }, { content: different }, "+ write 5 bytes");
  check({ state: "exists", content: "12345" }, { at: regular, content: different }, "~ write 5 bytes (was 3)");
  check({ state: "exists", content: "123" }, { at: regular, content: same });
});

test("what is written has its mode and owner from the start; what is there gets steps of their own", () => {
  const owner = { name: "alice", id: 1000 };
  check(
    { state: "exists", content: "12345", mode: "0600", owner: "alice" },
    { content: different, owner },
    "+ write 5 bytes, mode 0600, owner 1000",
  );
  check(
    { state: "exists", content: "12345", mode: "u+x", owner: "alice" },
    { at: regular, content: different, owner },
    "~ write 5 bytes (was 3), mode 0744 (was 0644), owner 1000 (was 0)",
  );
  check(
    { content: "123", mode: "0600", owner: "alice" },
    { at: regular, content: same, owner },
    "~ set owner alice (1000, was 0)",
    "~ set mode 0600 (was 0644)",
  );
});

test("a change of owner is followed by the mode when it has set-id bits, which the kernel takes away", () => {
  const at = { ...regular, mode: 0o4755 };
  check(
    { mode: "4755", owner: "7" },
    { at, owner: { name: "7", id: 7 } },
    "~ set owner 7 (was 0)",
    "~ set mode 4755 (was 4755)",
  );
  check({ mode: "4755" }, { at });
});

test("a symbolic mode of something new is relative to what the umask leaves", () => {
  check({ state: "exists", mode: "u+x" }, { umask: 0o077 }, "+ make an empty file, mode 0700");
  check({ path: "/d/", state: "exists", mode: "g+w" }, { umask: 0o022 }, "+ make the directory, mode 0775");
});

test("a directory with the declared mode is left alone", () => {
  const at = { ...regular, kind: "directory", mode: 0o755 } as const;
  check({ path: "/d/", state: "exists", mode: "0755" }, { at });
  check({ path: "/d/", state: "exists", mode: "0700" }, { at }, "~ set mode 0700 (was 0755)");
});

test("one thing that stands in the way keeps everything else from being done", () => {
  check(
    { state: "exists", content: "12345", owner: "bob" },
    { content: different, owner: { name: "bob", id: undefined } },
    "! there is no user named bob",
  );
  check(
    { state: "exists", content: "12345" },
    { at: { ...regular, kind: "other" }, content: different },
    "! /x is a device, pipe or socket, not a file",
  );
  check(
    { state: "exists", content: "12345", force: true },
    { at: { ...regular, kind: "other" }, content: different },
    "! /x is a device, pipe or socket, not a file",
  );
  check({ content: "12345" }, { content: different }, "! /x does not exist, and `state` does not say that it should");
});

test("a path may be put together from its parts", () => {
  const place = (fields: AnyWant) => file.check?.(wantOf(file, "/a/b", fields), "/a/b") ?? [];
  assert.deepEqual(place({ dirname: "/c/" }), []);
  assert.deepEqual(place({ basename: "d/", recurse: true, purge: true }), []);
});

// ---- On a machine in memory ----

test("a file that is removed or overwritten is told of and made again", async () => {
  const host = memoryHost();
  const controller = new AbortController();
  const resource = drive(file, "/tmp/hello", { state: "exists", content: "hello\n" }, host, {
    signal: controller.signal,
  });
  const watch = resource.watch();
  await watch.next();
  assert.deepEqual(await resource.settle(), ["+ write 6 bytes"]);
  host.outside.remove("/tmp/hello");
  await watch.next();
  assert.deepEqual(await resource.settle(), ["+ write 6 bytes"]);
  host.outside.write("/tmp/hello", "jello\n");
  await watch.next();
  assert.deepEqual(await resource.settle(), ["~ write 6 bytes (was 6)"]);
  assert.equal(host.outside.read("/tmp/hello"), "hello\n");
  controller.abort();
  assert.equal((await watch.next()).done, true);
});

test("a change within the tick of the disk's clock is not mistaken for our own write", async () => {
  const host = memoryHost();
  const resource = drive(file, "/tmp/hello", { state: "exists", content: "hello\n" }, host);
  await resource.settle();
  assert.deepEqual(await resource.settle(), []);
  // No time has passed: size and times are those of our own write.
  host.outside.write("/tmp/hello", "jello\n");
  assert.deepEqual(await resource.settle(), ["~ write 6 bytes (was 6)"]);
});

test("a file at rest costs one look and no reading", async () => {
  const host = memoryHost();
  host.outside.write("/tmp/hello", "hello\n");
  await host.clock.advance(1000);
  const resource = drive(file, "/tmp/hello", { state: "exists", content: "hello\n" }, host);
  assert.deepEqual(await resource.settle(), []);
  host.outside.refuse("/tmp/hello", undefined);
  const { host: counted, calls } = countingHost(host);
  const again = { ...resource.env, host: counted };
  await file.observe(resource.want, again);
  assert.deepEqual(calls, ["inspect"]);
});

test("an owner by name is looked up in the accounts of the machine", async () => {
  const host = memoryHost();
  host.outside.addUser("alice", 1000);
  host.outside.addGroup("staff", 50);
  await converge(file, "/tmp/x", { state: "exists", content: "x", owner: "alice", group: "staff", mode: "0600" }, host);
  const state = await host.files.inspect("/tmp/x", new AbortController().signal);
  assert.deepEqual([state?.uid, state?.gid, state?.mode], [1000, 50, 0o600]);
});

test("a full disk leaves the old content", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/data");
  const disk = host.outside.mount("/data", 10_000);
  host.outside.write("/data/x", "old");
  disk.capacityBytes = disk.usedBytes;
  const resource = drive(file, "/data/x", { content: "x".repeat(9_000) }, host);
  await assert.rejects(resource.settle(), { code: "full" });
  assert.equal(host.outside.read("/data/x"), "old");
});

test("a purge leaves another file system alone", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/data/disk");
  host.outside.mount("/data/disk");
  host.outside.write("/data/disk/kept", "");
  host.outside.write("/data/gone", "");
  const done = await converge(file, "/data/", { state: "exists", recurse: true, purge: true }, host);
  assert.deepEqual(done, ["- remove gone"]);
  assert.equal(host.outside.read("/data/disk/kept"), "");
});

test("an SELinux context is set, seen when it changes, kept over a write, and taken away", async () => {
  const host = memoryHost();
  const [etc, tmp] = ["system_u:object_r:etc_t:s0", "system_u:object_r:tmp_t:s0"];
  const fields = { state: "exists", content: "one", selinux: etc };
  assert.deepEqual(await converge(file, "/t", fields, host), ["+ write 3 bytes", `~ set the SELinux context ${etc}`]);
  await host.files.setSecurityContext("/t", tmp, new AbortController().signal);
  assert.deepEqual(await converge(file, "/t", fields, host), [`~ set the SELinux context ${etc} (was ${tmp})`]);
  assert.deepEqual(await converge(file, "/t", { ...fields, content: "three" }, host), [
    "~ write 5 bytes (was 3)",
    `~ set the SELinux context ${etc} (was ${etc})`,
  ]);
  assert.deepEqual(await converge(file, "/t", { selinux: "" }, host), [`- remove the SELinux context (was ${etc})`]);
  assert.deepEqual(await converge(file, "/t", { selinux: "" }, host), []);
});

test("what is undone gets back the context that it had, or none", async () => {
  const host = memoryHost();
  const context = "system_u:object_r:tmp_t:s0";
  host.outside.write("/t", "before");
  const fields = { content: "after", selinux: "system_u:object_r:etc_t:s0" };
  for (const before of [undefined, context]) {
    await host.files.setSecurityContext("/t", before, new AbortController().signal);
    const resource = drive(file, "/t", fields, host);
    const undone = await file.reversal?.reverse(resource.want, resource.env);
    await resource.settle();
    await converge(file, "/t", { ...undone }, host);
    assert.equal(host.outside.read("/t"), "before");
    assert.equal(await host.files.securityContext("/t", new AbortController().signal), before);
  }
});

test("root is not led out of a directory by whoever owns it", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/srv/alice");
  host.outside.setOwner("/srv/alice", 1000, 1000);
  host.outside.write("/etc/shadow", "secret");
  host.outside.link("/srv/alice/.profile", "/etc/shadow");
  host.outside.link("/srv/alice/way", "/etc");
  const fields = { state: "exists", content: "x", owner: "1000", mode: "0644" };
  const seen = await drive(file, "/srv/alice/way/shadow", fields, host).plan();
  assert.ok(!JSON.stringify(seen).includes("secret"));
  await assert.rejects(drive(file, "/srv/alice/.profile", fields, host).settle(), { code: "conflict" });
  await assert.rejects(drive(file, "/srv/alice/way/shadow", fields, host).settle(), { code: "conflict" });
  await assert.rejects(drive(file, "/srv/alice/way/new/x", { ...fields, recurse: true }, host).settle(), {
    code: "conflict",
  });
  await assert.rejects(drive(file, "/srv/alice/way/shadow", { state: "absent" }, host).settle(), { code: "conflict" });
  await assert.rejects(drive(file, "/copy", { state: "exists", source: "/srv/alice/.profile" }, host).settle(), {
    code: "conflict",
  });
  assert.equal(host.outside.read("/etc/shadow"), "secret");
  const at = await host.files.inspect("/etc/shadow", new AbortController().signal);
  assert.deepEqual([at?.uid, at?.mode], [0, 0o644]);
  await converge(file, "/srv/alice/.profile", { ...fields, force: true }, host);
  assert.equal(host.outside.read("/srv/alice/.profile"), "x");
  assert.equal(host.outside.read("/etc/shadow"), "secret");
});

test("new content is shown to a program first, and what it refuses is not put in place", async () => {
  const host = memoryHost();
  const seen: unknown[] = [];
  host.outside.install("try", ({ argv, tree, complain }) => {
    const [, , option = ""] = argv;
    const path = option.replace("--config=", "");
    const text = textOf(tree.read(path, root));
    seen.push([isDraftName(path.replace("/srv/", "")), tree.look(path, root, false)?.mode, text]);
    if (text !== "bad") return 0;
    complain(`first\n${path}:1: no such setting\n`);
    return 3;
  });
  const fields = { state: "exists", mode: "0640", validate: ["/usr/sbin/try", "-t", "--config=%"] };
  const entries = () => host.files.list("/srv", new AbortController().signal);
  host.outside.makeDirectory("/srv");
  const bad = { ...fields, content: "bad" };
  await assert.rejects(drive(file, "/srv/x", bad, host).settle(), {
    code: "invalid",
    message:
      "the new content of /srv/x was not accepted: /usr/sbin/try -t --config=% ended with status 3: first / /srv/x:1: no such setting",
  });
  assert.deepEqual(await entries(), []);
  assert.deepEqual(await converge(file, "/srv/x", { ...fields, content: "good" }, host), [
    "+ write 4 bytes, mode 0640",
  ]);
  host.outside.write("/source", "bad");
  for (const other of [bad, { ...fields, source: "/source" }, { ...fields, fragments: ["/source"] }]) {
    await assert.rejects(drive(file, "/srv/x", other, host).settle(), { code: "invalid" });
    assert.equal(host.outside.read("/srv/x"), "good");
  }
  host.outside.write("/source", "better");
  await converge(file, "/srv/x", { ...fields, source: "/source" }, host);
  assert.equal(host.outside.read("/srv/x"), "better");
  assert.deepEqual(await entries(), ["x"]);
  assert.deepEqual(
    seen,
    ["bad", "good", "bad", "bad", "bad", "better"].map((text) => [true, 0o640, text]),
  );
});

test("what cannot validate is told", () => {
  const titles = (fields: AnyWant) => problemsOf(file, "/x", { state: "exists", content: "", ...fields });
  assert.deepEqual(titles({ validate: ["try", "%"] }), []);
  assert.deepEqual(titles({ validate: ["try", "100%"] }), ["no argument of `validate` is the new content"]);
  assert.deepEqual(problemsOf(file, "/x/", { state: "exists", validate: ["", "%"] }), [
    "`validate` is for a file with content",
    "`validate` has no program",
  ]);
});

// ---- Whatever is wanted, wherever it starts ----

const before = [
  "nothing",
  "file",
  "same",
  "directory",
  "full",
  "link",
  "dangling",
  "link-to-directory",
  "pipe",
] as const;

function prepare(host: MemoryHost, start: (typeof before)[number]): void {
  const { outside } = host;
  outside.makeDirectory("/t/elsewhere");
  outside.write("/t/target", "old");
  outside.makeDirectory("/t/source/sub");
  outside.write("/t/source/a", "from source");
  outside.write("/t/source/sub/b", "deep");
  const starts: Record<(typeof before)[number], () => void> = {
    nothing: () => {},
    file: () => outside.write("/t/x", "something else"),
    same: () => outside.write("/t/x", "wanted"),
    directory: () => outside.makeDirectory("/t/x"),
    full: () => {
      outside.makeDirectory("/t/x/a");
      outside.write("/t/x/sub", "a file where a directory must be");
    },
    link: () => outside.link("/t/x", "target"),
    dangling: () => outside.link("/t/x", "nowhere"),
    "link-to-directory": () => outside.link("/t/x", "elsewhere"),
    pipe: () => outside.makeOther("/t/x"),
  };
  starts[start]();
}

const attributes = {
  state: fc.constantFrom("exists", "exists", ""),
  mode: fc.constantFrom("", "0600", "u+x,go-r", "2755"),
  owner: fc.constantFrom("", "7", "root"),
  force: fc.boolean(),
};
const filePath = fc.constantFrom("/t/x", "/t/x", "/t/new/x");
const directoryPath = fc.constantFrom("/t/x/", "/t/x/", "/t/new/x/");

const anyFields: fc.Arbitrary<AnyWant> = fc.oneof(
  fc.record({
    path: filePath,
    content: fc.constantFrom("wanted", "", undefined),
    recurse: fc.boolean(),
    ...attributes,
  }),
  fc.record({ path: filePath, source: fc.constant("/t/source/a"), ...attributes }),
  fc.record({ path: filePath, fragments: fc.constant(["/t/source/a", "/t/source/"]), ...attributes }),
  fc.record({
    path: filePath,
    symlink: fc.constant(true),
    source: fc.constantFrom("target", "/t/none"),
    ...attributes,
  }),
  fc.record({ path: directoryPath, recurse: fc.boolean(), ...attributes }),
  fc.record({
    path: directoryPath,
    recurse: fc.constant(true),
    purge: fc.boolean(),
    source: fc.constantFrom("", "/t/source/"),
    ...attributes,
  }),
  fc.record({
    path: fc.oneof(filePath, directoryPath),
    state: fc.constant("absent"),
    recurse: fc.boolean(),
    force: fc.boolean(),
  }),
);

test("whatever is declared and whatever is there, one pass settles it or refuses without touching anything", async () => {
  await fc.assert(
    fc.asyncProperty(anyFields, fc.constantFrom(...before), async (fields, start) => {
      const host = memoryHost();
      prepare(host, start);
      const resource = drive(file, "/t/x", fields, host);
      assert.deepEqual(resource.check(), []);
      const found = await host.files.inspect("/t/x", resource.env.signal);
      try {
        await resource.settle();
      } catch (reason) {
        assert.ok(reason instanceof Failure, String(reason));
        assert.deepEqual(await host.files.inspect("/t/x", resource.env.signal), found, reason.message);
        return;
      }
      assert.deepEqual(await resource.plan(), []);
      await host.clock.advance(1000);
      assert.deepEqual(await resource.plan(), []);
      assert.deepEqual(await resource.plan(), []);
    }),
    { numRuns: 620 },
  );
});

/** Notes which methods of files are called. */
function countingHost(host: MemoryHost): { readonly host: MemoryHost; readonly calls: string[] } {
  const calls: string[] = [];
  const files = new Proxy(host.files, {
    get: (target, property, receiver) => {
      if (typeof property === "string") calls.push(property);
      return Reflect.get(target, property, receiver) as unknown;
    },
  });
  return { host: { ...host, files }, calls };
}

proves("file", "twice", "outside change", "bad values", "random starts");
