// SPDX-License-Identifier: Apache-2.0
// Automatic edges and groups of the built-in kinds: what is added, what is left alone, and what a changed value costs.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { SourceFile, Span } from "../base/span.ts";
import type { Facts } from "../contract/automatic.ts";
import { createCatalog } from "../contract/catalog.ts";
import type { EdgeDeclaration, OutputDelta, StatementKey, StatementOutput } from "../contract/declaration.ts";
import { field } from "../contract/field.ts";
import { defineResource, type ResourceKind } from "../contract/resource.ts";
import { topologicalOrder } from "../graph/order.ts";
import { kinds as resourceKinds } from "../resources/index.ts";
import { MapValue, type Value } from "../values/value.ts";
import { createResourceGraphBuilder } from "./builder.ts";
import type { PassOptions } from "./passes.ts";
import { renderText } from "./render.ts";
import { parseSemaphore } from "./semaphores.ts";
import { type ResourceGraph, vertexOf, withMembers } from "./vertex.ts";

const idle = {
  observe: async () => ({}),
  plan: () => [],
  explain: () => ({ mark: "~", text: "" }) as const,
  apply: async () => {},
  watch: async function* () {},
};
const server = defineResource({
  kind: "http:server",
  summary: "Serves.",
  fields: {},
  traits: {},
  grouping: { reads: [], run: "together" },
  ...idle,
});
const served = defineResource({
  kind: "http:server:file",
  summary: "Is served.",
  fields: { server: field.str({ doc: "By whom." }), data: field.str({ doc: "Its data." }) },
  traits: {},
  grouping: { reads: ["server"], partOf: (want) => ({ kind: "http:server", name: want.server }), run: "each" },
  ...idle,
});
const catalog = createCatalog({
  kinds: [...resourceKinds, server, served],
  functions: [],
  constants: [],
});

const source: SourceFile = { path: "main.mcl", text: "\n".repeat(20_000) };
const keys = new Map<number, StatementKey>();
const placeOf = (line: number): Span => ({ file: source, start: line, end: line + 1 });

type Fields = Readonly<Record<string, Value>>;

/** `file[/a]`, its fields and meta parameters; or `a[x] -> b[y]`, `=>` to notify. */
type Statement = string | readonly [reference: string, fields?: Fields, meta?: Fields];

function outputOf(statement: Statement, at: Span): StatementOutput {
  const referenceOf = (text: string) => {
    const [, kind = "", name = ""] = /^([^[]+)\[(.*)\]$/.exec(text) ?? [];
    return { kind, name };
  };
  if (typeof statement === "string") {
    const [from = "", how, to = ""] = statement.split(" ");
    const edge: EdgeDeclaration = { from: referenceOf(from), to: referenceOf(to), notify: how === "=>", at };
    return { resources: [], edges: [edge] };
  }
  const [reference, fields = {}, meta = {}] = statement;
  const isFile = reference.startsWith("file[") && fields["state"] === undefined;
  const given = new Map(Object.entries(isFile ? { state: "exists", ...fields } : fields));
  const resource = { ...referenceOf(reference), fields: given, meta: new Map(Object.entries(meta)), at };
  return { resources: [{ ...resource, fieldsAt: new Map() }], edges: [] };
}

function deltaOf(statements: readonly Statement[], lines: readonly number[] = [...statements.keys()]): OutputDelta {
  const changed = new Map<StatementKey, StatementOutput>();
  statements.forEach((statement, at) => {
    const line = lines[at] ?? at;
    const key = keys.get(line) ?? { at: placeOf(line) };
    keys.set(line, key);
    changed.set(key, outputOf(statement, key.at));
  });
  return { changed, removed: [] };
}

function graphOf(statements: readonly Statement[], options: PassOptions = {}): ResourceGraph {
  const built = createResourceGraphBuilder(catalog, options).apply(deltaOf(statements));
  assert.ok(built.ok, built.ok ? "" : built.problems.map(({ message }) => message.title).join("\n"));
  return built.graph;
}

/** The edges and members as lines. */
function check(statements: readonly Statement[], expected: readonly string[], options: PassOptions = {}): void {
  const lines = renderText(graphOf(statements, options)).trimEnd().split("\n");
  assert.deepEqual(
    lines.filter((line) => !line.startsWith("Vertex: ")).map((line) => line.replace(/^(Edge|Member): /, "")),
    expected,
  );
}

function checkProblems(statements: readonly Statement[], expected: readonly string[]): void {
  const built = createResourceGraphBuilder(catalog).apply(deltaOf(statements));
  const shown = built.ok
    ? []
    : built.problems.map(({ phase, message }) =>
        [`${phase}: ${message.title}`, ...(message.related ?? []).map(({ label }) => label)].join(" | "),
      );
  assert.deepEqual(shown, expected);
}

test("a file comes after the nearest directory above it that is managed, and after no other", () => {
  check(
    [["file[/a/]"], ["file[/a/b/c/d/e]"], ["file[/a/b/c/]"], ["file[/]"], ["file[/x]"], ["file[/ab]"]],
    [
      "file[/] -> file[/a/]",
      "file[/] -> file[/ab]",
      "file[/] -> file[/x]",
      "file[/a/] -> file[/a/b/c/]",
      "file[/a/b/c/] -> file[/a/b/c/d/e]",
    ],
  );
  check([["file[/a]"], ["file[/a/b]"]], []);
  check(
    [
      ["file[x]", { path: "/a//b/../" }],
      ["file[y]", { path: "/a/./c" }],
    ],
    ["file[x] -> file[y]"],
  );
});

test("a file comes after its fragments and what it is a copy of", () => {
  check(
    [["file[/whole]", { fragments: ["/parts/", "/last", "/nobody"] }], ["file[/parts/]"], ["file[/last]"]],
    ["file[/last] -> file[/whole]", "file[/parts/] -> file[/whole]"],
  );
  check([["file[/copy]", { source: "/from" }], ["file[/from]"]], ["file[/from] -> file[/copy]"]);
  check([["file[/link]", { source: "/from", symlink: true }], ["file[/from]"]], []);
});

test("a command comes after its programs, its user and its group", () => {
  check(
    [
      ["exec[x]", { cmd: "/opt/tool --all", ifcmd: "test -e /y", ifshell: "/opt/sh", user: "joe", group: "staff" }],
      ["exec[bare]", { cmd: "tool" }],
      ["file[/opt/tool]"],
      ["file[/opt/sh]"],
      ["file[tool]", { path: "/usr/bin/tool" }],
      ["user[joe]"],
      ["group[staff]"],
      ["group[joe]"],
    ],
    [
      "file[/opt/sh] -> exec[x]",
      "file[/opt/tool] -> exec[x]",
      "group[joe] -> user[joe]",
      "group[staff] -> exec[x]",
      "user[joe] -> exec[x]",
    ],
  );
});

test("a user comes after its groups and before what is its own, and goes before its groups", () => {
  const key = "AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
  check(
    [
      ["file[/srv/app/]", { owner: "app", group: "web" }],
      ["ssh:authorized_key[laptop]", { state: "exists", user: "app", type: "ssh-ed25519", key }],
      ["user[app]", { group: "web", groups: ["adm"] }],
      ["user[old]", { state: "absent", group: "adm" }],
      ["group[web]"],
      ["group[adm]"],
    ],
    [
      "group[adm] -> user[app]",
      "group[web] -> file[/srv/app/]",
      "group[web] -> user[app]",
      "user[app] -> file[/srv/app/]",
      "user[app] -> ssh:authorized_key[laptop]",
      "user[old] -> group[adm]",
    ],
  );
});

test("a mount comes after its directory and the mounts above it, before what is in it, and goes the other way", () => {
  const memory = { device: "tmpfs", type: "tmpfs" };
  check(
    [
      ["file[/srv/a/]"],
      ["file[/srv/a/b/c]"],
      ["mount[/srv/a]", memory],
      ["mount[/srv/a/b]", { device: "/srv/a/from", options: new MapValue([["bind", ""]]) }],
    ],
    [
      "file[/srv/a/] -> file[/srv/a/b/c]",
      "file[/srv/a/] -> mount[/srv/a/b]",
      "file[/srv/a/] -> mount[/srv/a]",
      "mount[/srv/a/b] -> file[/srv/a/b/c]",
      "mount[/srv/a] -> mount[/srv/a/b]",
    ],
  );
  check(
    [["file[/srv/a/]"], ["mount[/srv/a]", { state: "absent" }], ["mount[/srv/a/b]", { state: "absent" }]],
    ["mount[/srv/a/b] -> mount[/srv/a]", "mount[/srv/a] -> file[/srv/a/]"],
  );
});

test("who of several offers the same place is the first by name", () => {
  check([["file[b]", { path: "/d/" }], ["file[a]", { path: "/d/" }], ["file[/d/x]"]], ["file[a] -> file[/d/x]"]);
});

test("a declared edge keeps its notify, and is there once", () => {
  const graph = graphOf([["file[/a/]"], ["file[/a/b]"], "file[/a/] => file[/a/b]"]);
  assert.deepEqual(
    graph.shape.edges.map(({ notify, automatic }) => [notify, automatic]),
    [[true, undefined]],
  );
});

test("autoedge off, or hidden, is neither found nor asking", () => {
  const files: readonly Statement[] = [["file[/a/]"], ["file[/a/b/]", {}, { autoedge: false }], ["file[/a/b/c]"]];
  check(files, ["file[/a/] -> file[/a/b/c]"]);
  check(files, [], { autoedges: false });
  check([["file[/a/]", {}, { hidden: true }], ["file[/a/b]"]], []);
});

test("a circle with an automatic edge says why each edge is there", () => {
  checkProblems(
    [["file[/a/]"], ["file[/a/b]"], "file[/a/b] -> file[/a/]"],
    [
      "autoedge: These resources wait for each other: file[/a/] -> file[/a/b] -> file[/a/]" +
        " | automatic, because file[/a/b] is in the directory file[/a/] | file[/a/b] before file[/a/]",
    ],
  );
});

test("what is alike runs as one, unless one has to wait for the other", () => {
  const prints: readonly Statement[] = [
    ["print[a]"],
    ["print[b]"],
    ["print[c]", { refresh_only: true }],
    ["print[d]", {}, { autogroup: false }],
    ["print[e]", {}, { noop: true }],
    ["print[f]", {}, { hidden: true }],
    ["noop[a]"],
    ["noop[b]"],
    ["noop[c]"],
    "noop[a] -> noop[b]",
    ["test[a]", { alwaysgroup: true }],
    ["test[b]", { alwaysgroup: true }],
    ["test[c]"],
  ];
  check(prints, ["noop[b] in noop[c]", "print[a] in print[b]", "test[a] in test[b]", "noop[a] -> noop[c]"]);
  check(prints, ["noop[a] -> noop[b]"], { autogroups: false });
});

test("what is served belongs to the server of its name, or to any", () => {
  check(
    [
      ["http:server[one]"],
      ["http:server[two]"],
      ["http:server:file[/1]", { server: "one" }],
      ["http:server:file[/2]", { server: "nobody" }],
      ["http:server:file[/any]"],
      ["http:server:file[/waits]"],
      "http:server[two] -> http:server:file[/waits]",
    ],
    [
      "http:server:file[/1] in http:server[one]",
      "http:server:file[/any] in http:server[two]",
      "http:server:file[/waits] in http:server[one]",
      "http:server[two] -> http:server[one]",
    ],
  );
});

test("a group has the edges of its members, notified when one is, and every semaphore of theirs", () => {
  const statements: readonly Statement[] = [
    ["test[a]", { alwaysgroup: true }],
    ["test[b]", { alwaysgroup: true }, { sema: ["disk:2"] }],
    ["print[x]", {}, { sema: ["disk:2", "lock"] }],
    ["print[y]", {}, { sema: ["net", "lock"] }],
    "test[a] -> print[x]",
    "test[b] => print[y]",
  ];
  const graph = graphOf(statements);
  assert.deepEqual(
    graph.shape.edges.map(({ from, to, notify }) => `${from} ${notify ? "=>" : "->"} ${to}`),
    ["test[b] => print[y]"],
  );
  assert.deepEqual(vertexOf(graph, "print[y]")?.meta.sema, ["disk:2", "lock", "net"]);
  assert.deepEqual(vertexOf(graph, "test[b]")?.meta.sema, ["disk:2"]);
});

test("semaphores of one name have one count", () => {
  assert.deepEqual(["a", "a:1", "a:3", "a:b:2", "a:0", "a:b"].map(parseSemaphore), [
    { name: "a", count: 1 },
    { name: "a", count: 1 },
    { name: "a", count: 3 },
    { name: "a:b", count: 2 },
    { name: "a", count: 1 },
    { name: "a:b", count: 1 },
  ]);
  checkProblems(
    [
      ["noop[a]", {}, { sema: ["x:2"] }],
      ["noop[b]", {}, { sema: ["x"] }],
    ],
    ['interpret: The semaphore "x" counts to 2 for noop[a] and to 1 for noop[b] | counts to 2 here'],
  );
});

test("a value that no edge and no group depends on costs one vertex, any other the whole graph", () => {
  const builder = createResourceGraphBuilder(catalog);
  builder.apply(
    deltaOf([["file[/a/]"], ["file[/a/b]", { content: "old" }], ["print[a]", { msg: "old" }], ["print[b]"]]),
  );
  const placed = (statement: Statement, line: number): number =>
    builder.apply(deltaOf([statement], [line])).effort.placed;
  assert.equal(placed(["file[/a/b]", { content: "new" }], 1), 1);
  assert.equal(placed(["print[a]", { msg: "new" }], 2), 1);
  const group = vertexOf(builder.graph, "print[b]");
  assert.deepEqual(
    group?.members.map(({ want }) => want["msg"]),
    ["new"],
  );
  assert.equal(placed(["file[/a/b]", { content: "new", path: "/c" }], 1), 4);
  assert.equal(builder.graph.shape.edges.length, 0);
  assert.equal(placed(["print[a]", { msg: "new", refresh_only: true }], 2), 4);
  assert.deepEqual(vertexOf(builder.graph, "print[b]")?.members, []);
});

/** A want that notes which of its fields are read. */
function noting(kind: ResourceKind, read: Set<string>): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {
    path: "/p/x",
    cmd: "/c",
    source: "/s",
    store: "/s.json",
    file: "/f",
    output: "/o",
    fragments: ["/f"],
    user: "u",
    group: "g",
  };
  const all = Object.fromEntries(Object.entries(kind.fields).map(([name, { initial }]) => [name, initial]));
  return new Proxy(
    { ...all, ...values },
    {
      get: (want, name) => {
        read.add(String(name));
        return want[String(name)];
      },
    },
  );
}

const packages = defineResource({
  kind: "package",
  summary: "Has files, which only the machine knows.",
  fields: { newest: field.bool({ doc: "Whether it must be the newest." }) },
  traits: {},
  merge: (some, other) => (some.newest === other.newest ? undefined : { newest: true }),
  edges: {
    reads: [],
    facts: { questions: (_, name) => [name], ask: async () => new Map() },
    offers: (_, name, facts) => (facts.get(name) ?? []).map((id) => ({ space: "path", id })),
    *wishes(_, name, facts) {
      // The leaves first, and no directory above one that somebody manages.
      const taken = new Set<string>();
      for (const id of facts.get(name) ?? []) {
        if ([...taken].some((path) => path.startsWith(id))) continue;
        const found = yield { order: "after", anyOf: [{ space: "path", id }], why: "is in the package" };
        if (found !== undefined) taken.add(found.id);
      }
    },
  },
  ...idle,
});
const packageCatalog = createCatalog({ kinds: [...resourceKinds, packages], functions: [], constants: [] });

test("a kind that has to ask the machine gets its answers, and learns which of its wishes came true", () => {
  const known = new Map<string, readonly string[]>();
  const builder = createResourceGraphBuilder(packageCatalog, {
    facts: (kind) => (kind === packages ? known : new Map()),
  });
  const edgesOf = (built: ReturnType<typeof builder.apply>): readonly string[] => {
    assert.ok(built.ok);
    return built.graph.shape.edges.map(({ from, to }) => `${from} -> ${to}`).sort();
  };
  const statements: readonly Statement[] = [
    ["package[web]"],
    ["package[other]", {}, { autoedge: false }],
    ["file[/etc/]"],
    ["file[/etc/web/]"],
    ["file[/etc/web/conf]"],
    ["exec[/usr/bin/web]"],
  ];
  const alone = ["file[/etc/] -> file[/etc/web/]", "file[/etc/web/] -> file[/etc/web/conf]"];
  assert.deepEqual(edgesOf(builder.apply(deltaOf(statements))), alone);
  assert.deepEqual(
    [...builder.questions].map(([kind, asked]) => [kind.kind, [...asked]]),
    [["package", ["web"]]],
  );
  known.set("web", ["/etc/web/conf", "/usr/bin/web", "/etc/web/", "/etc/"]);
  const all = [...alone, "package[web] -> exec[/usr/bin/web]", "package[web] -> file[/etc/web/conf]"];
  assert.deepEqual(edgesOf(builder.rebuild()), all);
});

test("a kind may make one of two declarations, whichever comes first", () => {
  for (const statements of [
    [["package[a]", { newest: true }], ["package[a]"]],
    [["package[a]"], ["package[a]", { newest: true }], ["package[a]"]],
  ] satisfies (readonly Statement[])[]) {
    const built = createResourceGraphBuilder(packageCatalog).apply(deltaOf(statements));
    assert.ok(built.ok);
    assert.deepEqual(
      built.graph.vertices.map(({ key, want }) => [key, want["newest"]]),
      [["package[a]", true]],
    );
  }
  const different: readonly Statement[] = [
    ["package[a]", { newest: true }],
    ["package[a]", {}, { noop: true }],
  ];
  const refused = createResourceGraphBuilder(packageCatalog).apply(deltaOf(different));
  assert.ok(!refused.ok);
  assert.deepEqual(
    refused.problems.map(({ code }) => code),
    ["resource-conflict"],
  );
});

test("a kind with a mistake costs its resource a problem, and the graph in force stays", () => {
  const bug = (): never => {
    throw new TypeError("no such thing");
  };
  const grouping = { reads: [], run: "each" as const };
  const edges = { reads: [], offers: () => [], wishes: () => [] };
  const broken: Readonly<Record<string, Partial<ResourceKind>>> = {
    check: { check: bug },
    offers: { edges: { ...edges, offers: bug } },
    wishes: { edges: { ...edges, wishes: bug } },
    questions: { edges: { ...edges, facts: { questions: bug, ask: async () => new Map() } } },
    alike: { grouping: { ...grouping, alike: bug } },
    "part-of": { grouping: { ...grouping, partOf: bug } },
    merge: { merge: bug },
  };
  const kinds = Object.entries(broken).map(([kind, parts]) =>
    defineResource({ kind, summary: "Has a mistake.", fields: packages.fields, traits: {}, ...idle, ...parts }),
  );
  const builder = createResourceGraphBuilder(
    createCatalog({ kinds: [...resourceKinds, ...kinds], functions: [], constants: [] }),
  );
  assert.ok(builder.apply(deltaOf([["print[a]"]])).ok);
  for (const { kind } of kinds) {
    const twice: readonly Statement[] = kind === "merge" ? [[`${kind}[x]`, { newest: true }]] : [];
    const built = builder.apply(deltaOf([["print[a]"], [`${kind}[x]`], ...twice]));
    assert.ok(!built.ok, kind);
    const [problem] = built.problems;
    assert.equal(problem?.message.title, `${kind}[x] cannot be looked at: TypeError: no such thing`);
    assert.deepEqual(builder.graph.shape.keys, ["print[a]"]);
  }
});

test("edges and groups of every kind read only the fields that they name", () => {
  for (const kind of resourceKinds) {
    const { edges, grouping } = kind;
    const read = new Set<string>();
    const want = noting(kind, read);
    if (edges !== undefined) {
      const facts: Facts = new Map((edges.facts?.questions(want, "n") ?? []).map((question) => [question, ["/a"]]));
      edges.offers(want, "n", facts);
      for (const { anyOf } of edges.wishes(want, "n", facts)) assert.ok([...anyOf].length >= 0);
      assert.deepEqual(
        [...read].filter((name) => !edges.reads.includes(name)),
        [],
        `edges of ${kind.kind}`,
      );
      read.clear();
    }
    grouping?.alike?.(want, "n");
    grouping?.partOf?.(want, "n");
    assert.deepEqual(
      [...read].filter((name) => !grouping?.reads.includes(name)),
      [],
      `groups of ${kind.kind}`,
    );
  }
});

// ---- Whatever the program ----

const paths = ["/a/", "/a/b/", "/a/b/c", "/a/d", "/x", "/x/y"];
const programs = fc
  .record({
    files: fc.subarray(paths),
    prints: fc.subarray(["a", "b", "c", "d"]),
    edges: fc.array(fc.record({ from: fc.nat(9), to: fc.nat(9), notify: fc.boolean() }), { maxLength: 8 }),
  })
  .map(({ files, prints, edges }) => {
    // In this order no declared edge contradicts an automatic one: what is deeper has a greater number.
    const names = [...files.map((path) => `file[${path}]`), ...prints.map((name) => `print[${name}]`)];
    const declared = edges
      .map(({ from, to, notify }) => ({ from: names[Math.min(from, to)], to: names[Math.max(from, to)], notify }))
      .filter(({ from, to }) => from !== undefined && to !== undefined && from !== to)
      .map(({ from, to, notify }) => `${from} ${notify ? "=>" : "->"} ${to}`);
    return { resources: names.map((name): Statement => [name]), declared };
  });

test("automatic edges leave every declared edge as it is, and the same program has the same graph", () => {
  fc.assert(
    fc.property(programs, ({ resources, declared }) => {
      const statements = [...resources, ...declared];
      const plain = graphOf(statements, { autoedges: false, autogroups: false });
      const full = graphOf(statements, { autogroups: false });
      const declaredIn = ({ shape }: ResourceGraph) =>
        shape.edges
          .filter(({ automatic }) => automatic === undefined)
          .map(({ from, to, notify }) => [from, to, notify]);
      assert.deepEqual(declaredIn(full), declaredIn(plain));
      assert.equal(renderText(graphOf([...resources.toReversed(), ...declared])), renderText(graphOf(statements)));
    }),
  );
});

test("every order of the grouped graph is an order of the single resources", () => {
  fc.assert(
    fc.property(programs, ({ resources, declared }) => {
      const statements = [...resources, ...declared];
      const single = graphOf(statements, { autogroups: false });
      const grouped = graphOf(statements);
      const order = topologicalOrder(grouped.shape);
      assert.ok(order !== undefined);
      const turnOf = new Map<string, number>();
      order.forEach((number, turn) => {
        for (const { key } of withMembers(grouped.vertices[number] ?? assert.fail())) turnOf.set(key, turn);
      });
      assert.equal(turnOf.size, single.vertices.length);
      for (const { from, to } of single.shape.edges) assert.ok((turnOf.get(from) ?? 0) < (turnOf.get(to) ?? 0));
    }),
  );
});
