// SPDX-License-Identifier: Apache-2.0
// Brings the `.mcl` files of paths into their standard form.

import { type Problem, Problems } from "../base/problem.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { formatSource } from "../syntax/format.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { absolutePath, programLimitBytes } from "./program-input.ts";

export interface FormatOptions {
  readonly host: Host;
  readonly workingDirectory: string;
  /** Look, but write nothing. */
  readonly test: boolean;
}

/** One file, or a path that could not be read. */
export interface Formatted {
  readonly path: string;
  readonly problems: readonly Problem[];
  readonly failure?: Failure;
  /** The standard form is another one than what was there. */
  readonly changed: boolean;
}

/** A file is taken as it is; of a directory all `.mcl` files below it, in order. */
export async function* formatFiles(
  paths: readonly string[],
  options: FormatOptions,
  signal: AbortSignal,
): AsyncGenerator<Formatted> {
  for (const path of paths) {
    try {
      for await (const file of sourcesBelow(path, options, signal)) yield await formatFile(file, options, signal);
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      yield { path, problems: [], failure: reason, changed: false };
    }
  }
}

async function formatFile(path: string, options: FormatOptions, signal: AbortSignal): Promise<Formatted> {
  const { files } = options.host;
  const absolute = absolutePath(path, options.workingDirectory);
  const before = textOf(await files.read(absolute, programLimitBytes, signal));
  const problems = new Problems();
  const after = formatSource({ path, text: before }, problems);
  const changed = after !== undefined && after !== before;
  if (changed && !options.test) await files.write(absolute, bytesOf(after), { durable: true }, signal);
  return { path, problems: problems.all, changed };
}

/** Links and hidden directories are left out. */
async function* sourcesBelow(path: string, options: FormatOptions, signal: AbortSignal): AsyncGenerator<string> {
  const { files } = options.host;
  const absolute = absolutePath(path, options.workingDirectory);
  const state = await files.inspectTarget(absolute, signal);
  if (state === undefined) throw new Failure(`There is no file or directory ${path}.`, { code: "not-found" });
  if (state.kind !== "directory") {
    yield path;
    return;
  }
  const inside = path === "." ? "" : `${path.replace(/\/+$/, "")}/`;
  for (const name of await files.list(absolute, signal)) {
    const child = `${inside}${name}`;
    const kind = (await files.inspect(absolutePath(child, options.workingDirectory), signal))?.kind;
    if (kind === "directory" && !name.startsWith(".")) yield* sourcesBelow(child, options, signal);
    else if (kind === "file" && name.endsWith(".mcl")) yield child;
  }
}
