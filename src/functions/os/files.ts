// SPDX-License-Identifier: Apache-2.0
// The files of this machine, as functions.

import { Failure } from "../../contract/failure.ts";
import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import type { Host } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";
import { quote } from "../../values/print.ts";
import { catchable, textAt } from "../arguments.ts";
import { onChange } from "../streams.ts";
import { hostPath } from "./path.ts";

/** A value is kept in memory, and compared, as a whole. */
const readLimitBytes = 64 * 1024 * 1024;

export const files: readonly FunctionDefinition[] = [
  defineFunction({
    module: "os",
    name: "file_exists",
    type: "func(filename str) bool",
    doc: "Whether there is a file or directory at this path now; symbolic links are followed.",
    example: '$locked = os.file_exists("/run/nologin")',
    stream: async function* (args, { host, signal }) {
      const path = hostPath(textAt(args, 0));
      yield* onChange(host, path, signal, async () => (await host.files.inspectTarget(path, signal)) !== undefined);
    },
  }),
  defineFunction({
    module: "os",
    name: "readfile",
    type: "func(filename str) str",
    doc: "The content of a file, new when it changes. A missing file can be caught, and the value comes when the file does.",
    example: '$message = os.readfile("/etc/motd") <|> ""',
    stream: async function* (args, { host, signal }) {
      const path = hostPath(textAt(args, 0));
      yield* onChange(host, path, signal, () => contentOf(host, path, signal));
    },
  }),
];

async function contentOf(host: Host, path: string, signal: AbortSignal) {
  try {
    return textOf(await host.files.read(path, readLimitBytes, signal));
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "not-found")
      return catchable(`there is no file ${quote(path)}`, reason);
    throw reason;
  }
}
