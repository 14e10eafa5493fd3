// SPDX-License-Identifier: Apache-2.0
// The content of a file that a kind changes in part, at the place where it really is.

import { Failure } from "../../contract/failure.ts";
import type { Files, Guard } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";

/** They are held in memory. */
const limitBytes = 64 * 1024 * 1024;

/** Undefined when there is no such file. */
export async function readText(
  path: string,
  files: Files,
  signal: AbortSignal,
  guard: Guard = {},
): Promise<string | undefined> {
  try {
    return textOf(await files.read(path, limitBytes, signal, guard));
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "not-found") return undefined;
    throw reason;
  }
}
