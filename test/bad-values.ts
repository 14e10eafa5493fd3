// SPDX-License-Identifier: Apache-2.0
// Programs with bad values, as `mgmt check` sees them without running anything: what it says, and which field of which kind
// is to blame. Which fields take only some values is found by offering bad ones to the kinds themselves.

import type { Catalog } from "../src/contract/catalog.ts";
import type { Problem } from "../src/base/problem.ts";
import { catalogFor } from "../src/agent/catalog.ts";
import { checkKnownValues } from "../src/agent/check-values.ts";
import { compileProgram } from "../src/agent/compile-program.ts";
import type { Field } from "../src/contract/field.ts";
import type { AnyWant, ResourceKind, WantProblem } from "../src/contract/resource.ts";
import { memoryHost } from "../src/host/memory/index.ts";

export interface Judged {
  readonly problems: readonly Problem[];
  /** `kind.field` of each that is to blame; `kind` alone where it is the name, or no single field. */
  readonly blamed: ReadonlySet<string>;
  /** `kind.field` of those that the schema refuses. */
  readonly misfits: ReadonlySet<string>;
  /** What is wrong, without the name of the resource. */
  readonly titles: readonly string[];
  /** What each kind was asked about, and had nothing to say against. */
  readonly sound: ReadonlyMap<string, Sound>;
}

export interface Sound {
  readonly name: string;
  readonly want: AnyWant;
}

export async function judge(text: string): Promise<Judged> {
  const blamed = new Set<string>();
  const sound = new Map<string, Sound>();
  const catalog = listening(catalogFor("laptop"), (name, asked, found) => {
    if (found.length === 0) sound.set(name, asked);
    for (const { field } of found) blamed.add(field === undefined ? name : `${name}.${field}`);
  });
  const host = memoryHost();
  host.outside.write("/main.mcl", text);
  const modules = { directory: "/modules", download: false, update: false };
  const readStandardInput = () => Promise.resolve("");
  const { signal } = new AbortController();
  const context = { host, workingDirectory: "/", readStandardInput, modules, signal };
  const { program, problems } = await compileProgram("main.mcl", catalog, context);
  const all = program === undefined ? problems : checkKnownValues(program, catalog);
  const misfits = new Set<string>();
  for (const { code, message } of all) {
    const [, field, kind] = /^The field `([^`]+)` of ([a-z0-9_:]+)\[/.exec(message.title) ?? [];
    if (code === "resource-field-wrong") misfits.add(`${kind}.${field}`);
  }
  const titles = all.map(({ message }) =>
    message.title.replace(/^(?:The field `[^`]+` of )?[a-z0-9_:]+\[[^]*?\]: /, ""),
  );
  return { problems: all, blamed, misfits, titles, sound };
}

function listening(
  catalog: Catalog,
  tell: (kind: string, asked: Sound, found: readonly WantProblem[]) => void,
): Catalog {
  return {
    ...catalog,
    kind(name) {
      const kind = catalog.kind(name);
      if (kind === undefined) return undefined;
      const check: ResourceKind["check"] = (want, resource) => {
        const found = kind.check?.(want, resource) ?? [];
        tell(name, { name: resource, want }, found);
        return found;
      };
      return { ...kind, check };
    },
  };
}

/** The fields of a kind that do not take every value of their type, as far as its own check tells of some; its own name is "". */
export function limitedFields(kind: ResourceKind, { name, want }: Sound): ReadonlySet<string> {
  const limited = new Set<string>();
  const offer = (asked: string, against: AnyWant): void => {
    for (const { field } of kind.check?.(against, asked) ?? []) limited.add(field ?? "");
  };
  for (const [field, declared] of Object.entries(kind.fields)) {
    for (const value of offersFor(declared)) offer(name, { ...want, [field]: value });
  }
  for (const bad of ["a b", "a\nb", "x".repeat(300)]) offer(bad, want);
  return limited;
}

const badTexts = [
  "",
  "a b",
  "a\nb",
  "relative/path",
  "-",
  "/",
  "/etc/",
  "ftp://x",
  "://",
  "999.1.1.1",
  "-1",
  "\0",
  "x".repeat(99_999),
];
const badNumbers = [-1, 0, 70_000, 2_000_000_000];

/** Values of the type that few fields take. */
function offersFor({ type, bits, unsigned }: Field<unknown>): readonly unknown[] {
  if (type === "any") return [];
  switch (type.kind) {
    case "str":
      return badTexts;
    case "bool":
      return [true, false];
    case "int": {
      const numbers = badNumbers.filter((number) => !(unsigned === true && number < 0));
      return bits === 64
        ? numbers.map(BigInt)
        : numbers.filter((number) => fits(number, bits ?? 64, unsigned === true));
    }
    case "list":
      return type.element.kind === "str" ? [[], ...badTexts.map((text) => [text]), ["a", "a"]] : [[]];
    case "map":
      return type.key.kind === "str" && type.value.kind === "str"
        ? badTexts.flatMap((text) => [new Map([[text, "a"]]), new Map([["a", text]])])
        : [];
    default:
      return [];
  }
}

function fits(number: number, bits: number, isUnsigned: boolean): boolean {
  return Math.abs(number) < 2 ** (isUnsigned ? bits : bits - 1);
}
