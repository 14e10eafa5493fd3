// SPDX-License-Identifier: Apache-2.0
// What client and server agree on before a transfer: block size (RFC 2348), timeout and size (RFC 2349), window (RFC 7440).

import type { Options } from "./packet.ts";

/** What the server is willing to do. */
export interface Limits {
  /** Bytes of data in a packet: what fits into one frame of the network, 1468 on Ethernet. */
  readonly largestBlock: number;
  /** Blocks on the way at once. */
  readonly largestWindow: number;
  /** How long to wait for an acknowledgement when the client asks for nothing else. */
  readonly timeoutMs: number;
}

export interface Agreement {
  /** Bytes. */
  readonly blockSize: number;
  /** Blocks that are sent before an acknowledgement is waited for. */
  readonly windowSize: number;
  readonly timeoutMs: number;
  /** What the client must be told; empty when it asked for nothing that we know. */
  readonly accepted: Options;
}

const defaultBlock = 512;
const smallestBlock = 8;
const largestBlock = 65_464;

/** An option that is unknown, or has a value that makes no sense, is left out, as the client must expect. */
export function agreeOn(asked: Options, size: number, limits: Limits): Agreement {
  const accepted = new Map<string, string>();
  let blockSize = defaultBlock;
  let windowSize = 1;
  let { timeoutMs } = limits;
  for (const [name, text] of asked) {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    if (value === undefined) continue;
    switch (name) {
      case "blksize":
        if (value < smallestBlock || value > largestBlock) continue;
        blockSize = Math.min(value, Math.max(limits.largestBlock, smallestBlock));
        accepted.set(name, String(blockSize));
        break;
      case "windowsize":
        if (value < 1 || value > 65_535) continue;
        windowSize = Math.min(value, limits.largestWindow);
        accepted.set(name, String(windowSize));
        break;
      case "timeout":
        if (value < 1 || value > 255) continue;
        timeoutMs = value * 1000;
        accepted.set(name, text);
        break;
      case "tsize":
        accepted.set(name, String(size));
        break;
      default:
    }
  }
  return { blockSize, windowSize, timeoutMs, accepted };
}
