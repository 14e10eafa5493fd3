// SPDX-License-Identifier: Apache-2.0
// Modules as they lie on the disk of a host.

import type { Host } from "../../contract/host.ts";
import type { ModuleSource } from "../../program/modules/module-source.ts";
import { textOf } from "../../values/bytes.ts";
import { programLimitBytes } from "../program-input.ts";

export function diskSource({ files }: Host, signal: AbortSignal): ModuleSource {
  return {
    async read(path) {
      const state = await files.inspectTarget(path, signal);
      // A pipe may hold a program: `mgmt check <(generate)`.
      if (state === undefined || state.kind === "directory") return undefined;
      return textOf(await files.read(path, programLimitBytes, signal));
    },
  };
}
