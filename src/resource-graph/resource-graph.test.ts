// SPDX-License-Identifier: Apache-2.0
// From a program's output to a resource graph: every rule, the difference, and how little a changed value costs.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../base/problem.ts";
import { renderPlace, type SourceFile, type Span } from "../base/span.ts";
import { createCatalog } from "../contract/catalog.ts";
import type {
  EdgeDeclaration,
  OutputDelta,
  ResourceReference,
  StatementKey,
  StatementOutput,
} from "../contract/declaration.ts";
import { field, fromName, optional } from "../contract/field.ts";
import { defineResource, type ResourceKind } from "../contract/resource.ts";
import { intType, strType } from "../values/type.ts";
import { MapValue, type Value } from "../values/value.ts";
import { type Built, createResourceGraphBuilder } from "./builder.ts";
import { resourceGraphProblems } from "./problems.ts";
import { renderDot, renderText } from "./render.ts";
import { vertexOf } from "./vertex.ts";

const nothing = { observe: async () => ({}), plan: () => [], explain: () => ({ mark: "~", text: "" }) as const };
const still = { apply: async () => {}, watch: async function* () {} };

let checks = 0;
const thing: ResourceKind = defineResource({
  kind: "thing",
  summary: "Has a field of every sort.",
  fields: {
    path: field.str({ doc: "Its path.", default: fromName }),
    content: optional(field.str({ doc: "Optional." })),
    state: field.str({ doc: "A choice.", choices: ["", "exists", "absent"] }),
    small: field.int({ doc: "Eight bits.", bits: 8 }),
    port: field.int({ doc: "Sixteen bits.", bits: 16, unsigned: true }),
    big: field.int64({ doc: "Sixty-four bits.", default: 7n }),
    ratio: field.float({ doc: "Single.", single: true }),
    list: field.strings({ doc: "Texts." }),
    env: field.stringMap({ doc: "Texts by texts." }),
    anything: field.any({ doc: "Any value." }),
    token: field.str({ doc: "Secret.", choices: ["a"], secret: true }),
    alone: field.bool({ doc: "Equals no other." }),
  },
  unequalBy: "alone",
  traits: { sends: { output: strType, count: intType }, receives: true },
  check: (want) => {
    checks += 1;
    return want.content === "wrong" ? [{ field: "content", title: "content is wrong", hint: "Do better." }] : [];
  },
  ...nothing,
  ...still,
});
const mute = defineResource({
  kind: "mute",
  summary: "Neither sends nor receives.",
  fields: {},
  traits: {},
  ...nothing,
  ...still,
});
const polled: ResourceKind = { ...mute, kind: "polled", traits: { polling: "needed" } };
const unpolled: ResourceKind = { ...mute, kind: "unpolled", traits: { polling: "refused" } };

const catalog = createCatalog({ kinds: [thing, mute, polled, unpolled], functions: [], constants: [] });

// ---- A program is a list of statements, one a line ----

interface Resource {
  readonly kind?: string;
  readonly name: string;
  readonly fields?: Readonly<Record<string, Value>>;
  readonly meta?: Readonly<Record<string, Value>>;
}
interface Edge {
  readonly edge: string;
  readonly notify?: boolean;
  readonly send?: { readonly key: string; readonly field: string };
}
type Statement = Resource | Edge;

const file: SourceFile = { path: "main.mcl", text: "\n".repeat(20_000) };
const line = (number: number): Span => ({ file, start: number - 1, end: number });
const keys: StatementKey[] = [];

/** The identity of the statement on that line. */
function keyOf(number: number): StatementKey {
  const known = keys[number] ?? { at: line(number) };
  keys[number] = known;
  return known;
}

function referenceOf(text: string): ResourceReference {
  const open = text.indexOf("[");
  return { kind: text.slice(0, open), name: text.slice(open + 1, -1) };
}

function delta(changed: Readonly<Record<number, Statement>>, removed: readonly number[] = []): OutputDelta {
  const outputs = new Map<StatementKey, StatementOutput>();
  for (const [text, statement] of Object.entries(changed)) {
    const at = line(Number(text));
    if ("edge" in statement) {
      const [from = "", to = ""] = statement.edge.split(" -> ");
      const edge: EdgeDeclaration = {
        from: referenceOf(from),
        to: referenceOf(to),
        notify: statement.notify ?? false,
        at,
        ...(statement.send === undefined ? {} : { send: statement.send }),
      };
      outputs.set(keyOf(Number(text)), { resources: [], edges: [edge] });
      continue;
    }
    const { kind = "thing", name, fields = {}, meta = {} } = statement;
    const resource = {
      kind,
      name,
      fields: new Map(Object.entries(fields)),
      meta: new Map(Object.entries(meta)),
      at,
      fieldsAt: new Map<string, Span>(),
    };
    outputs.set(keyOf(Number(text)), { resources: [resource], edges: [] });
  }
  return { changed: outputs, removed: removed.map(keyOf) };
}

const program = (...statements: Statement[]): OutputDelta =>
  delta(Object.fromEntries(statements.map((statement, at) => [at + 1, statement])));

function build(...statements: Statement[]): Built {
  return createResourceGraphBuilder(catalog).apply(program(...statements));
}

function showProblem({ code, at, message }: Problem): string {
  const related = (message.related ?? []).map(({ at: place, label }) => ` | ${renderPlace(place)} ${label}`).join("");
  return `${renderPlace(at)} ${code}: ${message.title}${related}${message.hint === undefined ? "" : ` | ${message.hint}`}`;
}

function checkProblems(statements: readonly Statement[], expected: readonly string[]): void {
  const built = build(...statements);
  assert.deepEqual(built.ok ? [] : built.problems.map(showProblem), expected);
}

function checkGraph(statements: readonly Statement[], expected: readonly string[]): void {
  const built = build(...statements);
  assert.deepEqual(built.ok ? [] : built.problems.map(showProblem), []);
  assert.deepEqual(built.ok ? renderText(built.graph).trimEnd().split("\n") : [], expected);
}

function checkWant(fields: Readonly<Record<string, Value>>, expected: Readonly<Record<string, unknown>>): void {
  const built = build({ name: "x", fields });
  assert.ok(built.ok);
  const want = vertexOf(built.graph, "thing[x]")?.want ?? {};
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(want[name], value, name);
}

function checkField(name: string, value: Value, why: string): void {
  checkProblems(
    [{ name: "x", fields: { [name]: value } }],
    [`main.mcl:1:1 resource-field-wrong: The field \`${name}\` of thing[x] ${why}`],
  );
}

test("fields that are not set have their default", () => {
  checkWant(
    {},
    {
      path: "x",
      content: undefined,
      state: "",
      small: 0,
      port: 0,
      big: 7n,
      ratio: 0,
      list: [],
      env: new Map(),
      anything: undefined,
    },
  );
});

test("values are read as the schema says", () => {
  checkWant(
    {
      path: "/p",
      content: "",
      state: "absent",
      small: -128n,
      port: 65535n,
      big: -1n,
      ratio: 0.1,
      list: ["a"],
      anything: [1n],
    },
    {
      path: "/p",
      content: "",
      state: "absent",
      small: -128,
      port: 65535,
      big: -1n,
      ratio: Math.fround(0.1),
      list: ["a"],
      anything: [1n],
    },
  );
  checkWant({ env: new MapValue([["k", "v"]]) }, { env: new Map([["k", "v"]]) });
});

test("a value that does not fit its field is a problem", () => {
  checkField("small", 128n, "must be from -128 to 127, but is 128");
  checkField("port", -1n, "must be from 0 to 65535, but is -1");
  checkField("ratio", 1e39, "must fit into 32 bits, at most about 3.4e38, but is 1e+39");
  checkField("content", 1n, "takes str, not an int");
  checkField("list", ["a", 1n], "takes []str, not a list");
  checkField("state", "abesnt", 'must be one of "exists", "absent", but is "abesnt" | Did you mean "absent"?');
});

test("a secret value never gets into a message", () => {
  checkField("token", "hunter2", 'must be one of "a"');
});

test("unknown kinds, fields and meta parameters say what was meant", () => {
  checkProblems(
    [
      { kind: "thign", name: "x" },
      { name: "y", fields: { contnet: "" } },
      { name: "z", meta: { nop: true } },
    ],
    [
      "main.mcl:1:1 resource-kind-unknown: There is no kind of resource called `thign` | Did you mean `thing`?",
      "main.mcl:2:1 resource-field-unknown: The kind `thing` has no field `contnet` | Did you mean `content`?",
      "main.mcl:3:1 resource-meta-unknown: There is no meta parameter `Meta:nop` | Did you mean `noop`?",
    ],
  );
});

test("meta parameters are read and held to their ranges", () => {
  const built = build({
    name: "x",
    meta: { retry: -1n, delay: 500n, limit: 2.5, burst: 3n, sema: ["a:2"], noop: true },
  });
  assert.ok(built.ok);
  const meta = vertexOf(built.graph, "thing[x]")?.meta;
  assert.deepEqual(
    [meta?.retry, meta?.delay, meta?.limit, meta?.burst, meta?.sema, meta?.noop, meta?.poll],
    [-1, 500, 2.5, 3, ["a:2"], true, 0],
  );
  const wrong = (name: string, value: Value, why: string): void =>
    checkProblems(
      [{ name: "x", meta: { [name]: value } }],
      [`main.mcl:1:1 resource-meta-wrong: \`Meta:${name}\` of thing[x] ${why}`],
    );
  wrong("retry", 32768n, "must fit into 16 bits, but is 32768");
  wrong("poll", 2n ** 31n, "must fit into 32 bits, but is 2147483648");
  wrong("delay", -1n, "must not be negative, but is -1");
  wrong("timeout", -1n, "must not be negative, but is -1");
  wrong("noop", "yes", "takes bool");
  wrong("sema", ["12"], "has a semaphore without a name: write name or name:count");
  wrong("sema", ["a:0"], "has a semaphore that nobody could take: count from 1");
  wrong("sema", ["b:2", "a:-1"], "has a semaphore that nobody could take: count from 1");
  wrong("export", [""], 'has an empty host name: write "*" for every host');
  wrong(
    "limit",
    1.0,
    "would let no event through, because `Meta:burst` is 0 | Set `Meta:burst` to the number of events that may come at once, at least 1.",
  );
});

test("a kind whose world tells nothing must be polled, and one that must not be is not", () => {
  checkProblems(
    [
      { kind: "polled", name: "x" },
      { kind: "unpolled", name: "x", meta: { poll: 5n } },
      { kind: "polled", name: "y", meta: { poll: 5n } },
      { kind: "polled", name: "z", meta: { poll: -1n } },
      { kind: "polled", name: "h", meta: { hidden: true } },
      { kind: "unpolled", name: "y" },
    ],
    [
      "main.mcl:1:1 resource-meta-wrong: `Meta:poll` of polled[x] must be set: nothing tells of changes | Set it to the seconds between two looks.",
      "main.mcl:2:1 resource-meta-wrong: `Meta:poll` of unpolled[x] must not be set: changes are told as they happen",
    ],
  );
});

test("a name is not empty and begins with no dollar unless that is meant", () => {
  checkProblems(
    [{ name: "" }, { name: "$x" }],
    [
      "main.mcl:1:1 resource-name-empty: A resource of kind `thing` has an empty name | Give it a name: it tells the resources of one kind apart.",
      'main.mcl:2:1 resource-name-dollar: The name of thing[$x] begins with a dollar sign | A variable is inserted into a text as `"${name}"`. If the dollar is meant, set `Meta:dollar => true,`.',
    ],
  );
  checkGraph([{ name: "$x", meta: { dollar: true } }], ["Vertex: thing[$x]"]);
});

test("the kind's own check is asked, except for hidden resources", () => {
  checkProblems(
    [{ name: "x", fields: { content: "wrong" } }],
    ["main.mcl:1:1 resource-wrong: The field `content` of thing[x]: content is wrong | Do better."],
  );
  checkGraph([{ name: "x", fields: { content: "wrong" }, meta: { hidden: true } }], ["Vertex: thing[x]"]);
});

test("equal duplicates are one, different ones name both places and what differs", () => {
  checkGraph(
    [
      { name: "x", meta: { retry: 1n } },
      { name: "x", meta: { retry: 1n } },
    ],
    ["Vertex: thing[x]"],
  );
  checkProblems(
    [
      { name: "x", fields: { state: "exists" } },
      { name: "x", meta: { retryreset: true } },
    ],
    [
      "main.mcl:2:1 resource-conflict: thing[x] is declared twice, and the two differ in state, Meta:retryreset" +
        " | main.mcl:1:1 first declared here | Declare it once, or the same way in both places.",
    ],
  );
});

test("hidden resources never conflict, and an edge leads to all of them", () => {
  const hidden = (content: string): Resource => ({ name: "x", fields: { content }, meta: { hidden: true } });
  checkGraph(
    [hidden("a"), hidden("a"), hidden("b"), { name: "x" }, { name: "y" }, { edge: "thing[y] -> thing[x]" }],
    [
      "Vertex: thing[x]",
      "Vertex: thing[x]",
      "Vertex: thing[x]",
      "Vertex: thing[y]",
      "Edge: thing[y] -> thing[x]",
      "Edge: thing[y] -> thing[x]",
      "Edge: thing[y] -> thing[x]",
    ],
  );
});

test("a resource that is to equal no other conflicts with one written the same way", () => {
  checkGraph([{ name: "x", fields: { alone: true } }], ["Vertex: thing[x]"]);
  checkProblems(
    [
      { name: "x", fields: { alone: true } },
      { name: "x", fields: { alone: true } },
    ],
    [
      "main.mcl:2:1 resource-conflict: thing[x] is declared twice, and the two differ in alone" +
        " | main.mcl:1:1 first declared here | Declare it once, or the same way in both places.",
    ],
  );
});

test("hidden resources of one name conflict when they are exported to one host", () => {
  const exported = (content: string, ...hosts: string[]): Resource => ({
    name: "x",
    fields: { content },
    meta: { hidden: true, export: hosts },
  });
  checkGraph([exported("a", "h"), exported("b", "i")], ["Vertex: thing[x]", "Vertex: thing[x]"]);
  checkProblems(
    [exported("a", "h", "i"), exported("b", "i", "h")],
    [
      "main.mcl:2:1 resource-conflict: thing[x] is declared twice, and the two differ in content" +
        " | main.mcl:1:1 first declared here | Declare it once, or the same way in both places.",
    ],
  );
});

test("equal edges are one that notifies if any does", () => {
  const built = build(
    { name: "a" },
    { name: "b" },
    { edge: "thing[a] -> thing[b]" },
    { edge: "thing[a] -> thing[b]", notify: true },
    { edge: "thing[a] -> thing[b]", send: { key: "output", field: "content" } },
  );
  assert.ok(built.ok);
  assert.deepEqual(
    built.graph.shape.edges.map(({ notify, sends }) => ({ notify, sends })),
    [{ notify: true, sends: [{ key: "output", field: "content" }] }],
  );
});

test("an edge to what is not declared is a problem, to what is wrong is not another one", () => {
  checkProblems(
    [{ name: "alpha" }, { name: "$b" }, { edge: "thing[alpah] -> thing[$b]" }],
    [
      'main.mcl:2:1 resource-name-dollar: The name of thing[$b] begins with a dollar sign | A variable is inserted into a text as `"${name}"`. If the dollar is meant, set `Meta:dollar => true,`.',
      "main.mcl:3:1 edge-end-unknown: This edge names thing[alpah], which the program does not declare now | Did you mean thing[alpha]?",
    ],
  );
});

test("sent values need a key that is sent, a field that receives, and one sender", () => {
  const ends: Statement[] = [
    { name: "a" },
    { name: "b" },
    { kind: "mute", name: "m" },
    { name: "h", meta: { hidden: true } },
  ];
  const send = (edge: string, key: string, into: string): Edge => ({ edge, send: { key, field: into } });
  checkProblems(
    [
      ...ends,
      send("thing[a] -> thing[b]", "outptu", "content"),
      send("mute[m] -> thing[b]", "x", "content"),
      send("thing[a] -> mute[m]", "output", "x"),
      send("thing[a] -> thing[b]", "output", "contnet"),
      send("thing[a] -> thing[b]", "output", "big"),
      send("thing[h] -> thing[b]", "output", "content"),
    ],
    [
      "main.mcl:5:1 send-key-unknown: The kind `thing` does not send `outptu` | It sends: output, count.",
      "main.mcl:6:1 send-key-unknown: The kind `mute` does not send `x` | It sends nothing.",
      "main.mcl:7:1 receive-impossible: Resources of kind `mute` cannot receive values from others",
      "main.mcl:8:1 resource-field-unknown: The kind `thing` has no field `contnet` | Did you mean `content`?",
      "main.mcl:9:1 send-type-mismatch: `output` is sent as str, but `big` takes int",
      "main.mcl:10:1 send-hidden: thing[h] is hidden, so it can send nothing | Send from a resource that is not hidden.",
    ],
  );
  checkProblems(
    [
      { name: "a" },
      { name: "b" },
      { name: "c" },
      send("thing[a] -> thing[c]", "output", "content"),
      send("thing[a] -> thing[c]", "output", "content"),
      send("thing[b] -> thing[c]", "output", "content"),
    ],
    [
      "main.mcl:6:1 receive-conflict: The field `content` of thing[c] is sent by both thing[a].output and thing[b].output" +
        " | main.mcl:4:1 first sent here | Let one of them send it.",
    ],
  );
});

test("a cycle is named in full with all its places", () => {
  checkProblems(
    [
      { name: "a" },
      { name: "b" },
      { name: "c" },
      { edge: "thing[a] -> thing[b]" },
      { edge: "thing[b] -> thing[c]" },
      { edge: "thing[c] -> thing[a]" },
    ],
    [
      "main.mcl:4:1 cycle: These resources wait for each other: thing[a] -> thing[b] -> thing[c] -> thing[a]" +
        " | main.mcl:5:1 thing[b] before thing[c] | main.mcl:6:1 thing[c] before thing[a]" +
        " | Take one of these edges away.",
    ],
  );
  checkProblems(
    [{ name: "a" }, { edge: "thing[a] -> thing[a]" }],
    ["main.mcl:2:1 cycle: thing[a] would have to come before itself | Take one of these edges away."],
  );
});

function checkDifference(built: Built, expected: Readonly<Record<string, unknown>>): void {
  assert.ok(built.ok);
  const { added, changed, removed, kept, edges } = built.difference;
  const shown = {
    added: added.map(({ key }) => key),
    changed: changed.map(({ after, fields, meta }) => `${after.key} ${[...fields, ...meta].join(",")}`),
    removed: removed.map(({ key }) => key),
    kept,
    edges: `+${edges.added.length} ~${edges.changed.length} -${edges.removed.length}`,
  };
  assert.deepEqual(shown, expected);
}

test("a difference names what was added, changed in which fields, removed and kept", () => {
  const builder = createResourceGraphBuilder(catalog);
  const first = builder.apply(program({ name: "a" }, { name: "b" }, { name: "c" }, { edge: "thing[a] -> thing[b]" }));
  checkDifference(first, {
    added: ["thing[a]", "thing[b]", "thing[c]"],
    changed: [],
    removed: [],
    kept: 0,
    edges: "+1 ~0 -0",
  });
  const second = builder.apply(
    delta(
      {
        1: { name: "a", fields: { content: "new" }, meta: { retry: 1n } },
        4: { edge: "thing[a] -> thing[b]", notify: true },
        5: { name: "d" },
        6: { edge: "thing[b] -> thing[d]" },
      },
      [3],
    ),
  );
  checkDifference(second, {
    added: ["thing[d]"],
    changed: ["thing[a] content,retry"],
    removed: ["thing[c]"],
    kept: 1,
    edges: "+1 ~1 -0",
  });
  assert.ok(first.ok && second.ok);
  assert.equal(second.graph.since?.identity, first.graph.identity);
});

test("a delta with problems leaves the former graph in force, and its changes count once it is mended", () => {
  const builder = createResourceGraphBuilder(catalog);
  builder.apply(program({ name: "a" }, { name: "b" }));
  const sound = builder.graph;
  const broken = builder.apply(
    delta({ 1: { name: "a", fields: { content: "new" } }, 2: { name: "b", fields: { small: 999n } } }),
  );
  assert.equal(broken.ok, false);
  assert.equal(builder.graph, sound);
  const mended = builder.apply(delta({ 2: { name: "b", fields: { small: 9n } } }));
  checkDifference(mended, {
    added: [],
    changed: ["thing[a] content", "thing[b] small"],
    removed: [],
    kept: 0,
    edges: "+0 ~0 -0",
  });
});

test("the graph depends on the statements, not on the order in which they appeared", () => {
  const late = createResourceGraphBuilder(catalog);
  late.apply(delta({ 2: { name: "b" } }));
  late.apply(delta({ 1: { name: "a" } }));
  const atOnce = createResourceGraphBuilder(catalog);
  atOnce.apply(delta({ 1: { name: "a" }, 2: { name: "b" } }));
  assert.deepEqual(late.graph.shape.keys, atOnce.graph.shape.keys);
});

test("a changed value costs one reading and one vertex among ten thousand", () => {
  const builder = createResourceGraphBuilder(catalog);
  const statements: Statement[] = Array.from({ length: 10_000 }, (_, at) => ({
    name: `n${at}`,
    fields: { content: "old" },
  }));
  const first = builder.apply(program(...statements));
  assert.deepEqual(first.effort, { read: 10_000, placed: 10_000 });
  checks = 0;
  const second = builder.apply(delta({ 5_000: { name: "n4999", fields: { content: "new" } } }));
  assert.deepEqual(second.effort, { read: 1, placed: 1 });
  assert.equal(checks, 1);
  checkDifference(second, {
    added: [],
    changed: ["thing[n4999] content"],
    removed: [],
    kept: 9_999,
    edges: "+0 ~0 -0",
  });
  const same = builder.apply(delta({ 5_000: { name: "n4999", fields: { content: "new" } } }));
  assert.deepEqual(same.effort, { read: 1, placed: 0 });
  const third = builder.apply(delta({ 10_001: { name: "one more" } }));
  assert.deepEqual(third.effort, { read: 1, placed: 10_001 });
});

test("a changed value in a graph with duplicates still finds the conflict", () => {
  const builder = createResourceGraphBuilder(catalog);
  builder.apply(program({ name: "a", fields: { content: "x" } }, { name: "a", fields: { content: "x" } }));
  assert.equal(builder.apply(delta({ 1: { name: "a", fields: { content: "y" } } })).ok, false);
  assert.equal(builder.apply(delta({ 2: { name: "a", fields: { content: "y" } } })).ok, true);
});

test("the picture shows what notifies, what is sent and what is hidden", () => {
  const built = build(
    { name: "b" },
    { name: "a", meta: { hidden: true } },
    { edge: "thing[b] -> thing[a]", notify: true, send: { key: "output", field: "content" } },
  );
  assert.ok(built.ok);
  assert.equal(
    renderDot(built.graph, "demo"),
    [
      'digraph "demo" {',
      '\tlabel="demo";',
      "\tnewrank=true;",
      '\t"thing[a] hidden 1" [label="thing[a]", style=dashed];',
      '\t"thing[b]" [label="thing[b]"];',
      '\t"thing[b]" -> "thing[a] hidden 1" [label="output -> content", style=bold];',
      "}",
      "",
    ].join("\n"),
  );
});

test("every problem has a code of its own", () => {
  const codes = resourceGraphProblems.map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
});
