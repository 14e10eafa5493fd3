// SPDX-License-Identifier: Apache-2.0
// What happens while the engine runs, as typed facts. Log lines, `--report`, the journal, the dashboard and tests are
// subscribers; code emits these and prints nothing.

import type { Span } from "../base/span.ts";
import type { Value } from "../values/value.ts";
import type { Origin } from "./declaration.ts";
import type { Failure } from "./failure.ts";
import type { StepText } from "./resource.ts";

/** What woke a resource. `origins` are the calls whose new values made it come up, or be another one. */
export type Cause =
  | { readonly kind: "start"; readonly origins?: readonly Origin[] }
  | { readonly kind: "watch" }
  | { readonly kind: "poll" }
  | { readonly kind: "retry"; readonly attempt: number }
  /** The program wants something else: these fields, and meta parameters as `Meta:noop`. */
  | { readonly kind: "definition"; readonly fields?: readonly string[]; readonly origins?: readonly Origin[] }
  | { readonly kind: "refresh"; readonly from: string }
  | { readonly kind: "received"; readonly from: string };

/** `resource` is `kind[name]`, `group` that of the group which it runs in as a member; times are `Clock.monotonicMs`. */
export type EngineEvent =
  | {
      readonly type: "graph-swapped";
      readonly added: number;
      readonly changed: number;
      readonly removed: number;
      readonly kept: number;
    }
  | {
      readonly type: "observed";
      readonly resource: string;
      readonly group?: string;
      readonly cause: Cause;
      readonly steps: readonly StepText[];
      readonly ms: number;
    }
  | {
      readonly type: "step-applied";
      readonly resource: string;
      readonly group?: string;
      readonly cause: Cause;
      readonly step: StepText;
      readonly at: Span;
      readonly ms: number;
    }
  | {
      readonly type: "would-apply";
      readonly resource: string;
      readonly group?: string;
      readonly step: StepText;
      readonly at: Span;
    }
  /** Because of noop: what it would do depends on values that exist only after a step of another, `exec[a].stdout`. */
  | {
      readonly type: "would-receive";
      readonly resource: string;
      readonly group?: string;
      readonly values: readonly string[];
      readonly at: Span;
    }
  | { readonly type: "settled"; readonly resource: string; readonly first: boolean; readonly sinceStartMs: number }
  | {
      readonly type: "sent";
      readonly resource: string;
      readonly group?: string;
      readonly values: Readonly<Record<string, Value | undefined>>;
    }
  | {
      readonly type: "said";
      readonly resource: string;
      readonly group?: string;
      readonly stream: "stdout" | "stderr";
      readonly line: string;
    }
  /** It wants the run to end with this exit status. */
  | { readonly type: "ended"; readonly resource: string; readonly group?: string; readonly status: number }
  | {
      readonly type: "failed";
      readonly resource: string;
      readonly failure: Failure;
      readonly at: Span;
      /** When it is tried again by itself; undefined: not before something happens, or the program changes. */
      readonly retryInMs: number | undefined;
      /** The same failure as the last one: after an event that came when it had failed for good, or in endless attempts. */
      readonly repeated: boolean;
    }
  /** Something undoes every repair at once, for seconds: from now on it is repaired less often. */
  | {
      readonly type: "contested";
      readonly resource: string;
      readonly at: Span;
      /** The last step that was undone. */
      readonly step: StepText | undefined;
      /** How many repairs there were in the last second. */
      readonly repairs: number;
    }
  /** Nothing does any longer: it is repaired at once again. */
  | { readonly type: "uncontested"; readonly resource: string }
  /** What a kind must know of the machine for its automatic edges cannot be had: they are missing for now. */
  | { readonly type: "edges-unknown"; readonly kind: string; readonly failure: Failure }
  /** Our own mistake, which the run survives: a listener has thrown, a resource did not end when it was told to. */
  | { readonly type: "mistake"; readonly of: string; readonly message: string }
  | { readonly type: "blocked"; readonly resource: string; readonly by: string }
  | { readonly type: "removed"; readonly resource: string }
  | { readonly type: "converged" }
  | { readonly type: "unconverged" };

/** Must be quick. What it throws is told to all as a `mistake`. */
export type Listener = (event: EngineEvent) => void;
