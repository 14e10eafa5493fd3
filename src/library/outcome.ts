// SPDX-License-Identifier: Apache-2.0
// What an embedding program learns of its resources: events while it runs, a plan, and how it ended.

import type { ProgramProblem } from "./errors.ts";
import type { AnyValue } from "./resource.ts";

/** Why the machine could not be made what was declared. */
export interface Refusal {
  /** One of a closed list: `not-found`, `denied`, `busy`, `command-failed` and so on. */
  readonly code: string;
  /** What was tried, on what, and why it did not work. */
  readonly message: string;
  /** What to do, when that can be told. */
  readonly hint: string | undefined;
}

/** One change of the machine, as a person reads it. */
export interface StepText {
  /** `+` makes something, `~` changes it, `-` removes it, `!` does something whose effect cannot be shown. */
  readonly mark: "+" | "~" | "-" | "!";
  /** A short phrase: `write 12 bytes`. Never a secret. */
  readonly text: string;
  /** It only says something, which was an event of its own. */
  readonly says?: boolean;
  /** Only about what mgmt keeps for itself. */
  readonly internal?: boolean;
  /** It puts back what was there before the program came. */
  readonly undoes?: boolean;
  /** Keys that are sent with another value after it. */
  readonly brings?: readonly string[];
  /** Where text content changes. */
  readonly content?: { readonly before: string; readonly after: string };
}

/** What woke a resource. */
export type Cause =
  | { readonly kind: "start" | "watch" | "poll" | "definition" }
  | { readonly kind: "retry"; readonly attempt: number }
  | { readonly kind: "refresh" | "received"; readonly from: string };

/**
 * Something that happened. `resource` is `kind[name]`, `group` that of the resource as a part of which it runs, `at` is
 * `file:line:column`. New types and properties come with minor versions: leave alone what you do not know.
 */
export type Event =
  /** The graph has changed; counts of resources. */
  | {
      readonly type: "graph-swapped";
      readonly added: number;
      readonly changed: number;
      readonly removed: number;
      readonly kept: number;
    }
  /** A resource was looked at; without steps it is as declared. */
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
      readonly at: string;
      readonly ms: number;
    }
  /** What would be done if it were not for `noop`. */
  | {
      readonly type: "would-apply";
      readonly resource: string;
      readonly group?: string;
      readonly step: StepText;
      readonly at: string;
    }
  /** What would be done depends on values that exist only after a step which noop has not let happen: `exec[a].stdout`. */
  | {
      readonly type: "would-receive";
      readonly resource: string;
      readonly group?: string;
      readonly values: readonly string[];
      readonly at: string;
    }
  /** A resource is as declared. */
  | { readonly type: "settled"; readonly resource: string; readonly first: boolean; readonly sinceStartMs: number }
  | {
      readonly type: "sent";
      readonly resource: string;
      readonly group?: string;
      readonly values: Readonly<Record<string, AnyValue | undefined>>;
    }
  /** A line for people: what `print` prints, what a command writes. */
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
      readonly failure: Refusal;
      readonly at: string;
      /** Absent: it does not try again before something happens. */
      readonly retryInMs?: number;
      readonly repeated: boolean;
    }
  /** Something undoes every repair at once: it is repaired less often from now on. */
  | {
      readonly type: "contested";
      readonly resource: string;
      readonly at: string;
      readonly step?: StepText;
      readonly repairs: number;
    }
  | { readonly type: "uncontested"; readonly resource: string }
  /** Automatic edges of this kind are missing, because the machine could not be asked about it. */
  | { readonly type: "edges-unknown"; readonly kind: string; readonly failure: Refusal }
  /** A mistake in mgmt itself, which the run survives. */
  | { readonly type: "mistake"; readonly of: string; readonly message: string }
  /** It waits for a resource that has failed. */
  | { readonly type: "blocked"; readonly resource: string; readonly by: string }
  | { readonly type: "removed"; readonly resource: string }
  /** Nothing is left to do. */
  | { readonly type: "converged" }
  | { readonly type: "unconverged" }
  /** A change of the program was wrong: what was in force stays. */
  | { readonly type: "problems"; readonly problems: readonly ProgramProblem[] };

/** What became of one resource. */
export interface ResourceOutcome {
  /** `kind[name]` */
  readonly resource: string;
  /** `unfinished`: the run ended first; `blocked`: it waits for one that has failed. */
  readonly state: "settled" | "failed" | "blocked" | "unfinished";
  readonly failure: Refusal | undefined;
  /** What a blocked one waits for. */
  readonly waitsFor: string | undefined;
  /** How many steps were done. */
  readonly steps: number;
}

/** How a run ended. */
export interface Outcome {
  /** `exited`: a resource has ended it. */
  readonly ending: "stopped" | "converged" | "max-runtime" | "exited";
  /** The exit status that this resource asked for. */
  readonly status?: number;
  /** Sorted by kind and name. */
  readonly resources: readonly ResourceOutcome[];
  /** True when every resource is as declared. */
  readonly ok: boolean;
  /** How many steps were done. */
  readonly changes: number;
}

/** One resource that is not as declared, or of which that cannot be told. */
export interface PlannedResource {
  readonly resource: string;
  /** `file:line:column` */
  readonly at: string;
  readonly steps: readonly StepText[];
  /** Why it cannot be planned now. */
  readonly failure: Refusal | undefined;
  /** What must come first and cannot be planned either. */
  readonly waitsFor: string | undefined;
}

/** What a run would do. */
export interface Plan {
  /** Sorted by kind and name. */
  readonly resources: readonly PlannedResource[];
  /** How many resources are as declared. */
  readonly asDeclared: number;
}
