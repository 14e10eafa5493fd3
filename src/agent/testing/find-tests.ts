// SPDX-License-Identifier: Apache-2.0
// The files with test cases that a person means: those that are named, and below directories all `*_test.mcl`.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import type { SourceFile } from "../../base/span.ts";
import { textOf } from "../../values/bytes.ts";
import { absolutePath, programLimitBytes } from "../program-input.ts";

export interface Looking {
  readonly host: Host;
  readonly workingDirectory: string;
}

/** As they are written: below a directory in its words. Fails with `not-found` when there is nothing, or no test in it. */
export async function findTests(
  path: string,
  { host, workingDirectory }: Looking,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { files } = host;
  const found: string[] = [];
  const look = async (directory: string, shown: string): Promise<void> => {
    for (const name of await files.list(directory, signal)) {
      const kind = (await files.inspect(`${directory}/${name}`, signal))?.kind;
      if (kind === "directory" && !name.startsWith(".")) await look(`${directory}/${name}`, `${shown}${name}/`);
      else if (kind === "file" && name.endsWith("_test.mcl")) found.push(shown + name);
    }
  };
  const absolute = absolutePath(path, workingDirectory);
  const state = await files.inspectTarget(absolute, signal);
  if (state === undefined) throw new Failure(`There is no file or directory ${path}.`, { code: "not-found" });
  if (state.kind !== "directory") return [path];
  await look(absolute === "/" ? "" : absolute, path === "." ? "" : `${path.replace(/\/+$/, "")}/`);
  if (found.length > 0) return found;
  throw new Failure(`There are no tests below ${path}.`, {
    code: "not-found",
    hint: "Tests are in files whose names end in _test.mcl.",
  });
}

export async function readTest(
  path: string,
  { host, workingDirectory }: Looking,
  signal: AbortSignal,
): Promise<SourceFile> {
  const bytes = await host.files.read(absolutePath(path, workingDirectory), programLimitBytes, signal);
  return { path, text: textOf(bytes) };
}
