// SPDX-License-Identifier: Apache-2.0
// Calls of the C library that the runtime does not offer. Each is optional: where it cannot be had, the caller does
// with less. The module behind it is experimental and must never be required; nothing else may import it.

/** `O_CLOEXEC`, the same on every machine we run on. */
const closeOnExec = 0o2000000;

let makePipe: ((ends: Uint8Array, flags: number) => number) | undefined | "not tried" = "not tried";

/**
 * The reading and the writing end of a pipe, or undefined. The runtime itself connects its children with sockets, and
 * a command cannot open /dev/stdout or /dev/stderr on a socket.
 */
export function openPipe(): { readonly read: number; readonly write: number } | undefined {
  if (makePipe === "not tried") makePipe = loadPipe();
  if (makePipe === undefined) return undefined;
  const ends = new Int32Array(2);
  if (makePipe(new Uint8Array(ends.buffer), closeOnExec) !== 0) return undefined;
  const [read = -1, write = -1] = ends;
  return { read, write };
}

function loadPipe(): ((ends: Uint8Array, flags: number) => number) | undefined {
  const warn: unknown = Reflect.get(process, "emitWarning");
  try {
    process.emitWarning = () => {}; // That it is experimental is our concern, not that of who runs the program.
    // Loaded only here and now: the import of a module that is missing or switched off would end the program.
    return process.getBuiltinModule("node:ffi").dlopen(null, { pipe2: { arguments: ["buffer", "i32"], return: "i32" } })
      .functions.pipe2;
  } catch {
    return undefined;
  } finally {
    Reflect.set(process, "emitWarning", warn);
  }
}
