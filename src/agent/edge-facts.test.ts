// SPDX-License-Identifier: Apache-2.0
// Automatic edges of a kind that has to ask the machine: what is asked, when, and what a run makes of the answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCatalog } from "../contract/catalog.ts";
import type { EngineEvent } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import { field } from "../contract/field.ts";
import { defineResource } from "../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../host/memory/index.ts";
import { kinds, kindConstants } from "../resources/index.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { compileProgram } from "./compile-program.ts";
import { evaluateProgram } from "./evaluate-program.ts";
import type { Run } from "./run.ts";
import { runProgram } from "./run-program.ts";

/** A package whose files stand in `/packages/NAME`. Each test gets its own, with a list of all that it was asked. */
function packageKind(asked: string[][]) {
  return defineResource({
    kind: "package",
    summary: "Has files, which only the machine knows.",
    fields: { newest: field.bool({ doc: "Whether it must be the newest." }) },
    traits: {},
    edges: {
      reads: [],
      facts: {
        questions: (_, name) => [name],
        async ask(names, { host, signal }) {
          asked.push([...names]);
          const answers = new Map<string, readonly string[]>();
          for (const name of names) {
            const state = await host.files.inspect(`/packages/${name}`, signal);
            if (state === undefined) continue;
            const text = textOf(await host.files.read(`/packages/${name}`, 10_000, signal));
            if (text === "silent") await new Promise<never>(() => {});
            if (text === "broken") throw new Failure("the database is broken", { code: "invalid" });
            answers.set(name, text.split("\n"));
          }
          return answers;
        },
        watch: ({ host, signal }) => host.files.watch([{ path: "/packages", entries: true }], signal),
      },
      offers: () => [],
      wishes: (_, name, facts) =>
        (facts.get(name) ?? []).map((id) => ({ order: "after", anyOf: [{ space: "path", id }], why: "has the file" })),
    },
    observe: async () => ({}),
    plan: () => [],
    explain: () => ({ mark: "~", text: "" }),
    apply: async () => {},
    async *watch(_, { signal }) {
      yield;
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  });
}

const program = `
package "web" {}
package "mail" {}
file "/etc/web" {
	state => "exists",
}
file "/etc/mail" {
	state => "exists",
}
`;

interface Running {
  readonly host: MemoryHost;
  readonly run: Run;
  readonly events: readonly EngineEvent[];
  readonly asked: readonly string[][];
  readonly edges: () => readonly string[];
  readonly end: () => Promise<void>;
}

async function start(packages: Readonly<Record<string, string>>): Promise<Running> {
  const host = memoryHost();
  host.outside.makeDirectory("/site");
  host.outside.makeDirectory("/etc");
  host.outside.makeDirectory("/packages");
  host.outside.write("/site/main.mcl", program);
  for (const [name, files] of Object.entries(packages)) host.outside.write(`/packages/${name}`, files);
  const asked: string[][] = [];
  const events: EngineEvent[] = [];
  const run = runProgram({
    path: "/site/main.mcl",
    reading: { workingDirectory: "/", readStandardInput: () => Promise.resolve("") },
    catalog: createCatalog({ kinds: [...kinds, packageKind(asked)], functions: [], constants: kindConstants }),
    hostname: "memory",
    prefix: "/var/lib/mgmt",
    noop: false,
    watchProgram: true,
    convergedMs: undefined,
    maxRuntimeMs: undefined,
    graphvizFile: undefined,
    emit: (event) => events.push(event),
    onProblems: (problems) => assert.fail(problems.map(({ message }) => message.title).join("\n")),
    onReload: () => {},
    host,
  });
  await host.clock.settle();
  const edges = () => run.view.graph.shape.edges.map(({ from, to }) => `${from} -> ${to}`).sort();
  const end = async (): Promise<void> => {
    run.stop();
    await host.clock.settle();
    await run.ended;
  };
  return { host, run, events, asked, edges, end };
}

const webEdge = "package[web] -> file[/etc/web]";
const mailEdge = "package[mail] -> file[/etc/mail]";

test("all questions are asked at once, before anything is carried out", async () => {
  const { asked, edges, events, end } = await start({ web: "/etc/web\n/bin/web", mail: "/etc/mail" });
  assert.deepEqual(asked, [["web", "mail"]]);
  assert.deepEqual(edges(), [mailEdge, webEdge]);
  const settled = events.flatMap((event) => (event.type === "settled" ? [event.resource] : []));
  assert.ok(settled.indexOf("package[web]") < settled.indexOf("file[/etc/web]"));
  assert.equal(events.filter(({ type }) => type === "graph-swapped").length, 1);
  await end();
});

test("an answer that becomes another one makes another graph, one that stays the same does not", async () => {
  const { host, asked, edges, events, end } = await start({ web: "/etc/web" });
  assert.deepEqual(edges(), [webEdge]);
  host.outside.write("/packages/mail", "/etc/mail");
  host.outside.write("/packages/other", "");
  await host.clock.advance(300);
  assert.deepEqual(edges(), [mailEdge, webEdge]);
  const swaps = (): number => events.filter(({ type }) => type === "graph-swapped").length;
  assert.equal(swaps(), 2);
  assert.equal(asked.length, 2, "two changes in a row are looked at once");
  host.outside.write("/packages/other", "changed");
  await host.clock.advance(300);
  assert.equal(asked.length, 3);
  assert.equal(swaps(), 2);
  await end();
});

test("an edit asks what is new alone, and what is gone is not asked again", async () => {
  const { host, asked, edges, end } = await start({ web: "/etc/web", mail: "/etc/mail", news: "/etc/web" });
  host.outside.write("/site/main.mcl", program.replace('"mail" {}', '"news" {}'));
  await host.clock.advance(200);
  assert.deepEqual(asked, [["web", "mail"], ["news"]]);
  assert.deepEqual(edges(), ["package[news] -> file[/etc/web]", webEdge]);
  host.outside.write("/packages/web", "");
  await host.clock.advance(300);
  assert.deepEqual(asked.at(-1)?.toSorted(), ["news", "web"]);
  await end();
});

test("a machine that cannot answer is told, and costs the edges and nothing else until it can", async () => {
  const { host, edges, events, end } = await start({ web: "broken", mail: "/etc/mail" });
  assert.deepEqual(edges(), []);
  const told = events.flatMap((event) => (event.type === "edges-unknown" ? [event.failure.message] : []));
  assert.deepEqual(told, ["the database is broken"]);
  assert.equal(host.outside.read("/etc/web"), "");
  host.outside.write("/packages/web", "/etc/web");
  await host.clock.advance(300);
  assert.deepEqual(edges(), [mailEdge, webEdge]);
  await end();
});

test("a machine that never answers holds up a run for half a minute, and its end not at all", async () => {
  await (await start({ web: "silent" })).end();
  const { host, edges, events, end } = await start({ web: "silent" });
  assert.equal(host.outside.read("/etc/web"), undefined);
  await host.clock.advance(30_000);
  assert.equal(host.outside.read("/etc/web"), "");
  assert.deepEqual(edges(), []);
  assert.ok(events.some(({ type }) => type === "edges-unknown"));
  await end();
});

test("the graph that is shown has these edges too", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/packages");
  host.outside.write("/packages/web", "/etc/web");
  const catalog = createCatalog({ kinds: [...kinds, packageKind([])], functions: [], constants: kindConstants });
  const { signal } = new AbortController();
  await host.files.write("/main.mcl", bytesOf(program), {}, signal);
  const reading = { workingDirectory: "/", readStandardInput: () => Promise.resolve(""), host, signal };
  const compiled = await compileProgram("/main.mcl", catalog, reading);
  assert.ok(compiled.program !== undefined);
  const options = { program: compiled.program, name: "main", catalog, host, hostname: "memory", timeoutMs: 1000 };
  const { graph } = await evaluateProgram(options, signal);
  assert.deepEqual(graph?.edges, [["package[web]", "file[/etc/web]"]]);
});
