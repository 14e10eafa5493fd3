// SPDX-License-Identifier: Apache-2.0
// Unpacking for which the runtime has nothing: by the program that a machine has for it, fed and read piece by piece.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { pipeline, Readable } from "node:stream";
import type { Compression, PackedForm } from "../../contract/host.ts";
import { damaged, zlibCompression } from "../compression.ts";
import { Tail } from "../output.ts";
import { startFailureFrom } from "./failures.ts";
import { programOf } from "./programs.ts";

const keptOfErrors = 4096;

export const linuxCompression: Compression = {
  ...zlibCompression,
  unpack: (packed, form, signal) =>
    form === "xz" || form === "bzip2"
      ? unpackByProgram(packed, form, signal)
      : zlibCompression.unpack(packed, form, signal),
};

async function* unpackByProgram(
  packed: AsyncIterable<Uint8Array>,
  form: PackedForm,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  signal.throwIfAborted();
  const argv = [form, "-d", "-c"] as const;
  const file = programOf({ argv });
  const child = spawn(file, argv.slice(1), { argv0: form, stdio: ["pipe", "pipe", "pipe"] });
  const errors = new Tail(keptOfErrors);
  child.stderr.on("data", (bytes: Buffer) => errors.add(bytes));
  const ended = once(child, "close");
  ended.catch(() => {}); // Looked at below, if nothing else happens before.
  let failed: Error | undefined;
  const lasting = async function* () {
    try {
      for await (const piece of packed) yield Uint8Array.from(piece);
    } catch (reason) {
      failed = reason instanceof Error ? reason : new Error(String(reason));
      throw reason;
    }
  };
  const source = Readable.from(lasting(), { objectMode: false });
  // When the program does not want to hear all of it, its status says why; when the source fails, `failed` does.
  pipeline(source, child.stdin, () => {});
  try {
    for await (const piece of child.stdout as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      yield new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
    }
    const [status] = (await ended) as [number | null];
    if (failed !== undefined) throw failed;
    if (status !== 0) throw damaged(form, new Error(Buffer.from(errors.bytes()).toString().trim()));
  } catch (reason) {
    signal.throwIfAborted();
    if (child.pid === undefined) throw startFailureFrom(reason, form, file);
    throw failed ?? damaged(form, reason);
  } finally {
    source.destroy();
    child.kill("SIGKILL");
  }
  return undefined;
}
