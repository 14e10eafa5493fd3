// SPDX-License-Identifier: Apache-2.0
// The file tool.yaml beside a program: the command line of the tool that can be made of it. Every mistake is told with its
// place. What is not said is left out of the tool; what is not known is a mistake.

import type { Document, Node, YAMLMap } from "yaml";
import type { Problems } from "../../base/problem.ts";
import type { SourceFile, Span } from "../../base/span.ts";
import { invalidTool } from "./problems.ts";
import { reservedWords } from "../../syntax/tokens.ts";
import { type InputType, inputTypes, type InputValue, readDefault } from "./input-value.ts";

export interface ToolDeclaration {
  /** What it is called by: `site-kit`. */
  readonly name: string;
  readonly version: string;
  /** One line. */
  readonly summary: string;
  /** Shown below it. */
  readonly doc: string;
  /** In the order of help. */
  readonly inputs: readonly ToolInput[];
  /** Options of `mgmt run` that every run has: `["--once"]`. */
  readonly run: readonly string[];
  readonly examples: readonly { readonly line: string; readonly doc: string }[];
}

/** An option of the tool, and a function of the module `inputs` in its program. */
export interface ToolInput {
  /** `site-name`; `inputs.site_name()` in the program. */
  readonly name: string;
  readonly type: InputType;
  readonly doc: string;
  readonly default: InputValue | undefined;
  /** There is no run without a value. */
  readonly isRequired: boolean;
  /** Asked for where nobody reads along, and never taken from the command line. */
  readonly isSecret: boolean;
  readonly choices: readonly string[] | undefined;
}

const names = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Undefined exactly when there are problems. */
export async function parseTool(source: SourceFile, problems: Problems): Promise<ToolDeclaration | undefined> {
  const yaml = await import("yaml");
  const document = yaml.parseDocument(source.text, { prettyErrors: false });
  const reader = new Reader(source, problems, yaml.isMap);
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    reader.wrong(mistake.pos, mistake.message.split("\n")[0] ?? "");
    return undefined;
  }
  return reader.tool(document);
}

type IsMap = typeof import("yaml").isMap;
type Place = readonly number[] | null | undefined;

class Reader {
  readonly #source: SourceFile;
  readonly #problems: Problems;
  readonly #isMap: IsMap;
  #count = 0;

  constructor(source: SourceFile, problems: Problems, isMap: IsMap) {
    this.#source = source;
    this.#problems = problems;
    this.#isMap = isMap;
  }

  wrong(place: Place, reason: string): undefined {
    const { length } = this.#source.text;
    const start = Math.min(place?.[0] ?? 0, length);
    const at: Span = { file: this.#source, start, end: Math.max(start, Math.min(place?.[1] ?? 0, length)) };
    this.#count += 1;
    this.#problems.report(invalidTool, at, { reason });
    return undefined;
  }

  tool({ contents }: Document.Parsed): ToolDeclaration | undefined {
    const top = this.#entries(contents, ["name", "version", "summary", "doc", "options", "run", "examples"]);
    if (top === undefined) return undefined;
    const name = this.#text(top, "name") ?? this.wrong(contents?.range, "a tool needs a `name`");
    if (name !== undefined && (!names.test(name) || name === "mgmt")) {
      this.wrong(top.get("name")?.range, "a name has small letters, digits and single hyphens, and is not mgmt");
    }
    const summary = this.#text(top, "summary") ?? this.wrong(contents?.range, "a tool needs a `summary`, of one line");
    const declared = {
      name: name ?? "",
      version: this.#text(top, "version") ?? "0",
      summary: summary ?? "",
      doc: (this.#text(top, "doc") ?? "").trimEnd(),
      inputs: this.#inputs(top.get("options")),
      run: (this.#text(top, "run") ?? "").split(/\s+/).filter((word) => word !== ""),
      examples: this.#examples(top.get("examples")),
    };
    return this.#count > 0 ? undefined : declared;
  }

  #inputs(node: Node | undefined): readonly ToolInput[] {
    if (node === undefined) return [];
    return [...(this.#entries(node) ?? [])].flatMap(([name, value]) => {
      if (!names.test(name))
        this.wrong(value?.range, `\`${name}\`: an option has small letters, digits and single hyphens`);
      if ((reservedWords as readonly string[]).includes(name))
        this.wrong(value?.range, `\`${name}\` is a word of the language, so no function can be called so`);
      return this.#input(name, value) ?? [];
    });
  }

  #input(name: string, node: Node | undefined): ToolInput | undefined {
    const entries = this.#entries(node, ["type", "doc", "default", "required", "secret", "choices"]);
    if (entries === undefined) return undefined;
    const given = this.#text(entries, "type") ?? "str";
    const type = inputTypes.find((each) => each === given);
    if (type === undefined) return this.wrong(entries.get("type")?.range, `a type is one of ${inputTypes.join(", ")}`);
    const choices = this.#texts(entries, "choices");
    const isSecret = this.#flag(entries, "secret");
    const isRequired = this.#flag(entries, "required");
    const otherwise = entries.get("default");
    const value = otherwise === undefined ? undefined : readDefault(plain(otherwise), type);
    if (otherwise !== undefined && value === undefined) this.wrong(otherwise.range, `this is no ${type}`);
    if (isRequired && otherwise !== undefined) this.wrong(otherwise.range, "what is required has no default");
    if (choices !== undefined && type !== "str") this.wrong(entries.get("choices")?.range, "only a str has choices");
    if (choices !== undefined && typeof value === "string" && !choices.includes(value)) {
      this.wrong(otherwise?.range, `the default is none of the choices`);
    }
    if (isSecret && type !== "str") this.wrong(entries.get("secret")?.range, "only a str can be a secret");
    if (isSecret && value !== undefined) this.wrong(otherwise?.range, "a secret in this file is none");
    return { name, type, doc: this.#text(entries, "doc") ?? "", default: value, isRequired, isSecret, choices };
  }

  #examples(node: Node | undefined): ToolDeclaration["examples"] {
    if (node === undefined) return [];
    const items: unknown = "items" in node ? node.items : undefined;
    if (!Array.isArray(items)) return this.wrong(node.range, "examples are a list of `line` and `doc`") ?? [];
    return (items as readonly Node[]).flatMap((item) => {
      const entries = this.#entries(item, ["line", "doc"]);
      const line = entries === undefined ? undefined : this.#text(entries, "line");
      return entries === undefined || line === undefined ? [] : [{ line, doc: this.#text(entries, "doc") ?? "" }];
    });
  }

  /** By their names, in their order. `known`: the only ones that may be there. */
  #entries(
    node: Node | null | undefined,
    known?: readonly string[],
  ): ReadonlyMap<string, Node | undefined> | undefined {
    if (!this.#isMap(node)) return this.wrong(node?.range, "here must be lines of the form `key: value`");
    const entries = new Map<string, Node | undefined>();
    for (const { key, value } of (node as YAMLMap<Node, Node | null>).items) {
      const name = String(plain(key));
      entries.set(name, value ?? undefined);
      if (known?.includes(name) === false) this.wrong(key.range, `there is no \`${name}\`: ${known.join(", ")}`);
    }
    return entries;
  }

  #text(entries: ReadonlyMap<string, Node | undefined>, name: string): string | undefined {
    const node = entries.get(name);
    const value = plain(node);
    if (value === undefined) return undefined;
    if (typeof value === "string" || typeof value === "number") return String(value);
    return this.wrong(node?.range, `\`${name}\` must be a text`);
  }

  #texts(entries: ReadonlyMap<string, Node | undefined>, name: string): readonly string[] | undefined {
    const node = entries.get(name);
    if (node === undefined) return undefined;
    const value = readDefault(plain(node), "[]str");
    if (Array.isArray(value)) return value as readonly string[];
    return this.wrong(node.range, `\`${name}\` must be a list of texts`);
  }

  #flag(entries: ReadonlyMap<string, Node | undefined>, name: string): boolean {
    const node = entries.get(name);
    const value = plain(node) ?? false;
    if (typeof value === "boolean") return value;
    this.wrong(node?.range, `\`${name}\` must be true or false`);
    return false;
  }
}

/** A scalar, a list of scalars, or something that is neither. */
function plain(node: Node | undefined): unknown {
  if (node === undefined) return undefined;
  if ("items" in node && Array.isArray(node.items)) return (node.items as readonly Node[]).map(plain);
  return "value" in node ? node.value : node;
}
