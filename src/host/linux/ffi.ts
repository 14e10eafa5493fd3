// SPDX-License-Identifier: Apache-2.0
// Calls of the C library that the runtime does not offer. Each is optional: where it cannot be had, the caller does
// with less. The module behind it is experimental and must never be required; nothing else may import it.

import type { Socket } from "node:dgram";
import { existsSync } from "node:fs";

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

const solSocket = 1;
const bindToDevice = 25;
const solUdp = 17;
const udpSegment = 103;

/**
 * Only what comes over this interface reaches the socket, and only there it sends. `not-supported` where that cannot be had:
 * the socket then hears all interfaces.
 */
export function bindToInterface(socket: Socket, name: string): "bound" | "no-such-interface" | "not-supported" {
  const isSet = setOption(socket, solSocket, bindToDevice, ended(name));
  if (isSet === undefined) return "not-supported";
  if (isSet) return "bound";
  return existsSync(`/sys/class/net/${name}`) ? "not-supported" : "no-such-interface";
}

/**
 * What the socket sends from now on and is longer than `bytes` the kernel sends as datagrams of so many bytes, the last of which
 * may be shorter; 0: not any more. False where it cannot.
 */
export function splitDatagrams(socket: Socket, bytes: number): boolean {
  return setOption(socket, solUdp, udpSegment, new Uint8Array(Int32Array.of(bytes).buffer)) === true;
}

type SetSocketOption = (descriptor: number, level: number, name: number, value: Uint8Array, length: number) => number;
let setSocketOption: SetSocketOption | undefined | "not tried" = "not tried";

/** Undefined: nothing can be set here; false: the kernel does not want it. */
function setOption(socket: Socket, level: number, name: number, value: Uint8Array): boolean | undefined {
  // The runtime knows the number and does not tell it; without it there is only less.
  const handle: unknown = Reflect.get(socket, Object.getOwnPropertySymbols(socket).find(isStateSymbol) ?? "");
  const descriptor: unknown = (handle as { readonly handle?: { readonly fd?: unknown } } | undefined)?.handle?.fd;
  if (typeof descriptor !== "number" || descriptor < 0) return undefined;
  if (setSocketOption === "not tried") {
    setSocketOption = quietly(
      (library) =>
        library.dlopen(null, {
          setsockopt: { arguments: ["i32", "i32", "i32", "buffer", "u32"], return: "i32" },
        }).functions.setsockopt,
    );
  }
  if (setSocketOption === undefined) return undefined;
  return setSocketOption(descriptor, level, name, value, value.length) === 0;
}

function isStateSymbol(symbol: symbol): boolean {
  return symbol.description === "state symbol";
}

/** Extended attributes of a path, symbolic links not followed. */
export interface ExtendedAttributes {
  /** How many bytes it has, written into `value`; -1 when there is none. */
  get(path: string | Uint8Array, name: string, value: Uint8Array): number;
  /** Whether it was done. */
  set(path: string | Uint8Array, name: string, value: Uint8Array): boolean;
  remove(path: string | Uint8Array, name: string): boolean;
}

let attributes: ExtendedAttributes | undefined | "not tried" = "not tried";

/** Undefined where they cannot be had. */
export function openAttributes(): ExtendedAttributes | undefined {
  if (attributes === "not tried") attributes = loadAttributes();
  return attributes;
}

function loadAttributes(): ExtendedAttributes | undefined {
  return quietly((library) => {
    const { lgetxattr, lsetxattr, lremovexattr } = library.dlopen(null, {
      lgetxattr: { arguments: ["buffer", "buffer", "buffer", "u64"], return: "i64" },
      lsetxattr: { arguments: ["buffer", "buffer", "buffer", "u64", "i32"], return: "i32" },
      lremovexattr: { arguments: ["buffer", "buffer"], return: "i32" },
    }).functions;
    return {
      get: (path, name, value) => Number(lgetxattr(ended(path), ended(name), value, BigInt(value.length))),
      set: (path, name, value) => lsetxattr(ended(path), ended(name), value, BigInt(value.length), 0) === 0,
      remove: (path, name) => lremovexattr(ended(path), ended(name)) === 0,
    };
  });
}

/** As C has texts: with a null byte at the end. */
function ended(text: string | Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(text), Buffer.of(0)]);
}

function loadPipe(): ((ends: Uint8Array, flags: number) => number) | undefined {
  return quietly(
    (library) => library.dlopen(null, { pipe2: { arguments: ["buffer", "i32"], return: "i32" } }).functions.pipe2,
  );
}

/** Undefined where the module is missing or switched off, or the library lacks what is asked for. */
function quietly<Result>(load: (library: NonNullable<typeof import("node:ffi")>) => Result): Result | undefined {
  const warn: unknown = Reflect.get(process, "emitWarning");
  try {
    process.emitWarning = () => {}; // That it is experimental is our concern, not that of who runs the program.
    // Loaded only here and now: the import of a module that is missing or switched off would end the program.
    return load(process.getBuiltinModule("node:ffi"));
  } catch {
    return undefined;
  } finally {
    Reflect.set(process, "emitWarning", warn);
  }
}
