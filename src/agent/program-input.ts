// SPDX-License-Identifier: Apache-2.0
// From what a person wrote on the command line to source text: a directory, a file, `-`, or code itself.

import type { SourceFile } from "../base/span.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { textOf } from "../values/bytes.ts";

/** A program of more than this is a mistake: the limit keeps a device or a log from being read whole. */
export const programLimitBytes = 64 * 1024 * 1024;

export interface ProgramInput {
  readonly source: SourceFile;
  /** The file to watch for edits; absent for standard input and for code given on the command line. */
  readonly path?: string;
}

/**
 * `input` is tried as `-` (then `readStandardInput` is asked), an existing directory (its `main.mcl`), an existing file,
 * and otherwise as code, if it looks like some. Fails with a `Failure` that says what was tried.
 */
export async function readProgram(
  input: string,
  context: {
    readonly host: Host;
    readonly workingDirectory: string;
    readonly readStandardInput: () => Promise<string>;
    readonly signal: AbortSignal;
  },
): Promise<ProgramInput> {
  const { host, signal } = context;
  if (input === "") throw new Failure("No program was given: the path is empty.", { code: "invalid" });
  if (input === "-") return { source: { path: "<stdin>", text: await context.readStandardInput() } };

  const path = absolutePath(input, context.workingDirectory);
  const state = await host.files.inspectTarget(path, signal);
  if (state === undefined) {
    if (looksLikeCode(input)) return { source: { path: "<code>", text: `${input}\n` } };
    throw new Failure(`There is no file or directory ${input}.`, {
      code: "not-found",
      hint: "Give a directory with a main.mcl, an .mcl file, `-` for standard input, or mcl code in quotes.",
    });
  }
  const shown = state.kind === "directory" ? `${input.replace(/\/+$/, "")}/main.mcl` : input;
  const file = state.kind === "directory" ? `${path.replace(/\/+$/, "")}/main.mcl` : path;
  if (state.kind === "directory" && (await host.files.inspectTarget(file, signal)) === undefined) {
    throw new Failure(`The directory ${input} has no main.mcl.`, {
      code: "not-found",
      hint: "A program's directory holds a file main.mcl; or name the .mcl file itself.",
    });
  }
  const text = textOf(await host.files.read(file, programLimitBytes, signal));
  return { source: { path: shown, text }, path: file };
}

/** Without `.` and `..` parts, as the host wants paths. */
export function absolutePath(path: string, workingDirectory: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith("/") ? "" : workingDirectory}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** No path is likely to hold a blank together with a brace, a quote or an equals sign. */
function looksLikeCode(input: string): boolean {
  return input.includes("\n") || (/\s/.test(input) && /["{=(]/.test(input));
}
