// SPDX-License-Identifier: Apache-2.0
// A run with hosts that run what it runs: its program, and each edit of it, becomes a deploy of the cluster as soon as its first graph
// is in force here. What is deployed already is not deployed once more.

import type { Catalog } from "../../contract/catalog.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import type { DeploySettings } from "../../exchange/deploy-record.ts";
import type { ResourceGraph } from "../../resource-graph/vertex.ts";
import type { ReadingWithModules } from "../compile-program.ts";
import type { Offer, ProgramSource, SourceParts } from "../program-source.ts";

export interface SpreadOptions extends Omit<SourceParts, "local"> {
  readonly path: string;
  readonly reading: Omit<ReadingWithModules, "host" | "signal">;
  readonly host: Host;
  readonly catalog: Catalog;
  readonly hostname: string;
  readonly settings: DeploySettings;
  readonly onTrouble: (message: string) => void;
}

const tryAgainMs = 1000;
/** As `mgmt deploy` keeps. */
const kept = 20;

/** The same source; what it offers is spread when the graph that it comes to has somebody to spread it. */
export function spreading(source: ProgramSource, options: SpreadOptions): ProgramSource {
  const spreader = new Spreader(options);
  const spread = (offer: Offer | undefined): Offer | undefined => {
    if (offer === undefined) return undefined;
    let isSpread = false;
    const onTaken = (graph: ResourceGraph): void => {
      offer.onTaken?.(graph);
      if (isSpread || !graph.vertices.some(({ kind }) => kind.traits.spreads === true)) return;
      isSpread = true;
      spreader.publish();
    };
    return { ...offer, onTaken };
  };
  return {
    endsWithItsProgram: source.endsWithItsProgram,
    ...(source.listen === undefined ? {} : { listen: source.listen }),
    first: async (signal) => spread(await source.first(signal)),
    next: async (signal) => spread(await source.next(signal)),
  };
}

class Spreader {
  readonly #options: SpreadOptions;
  #wanted = 0;
  #isAtWork = false;

  constructor(options: SpreadOptions) {
    this.#options = options;
  }

  publish(): void {
    this.#wanted += 1;
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    this.#work().finally(() => {
      this.#isAtWork = false;
    }).catch((reason: unknown) => {
      this.#options.onTrouble(`the program is not given to other hosts: ${String(reason)}`);
    }); // biome-ignore format: one line
  }

  /** Until the newest is there; the store may be away meanwhile. */
  async #work(): Promise<void> {
    const { host, signal, onTrouble } = this.#options;
    let told: string | undefined;
    for (let done = 0; done !== this.#wanted && !signal.aborted; ) {
      const wanted = this.#wanted;
      try {
        await this.#publish();
        done = wanted;
      } catch (reason) {
        if (isAbort(reason, signal)) return;
        if (!(reason instanceof Failure)) throw reason;
        if (reason.message !== told) onTrouble(`the program is not given to other hosts yet: ${reason.message}`);
        told = reason.message;
        if (reason.code !== "unreachable" && reason.code !== "timed-out" && reason.code !== "conflict") done = wanted;
        else await host.clock.sleep(tryAgainMs, signal).catch(() => {});
      }
    }
  }

  async #publish(): Promise<void> {
    const { path, catalog, reading, host, hostname, exchange, settings, signal, onTrouble } = this.#options;
    const [{ packProgram }, { publishDeploy, pruneDeploys }] = await Promise.all([
      import("./bundles.ts"),
      import("./deploy.ts"),
    ]);
    const { packed } = await packProgram(path, catalog, { ...reading, host, signal });
    // It was edited since and is wrong now, which whoever reads it tells; the next that is right is published.
    if (packed === undefined) return;
    const newest = (await exchange.deploys.list(signal)).at(-1)?.record;
    if (newest?.bundle === packed.bundle.id && JSON.stringify(newest.settings) === JSON.stringify(settings)) return;
    const user = await host.identity.userName(host.identity.uid, signal);
    const by = `${user ?? host.identity.uid}@${hostname}`;
    const options = {
      host,
      name: path,
      by,
      settings,
      git: undefined,
      force: true,
      rollout: undefined,
      sign: undefined,
    };
    const { record } = await publishDeploy(exchange, packed, options, signal);
    onTrouble(`the program is deploy ${record.id} for the other hosts`);
    await pruneDeploys(exchange, kept, signal);
  }
}
