// SPDX-License-Identifier: Apache-2.0
// The one error class for what the world refuses. Made in host and cluster, caught once in the engine.

/** A closed list: what a program can decide on. The text of the failure carries the rest. */
export type FailureCode =
  | "not-found"
  | "exists"
  | "denied"
  | "busy"
  | "full"
  | "read-only"
  | "not-a-directory"
  | "is-a-directory"
  | "not-empty"
  | "too-large"
  | "timed-out"
  | "unreachable"
  | "unsupported"
  | "command-failed"
  | "invalid"
  | "conflict"
  | "unexpected";

/** Whether trying again can help by itself, which `Meta:retry` may still override. */
export type Retry = "never" | "backoff" | { readonly afterMs: number };

export interface FailureOptions {
  readonly code: FailureCode;
  /** What a person can do about it, when we can tell. */
  readonly hint?: string;
  readonly retry?: Retry;
  readonly cause?: unknown;
}

/** `message` is one sentence for a system administrator: what was tried, on what, and why it did not work. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: FailureCode;
  readonly hint: string | undefined;
  readonly retry: Retry;

  constructor(message: string, options: FailureOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.retry = options.retry ?? "never";
  }
}

/** True for the reason of an aborted signal: neither a problem nor a failure, only "stop". */
export function isAbort(reason: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (reason === signal.reason || (reason instanceof Error && reason.name === "AbortError"));
}
