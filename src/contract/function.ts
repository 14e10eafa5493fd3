// SPDX-License-Identifier: Apache-2.0
// What a built-in function must offer: a signature, and a pure value, a value read at once, a stream of values,
// or the calls of a function it is given.

import type { Deployed } from "../base/span.ts";
import { parseSignature } from "../values/parse-type.ts";
import type { FunctionType, Type, TypeVariable } from "../values/type.ts";
import type { Value } from "../values/value.ts";
import type { Exchange } from "./exchange.ts";
import type { Clock, Host, Random, System } from "./host.ts";
import type { LocalStore } from "./local-store.ts";

/**
 * A function could not give a value. A catchable one flows on in place of the value until `<|>` handles it; any other
 * ends the program's run. The message is one sentence for the user, without the function's name.
 */
export class FunctionFailure extends Error {
  override readonly name = "FunctionFailure";
  readonly catchable: boolean;

  constructor(message: string, options: { readonly catchable: boolean; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.catchable = options.catchable;
  }
}

/** What is known of a call before types are solved. */
export interface CallSite {
  /** One for each argument; undefined when nothing is known. Unknown parts of a known type are type variables. */
  readonly argumentTypes: readonly (Type | undefined)[];
  /** One for each argument; undefined when it is not a constant. */
  readonly argumentValues: readonly (Value | undefined)[];
  /** A type variable that nothing else uses. */
  fresh(): TypeVariable;
}

/** Either the signature of this call, or why there is none: a sentence for the user. */
export type Inferred = FunctionType | { readonly kind: "wrong"; readonly message: string; readonly argument?: number };

/** What a call knows once types are solved. */
export interface SolvedCall {
  /** Closed: without type variables. */
  readonly type: FunctionType;
  /** As in `CallSite`: one for each argument, undefined when it is not a constant. */
  readonly argumentValues: readonly (Value | undefined)[];
  /** Where the files lie that belong to the module with the call, for `deploy.readfile`; absent when it has none. */
  readonly deployed?: Deployed;
}

/** What a function may use that reads something of the machine which is known at once. */
export interface ReadEnv {
  readonly clock: Clock;
  readonly system: System;
  readonly random: Random;
  readonly call: SolvedCall;
}

export interface StreamEnv {
  readonly host: Host;
  readonly local: LocalStore;
  /** What hosts tell each other. */
  readonly exchange: Exchange;
  /** Whether there is a kind of resource of this name. */
  readonly isKind: (kind: string) => boolean;
  /** Ends with the need for the value, or when an argument changes: the stream is then begun anew. */
  readonly signal: AbortSignal;
  /** The name of this host in its cluster. */
  readonly hostname: string;
  readonly call: SolvedCall;
  /** The function's own, for this place of the program: kept when the stream is begun anew, empty at first. */
  readonly memory: Map<string, unknown>;
}

interface FunctionBase {
  /** The module that must be imported, `golang/strings`; "" for those that are always in scope. */
  readonly module: string;
  readonly name: string;
  /** One to three sentences for the reference and the editor. */
  readonly doc: string;
  /** mcl that shows a use. */
  readonly example?: string;
  /** The signature; when `infer` is there, the most general one, for documents. */
  readonly type: FunctionType;
  /** Computes the signature of one call; may decide its arity. */
  readonly infer?: (call: CallSite) => Inferred;
  /** After solving: undefined when the call is acceptable, else a sentence for the user. */
  readonly check?: (call: SolvedCall) => string | undefined;
}

/** Equal arguments give an equal value; throws `FunctionFailure` when there is none. */
export interface PureFunction extends FunctionBase {
  readonly pure: (args: readonly Value[], call: SolvedCall) => Value;
  /**
   * Does the choices of `pure` that depend on types and constant arguments once for each call of the program, and gives
   * the same results: `+` on ints, say. Undefined: `pure` is as good.
   */
  readonly specialise?: (call: SolvedCall) => ((args: readonly Value[]) => Value) | undefined;
  /** False when it must not be called before the program runs: `panic`. Default true. */
  readonly early?: boolean;
}

/**
 * Depends on its arguments and on something of the machine that is known at once and hardly changes: the time zone, the
 * environment. Called when an argument changes, and never before the program runs. Throws `FunctionFailure`.
 */
export interface ReadFunction extends FunctionBase {
  readonly read: (args: readonly Value[], env: ReadEnv) => Value;
}

/**
 * Its value comes from the world. Yields the value whenever it may have changed, the first one as soon as it is known;
 * a catchable failure is yielded and may be followed by values; throwing ends the program's run.
 */
export interface StreamFunction extends FunctionBase {
  readonly stream: (args: readonly Value[], env: StreamEnv) => AsyncIterable<Value | FunctionFailure>;
}

/**
 * Is given a function of the program, as its last argument, and calls it for the elements of lists. Values flow through
 * the calls: a changed element costs the one call that reads it. So what is written here is how the result is made of
 * calls, not a value: `Flow` stands for a value over time, to be passed on only.
 */
export interface IteratingFunction extends FunctionBase {
  /** How many arguments before the function are lists; they are walked together, to the end of the shortest. */
  readonly lists: number;
  /** Called when the length or the function has changed, and not when only elements have. */
  readonly iterate: <Flow>(parts: Iteration<Flow>) => Flow;
}

export interface Iteration<Flow> {
  /** The arguments before the lists. */
  readonly initial: readonly Flow[];
  /** For each index, what the lists have there. */
  readonly elements: readonly (readonly Flow[])[];
  /** The result of the function. For the same arguments as the last time it is the same call, with its state. */
  readonly call: (args: readonly Flow[]) => Flow;
  /** A value computed from others; as in `PureFunction`, equal ones give an equal value, and it may throw. */
  readonly compute: (inputs: readonly Flow[], apply: (values: readonly Value[]) => Value) => Flow;
}

export type FunctionDefinition = PureFunction | ReadFunction | StreamFunction | IteratingFunction;

/** Everything but the signature, which is written as a text: `func(a str, b str) str`. */
type Written<Definition extends FunctionDefinition> = Omit<Definition, "type"> & { readonly type: string };

/** Declares a function. Its signature is read when it is first asked for: most programs use few of the functions. */
export function defineFunction(
  definition: Written<PureFunction> | Written<ReadFunction> | Written<StreamFunction> | Written<IteratingFunction>,
): FunctionDefinition {
  let parsed: FunctionType | undefined;
  return {
    ...definition,
    get type() {
      parsed ??= parseSignature(definition.type);
      return parsed;
    },
  };
}
