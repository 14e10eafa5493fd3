// SPDX-License-Identifier: Apache-2.0
// `mgmt run --metrics ADDRESS`: what it takes is loaded only then.

import type { PlanOptions } from "../agent/plan-program.ts";
import type { RunView } from "../agent/run.ts";
import type { Listener } from "../contract/event.ts";
import type { Invocation } from "./command.ts";
import { textOption } from "./option-values.ts";
import { version } from "./version.ts";

export interface RunMetrics {
  readonly listen: Listener;
  begin(view: RunView): void;
  end(): void;
}

const noMetrics: RunMetrics = { listen: () => {}, begin: () => {}, end: () => {} };

/** Fails with a `Failure` when they cannot be served at the address. */
export async function startMetrics({ options, terminal }: Invocation, setting: PlanOptions): Promise<RunMetrics> {
  const given = textOption(options, "metrics") ?? textOption(options, "prometheusListen");
  if (given === undefined && options.prometheus !== true) return noMetrics;
  const { createMetrics } = await import("../agent/record/metrics.ts");
  const { serveMetrics, usualAddress } = await import("../agent/record/metrics-server.ts");
  const { catalog, host } = setting;
  const metrics = createMetrics({ clock: host.clock, kinds: catalog.kinds, noop: options.noop === true, version });
  const server = await serveMetrics(given ?? usualAddress, metrics);
  terminal.stderr(`mgmt: metrics at ${server.url}\n`);
  const stopListening = host.serving.asked.listen(metrics.asked);
  const end = (): void => {
    stopListening();
    server.close();
  };
  return { listen: metrics.listen, begin: metrics.begin, end };
}
