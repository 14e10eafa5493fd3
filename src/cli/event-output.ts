// SPDX-License-Identifier: Apache-2.0
// What a person sees of a run: changes on stdout, a line each; what needs attention on stderr.

import { renderPlace, type Span } from "../base/span.ts";
import { harmless } from "../base/terminal-cells.ts";
import type { EngineEvent } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import type { StepText } from "../contract/resource.ts";
import type { Terminal } from "./command.ts";
import { errorColour, markColours, paint } from "./paint.ts";
import { PassingFailures } from "./passing-failures.ts";

const mostWaiting = 10;

export interface PrinterOptions {
  /** Also what was looked at and found in order. */
  readonly verbose: boolean;
  /** Not what was changed. */
  readonly quiet: boolean;
}

/** Prints events as they come, and counts them for the last line. */
export class EventPrinter {
  readonly #terminal: Terminal;
  readonly #verbose: boolean;
  readonly #quiet: boolean;
  #changes = 0;
  #wouldChange = 0;
  #converged = false;
  #announces = false;
  /** Resources that have failed and not settled since. */
  readonly #failed = new Set<string>();
  /** Those that wait for a failed one, with its name. */
  readonly #blocked = new Map<string, string>();
  /** With `verbose` everything is told, and at once. */
  readonly #passing: PassingFailures | undefined;

  constructor(terminal: Terminal, clock: Pick<Clock, "after">, options: PrinterOptions) {
    this.#terminal = terminal;
    this.#verbose = options.verbose;
    this.#quiet = options.quiet;
    this.#passing = options.verbose ? undefined : new PassingFailures(clock, (event) => this.#showFailed(event));
  }

  get failed(): ReadonlySet<string> {
    return this.#failed;
  }

  /** Whether the last line says what somebody would want to be told who does not look on, as by a mail of cron. */
  get hasNews(): boolean {
    const isDone = this.#converged && this.#failed.size === 0 && this.#blocked.size === 0;
    return this.#verbose || !isDone || (!this.#quiet && this.#changes + this.#wouldChange > 0);
  }

  /** Takes notice of an event without printing it. */
  count(event: EngineEvent): void {
    switch (event.type) {
      case "step-applied":
        if (event.step.internal !== true) this.#changes += 1;
        break;
      case "would-apply":
        if (event.step.internal !== true) this.#wouldChange += 1;
        break;
      case "would-receive":
        this.#wouldChange += 1;
        break;
      case "failed":
        this.#failed.add(event.resource);
        break;
      case "blocked":
        this.#blocked.set(event.resource, event.by);
        break;
      case "settled":
      case "removed":
        this.#failed.delete(event.resource);
        this.#blocked.delete(event.resource);
        break;
      case "converged":
      case "unconverged":
        this.#converged = event.type === "converged";
        break;
      default:
        break;
    }
  }

  /** The next time that all has come to rest is told, to whoever waits for it. */
  announceRest(): void {
    this.#announces = true;
  }

  print(event: EngineEvent): void {
    this.count(event);
    this.#passing?.notice(event);
    switch (event.type) {
      case "converged":
        this.#showRest();
        break;
      case "step-applied":
        if (event.step.says !== true) this.#line(event.resource, event.step, "");
        break;
      case "would-apply":
        if (event.step.internal !== true) this.#line(event.resource, event.step, " (noop)");
        break;
      case "would-receive":
        this.#terminal.stdout(`? ${harmless(event.resource)} depends on ${event.values.join(", ")} (noop)\n`);
        break;
      case "said":
        this.#terminal.stdout(`${event.resource}: ${event.line}\n`);
        break;
      case "failed":
        if (this.#verbose) this.#showFailed(event);
        break;
      case "edges-unknown":
        this.#terminal.stderr(
          `warning: automatic edges of ${event.kind} are missing for now: ${event.failure.message}\n`,
        );
        break;
      case "mistake":
        this.#terminal.stderr(`mgmt: a mistake in mgmt itself: ${event.of}: ${event.message}\n`);
        break;
      case "contested":
        this.#showContested(event);
        break;
      case "uncontested":
        this.#terminal.stderr(`mgmt: nothing keeps changing ${event.resource} back any longer\n`);
        break;
      default:
        if (this.#verbose) this.#printDetail(event);
    }
  }

  #printDetail(event: EngineEvent): void {
    if (event.type === "blocked") {
      this.#terminal.stderr(`  ${event.resource} waits for ${event.by}, which has failed\n`);
    } else if (event.type === "removed") {
      this.#terminal.stdout(`  ${event.resource} is no longer in the program\n`);
    } else if (event.type === "observed" && event.steps.length === 0) {
      this.#terminal.stdout(`  ${event.resource} is as declared\n`);
    }
  }

  #showRest(): void {
    if (!this.#announces) return;
    this.#announces = false;
    const noop = this.#wouldChange > 0 ? [`${this.#wouldChange} left undone by noop`] : [];
    const open = [...this.#wrong(), ...noop];
    const state = open.length === 0 ? "everything is as declared" : `at rest: ${open.join(", ")}`;
    this.#terminal.stderr(`mgmt: ${state} (Ctrl-C ends it)\n`);
  }

  /** What is not as declared. */
  #wrong(): readonly string[] {
    return [
      ...(this.#failed.size > 0 ? [`${this.#failed.size} failed`] : []),
      ...(this.#blocked.size > 0
        ? [`${this.#blocked.size} waiting for ${this.#failed.size === 1 ? "it" : "them"}`]
        : []),
    ];
  }

  /** What was held back. To be called at the end of a run. */
  flush(): void {
    this.#passing?.tellAll();
  }

  /** The last line of a run that ended by itself: what was done and what is still wrong. */
  summary(resources: number, ms: number): string {
    const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
    const parts = [count(resources, "resource"), count(this.#changes, "change")];
    if (this.#wouldChange > 0) parts.push(`${this.#wouldChange} more without noop`);
    parts.push(...this.#wrong());
    const state =
      this.#failed.size > 0
        ? "not everything is as declared"
        : this.#converged
          ? "everything is as declared"
          : "stopped";
    return `${this.#waiting()}mgmt: ${state}: ${parts.join(", ")}, ${(ms / 1000).toFixed(2)} s\n`;
  }

  /** Resources that were not looked at, because one before them has failed; not more than a person reads. */
  #waiting(): string {
    if (this.#verbose) return ""; // Each was told when it happened.
    const all = [...this.#blocked].map(([resource, by]) => `  ${resource} waits for ${by}, which has failed\n`);
    const more = all.length - mostWaiting;
    return all.slice(0, mostWaiting).join("") + (more > 0 ? `  and ${more} more\n` : "");
  }

  #line(resource: string, step: StepText, after: string): void {
    if (this.#quiet) return;
    const mark = this.#terminal.colour.stdout ? paint(markColours[step.mark], step.mark) : step.mark;
    const undo = step.undoes === true ? "undo: " : "";
    this.#terminal.stdout(`${mark} ${harmless(`${resource} ${undo}${step.text}`)}${after}\n`);
  }

  #showContested({ resource, repairs, step, at }: Extract<EngineEvent, { readonly type: "contested" }>): void {
    const undone = step === undefined ? "" : `, last: ${step.text}`;
    this.#terminal.stderr(
      `warning: ${resource}: something else keeps changing it back (${repairs} repairs in the last second${undone})\n` +
        `  at ${renderPlace(at)}\n` +
        "  hint: Find the other one: another resource, another run of mgmt, a service or a cron job. Until it rests, this\n" +
        "    resource is repaired less often, in the end once a second; Meta:limit and Meta:burst set another pace.\n",
    );
  }

  #showFailed(event: Extract<EngineEvent, { readonly type: "failed" }>): void {
    const { failure, retryInMs } = event;
    const lines = [
      `${this.#terminal.colour.stderr ? paint(errorColour, "error") : "error"}: ${harmless(`${event.resource}: ${failure.message}`)}`,
    ];
    lines.push(`  at ${renderPlace(event.at)}`);
    if (failure.hint !== undefined) lines.push(`  hint: ${harmless(sentence(failure.hint))}`);
    if (retryInMs !== undefined) lines.push(`  trying again${retryInMs > 0 ? ` in ${retryInMs / 1000} s` : ""}`);
    this.#terminal.stderr(`${lines.join("\n")}\n`);
  }
}

/** Some hints are written to stand behind a colon. */
function sentence(hint: string): string {
  const text = hint.charAt(0).toUpperCase() + hint.slice(1);
  return /[.!?`]$/.test(text) ? text : `${text}.`;
}

/** One line of JSON for an event: its own fields, with places as `file:line:column`, integers of the language as texts. */
export function eventJson(event: EngineEvent): string {
  return JSON.stringify({ version: 1, ...event }, (key, value: unknown) => {
    if (key === "at" && isSpan(value)) return renderPlace(value);
    if (value instanceof Failure) return { code: value.code, message: value.message, hint: value.hint };
    return typeof value === "bigint" ? String(value) : value;
  });
}

function isSpan(value: unknown): value is Span {
  return typeof value === "object" && value !== null && "file" in value && "start" in value;
}
