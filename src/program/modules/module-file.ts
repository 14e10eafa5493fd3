// SPDX-License-Identifier: Apache-2.0
// A program with all modules that it imports, parsed, before any name has a meaning.

import { type Problem, Problems } from "../../base/problem.ts";
import type { SourceFile } from "../../base/span.ts";
import { parseFile } from "../../syntax/parser.ts";
import type { File } from "../../syntax/tree.ts";
import type { Metadata } from "./metadata.ts";

/** The file with the code of a module, or of the program itself. */
export interface ModuleFile {
  readonly source: SourceFile;
  /** Absent when nothing of it could be parsed. */
  readonly tree: File | undefined;
  /** Of its text, or of its metadata.yaml. */
  readonly problems: readonly Problem[];
  readonly home: Home;
  /** By the text of the import. Modules that are built in are not among them, unless they have code as well. */
  readonly imports: ReadonlyMap<string, ImportedFile>;
}

/** Where a module lies. */
export interface Home {
  /** "shipped": in the product; "text": it was given as a text and has no file. */
  readonly kind: "files" | "shipped" | "text";
  /** The directory that its files belong to; paths in its metadata are relative to it. Ends in `/`. */
  readonly base: string;
  /** The file with the code. */
  readonly main: string;
  /** Present when there is a metadata.yaml. */
  readonly metadata?: Metadata;
  /** Directories in which it looks for modules of others, the global one not among them; the first counts. */
  readonly paths: readonly string[];
}

export type ImportedFile =
  | { readonly kind: "file"; readonly module: ModuleFile }
  | { readonly kind: "missing"; readonly reason: string; readonly hint?: string };

/** A text that has no files around it. */
export function aloneFile(source: SourceFile): ModuleFile {
  const home: Home = { kind: "text", base: "/", main: source.path, paths: [] };
  return { ...parsed(source), home, imports: new Map() };
}

export function parsed(source: SourceFile): Pick<ModuleFile, "source" | "tree" | "problems"> {
  const problems = new Problems();
  const tree = parseFile(source, problems);
  return { source, tree: problems.any ? undefined : tree, problems: problems.all };
}
