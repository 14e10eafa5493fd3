// SPDX-License-Identifier: Apache-2.0
// Texts that hosts share, as a resource keeps them, on both stores.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import { embeddedCluster } from "../../cluster/embedded/index.ts";
import { memoryCluster } from "../../cluster/memory/index.ts";
import type { Cluster } from "../../contract/cluster.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { createExchange, type OwnExchange } from "../../exchange/index.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { kv } from "./kv.ts";

interface Place {
  readonly host: MemoryHost;
  readonly exchange: OwnExchange;
  readonly settle: (fields: AnyWant) => Promise<readonly string[]>;
  readonly text: (host?: string) => Promise<string | undefined>;
}

/** Once on each store. */
function check(title: string, run: (place: Place) => Promise<void>): void {
  const on = async (host: MemoryHost, cluster: Cluster): Promise<void> => {
    const exchange = createExchange({ cluster, hostname: "here", clock: host.clock, onTrouble: () => {} });
    const never = new AbortController().signal;
    await run({
      host,
      exchange,
      settle: (fields) => converge(kv, "k", fields, host, { exchange }),
      text: (name) => exchange.texts.get(name === undefined ? { key: "k" } : { key: "k", host: name }, never),
    });
    await exchange.close();
    await cluster.close();
  };
  describe(title, () => {
    test("in memory", async () => {
      const host = memoryHost();
      await on(host, memoryCluster(host.clock).door());
    });
    test("in a file", async () => {
      const host = memoryHost();
      const directory = mkdtempSync(join(tmpdir(), "mgmt-kv-"));
      const { clock, random } = host;
      const path = join(directory, "cluster.db");
      try {
        await on(host, embeddedCluster({ path, clock, random, readOnly: false, onTrouble: () => {} }));
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
  });
}

check("a text is set, changed and removed, and what is right stays", async ({ settle, text }) => {
  assert.deepEqual(await settle({ value: "1" }), ['+ set the text "1"']);
  assert.deepEqual(await settle({ value: "1" }), []);
  assert.deepEqual(await settle({ value: "2" }), ['~ set the text "2" (was "1")']);
  assert.equal(await text(), "2");
  assert.deepEqual(await settle({ value: "" }), ['~ set the text "" (was "2")']);
  assert.deepEqual(await settle({}), ['- remove the text ""']);
  assert.deepEqual(await settle({}), []);
});

check("a mapped text is that of this host alone", async ({ settle, text, exchange }) => {
  await exchange.texts.update({ key: "k", host: "other" }, () => "theirs", new AbortController().signal);
  assert.deepEqual(await settle({ value: "ours", mapped: true }), ['+ set the text "ours"']);
  assert.equal(await text(), undefined);
  assert.equal(await text("here"), "ours");
  assert.deepEqual(await settle({ mapped: true }), ['- remove the text "ours"']);
  assert.equal(await text("other"), "theirs");
});

check("the key can be another than the name", async ({ host, exchange, text }) => {
  await converge(kv, "any", { key: "k", value: "x" }, host, { exchange });
  assert.equal(await text(), "x");
});

check("a greater integer stays, and what is no integer does not", async ({ settle }) => {
  const want = (value: string): AnyWant => ({ value, skiplessthan: true });
  assert.deepEqual(await settle(want("10")), ['+ set the text "10"']);
  assert.deepEqual(await settle(want("9")), []);
  assert.deepEqual(await settle(want("-11")), []);
  assert.deepEqual(await settle(want("+11")), ['~ set the text "+11" (was "10")']);
  assert.deepEqual(await settle(want("99999999999999999999")), ['~ set the text "99999999999999999999" (was "+11")']);
  await settle({ value: "none" });
  assert.deepEqual(await settle(want("1")), ['~ set the text "1" (was "none")']);
  assert.deepEqual(await settle({ skiplessthan: true }), ['- remove the text "1"']);
});

check("a greater text stays, byte by byte", async ({ settle }) => {
  const want = (value: string): AnyWant => ({ value, skiplessthan: true, skipcmpstyle: 1 });
  await settle(want("b"));
  assert.deepEqual(await settle(want("a")), []);
  assert.deepEqual(await settle(want("ba")), ['~ set the text "ba" (was "b")']);
  assert.deepEqual(await settle(want("b")), []);
  await settle(want("\ufffd"));
  assert.deepEqual(await settle(want("𝄞")), ['~ set the text "𝄞" (was "\ufffd")']);
});

check("a refresh sets a smaller one, too", async ({ host, exchange, settle, text }) => {
  await settle({ value: "10" });
  const resource = drive(kv, "k", { value: "9", skiplessthan: true }, host, { exchange });
  assert.deepEqual(await resource.settle({ refresh: true }), ['~ set the text "9" (was "10")']);
  assert.equal(await text(), "9");
});

check("a host that was faster with a greater one wins", async ({ host, exchange, settle, text }) => {
  await settle({ value: "1" });
  const resource = drive(kv, "k", { value: "5", skiplessthan: true }, host, { exchange });
  const have = await kv.observe(resource.want, resource.env);
  const [step] = kv.plan(resource.want, have, { refresh: false, received: new Set() }, []);
  assert.ok(step !== undefined);
  await exchange.texts.update({ key: "k" }, () => "7", new AbortController().signal);
  await kv.apply(step, resource.want, resource.env);
  assert.equal(await text(), "7");
});

check("a change behind its back is told", async ({ host, exchange, settle }) => {
  await settle({ value: "1" });
  const stopping = new AbortController();
  const resource = drive(kv, "k", { value: "1" }, host, { exchange, signal: stopping.signal });
  let told = 0;
  const watching = (async () => {
    for await (const _ of resource.watch()) told += 1;
  })();
  for (let turn = 0; turn < 5; turn += 1) await host.clock.settle();
  assert.equal(told, 1);
  await exchange.texts.update({ key: "k" }, () => "2", stopping.signal);
  await exchange.texts.update({ key: "other" }, () => "2", stopping.signal);
  for (let turn = 0; turn < 5; turn += 1) await host.clock.settle();
  assert.equal(told, 2);
  assert.deepEqual(await resource.settle(), ['~ set the text "1" (was "2")']);
  stopping.abort();
  await watching;
});

test("what makes no sense is refused", () => {
  assert.deepEqual(problemsOf(kv, "k", { value: "x", skiplessthan: true }), [
    "`skiplessthan` compares integers, and this text is none",
  ]);
  assert.deepEqual(problemsOf(kv, "k", { value: "x", skiplessthan: true, skipcmpstyle: 1 }), []);
  assert.deepEqual(problemsOf(kv, "k", { skipcmpstyle: 2 }), [
    "`skipcmpstyle` is 0 for integers or 1 for texts, not 2",
  ]);
  assert.deepEqual(problemsOf(kv, "k", { key: "" }), ["the key must not be empty"]);
});

test("whatever text is there, one pass settles it", async () => {
  const text = fc.option(fc.oneof(fc.string(), fc.integer().map(String)), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(text, text, fc.boolean(), fc.boolean(), async (before, value, mapped, skiplessthan) => {
      const host = memoryHost();
      const cluster = memoryCluster(host.clock).door();
      const exchange = createExchange({ cluster, hostname: "here", clock: host.clock, onTrouble: () => {} });
      const slot = mapped ? { key: "k", host: "here" } : { key: "k" };
      await exchange.texts.update(slot, () => before, new AbortController().signal);
      await converge(kv, "k", { value, mapped, skiplessthan, skipcmpstyle: 1 }, host, { exchange });
      await exchange.close();
      await cluster.close();
    }),
    { numRuns: 300 },
  );
});

proves("kv", "twice", "outside change", "bad values", "random starts");

const never = new AbortController().signal;

/** Two lives of one host, of which one is another program. */
function twoOfOne() {
  const host = memoryHost();
  const cluster = memoryCluster(host.clock);
  const life = () =>
    createExchange({ cluster: cluster.door(), hostname: "here", clock: host.clock, onTrouble: () => {} });
  return { host, elsewhere: life(), options: { exchange: life() } };
}

eachField("kv", {
  machine: twoOfOne,
  name: "k",
  fields: { value: "v" },
  changes: {
    key: {
      fields: { key: "other" },
      outside: ({ elsewhere }) => elsewhere.texts.update({ key: "other" }, () => undefined, never),
      repair: ['+ set the text "v"'],
    },
    value: [
      {
        outside: ({ elsewhere }) => elsewhere.texts.update({ key: "k" }, () => "w", never),
        repair: ['~ set the text "v" (was "w")'],
      },
      {
        fields: { value: undefined },
        outside: ({ elsewhere }) => elsewhere.texts.update({ key: "k" }, () => "w", never),
        repair: ['- remove the text "w"'],
      },
    ],
    mapped: {
      fields: { mapped: true },
      outside: ({ elsewhere }) => elsewhere.texts.update({ key: "k", host: "here" }, () => "w", never),
      repair: ['~ set the text "v" (was "w")'],
    },
  },
  parameters: {
    skiplessthan: "it says which texts of others may stay",
    skipcmpstyle: "it says how texts are compared",
  },
});
