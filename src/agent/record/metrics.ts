// SPDX-License-Identifier: Apache-2.0
// The figures of a run for Prometheus: what happens is counted as it happens, what is so is looked at when it is asked.
// The names that the original has are kept. Loaded only by runs that are asked for figures.

import { readdirSync } from "node:fs";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Asked } from "../../contract/asked.ts";
import type { EngineEvent } from "../../contract/event.ts";
import type { Clock } from "../../contract/host.ts";
import { withMembers } from "../../resource-graph/vertex.ts";
import type { RunView } from "../run.ts";

const states = [
  "waiting",
  "watching",
  "observing",
  "applying",
  "settled",
  "failed",
  "blocked",
  "pausing",
  "paused",
  "closing",
] as const;

/** From a tenth of a millisecond, which a file takes, to the minutes of a package. */
const seconds = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

export interface MetricsOptions {
  readonly clock: Clock;
  /** Every kind there is: their series begin with 0. */
  readonly kinds: readonly string[];
  readonly noop: boolean;
  readonly version: string;
}

export interface Metrics {
  readonly listen: (event: EngineEvent) => void;
  readonly asked: (asked: Asked) => void;
  /** From now on there is something to look at. */
  readonly begin: (view: RunView) => void;
  text(): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  let view: RunView | undefined;
  const counters = eventCounters(registry, options);
  addGraph(registry, options, () => view);
  addFunctions(registry, () => view);
  addProcess(registry, options);
  return {
    listen: counters,
    asked: askedCounters(registry),
    begin: (begun) => {
      view = begun;
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

// ---- What happens ----

function eventCounters(registry: Registry, { clock, kinds, noop }: MetricsOptions): (event: EngineEvent) => void {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string): Histogram<"kind"> =>
    new Histogram({ name, help, labelNames: ["kind"], buckets: seconds, registers });
  const checked = counter("mgmt_checkapply_total", "Looks at resources, with what was to do then.", [
    "kind",
    "apply",
    "eventful",
    "errorful",
  ]);
  const failures = counter("mgmt_failures_total", "Failures; after a soft one it is tried again by itself.", [
    "kind",
    "failure",
  ]);
  const observations = counter("mgmt_observations_total", "Observations, by what woke the resource.", [
    "kind",
    "cause",
  ]);
  const retries = counter("mgmt_retries_total", "Observations that were further attempts after a failure.", ["kind"]);
  const steps = counter("mgmt_steps_total", "Steps that were applied.", ["kind"]);
  const wouldSteps = counter("mgmt_noop_steps_total", "Steps that were not applied because of noop.", ["kind"]);
  const swaps = counter("mgmt_graph_swaps_total", "Graphs that have come into force.", []);
  const contested = counter("mgmt_contested_total", "Fights over a resource.", ["kind"]);
  const mistakes = counter("mgmt_mistakes_total", "Mistakes in mgmt itself that a run has survived.", []);
  const events = counter("mgmt_events_total", "Events of the engine, by their type.", ["type"]);
  const observing = histogram("mgmt_observation_seconds", "How long an observation takes.");
  const applying = histogram("mgmt_step_seconds", "How long a step takes.");
  const repairing = histogram("mgmt_repair_seconds", "From the look that found work until the resource has settled.");
  const graphStart = new Gauge({
    name: "mgmt_graph_start_time_seconds",
    help: "When the graph in force began.",
    registers,
  });
  for (const kind of kinds) {
    for (const failure of ["soft", "hard"]) failures.inc({ kind, failure }, 0);
    for (const apply of ["true", "false"]) {
      for (const eventful of ["true", "false"]) {
        for (const errorful of ["true", "false"]) checked.inc({ kind, apply, eventful, errorful }, 0);
      }
    }
  }
  const apply = String(!noop);
  /** Since when a resource is being repaired. */
  const repairs = new Map<string, number>();
  return (event) => {
    events.inc({ type: event.type });
    const kind = "resource" in event ? event.resource.slice(0, event.resource.indexOf("[")) : "";
    switch (event.type) {
      case "observed": {
        const isEventful = event.steps.length > 0;
        checked.inc({ kind, apply, eventful: String(isEventful), errorful: "false" });
        observations.inc({ kind, cause: event.cause.kind });
        if (event.cause.kind === "retry") retries.inc({ kind });
        observing.observe({ kind }, event.ms / 1000);
        if (isEventful && !noop) repairs.set(event.group ?? event.resource, clock.monotonicMs() - event.ms);
        return;
      }
      case "step-applied":
        steps.inc({ kind });
        return applying.observe({ kind }, event.ms / 1000);
      case "would-apply":
        return wouldSteps.inc({ kind });
      case "settled": {
        const sinceMs = repairs.get(event.resource);
        if (sinceMs === undefined) return;
        repairs.delete(event.resource);
        return repairing.observe({ kind }, (clock.monotonicMs() - sinceMs) / 1000);
      }
      case "failed":
        checked.inc({ kind, apply, eventful: "true", errorful: "true" });
        return failures.inc({ kind, failure: event.retryInMs === undefined ? "hard" : "soft" });
      case "removed":
        repairs.delete(event.resource);
        return;
      case "graph-swapped":
        swaps.inc();
        return graphStart.set(clock.now() / 1000);
      case "contested":
        return contested.inc({ kind });
      case "mistake":
        return mistakes.inc();
      default:
    }
  };
}

function askedCounters(registry: Registry): (asked: Asked) => void {
  const registers = [registry];
  const requests = new Counter({
    name: "mgmt_requests_total",
    help: "What others have asked of servers of this machine.",
    labelNames: ["kind", "outcome"],
    registers,
  });
  const bytes = new Counter({
    name: "mgmt_request_bytes_total",
    help: "What was in the answers.",
    labelNames: ["kind"],
    registers,
  });
  return ({ server, outcome, bytes: size = 0 }) => {
    const kind = server.slice(0, server.indexOf("["));
    requests.inc({ kind, outcome });
    bytes.inc({ kind }, size);
  };
}

// ---- What is so ----

function addGraph(registry: Registry, { kinds }: MetricsOptions, view: () => RunView | undefined): void {
  const registers = [registry];
  new Gauge({
    name: "mgmt_resources",
    help: "Resources in the graph, by their kind.",
    labelNames: ["kind"],
    registers,
    collect() {
      for (const kind of kinds) this.set({ kind }, 0);
      for (const vertex of view()?.graph.vertices ?? []) {
        for (const { kind } of withMembers(vertex)) this.inc({ kind: kind.kind });
      }
    },
  });
  new Gauge({
    name: "mgmt_resources_by_state",
    help: "Resources in the graph, by what they do.",
    labelNames: ["state"],
    registers,
    collect() {
      for (const state of states) this.set({ state }, 0);
      for (const { state, count } of view()?.census() ?? []) this.inc({ state }, count);
    },
  });
  new Gauge({
    name: "mgmt_failures",
    help: "Resources that have failed now; a soft failure is tried again by itself.",
    labelNames: ["kind", "failure"],
    registers,
    collect() {
      for (const kind of kinds) for (const failure of ["soft", "hard"]) this.set({ kind, failure }, 0);
      for (const { kind, state, isForGood, count } of view()?.census() ?? []) {
        if (state === "failed") this.inc({ kind, failure: isForGood ? "hard" : "soft" }, count);
      }
    },
  });
  gauge(registry, "mgmt_edges", "Edges in the graph.", () => view()?.graph.shape.edges.length ?? 0);
  gauge(registry, "mgmt_converged", "1 when nothing has work.", () => Number(view()?.converged ?? false));
}

function addFunctions(registry: Registry, view: () => RunView | undefined): void {
  const rounds = (): number => view()?.functions.counts.rounds ?? 0;
  count(registry, "mgmt_function_rounds_total", "Rounds of the function graph since the program began.", rounds);
  const computed = (): number => view()?.functions.counts.computed ?? 0;
  count(registry, "mgmt_function_computations_total", "Values computed since the program began.", computed);
  const nodes = (): number => view()?.functions.counts.necessary ?? 0;
  gauge(registry, "mgmt_function_nodes", "Values that are needed now.", nodes);
  const active = (): number => view()?.functions.streams.active ?? 0;
  gauge(registry, "mgmt_function_streams", "Functions that may bring another value by themselves.", active);
  const items = (): number => view()?.functions.streams.items ?? 0;
  count(registry, "mgmt_function_stream_items_total", "Values that such functions have brought.", items);
}

function addProcess(registry: Registry, { version }: MetricsOptions): void {
  const startedSeconds = Date.now() / 1000 - process.uptime();
  const info = new Gauge({
    name: "mgmt_build_info",
    help: "The version of mgmt and of its runtime.",
    labelNames: ["version", "runtime"],
    registers: [registry],
  });
  info.set({ version, runtime: process.version }, 1);
  gauge(registry, "process_start_time_seconds", "When the process began.", () => startedSeconds);
  const usedSeconds = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  count(registry, "process_cpu_seconds_total", "Time of processors used.", usedSeconds);
  gauge(registry, "process_resident_memory_bytes", "Memory in use.", () => process.memoryUsage.rss());
  gauge(registry, "process_heap_bytes", "Memory of it in objects.", () => process.memoryUsage().heapUsed);
  gauge(registry, "process_open_fds", "Open files, sockets and watches.", openFiles);
  const busySeconds = (): number => performance.eventLoopUtilization().active / 1000;
  count(registry, "mgmt_event_loop_busy_seconds_total", "Time in which the one thread was at work.", busySeconds);
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value());
    },
  });
}

/** For what only grows, but is counted elsewhere. */
function count(registry: Registry, name: string, help: string, value: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(value());
    },
  });
}

function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0; // There is no such directory here.
  }
}
