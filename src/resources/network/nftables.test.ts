// SPDX-License-Identifier: Apache-2.0
// Tables of the packet filter of a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField, inMemory } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { nftables } from "./nftables.ts";

const web = { family: "inet", name: "web" } as const;
const content = "chain input {\n\ttype filter hook input priority 0;\n\ttcp dport 22 accept\n}\n";
const never = new AbortController().signal;

test("a table is loaded, kept and removed", async () => {
  const host = memoryHost();
  assert.deepEqual(await converge(nftables, "web", { content }, host), ["+ load the table"]);
  const sameInOtherWords = "chain input { type filter hook input priority 0; tcp dport 22 accept; } # mine";
  assert.deepEqual(await converge(nftables, "web", { content: sameInOtherWords }, host), []);
  host.outside.packetFilter.become(web, "chain input { }");
  const [step] = await drive(nftables, "web", { content }, host).plan();
  assert.equal(step?.text, "load the table anew");
  assert.match(step?.content?.before ?? "", /chain input \{ \}/);
  assert.match(step?.content?.after ?? "", /tcp dport 22 accept/);
  await converge(nftables, "web", { content }, host);
  assert.deepEqual(await converge(nftables, "web", { state: "absent" }, host), ["- remove the table"]);
  await converge(nftables, "the same", { table: "web", family: "ip6", content }, host);
  assert.ok((await host.packetFilter.table({ family: "ip6", name: "web" }, never)) !== undefined);
  assert.equal(await host.packetFilter.table(web, never), undefined);
});

test("what cannot be tried is known again by what came of it", async () => {
  const host = memoryHost();
  const fields = { content: 'chain a { iif "eth0" accept; }' };
  assert.deepEqual(await converge(nftables, "web", fields, host), ["+ load the table"]);
  assert.deepEqual(await converge(nftables, "web", fields, host), []);
  host.outside.packetFilter.become(web, "chain a { }");
  assert.deepEqual(await converge(nftables, "web", fields, host), ["~ load the table anew"]);
  assert.deepEqual(await converge(nftables, "web", { content: 'chain a { oif "eth0" accept; }' }, host), [
    "~ load the table anew",
  ]);
});

test("a change behind its back is seen", async () => {
  const host = memoryHost();
  const stop = new AbortController();
  const resource = drive(nftables, "web", { content }, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  for (const [other, step] of [
    ["", "~ load the table anew"],
    [undefined, "+ load the table"],
  ] as const) {
    const woken = watch.next();
    host.outside.packetFilter.become(web, other);
    await woken;
    assert.deepEqual(await resource.settle(), [step]);
    await watch.next();
  }
  stop.abort();
});

test("a content that the kernel does not take is told with its line", async () => {
  await assert.rejects(drive(nftables, "web", { content: "chain a {\n\tnonsense\n}" }, memoryHost()).settle(), {
    code: "invalid",
    message: "this is no content of the table inet web: line 2: syntax error, unexpected string",
  });
});

test("mistakes are found before anything is touched", () => {
  const check = (fields: AnyWant, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(nftables, "web", fields), titles);
  check({ content });
  check({ content: 'chain a { comment "a } b"; } # }' });
  check({ table: "1a" }, '"1a" cannot be the name of a table');
  check({ content: "} flush ruleset; table inet x {" }, "the content has a closing brace too many");
  check({ content: "chain a {" }, "the content lacks a closing brace");
  check({ content: 'chain a { comment "x; }' }, "the content has a quotation mark without its second one");
  check({ content: 'chain a { } "' }, "the content has a quotation mark without its second one");
  check({ content: '\tinclude "/etc/x"' }, "the content includes another file");
  check({ content: 'chain a { comment "include"; }' });
});

test("whatever is there, the table is as declared, and the others stay", async () => {
  const text = fc.constantFrom(
    "",
    "chain a { }",
    "chain a { tcp dport 22 accept; }",
    "chain b { }",
    'chain a { iif "x" drop; }',
  );
  const wanted = fc.record({ content: text, state: fc.constantFrom("exists", "absent", "") });
  await fc.assert(
    fc.asyncProperty(fc.option(text), fc.option(text), wanted, async (mine, others, fields) => {
      const host = memoryHost();
      const other = { family: "ip", name: "web" } as const;
      host.outside.packetFilter.become(web, mine ?? undefined);
      host.outside.packetFilter.become(other, others ?? undefined);
      const before = await host.packetFilter.table(other, never);
      await converge(nftables, "web", fields, host);
      assert.deepEqual(await host.packetFilter.table(other, never), before);
      const after = await host.packetFilter.table(web, never);
      assert.equal(after !== undefined, fields.state !== "absent");
    }),
    { numRuns: 300 },
  );
});

proves("nftables", "twice", "outside change", "bad values", "random starts");

eachField("nftables", {
  machine: inMemory(),
  name: "web",
  fields: { content },
  changes: {
    state: [
      { outside: ({ host }) => host.outside.packetFilter.become(web, undefined), repair: ["+ load the table"] },
      {
        fields: { state: "absent", content: "" },
        outside: ({ host }) => host.outside.packetFilter.become(web, "chain a { }"),
        repair: ["- remove the table"],
      },
    ],
    family: {
      fields: { family: "ip6" },
      outside: ({ host }) => host.packetFilter.remove({ family: "ip6", name: "web" }, never),
      repair: ["+ load the table"],
    },
    table: {
      fields: { table: "other" },
      outside: ({ host }) => host.packetFilter.remove({ family: "inet", name: "other" }, never),
      repair: ["+ load the table"],
    },
    content: {
      outside: ({ host }) => host.outside.packetFilter.become(web, "chain input { }"),
      repair: ["~ load the table anew"],
    },
  },
});
