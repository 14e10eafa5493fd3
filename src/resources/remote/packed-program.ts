// SPDX-License-Identifier: Apache-2.0
// The program as it goes to other machines: packed, and once for all that it is copied to at the same time.

import { Pulses } from "../../base/pulse.ts";
import type { Host } from "../../contract/host.ts";

/** The fastest: it is a third of the size then, and costs less than to send the rest of it. */
const level = 1;

interface Packing {
  readonly path: string;
  readonly pieces: Uint8Array[];
  readonly readers: Set<Pulses>;
  readonly ending: AbortController;
  readonly done: Promise<void>;
  isWhole: boolean;
}

const packings = new WeakMap<Host, Packing>();

/** The pieces, as they become ready. What is packed is kept as long as somebody reads it. */
export async function* packedProgram(path: string, host: Host, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const known = packings.get(host);
  const packing = known?.path === path && !known.ending.signal.aborted ? known : begin(path, host);
  const pulses = new Pulses(signal);
  packing.readers.add(pulses);
  pulses.pulse();
  try {
    let next = 0;
    for await (const _ of pulses) {
      for (; next < packing.pieces.length; next += 1) yield packing.pieces[next] as Uint8Array;
      if (packing.isWhole && next === packing.pieces.length) return;
    }
    signal.throwIfAborted();
  } finally {
    packing.readers.delete(pulses);
    if (packing.readers.size === 0) {
      packing.ending.abort();
      if (packings.get(host) === packing) packings.delete(host);
      await packing.done;
    }
  }
}

function begin(path: string, host: Host): Packing {
  const ending = new AbortController();
  const pieces: Uint8Array[] = [];
  const readers = new Set<Pulses>();
  const pack = async (): Promise<void> => {
    const { signal } = ending;
    try {
      for await (const piece of host.compression.pack(host.files.pieces(path, signal), level, signal)) {
        pieces.push(piece);
        for (const reader of readers) reader.pulse();
      }
      packing.isWhole = true;
      for (const reader of readers) reader.pulse();
    } catch (reason) {
      if (packings.get(host) === packing) packings.delete(host);
      for (const reader of readers) reader.fail(reason);
    }
  };
  // Begins when the caller has become a reader.
  const packing: Packing = { path, pieces, readers, ending, done: Promise.resolve().then(pack), isWhole: false };
  packings.set(host, packing);
  return packing;
}
