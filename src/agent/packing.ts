// SPDX-License-Identifier: Apache-2.0
// The files of a program that was read from a disk, packed when somebody wants them: they may have changed meanwhile.

import type { Host } from "../contract/host.ts";
import type { Packing } from "../host/deploy-files.ts";
import type { LoadedProgram } from "../program/modules/load.ts";
import { bundleProgram } from "./bundle.ts";
import type { ModuleOptions } from "./compile-program.ts";
import { absolutePath } from "./program-input.ts";

interface Reading {
  readonly host: Host;
  readonly workingDirectory: string;
  readonly modules?: ModuleOptions;
}

/** Undefined for a program that came from nowhere. */
export function packingOf(loaded: LoadedProgram | undefined, reading: Reading): Packing | undefined {
  const main = loaded?.main;
  if (loaded === undefined || main?.kind !== "file" || main.module.home.kind === "text") return undefined;
  const { host, workingDirectory, modules } = reading;
  const directory = modules?.directory;
  const moduleDirectory =
    directory === undefined ? `${main.module.home.base}modules/` : `${absolutePath(directory, workingDirectory)}/`;
  return async (signal) => {
    const options = { host, moduleDirectory, show: (path: string) => path };
    return (await bundleProgram(main.module, loaded, options, signal)).files;
  };
}
