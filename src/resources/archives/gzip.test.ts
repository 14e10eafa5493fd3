// SPDX-License-Identifier: Apache-2.0
// Compressed files on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { gunzipSync, gzipSync } from "node:zlib";
import { eachField, inMemory } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { gzip } from "./gzip.ts";

const path = "/var/out.gz";

async function bytesAt(host: MemoryHost, at = path): Promise<Uint8Array> {
  return host.files.read(at, 1_000_000, new AbortController().signal);
}

async function check(host: MemoryHost, fields: AnyWant, content: string, ...steps: readonly string[]): Promise<void> {
  assert.deepEqual(await converge(gzip, path, fields, host), steps);
  assert.equal(gunzipSync(await bytesAt(host)).toString(), content);
}

test("a text or a file is compressed, and again when it or its level is another one", async () => {
  const host = memoryHost();
  const text = "hello ".repeat(100);
  await check(host, { content: text }, text, "+ compress 600 bytes");
  await check(host, { content: text, level: 0 }, text, "~ compress 600 bytes");
  host.outside.write("/var/in", "from a file");
  await check(host, { input: "/var/in", content: "left aside" }, "from a file", "~ compress 11 bytes of /var/in");
  host.outside.write("/var/in", "from A file");
  await check(host, { input: "/var/in" }, "from A file", "~ compress 11 bytes of /var/in");
  await check(host, {}, "", "~ compress 0 bytes");
});

test("bytes of any sort come out as they went in", async () => {
  const host = memoryHost();
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) % 256);
  host.outside.write("/var/in", bytes);
  await converge(gzip, path, { input: "/var/in", level: 9 }, host);
  assert.deepEqual(new Uint8Array(gunzipSync(await bytesAt(host))), bytes);
});

test("what was compressed is not compressed again to be sure of it", async () => {
  const host = memoryHost();
  let compressed = 0;
  const counting = {
    ...host,
    compression: {
      ...host.compression,
      gzip: (...args: Parameters<typeof host.compression.gzip>) => {
        compressed += 1;
        return host.compression.gzip(...args);
      },
    },
  };
  const resource = drive(gzip, path, { content: "x" }, counting);
  await resource.settle();
  await host.clock.advance(1_000);
  for (const _ of [1, 2, 3]) assert.deepEqual(await resource.plan(), []);
  assert.equal(compressed, 2);
});

test("a change of the output or of the input behind its back is seen", async () => {
  const host = memoryHost();
  const stop = new AbortController();
  host.outside.write("/var/in", "one");
  const resource = drive(gzip, path, { input: "/var/in" }, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  const good = await bytesAt(host);
  host.outside.write(path, good.with(5, 1));
  await watch.next();
  assert.deepEqual(await resource.settle(), ["~ compress 3 bytes of /var/in"]);
  assert.deepEqual(await bytesAt(host), good);
  await watch.next();
  host.outside.write("/var/in", "three");
  await watch.next();
  assert.deepEqual(await resource.settle(), ["~ compress 5 bytes of /var/in"]);
  stop.abort();
});

test("an input that is not there is told by the plan", async () => {
  const resource = drive(gzip, path, { input: "/var/in" }, memoryHost());
  assert.deepEqual((await resource.plan()).map(renderStep), ["! the input /var/in does not exist"]);
  await assert.rejects(resource.settle(), { code: "not-found" });
});

test("mistakes are found before anything is touched", () => {
  const titles = (name: string, fields: AnyWant) => problemsOf(gzip, name, fields);
  assert.deepEqual(titles(path, { level: -2 }), []);
  assert.deepEqual(titles("out.gz", {}), ['`path` must be the absolute path of a file, not "out.gz"']);
  assert.deepEqual(titles(path, { input: "/var/" }), ['`input` must be the absolute path of a file, not "/var/"']);
  assert.deepEqual(titles(path, { input: path }), ["a file cannot be compressed into itself"]);
  assert.deepEqual(titles(path, { level: 10 }), ["there is no level 10"]);
});

test("whatever is at the place, one pass settles it", async () => {
  const text = fc.string({ maxLength: 40 });
  const before = fc.oneof(
    fc.constant(undefined),
    fc.record({ content: text, level: fc.integer({ min: -2, max: 9 }) }),
    fc.uint8Array({ maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(
      before,
      text,
      fc.boolean(),
      fc.integer({ min: -2, max: 9 }),
      async (there, content, isFile, level) => {
        const host = memoryHost();
        if (there instanceof Uint8Array) host.outside.write(path, there);
        else if (there !== undefined) await converge(gzip, path, there, host);
        if (isFile) host.outside.write("/var/in", content);
        await converge(gzip, path, isFile ? { input: "/var/in", level } : { content, level }, host);
        assert.equal(gunzipSync(await bytesAt(host)).toString(), content);
      },
    ),
    { numRuns: 300 },
  );
});

proves("gzip", "twice", "outside change", "bad values", "random starts");

const text = "hello ".repeat(100);

eachField("gzip", {
  machine: inMemory(({ outside }) => outside.write("/var/in", "from a file")),
  name: path,
  fields: { content: text },
  changes: {
    path: { outside: ({ host }) => host.outside.remove(path), repair: ["+ compress 600 bytes"] },
    input: {
      fields: { input: "/var/in" },
      outside: ({ host }) => host.outside.write("/var/in", "from A file"),
      repair: ["~ compress 11 bytes of /var/in"],
    },
    content: { outside: ({ host }) => host.outside.write(path, gzipSync("other")), repair: ["~ compress 600 bytes"] },
    level: {
      fields: { level: 9 },
      outside: ({ host }) => host.outside.write(path, gzipSync(text, { level: 0 })),
      repair: ["~ compress 600 bytes"],
    },
  },
});
