// SPDX-License-Identifier: Apache-2.0
// A graph written in YAML as the output of a program that changes only by what it collects. Also reads the dialect of the first articles:
// `types:` for `resources:`, `type:` for `kind:`, `service` for `svc`. Reference: command line, 10.

import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
import { nearest } from "../../base/nearest.ts";
import type { Problems } from "../../base/problem.ts";
import type { SourceFile, Span } from "../../base/span.ts";
import type { Catalog } from "../../contract/catalog.ts";
import type {
  EdgeDeclaration,
  ResourceDeclaration,
  ResourceReference,
  StatementOutput,
} from "../../contract/declaration.ts";
import { metaParameters } from "../../contract/meta.ts";
import type { ResourceKind } from "../../contract/resource.ts";
import { intType, renderType, type Type } from "../../values/type.ts";
import type { Value } from "../../values/value.ts";
import { yamlMissing, yamlShape, yamlSyntax, yamlUnknownField, yamlUnknownKind, yamlWrongType } from "./problems.ts";
import { readValue, textOf } from "./read-value.ts";

export interface YamlGraph {
  readonly name: string;
  readonly at: Span;
  readonly output: StatementOutput;
  /** What other hosts export is to be here, too. */
  readonly collects: readonly YamlCollect[];
}

/** All of a kind. */
export interface YamlCollect {
  readonly kind: string;
  /** The directory of files. */
  readonly pattern: string | undefined;
  readonly at: Span;
}

/** Undefined when it cannot be read at all; with problems reported where a part of it is wrong. */
export function readYamlGraph(source: SourceFile, catalog: Catalog, problems: Problems): YamlGraph | undefined {
  const document = parseDocument(source.text, { intAsBigInt: true, prettyErrors: false });
  for (const error of document.errors) {
    const at = { file: source, start: error.pos[0], end: Math.max(error.pos[1], error.pos[0] + 1) };
    problems.report(yamlSyntax, at, { message: error.message });
  }
  if (document.errors.length > 0) return undefined;
  return new Reader(source, catalog, problems).graph(document.contents);
}

/** Fields that exec had in the first articles, and the meta parameter that does their work now, if any. */
const formerExecFields: Readonly<Record<string, "timeout" | "poll" | undefined>> = {
  timeout: "timeout",
  pollint: "poll",
  state: undefined,
};

class Reader {
  readonly #source: SourceFile;
  readonly #catalog: Catalog;
  readonly #problems: Problems;

  constructor(source: SourceFile, catalog: Catalog, problems: Problems) {
    this.#source = source;
    this.#catalog = catalog;
    this.#problems = problems;
  }

  graph(contents: unknown): YamlGraph | undefined {
    const root = this.#mapOf(contents, "The file");
    if (root === undefined) return undefined;
    const name = textOf(root.get("graph", true));
    if (name === undefined || name === "") {
      this.#problems.report(yamlMissing, this.#spanOf(root), { what: "The file", key: "graph" });
    }
    const early = root.has("types");
    const resources = this.#resources(root.get(early ? "types" : "resources", true), early);
    const collects = this.#collects(root.get("collect", true), early);
    const edges = this.#edges(root.get("edges", true), early);
    return { name: name ?? "", at: this.#spanOf(root), output: { resources, edges }, collects };
  }

  #resources(node: unknown, early: boolean): readonly ResourceDeclaration[] {
    if (isNothing(node)) return [];
    const byKind = this.#mapOf(node, "`resources`");
    return (byKind?.items ?? []).flatMap((pair) => {
      const kind = this.#kind(pair.key, early);
      if (kind === undefined || isNothing(pair.value)) return [];
      if (!isSeq(pair.value)) {
        const at = this.#spanOf(pair.value ?? pair.key);
        this.#problems.report(yamlShape, at, { what: `What stands under \`${kind.kind}\``, expected: "a list" });
        return [];
      }
      return pair.value.items.flatMap((item) => this.#resource(item, kind));
    });
  }

  #kind(node: unknown, early: boolean): ResourceKind | undefined {
    const written = textOf(node) ?? "";
    const name = early && written === "service" ? "svc" : written;
    const kind = this.#catalog.kind(name);
    if (kind === undefined) {
      this.#problems.report(yamlUnknownKind, this.#spanOf(node), {
        kind: name,
        near: nearest(name, this.#catalog.kinds),
      });
    }
    return kind;
  }

  #resource(node: unknown, kind: ResourceKind): readonly ResourceDeclaration[] {
    const map = this.#mapOf(node, `A resource of kind ${kind.kind}`);
    if (map === undefined) return [];
    const written = textOf(map.get("name", true));
    if (written === undefined) {
      this.#problems.report(yamlMissing, this.#spanOf(map), { what: `This ${kind.kind}`, key: "name" });
      return [];
    }
    const fields = new Map<string, Value>();
    const fieldsAt = new Map<string, Span>();
    const meta = new Map<string, Value>();
    for (const pair of map.items) {
      const key = textOf(pair.key) ?? "";
      if (key === "name" || key === "comment") continue;
      if (key === "meta") this.#meta(pair.value, meta);
      else if (kind.kind === "exec" && key in formerExecFields) this.#formerField(key, pair.value, meta);
      else this.#field(kind, key, pair, fields, fieldsAt);
    }
    const exported = written.startsWith("@@");
    const name = exported ? written.slice(2) : written;
    if (exported) exportToAll(meta);
    return [{ kind: kind.kind, name, fields, meta, at: this.#spanOf(map), fieldsAt }];
  }

  #field(
    kind: ResourceKind,
    name: string,
    pair: { readonly key: unknown; readonly value: unknown },
    fields: Map<string, Value>,
    fieldsAt: Map<string, Span>,
  ): void {
    const field = Object.hasOwn(kind.fields, name) ? kind.fields[name] : undefined;
    if (field === undefined) {
      const near = nearest(name, Object.keys(kind.fields));
      this.#problems.report(yamlUnknownField, this.#spanOf(pair.key), {
        kind: `The kind ${kind.kind}`,
        field: name,
        near,
      });
      return;
    }
    const value = this.#valueOf(pair.value, field.type, `The field \`${name}\` of ${kind.kind}`);
    if (value === undefined) return;
    fields.set(name, value);
    fieldsAt.set(name, this.#spanOf(pair.value));
  }

  #formerField(name: string, node: unknown, meta: Map<string, Value>): void {
    const parameter = formerExecFields[name];
    if (parameter === undefined) return;
    const value = this.#valueOf(node, intType, `The field \`${name}\` of exec`);
    if (value !== undefined && value !== 0n) meta.set(parameter, value);
  }

  #meta(node: unknown, meta: Map<string, Value>): void {
    for (const pair of this.#mapOf(node, "`meta`")?.items ?? []) {
      const name = textOf(pair.key) ?? "";
      const parameter = metaParameters.find((each) => each.name === name);
      if (parameter === undefined) {
        const near = nearest(
          name,
          metaParameters.map((each) => each.name),
        );
        this.#problems.report(yamlUnknownField, this.#spanOf(pair.key), { kind: "`meta`", field: name, near });
        continue;
      }
      const value = this.#valueOf(pair.value, parameter.type, `The meta parameter \`${name}\``);
      if (value !== undefined) meta.set(name, value);
    }
  }

  #valueOf(node: unknown, type: Type | "any", what: string): Value | undefined {
    const value = readValue(node, type);
    if (value === undefined) {
      const at = this.#spanOf(node);
      this.#problems.report(yamlWrongType, at, { what, type: type === "any" ? "any kind" : renderType(type) });
    }
    return value;
  }

  #collects(node: unknown, early: boolean): readonly YamlCollect[] {
    if (isNothing(node)) return [];
    if (!isSeq(node)) {
      this.#problems.report(yamlShape, this.#spanOf(node), { what: "`collect`", expected: "a list" });
      return [];
    }
    return node.items.flatMap((item) => {
      const map = this.#mapOf(item, "What is collected");
      const kind = map === undefined ? undefined : this.#kind(kindNodeOf(map), early);
      if (map === undefined || kind === undefined) return [];
      return [{ kind: kind.kind, pattern: textOf(map.get("pattern", true)), at: this.#spanOf(map) }];
    });
  }

  #edges(node: unknown, early: boolean): readonly EdgeDeclaration[] {
    if (isNothing(node)) return [];
    if (!isSeq(node)) {
      this.#problems.report(yamlShape, this.#spanOf(node), { what: "`edges`", expected: "a list" });
      return [];
    }
    return node.items.flatMap((item) => {
      const map = this.#mapOf(item, "An edge");
      const from = map === undefined ? undefined : this.#reference(map, "from", early);
      const to = map === undefined ? undefined : this.#reference(map, "to", early);
      if (map === undefined || from === undefined || to === undefined) return [];
      return [{ from, to, notify: map.get("notify") === true, at: this.#spanOf(map) }];
    });
  }

  #reference(edge: YAMLMap, end: "from" | "to", early: boolean): ResourceReference | undefined {
    const map = this.#mapOf(edge.get(end, true) ?? edge, `\`${end}\` of an edge`);
    if (map === undefined || map === edge) {
      if (map === edge) this.#problems.report(yamlMissing, this.#spanOf(edge), { what: "An edge", key: end });
      return undefined;
    }
    const kind = textOf(kindNodeOf(map))?.toLowerCase();
    const name = textOf(map.get("name", true));
    if (kind === undefined || name === undefined) {
      const key = kind === undefined ? "kind" : "name";
      this.#problems.report(yamlMissing, this.#spanOf(map), { what: `\`${end}\` of an edge`, key });
      return undefined;
    }
    return { kind: early && kind === "service" ? "svc" : kind, name };
  }

  #mapOf(node: unknown, what: string): YAMLMap | undefined {
    if (isMap(node)) return node;
    this.#problems.report(yamlShape, this.#spanOf(node), { what, expected: "a map of keys and values" });
    return undefined;
  }

  /** Without the line breaks that YAML counts to a block. */
  #spanOf(node: unknown): Span {
    const range = hasRange(node) ? node.range : undefined;
    const [start, end] = range ?? [0, 0];
    const text = this.#source.text.slice(start, end);
    return { file: this.#source, start, end: Math.max(start + text.trimEnd().length, start + 1) };
  }
}

function hasRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

function isNothing(node: unknown): boolean {
  return node === undefined || node === null || (isScalar(node) && node.value === null);
}

/** `kind:`, or `type:` in the early dialect. */
function kindNodeOf(map: YAMLMap): unknown {
  return map.get("kind", true) ?? map.get("type", true);
}

/** A name with `@@` before it: for all hosts, and carried out only where it is collected. */
function exportToAll(meta: Map<string, Value>): void {
  meta.set("hidden", true);
  if (!meta.has("export")) meta.set("export", ["*"]);
}
