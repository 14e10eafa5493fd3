// SPDX-License-Identifier: Apache-2.0
// What is at the address of a host that would keep the store: its server, or else a signpost to those who do. Never both.

import type { EtcdServer } from "../cluster/etcd/server/index.ts";
import type { OwnFirstMembers, OwnServer } from "../membership/servers.ts";

export class ServerOrSignpost implements OwnServer {
  readonly #server: EtcdServer;
  readonly #open: () => Promise<() => void>;
  #close: (() => void) | undefined;
  #taken = 0;

  /** `open`: puts the signpost up; returns what takes it away. */
  constructor(server: EtcdServer, open: () => Promise<() => void>) {
    this.#server = server;
    this.#open = open;
  }

  get state(): OwnServer["state"] {
    return this.#server.state;
  }

  hasData(): Promise<boolean> {
    return this.#server.hasData();
  }

  /** Fails with a `Failure` when somebody else has the address. */
  async putUp(): Promise<void> {
    this.#close ??= await this.#open();
  }

  /** Others are believed than before: cuts what is open, and shows the certificate of now. */
  async renew(): Promise<void> {
    if (this.#close === undefined) return;
    this.takeAway();
    const taken = this.#taken;
    const close = await this.#open().catch(() => undefined); // The host shares the store as well without it.
    if (this.#taken === taken && this.#close === undefined) this.#close = close;
    else close?.();
  }

  takeAway(): void {
    this.#taken += 1;
    this.#close?.();
    this.#close = undefined;
  }

  async start(first: OwnFirstMembers, signal: AbortSignal): Promise<void> {
    const wasUp = this.#close !== undefined;
    this.takeAway();
    try {
      await this.#server.start(first, signal);
    } catch (reason) {
      if (wasUp && !signal.aborted) await this.putUp().catch(() => {}); // Why it did not start says more.
      throw reason;
    }
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async removeData(): Promise<void> {
    await this.#server.removeData();
    await this.putUp().catch(() => {}); // The host shares the store as well without it.
  }
}
