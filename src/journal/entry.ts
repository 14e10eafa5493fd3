// SPDX-License-Identifier: Apache-2.0
// What the journal keeps of a run: who ran what, every step with its cause, every failure. Plain data, as it stands in
// the file and goes over the control socket. Contents of files and texts that functions brought are not in it, for they
// may be secrets.

import type { Asked } from "../contract/asked.ts";
import type { Cause } from "../contract/event.ts";
import type { StepText } from "../contract/resource.ts";

/** Places are `file:line:column`. */
export interface KeptOrigin {
  readonly function: string;
  readonly at: string;
  readonly value?: string;
}

/** A `Cause`, with places as text. */
export interface KeptCause {
  readonly kind: Cause["kind"];
  readonly attempt?: number;
  readonly from?: string;
  readonly fields?: readonly string[];
  readonly origins?: readonly KeptOrigin[];
}

export type KeptStep = Pick<StepText, "mark" | "text">;

export interface KeptFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** `resource` is `kind[name]`. */
export type Entry =
  | {
      readonly type: "started";
      /** As given on the command line. */
      readonly program: string;
      readonly hostname: string;
      readonly processId: number;
      readonly noop: boolean;
    }
  /** A text of the program was taken up, at the start or after an edit. `hash` is one of all its files. */
  | { readonly type: "program"; readonly hash: string; readonly files: number }
  | {
      readonly type: "graph";
      readonly added: number;
      readonly changed: number;
      readonly removed: number;
      readonly kept: number;
    }
  | {
      readonly type: "applied";
      readonly resource: string;
      readonly group?: string;
      readonly cause: KeptCause;
      readonly step: KeptStep;
      readonly at: string;
      readonly ms: number;
    }
  | { readonly type: "would-apply"; readonly resource: string; readonly step: KeptStep; readonly at: string }
  | {
      readonly type: "failed";
      readonly resource: string;
      readonly failure: KeptFailure;
      readonly at: string;
      readonly retryAtMs?: number;
      /** The last lines that it wrote to stderr. */
      readonly said?: readonly string[];
    }
  | { readonly type: "settled"; readonly resource: string }
  | { readonly type: "blocked"; readonly resource: string; readonly by: string }
  | { readonly type: "contested"; readonly resource: string; readonly at: string; readonly repairs: number }
  | { readonly type: "uncontested"; readonly resource: string }
  | { readonly type: "removed"; readonly resource: string }
  /** What a server of the store said that runs on this host. */
  /** Somebody has asked a server of this machine something. `more`: how many of its kind before it were not kept. */
  | (Omit<Asked, "server"> & { readonly type: "asked"; readonly resource: string; readonly more?: number })
  | { readonly type: "store"; readonly text: string }
  | { readonly type: "ended"; readonly ending: string };

/** An entry as it was written: `id` grows, `timeMs` is `Clock.now`. */
export type Written = Entry & { readonly id: number; readonly timeMs: number };

/** What became of a resource, as last known; a row for each that was ever in a program. */
export interface LastState {
  readonly resource: string;
  readonly state: "settled" | "failed" | "blocked" | "removed";
  readonly timeMs: number;
  /** Where it is, or was, declared. */
  readonly at?: string;
  readonly failure?: KeptFailure;
  readonly blockedBy?: string;
}
