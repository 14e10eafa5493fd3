// SPDX-License-Identifier: Apache-2.0
// Many datagrams to one receiver at once. The kernel splits what it is given (UDP_SEGMENT) where it can, so that a whole window
// of a transfer is one call; where it cannot, or the way does not let it, each datagram is one.

import type { Socket } from "node:dgram";
import type { SocketAddress } from "../../contract/serving.ts";
import { splitDatagrams } from "./ffi.ts";

/** What the kernel takes at once. */
const mostPieces = 64;
const mostBytes = 65_507;
/** It cannot split at all, or not for this way: pieces that are too large for its frames, a device that cannot sum them up. */
const refusals = new Set(["EINVAL", "EIO", "EMSGSIZE", "EOPNOTSUPP", "ENOPROTOOPT"]);

export class SplitSending {
  readonly #socket: Socket;
  /** How the kernel splits now; 0: not at all. */
  #split = 0;
  #isPossible = true;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(bytes: Uint8Array, to: SocketAddress): void {
    if (this.#split !== 0 && bytes.length > this.#split) this.#splitBy(0);
    // Without a callback, which would cost a turn of the loop: what goes wrong is an error of the socket.
    this.#socket.send(bytes, to.port, to.host);
  }

  sendPieces(bytes: Uint8Array, pieceBytes: number, to: SocketAddress, isOpen: () => boolean): void {
    if (bytes.length <= pieceBytes) return this.send(bytes, to);
    if (!this.#splitBy(pieceBytes)) return this.#sendEach(bytes, pieceBytes, to);
    const most = Math.max(1, Math.min(mostPieces, Math.floor(mostBytes / pieceBytes))) * pieceBytes;
    for (let at = 0; at < bytes.length; at += most) {
      const part = bytes.subarray(at, at + most);
      this.#socket.send(part, to.port, to.host, (reason) => {
        if (reason === null || !isOpen() || !refusals.has((reason as NodeJS.ErrnoException).code ?? "")) return;
        this.#isPossible = false;
        this.#splitBy(0); // As long as it is to split, it does not make fragments of single ones either.
        this.#sendEach(part, pieceBytes, to);
      });
    }
  }

  #sendEach(bytes: Uint8Array, pieceBytes: number, to: SocketAddress): void {
    for (let at = 0; at < bytes.length; at += pieceBytes) this.send(bytes.subarray(at, at + pieceBytes), to);
  }

  /** Whether it does. */
  #splitBy(bytes: number): boolean {
    if (bytes !== 0 && !this.#isPossible) return false;
    if (this.#split === bytes) return true;
    if (!splitDatagrams(this.#socket, bytes)) {
      this.#isPossible = false;
      return false;
    }
    this.#split = bytes;
    return true;
  }
}
