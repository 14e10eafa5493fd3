// SPDX-License-Identifier: Apache-2.0
// From what a person wrote on the command line to where a program begins: a directory, a metadata.yaml, a file, `-`, or
// code itself. Reads no program; modules/ does.

import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { Entry } from "../program/modules/load.ts";
import { directoryOf } from "../program/modules/paths.ts";

/** A program of more than this is a mistake: the limit keeps a device or a log from being read whole. */
export const programLimitBytes = 64 * 1024 * 1024;

export interface Reading {
  readonly host: Host;
  readonly workingDirectory: string;
  readonly readStandardInput: () => Promise<string>;
  readonly signal: AbortSignal;
}

/**
 * `input` is tried as `-` (then `readStandardInput` is asked), an existing file or directory, and otherwise as code, if
 * it looks like some. Fails with a `Failure` that says what was tried.
 */
export async function findProgram(input: string, reading: Reading): Promise<Entry> {
  const { host, signal } = reading;
  const directory = directoryOf(`${reading.workingDirectory}/`.replace(/\/+$/, "/"));
  if (input === "") throw new Failure("No program was given: the path is empty.", { code: "invalid" });
  if (input === "-") {
    return { kind: "text", source: { path: "<stdin>", text: await reading.readStandardInput() }, directory };
  }
  const path = absolutePath(input, reading.workingDirectory);
  const state = await host.files.inspectTarget(path, signal);
  if (state === undefined) {
    if (looksLikeCode(input)) return { kind: "text", source: { path: "<code>", text: `${input}\n` }, directory };
    throw new Failure(`There is no file or directory ${input}.`, {
      code: "not-found",
      hint: "Give a directory with a main.mcl, an .mcl file, `-` for standard input, or mcl code in quotes.",
    });
  }
  if (state.kind === "directory") return { kind: "directory", directory: path === "/" ? path : `${path}/` };
  if (path.endsWith("/metadata.yaml")) return { kind: "directory", directory: directoryOf(path) };
  return { kind: "file", path };
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

/** Names files as the person did who gave `input`: below it in their words, elsewhere in full. */
export function pathsAsWritten(input: string, entry: Entry, workingDirectory: string): (path: string) => string {
  switch (entry.kind) {
    case "text":
      return (path) => below(path, directoryOf(`${workingDirectory}/`), "");
    case "file": {
      const directory = directoryOf(entry.path);
      return (path) => (path === entry.path ? input : below(path, directory, directoryOf(input)));
    }
    case "directory": {
      const written = input.endsWith("metadata.yaml") ? directoryOf(input) : `${input.replace(/\/+$/, "")}/`;
      return (path) => below(path, entry.directory, written);
    }
  }
}

function below(path: string, directory: string, written: string): string {
  return path.startsWith(directory) ? written + path.slice(directory.length) : path;
}
