// SPDX-License-Identifier: Apache-2.0
// Listens to the engine and decides what the journal keeps of it: each step, each failure, and what follows them; of a
// resource that is as declared and stays so, one row. Remembers when each was looked at, for those who ask.

import { renderPlace } from "../../base/span.ts";
import type { Cause, EngineEvent } from "../../contract/event.ts";
import type { Failure } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import type { Entry, KeptCause, KeptFailure, KeptStep, LastState } from "../../journal/entry.ts";
import type { Journal } from "../../journal/journal.ts";
import { type ResourceGraph, vertexOf, withMembers } from "../../resource-graph/vertex.ts";

/** What is remembered of a resource while it is in the graph. */
export interface Memory {
  observedMs: number | undefined;
  observedFor: Cause["kind"] | undefined;
  /** As last written. */
  state: LastState["state"] | undefined;
  stateMs: number;
  /** Where it is declared. */
  at: string | undefined;
  /** Something was kept of it since it last settled. */
  isToldOf: boolean;
  retryAtMs: number | undefined;
  failedWith: string | undefined;
  failedKeptMs: number;
  wouldApply: readonly KeptStep[];
  /** What it would do has been kept already. */
  wouldKept: string | undefined;
  said: string[] | undefined;
}

/** The same failure again is kept only so often. */
const repeatMs = 60_000;
const mostSaid = 5;
const longestSaid = 200;

export interface Recorder {
  readonly listen: (event: EngineEvent) => void;
  readonly of: (resource: string) => Memory | undefined;
}

/** `graph` is the one in force. */
export function createRecorder(journal: Journal, clock: Clock, graph: () => ResourceGraph): Recorder {
  const memories = new Map<string, Memory>();
  const memoryOf = (resource: string): Memory => {
    const known = memories.get(resource);
    if (known !== undefined) return known;
    const made = newMemory();
    memories.set(resource, made);
    return made;
  };

  const setState = (resource: string, state: LastState["state"], more: Partial<LastState> = {}): void => {
    const vertex = vertexOf(graph(), resource);
    const timeMs = clock.now();
    const write = (each: string, at: string | undefined): void => {
      const memory = memoryOf(each);
      if (memory.state === state && state === "settled") return;
      memory.state = state;
      memory.stateMs = timeMs;
      memory.at = at ?? memory.at;
      journal.setState({
        resource: each,
        state,
        timeMs,
        ...(memory.at === undefined ? {} : { at: memory.at }),
        ...more,
      });
    };
    if (vertex === undefined) write(resource, more.at);
    else for (const { reference, at } of withMembers(vertex)) write(reference, renderPlace(at));
  };

  const keep = (entry: Entry & { readonly resource: string }): void => {
    memoryOf(entry.resource).isToldOf = true;
    journal.add(entry);
  };

  const listen = (event: EngineEvent): void => {
    switch (event.type) {
      case "observed": {
        const memory = memoryOf(event.resource);
        memory.observedMs = clock.now();
        memory.observedFor = event.cause.kind;
        memory.said = undefined;
        if (event.steps.length === 0) memory.wouldKept = undefined;
        if (memory.wouldApply.length > 0) memory.wouldApply = [];
        return;
      }
      case "step-applied": {
        const { resource, group, step, at, ms } = event;
        const entry = { type: "applied" as const, resource, cause: keptCause(event.cause), step: keptStep(step) };
        const rounded = Number(ms.toFixed(3));
        keep({ ...entry, ...(group === undefined ? {} : { group }), at: renderPlace(at), ms: rounded });
        if (group !== undefined) memoryOf(group).isToldOf = true;
        return;
      }
      case "would-apply": {
        const memory = memoryOf(event.resource);
        const step = keptStep(event.step);
        memory.wouldApply = [...memory.wouldApply, step];
        const text = memory.wouldApply.map((each) => each.text).join("\n");
        if (memory.wouldKept?.startsWith(text) === true) return; // Seen again, and kept already.
        memory.wouldKept = text;
        journal.add({ type: "would-apply", resource: event.resource, step, at: renderPlace(event.at) });
        return;
      }
      case "said": {
        if (event.stream !== "stderr") return;
        const memory = memoryOf(event.resource);
        memory.said ??= [];
        memory.said.push(event.line.slice(0, longestSaid));
        if (memory.said.length > mostSaid) memory.said.shift();
        return;
      }
      case "failed":
        return noteFailed(event);
      case "blocked":
        setState(event.resource, "blocked", { blockedBy: event.by });
        return keep({ type: "blocked", resource: event.resource, by: event.by });
      case "settled": {
        const memory = memoryOf(event.resource);
        if (memory.isToldOf) journal.add({ type: "settled", resource: event.resource });
        memory.isToldOf = false;
        memory.retryAtMs = undefined;
        memory.failedWith = undefined;
        return setState(event.resource, "settled");
      }
      case "contested":
        return keep({
          type: "contested",
          resource: event.resource,
          at: renderPlace(event.at),
          repairs: event.repairs,
        });
      case "uncontested":
        return journal.add({ type: "uncontested", resource: event.resource });
      case "removed":
        journal.add({ type: "removed", resource: event.resource });
        setState(event.resource, "removed");
        memories.delete(event.resource);
        return;
      case "graph-swapped": {
        const { added, changed, removed, kept } = event;
        return journal.add({ type: "graph", added, changed, removed, kept });
      }
      case "would-receive": // The value may never come to be.
      case "sent":
      case "ended": // The step that ended it is kept, with its cause.
      case "edges-unknown": // No resource's.
      case "mistake": // Seen where it happens: what is kept here may be what is broken.
      case "converged":
      case "unconverged":
        return;
    }
  };

  const noteFailed = ({ resource, failure, at, retryInMs }: Extract<EngineEvent, { type: "failed" }>): void => {
    const memory = memoryOf(resource);
    const nowMs = clock.now();
    const kept = keptFailure(failure);
    memory.retryAtMs = retryInMs === undefined ? undefined : nowMs + retryInMs;
    const place = renderPlace(at);
    if (memory.failedWith !== failure.message || memory.state !== "failed") {
      setState(resource, "failed", { failure: kept, at: place });
    } else if (nowMs - memory.failedKeptMs < repeatMs) {
      return;
    }
    memory.failedWith = failure.message;
    memory.failedKeptMs = nowMs;
    keep({
      type: "failed",
      resource,
      failure: kept,
      at: place,
      ...(memory.retryAtMs === undefined ? {} : { retryAtMs: memory.retryAtMs }),
      ...(memory.said === undefined ? {} : { said: memory.said }),
    });
  };

  return { listen, of: (resource) => memories.get(resource) };
}

function newMemory(): Memory {
  return {
    observedMs: undefined,
    observedFor: undefined,
    state: undefined,
    stateMs: 0,
    at: undefined,
    isToldOf: false,
    retryAtMs: undefined,
    failedWith: undefined,
    failedKeptMs: 0,
    wouldApply: [],
    wouldKept: undefined,
    said: undefined,
  };
}

function keptCause(cause: Cause): KeptCause {
  if (!("origins" in cause) || cause.origins === undefined) return cause as KeptCause;
  return { ...cause, origins: cause.origins.map((origin) => ({ ...origin, at: renderPlace(origin.at) })) };
}

/** The text alone: what stands in a file may be a secret. */
function keptStep({ mark, text }: KeptStep): KeptStep {
  return { mark, text };
}

export function keptFailure({ code, message, hint }: Failure): KeptFailure {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
