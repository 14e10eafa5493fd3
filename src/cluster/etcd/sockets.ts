// SPDX-License-Identifier: Apache-2.0
// The sockets of one connection that is being made. The package forgets those of a connection that is given up before it is
// made, so a server that takes connections and says nothing, because it is stopped or begins, would cost one for each attempt.

import type { Socket } from "node:net";
import type { ChannelCredentials } from "@grpc/grpc-js";

export class Sockets {
  readonly #open = new Set<Socket>();
  readonly #over = new AbortController();

  /** For a socket that is not connected yet: the package shows it to nobody before. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** The same credentials, for connections whose sockets are known here. */
  through(credentials: ChannelCredentials): ChannelCredentials {
    const create: ChannelCredentials["_createSecureConnector"] = (target, options, call) => {
      const connector = credentials._createSecureConnector(target, options, call);
      const connect = (socket: Socket): ReturnType<typeof connector.connect> => {
        this.#keep(socket);
        return connector.connect(socket);
      };
      return Object.create(connector, { connect: { value: connect } }) as typeof connector;
    };
    return Object.create(credentials, { _createSecureConnector: { value: create } }) as ChannelCredentials;
  }

  /** Ends all that there are, and those that come too late. */
  destroy(): void {
    this.#over.abort();
    for (const socket of this.#open) socket.destroy();
  }

  #keep(socket: Socket): void {
    if (this.over.aborted) socket.destroy();
    else this.#open.add(socket.once("close", () => this.#open.delete(socket)));
  }
}
