// SPDX-License-Identifier: Apache-2.0
// Revisions of etcd and ours. etcd's begin at 1 when there is nothing yet, ours at 0. When the servers answer as another
// cluster than before (its data was lost, a copy was restored elsewhere), its revisions have nothing to do with those
// that were told: ours then go on in another *era*, above all that came before.

import type { Revision } from "../../contract/cluster.ts";
import type { Header } from "./messages.ts";

const perEra = 2 ** 42;

export class Revisions {
  #cluster: bigint | undefined;
  #era = 0;
  readonly #onOther: () => void;

  /** `onOther`: the store is another one from now on. */
  constructor(onOther: () => void) {
    this.#onOther = onOther;
  }

  /** Of the cluster that answers now. */
  get clusterId(): bigint | undefined {
    return this.#cluster;
  }

  /** Every answer goes through here before anything else of it is read. */
  see({ clusterId, revision }: Header): Revision {
    if (this.#cluster !== undefined && clusterId !== this.#cluster) {
      this.#era += 1;
      this.#cluster = clusterId;
      this.#onOther();
    }
    this.#cluster = clusterId;
    return this.ours(revision);
  }

  ours(revision: number): Revision {
    return this.#era * perEra + Math.max(0, revision - 1);
  }

  /** Undefined when it is of an era that is over; 0, "not there", is of every era. */
  etcds(revision: Revision): number | undefined {
    const within = revision - this.#era * perEra;
    return within >= 0 && within < perEra ? within + 1 : undefined;
  }
}
