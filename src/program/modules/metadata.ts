// SPDX-License-Identifier: Apache-2.0
// The file metadata.yaml of a module. Every mistake in it is told with its place. Reference: mcl language, 8.3.

import type { Problems } from "../../base/problem.ts";
import type { SourceFile, Span } from "../../base/span.ts";
import { invalidMetadata, unreadableMetadata } from "../problems.ts";

/** All paths are relative to the directory of the file; those of directories end in `/`. */
export interface Metadata {
  /** The file with the code. */
  readonly main: string;
  /** Where modules of others are looked for first. */
  readonly path: string | undefined;
  /** Files that belong to the module; undefined: it has none. */
  readonly files: string | undefined;
  readonly license: string | undefined;
  /** Modules of others are not looked for where those that import this one look. */
  readonly blocksParents: boolean;
}

export const defaultMetadata: Metadata = {
  main: "main.mcl",
  path: undefined,
  files: "files/",
  license: undefined,
  blocksParents: false,
};

/** Undefined when it cannot be read as YAML. What is wrong in it is reported and stays at its default. */
export async function parseMetadata(source: SourceFile, problems: Problems): Promise<Metadata | undefined> {
  // Most programs have no such file, and the package takes its time to load.
  const { isMap, isScalar, LineCounter, parseDocument } = await import("yaml");
  const document = parseDocument(source.text, { lineCounter: new LineCounter(), prettyErrors: false });
  const span = (range: readonly number[] | null | undefined): Span => {
    const start = Math.min(range?.[0] ?? 0, source.text.length);
    return { file: source, start, end: Math.max(start, Math.min(range?.[1] ?? 0, source.text.length)) };
  };
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    problems.report(unreadableMetadata, span(mistake.pos), { reason: firstLine(mistake.message) });
    return undefined;
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return defaultMetadata;
  if (!isMap(contents)) {
    problems.report(unreadableMetadata, span(contents.range), { reason: "there is no `key: value` in it" });
    return undefined;
  }

  const entries = new Map<string, { readonly value: unknown; readonly at: Span }>();
  for (const { key, value } of contents.items) {
    if (!isScalar(key)) continue;
    const range = isScalar(value) ? value.range : undefined;
    entries.set(String(key.value), { value: isScalar(value) ? value.value : value, at: span(range ?? key.range) });
  }
  const read = <Value>(name: string, otherwise: Value, take: (value: unknown) => Value | Wrong): Value => {
    const entry = entries.get(name);
    if (entry === undefined) return otherwise;
    const taken = take(entry.value);
    if (!(taken instanceof Wrong)) return taken;
    problems.report(invalidMetadata, entry.at, { name, reason: taken.reason });
    return otherwise;
  };
  return {
    main: read("main", defaultMetadata.main, filePath),
    path: read("path", defaultMetadata.path, (value) =>
      value === "" || value === null ? undefined : directory(value),
    ),
    files: read("files", defaultMetadata.files, (value) => {
      return value === "" ? undefined : value === null ? defaultMetadata.files : directory(value);
    }),
    license: read("license", undefined, (value) => (typeof value === "string" ? value : undefined)),
    blocksParents: read("parentpathblock", false, (value) => {
      return typeof value === "boolean" ? value : new Wrong("it must be true or false");
    }),
  };
}

class Wrong {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

function filePath(value: unknown): string | Wrong {
  if (value === "" || value === null) return defaultMetadata.main;
  if (typeof value === "string" && value.endsWith("/"))
    return new Wrong("it must be a file: remove the `/` at its end");
  return relativePath(value);
}

function directory(value: unknown): string | Wrong {
  if (typeof value === "string" && !value.endsWith("/")) return new Wrong("a directory ends in `/`");
  return relativePath(value);
}

function relativePath(value: unknown): string | Wrong {
  if (typeof value !== "string") return new Wrong("it must be a path");
  if (value.startsWith("/"))
    return new Wrong("it must be relative to the directory of this file: remove the `/` in front");
  return value;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? text;
}
