// SPDX-License-Identifier: Apache-2.0
// Texts of Consul on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, repaired } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { TwinConsul } from "./consul.test-support.ts";
import { consulKv } from "./kv.ts";

function machine(
  origin = "http://127.0.0.1:8500",
  environment: Readonly<Record<string, string>> = {},
): { readonly host: MemoryHost; readonly consul: TwinConsul } {
  const host = memoryHost({ environment });
  const consul = new TwinConsul();
  host.outside.serve(origin, consul.serve);
  return { host, consul };
}

test("a text is set, changed, and left alone when it is right", async () => {
  const { host, consul } = machine();
  assert.deepEqual(await converge(consulKv, "app/colour", { value: "blue" }, host), ['+ set the text "blue"']);
  assert.deepEqual(await converge(consulKv, "app/colour", { value: "red" }, host), [
    '~ set the text "red" (was "blue")',
  ]);
  assert.deepEqual(await converge(consulKv, "app/colour", { value: "red" }, host), []);
  assert.equal(consul.get("app/colour"), "red");
  assert.deepEqual(await converge(consulKv, "x", { key: "a key/ä", value: "" }, host), ['+ set the text ""']);
  assert.equal(consul.get("a key/ä"), "");
});

test("the name, the fields and the environment say where Consul is", async () => {
  const cases: readonly (readonly [string, string, AnyWant, Readonly<Record<string, string>>])[] = [
    ["http://c.example:8500", "http://c.example:8500/k", {}, {}],
    ["https://c.example", "https://c.example/k", {}, {}],
    ["http://c.example:1", "consul://c.example:1/k", {}, {}],
    ["http://d.example:2", "https://c.example/k", { address: "d.example:2", scheme: "http" }, {}],
    ["http://e.example:3", "k", {}, { CONSUL_HTTP_ADDR: "e.example:3" }],
    ["https://e.example:3", "k", {}, { CONSUL_HTTP_ADDR: "e.example:3", CONSUL_HTTP_SSL: "true" }],
    ["https://e.example:3", "k", {}, { CONSUL_HTTP_ADDR: "https://e.example:3" }],
    ["http://[::1]:8500", "k", { address: "[::1]:8500" }, {}],
  ];
  for (const [origin, name, fields, environment] of cases) {
    const { host, consul } = machine(origin, environment);
    await converge(consulKv, name, { ...fields, value: "v" }, host);
    assert.equal(consul.get("k"), "v", `${name} at ${origin}`);
  }
});

test("a token is sent, and what is refused is told", async () => {
  const { host, consul } = machine("http://127.0.0.1:8500", { CONSUL_HTTP_TOKEN: "from-outside" });
  consul.token = "s3cret";
  await converge(consulKv, "k", { value: "v", token: "s3cret" }, host);
  const refusal = drive(consulKv, "k", { value: "v", token: "wrong" }, host).plan();
  await assert.rejects(refusal, { code: "denied", message: /^Consul refuses to read k: Permission denied/ });
  consul.token = "from-outside";
  await converge(consulKv, "k", { value: "v" }, host);
  host.outside.serve("http://127.0.0.1:8500", undefined);
  await assert.rejects(drive(consulKv, "k", { value: "v" }, host).plan(), { code: "unreachable", retry: "backoff" });
});

test("each change by others is told and mended, also after Consul was away", async () => {
  const { host, consul } = machine();
  const stop = new AbortController();
  const resource = drive(consulKv, "k", { value: "v" }, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  for (const other of ["w", undefined, "x"]) {
    await repaired(resource, watch, host, () => consul.put("k", other));
    assert.equal(consul.get("k"), "v");
  }
  host.outside.serve("http://127.0.0.1:8500", () => {
    throw new Error("away");
  });
  consul.put("other", "y");
  consul.put("k", "z");
  // The answer under way is the old Consul's last one, then it cannot be asked any more.
  for (let turn = 0; turn < 20; turn += 1) await host.clock.settle();
  host.outside.serve("http://127.0.0.1:8500", consul.serve);
  const back = (async () => {
    while ((await resource.plan()).length === 0) await watch.next();
  })();
  await host.clock.advance(60_000);
  await back;
  await resource.settle();
  assert.equal(consul.get("k"), "v");
  stop.abort();
});

test("mistakes are found before anything is touched", () => {
  const titles = (name: string, fields: AnyWant) => problemsOf(consulKv, name, { value: "v", ...fields });
  assert.deepEqual(titles("k", { address: "c.example", token: "t" }), []);
  assert.deepEqual(titles("/k", {}), ['the key "/k" must not begin with a slash']);
  assert.deepEqual(titles("http://c.example/", {}), ["a text in Consul needs a `key`"]);
  assert.deepEqual(titles("k", { address: "http://c.example" }), ['"http://c.example" is no address of a server']);
  assert.deepEqual(titles("k", { value: "x".repeat(524_289) }), [
    "Consul keeps texts of 512 KiB at most, and this one has 524289 bytes",
  ]);
  assert.deepEqual(titles("k", { token: "a\nb" }), ["a token has no line ends, and no letters outside of ASCII"]);
});

test("whatever is there, one pass settles it", async () => {
  const text = fc.option(fc.string({ unit: "grapheme", maxLength: 5 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(text, fc.string({ maxLength: 5 }), async (before, value) => {
      const { host, consul } = machine();
      consul.put("k", before);
      await converge(consulKv, "k", { value }, host);
      assert.equal(consul.get("k"), value);
    }),
    { numRuns: 300 },
  );
});

proves("consul:kv", "twice", "outside change", "bad values", "random starts");

const where = "it says where Consul is, and who asks";

eachField("consul:kv", {
  machine: () => machine(),
  name: "k",
  fields: { value: "v" },
  changes: {
    key: {
      fields: { key: "other/key" },
      outside: ({ consul }) => consul.put("other/key", undefined),
      repair: ['+ set the text "v"'],
    },
    value: { outside: ({ consul }) => consul.put("k", "w"), repair: ['~ set the text "v" (was "w")'] },
  },
  parameters: { scheme: where, address: where, token: where },
});
