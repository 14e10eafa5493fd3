// SPDX-License-Identifier: Apache-2.0
// What a resource kind must offer: a declared schema, and observe → plan → apply, woken by watch.
//
// Level-triggered: an event names the resource, never the change. The engine waits for the first item of `watch`, then
// observes, plans, and applies the steps in order; an empty plan is the desired state. Whatever happens after that
// first item makes it observe again. In `noop` mode it stops after the plan.

import type { Type } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import type { AutomaticEdges, Grouping } from "./automatic.ts";
import type { Exchange } from "./exchange.ts";
import type { FieldTable, Want } from "./field.ts";
import type { Host } from "./host.ts";
import type { Reversal } from "./reversal.ts";
import type { LocalStore } from "./local-store.ts";

/** One change of the world, as data. Kinds extend it; `do` is a verb: `refuse` says why it cannot be done as things are. */
export interface Step {
  readonly do: string;
  /** `kind[name]` of the member of a group whose step it is; absent: of the resource that is called. */
  readonly member?: string;
}

/** How a person reads a step in a plan or a log. */
export interface StepText {
  /** `+` makes something, `~` changes it, `-` removes it, `!` does something whose effect cannot be shown. */
  readonly mark: "+" | "~" | "-" | "!";
  /** A short phrase: "write 12 bytes", "set mode 0644 (was 0600)". What was there stands in such brackets at the end. */
  readonly text: string;
  /** What it does is to say something, which a person sees by itself. */
  readonly says?: boolean;
  /** Only about what mgmt keeps for itself: not shown, and no change of the machine. */
  readonly internal?: boolean;
  /** It cannot be done as things are: a run fails with it. */
  readonly refuses?: boolean;
  /** It puts back what was there before the program came. */
  readonly undoes?: boolean;
  /** Keys that are sent with another value after it, which nobody can know before. */
  readonly brings?: readonly string[];
  /** Where text content changes. */
  readonly content?: { readonly before: string; readonly after: string };
}

/** Why the engine observes now; for kinds whose plan depends on more than the world. */
export interface Hints {
  /** A resource that notifies this one has changed something since this one last settled. */
  readonly refresh: boolean;
  /** Fields that were received with a new value since this one last settled. */
  readonly received: ReadonlySet<string>;
}

/** A resource that runs as a part of another one. */
export interface MemberWant {
  readonly kind: string;
  readonly name: string;
  /** `kind[name]` */
  readonly resource: string;
  /** Received values included. */
  readonly want: AnyWant;
  /** A refresh is that of the whole group. */
  readonly hints: Hints;
  readonly members: readonly MemberWant[];
}

export interface Member extends MemberWant {
  /** With its own memory, state directory and voice; what it sends is sent by it. */
  readonly env: ResourceEnv;
  readonly members: readonly Member[];
}

/** What a resource may use. One for each worker; `signal` ends with the observation, step or watch it is given to. */
export interface ResourceEnv {
  readonly host: Host;
  readonly local: LocalStore;
  /** What hosts tell each other. */
  readonly exchange: Exchange;
  readonly signal: AbortSignal;
  /** `kind[name]` for messages. */
  readonly resource: string;
  readonly name: string;
  /** The run ends when it has been converged for so many seconds; undefined: it does not. */
  readonly convergedSeconds: number | undefined;
  /** Private memory, kept as long as the resource stays in the graph under its kind and name. */
  readonly memory: Map<string, Value>;
  /** Those that run as a part of this resource, sorted; only for kinds that run their groups together. */
  readonly members: readonly Member[];
  /** The other resources of this kind in the graph now, for kinds that leave alone what another resource manages. */
  peers(): Iterable<{ readonly name: string; readonly want: AnyWant }>;
  /** A private directory that is kept over restarts, made on first use. */
  stateDirectory(): Promise<string>;
  /** Publishes values for those who receive from this resource; declared in `traits.sends`. */
  send(values: Readonly<Record<string, Value | undefined>>): void;
  /** A line for the person who runs the program: what `print` prints, what a command writes. */
  say(line: string, stream?: "stdout" | "stderr"): void;
  /**
   * Of a step: whether it has nothing to do but to wait for others now, so that the run may count as converged meanwhile. What
   * depends on the resource waits all the same.
   */
  rest(isAtRest: boolean): void;
  /** Ends the whole run in order, as when a person stops it, with this exit status. The first one counts. */
  end(status: number): void;
}

export interface Traits {
  /** Keys that other resources can receive, with their types. */
  readonly sends?: Readonly<Record<string, Type>>;
  /** Keys of `sends` whose values must never be shown, not by those who receive them either. */
  readonly secretSends?: readonly string[];
  /** Its fields may be received from others. */
  readonly receives?: boolean;
  /** It acts on `hints.refresh`, so a pending refresh makes the engine observe. */
  readonly refresh?: boolean;
  /** `needed`: its world tells nothing by itself, so a program must set `Meta:poll`. `refused`: it must not. */
  readonly polling?: "needed" | "refused";
  /**
   * Its steps last as long as something that they have begun. They are not waited for but told to end when the run stops, or the
   * resource changes or goes; then they end what they have begun in order, which may take a while.
   */
  readonly lasting?: boolean;
  /** Makes other hosts run what this run runs: its program becomes a deploy, and so does each edit. */
  readonly spreads?: boolean;
}

/** A mistake in what the program wants, found before anything is touched. */
export interface WantProblem {
  /** The field to point at, when one is to blame. */
  readonly field?: string;
  readonly title: string;
  readonly hint?: string;
}

/** The kind as its own file writes it, with its own types. */
export interface ResourceDefinition<Fields extends FieldTable, Have, OwnStep extends Step> {
  /** `http:server:file` */
  readonly kind: string;
  /** One sentence for the reference page and the editor. */
  readonly summary: string;
  readonly fields: Fields;
  readonly traits: Traits;
  /** Fields on which `watch` depends; a change of others keeps the watch. Absent: all. */
  readonly watchedFields?: readonly (keyof Fields & string)[];
  /** A field of a bool that, when true, makes a resource different from every other; for trying out programs. */
  readonly unequalBy?: keyof Fields & string;
  /**
   * For a resource that is declared twice, and not alike: what is both; undefined when there is no such thing. Absent:
   * it never is. Meta parameters must be equal. The order does not matter: `merge(a, b)` is `merge(b, a)`.
   */
  merge?(some: Want<Fields>, other: Want<Fields>): Want<Fields> | undefined;
  /** Automatic edges from and to its resources. */
  readonly edges?: AutomaticEdges<Want<Fields>> & Reading<Fields>;
  /** Absent: its resources always run by themselves. */
  readonly grouping?: Grouping<Want<Fields>> & Reading<Fields>;
  /** For kinds whose plan depends on `env.peers()`. */
  readonly peers?: Peers<Want<Fields>> & Reading<Fields>;
  /** Absent: `Meta:reverse` does nothing. */
  readonly reversal?: Reversal<Want<Fields>>;
  /** Pure: mistakes that types cannot tell. */
  check?(want: Want<Fields>, name: string): readonly WantProblem[];
  /** Reads the world. Changes nothing. */
  observe(want: Want<Fields>, env: ResourceEnv): Promise<Have>;
  /** Pure: what must be done, in order. `members` as in `env.members`. */
  plan(want: Want<Fields>, have: Have, hints: Hints, members: readonly MemberWant[]): readonly OwnStep[];
  /** Pure: a step for people. */
  explain(step: OwnStep): StepText;
  /** Does one step. */
  apply(step: OwnStep, want: Want<Fields>, env: ResourceEnv): Promise<void>;
  /** Tells that the world may have changed; the first item means "watching". Ends only with its signal, or fails. */
  watch(want: Want<Fields>, env: ResourceEnv): AsyncIterable<void>;
}

export interface Peers<Wanted> {
  /** Fields of a peer that matter to others: they look again when it goes, or one of these changes. */
  readonly reads: readonly string[];
  /** Whether a resource looks at its peers at all. */
  areRead(want: Wanted): boolean;
}

interface Reading<Fields> {
  readonly reads: readonly (keyof Fields & string)[];
}

/** Any kind, as the engine and the compiler see it: what `observe` returns goes back into `plan` and nowhere else. */
export interface ResourceKind {
  readonly kind: string;
  readonly summary: string;
  readonly fields: FieldTable;
  readonly traits: Traits;
  readonly watchedFields?: readonly string[];
  readonly unequalBy?: string;
  readonly edges?: AutomaticEdges<AnyWant>;
  readonly grouping?: Grouping<AnyWant>;
  readonly peers?: Peers<AnyWant>;
  readonly reversal?: Reversal<AnyWant>;
  merge?(some: AnyWant, other: AnyWant): AnyWant | undefined;
  check?(want: AnyWant, name: string): readonly WantProblem[];
  observe(want: AnyWant, env: ResourceEnv): Promise<unknown>;
  plan(want: AnyWant, have: unknown, hints: Hints, members: readonly MemberWant[]): readonly Step[];
  explain(step: Step): StepText;
  apply(step: Step, want: AnyWant, env: ResourceEnv): Promise<void>;
  watch(want: AnyWant, env: ResourceEnv): AsyncIterable<void>;
}

/** The fields of some resource, read and checked against its kind's schema. */
export type AnyWant = Readonly<Record<string, unknown>>;

/** Declares a kind. Its methods are only ever given what its own schema and its own `observe` and `plan` produced. */
export function defineResource<const Fields extends FieldTable, Have, OwnStep extends Step>(
  definition: ResourceDefinition<Fields, Have, OwnStep>,
): ResourceKind {
  const kind: ResourceKind = definition;
  return {
    ...kind,
    explain: (step) => (step.do === "refuse" ? { ...kind.explain(step), refuses: true } : kind.explain(step)),
  };
}
