// SPDX-License-Identifier: Apache-2.0
// Datagrams over UDP.

import { createSocket, type RemoteInfo } from "node:dgram";
import { isIPv6 } from "node:net";
import type { DatagramOptions, Datagrams, Receive } from "../../contract/serving.ts";
import { listenFailure } from "../listen-failures.ts";
import { listenFailureFrom } from "./failures.ts";
import { bindToInterface } from "./ffi.ts";
import { SplitSending } from "./split-sending.ts";

export async function openDatagrams(
  options: DatagramOptions,
  receive: Receive,
  signal: AbortSignal,
): Promise<Datagrams> {
  signal.throwIfAborted();
  const { host, port, broadcast = false, shared = false } = options;
  const family = isIPv6(host) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? "udp6" : "udp4",
    reuseAddr: shared,
    // Addresses are literal: to look one up would cost more than to send the datagram.
    lookup: (address, _options, found) => found(null, address, family),
  });
  const bound = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    signal.removeEventListener("abort", close);
    socket.close();
  };
  socket.once("close", closed.resolve);
  socket.once("error", bound.reject);
  socket.bind({ port, ...(host === "" ? {} : { address: host }) }, bound.resolve);
  try {
    await bound.promise;
    if (broadcast) socket.setBroadcast(true);
    if (options.interface !== undefined && bindToInterface(socket, options.interface) === "no-such-interface") {
      throw listenFailure("no-such-interface", `UDP, interface ${options.interface}`, options);
    }
  } catch (reason) {
    close();
    throw listenFailureFrom(reason, "UDP", options);
  }
  socket.off("error", bound.reject);
  // Of a single datagram: who asked will ask again.
  socket.on("error", () => {});
  socket.on("message", (bytes: Buffer, { address, port: from }: RemoteInfo) => {
    receive(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), { host: address, port: from });
  });
  if (signal.aborted) close();
  else signal.addEventListener("abort", close, { once: true });
  const split = new SplitSending(socket);
  return {
    port: socket.address().port,
    closed: closed.promise,
    send(bytes, to) {
      if (isOpen) split.send(bytes, to);
    },
    sendPieces(bytes, pieceBytes, to) {
      if (isOpen) split.sendPieces(bytes, pieceBytes, to, () => isOpen);
    },
    close,
  };
}
