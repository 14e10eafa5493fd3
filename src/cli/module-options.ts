// SPDX-License-Identifier: Apache-2.0
// The options of commands that read programs: where modules of others are, and whether they may be fetched.

import type { ModuleOptions } from "../agent/compile-program.ts";
import { absolutePath } from "../agent/program-input.ts";
import { Failure } from "../contract/failure.ts";
import type { Invocation } from "./command.ts";

export interface ModuleChoice extends ModuleOptions {
  /** End when everything has been fetched. */
  readonly onlyDownload: boolean;
}

/** Fails with a `Failure` when the options contradict each other. */
export function moduleChoice({ options, terminal }: Invocation): ModuleChoice {
  const given = options.modulePath ?? terminal.environment("MGMT_MODULE_PATH");
  const directory =
    typeof given === "string" && given !== "" ? absolutePath(given, terminal.workingDirectory) : undefined;
  const download = options.download === true;
  const update = options.update === true;
  if (update && !download) {
    throw new Failure("--update fetches modules, so it goes with --download.", { code: "invalid" });
  }
  return { directory, download, update, onlyDownload: options.onlyDownload === true };
}
