// SPDX-License-Identifier: Apache-2.0
// Talking to other programs over D-Bus. A bus connects on its first use, connects again when the connection was lost, and
// while nobody calls or listens it keeps neither the process alive nor anything busy.
//
// Every call says which types it takes and returns, in the signatures of D-Bus ("a{sv}"): values are checked against them
// both ways, and TypeScript derives their types from them.

export interface Buses {
  /** That of the machine. */
  readonly system: Bus;
  /** That of the user for whom this process acts; not everyone has one. */
  readonly session: Bus;
}

export interface Bus {
  /**
   * Calls a method and gives all it returns: `const [path] = await call({ …, returns: "o" }, signal)`. A method that is
   * refused is a `Failure` whose cause is a `BusRefusal`. What was lost with the connection fails with `unreachable`, as it
   * may have been carried out or not.
   */
  call<const Returns extends string>(call: BusCall<Returns>, signal: AbortSignal): Promise<BusTypes<Returns>>;
  /**
   * Tells of signals, in order, until `signal` aborts. Begins with `armed`. Fails at once when the bus cannot be reached
   * at first, and after a lost connection when it is not back within some seconds.
   */
  signals<const Carries extends string = string>(
    match: BusMatch<Carries>,
    signal: AbortSignal,
  ): AsyncIterableIterator<BusNews<Carries>, undefined>;
}

export interface BusCall<Returns extends string> {
  /** Who is called: `org.freedesktop.systemd1`. Started by the bus when it is one of those and does not run. */
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly method: string;
  /** The types of the arguments; none if absent. */
  readonly takes?: string;
  readonly arguments?: readonly BusArgument[];
  /** The types of what it returns; `""` for nothing. */
  readonly returns: Returns;
  /** How long to wait for the answer; 25 s if absent, for ever if 0. */
  readonly timeoutMs?: number;
}

/** Which signals are told: those for which all that is given is so. */
export interface BusMatch<Carries extends string = string> {
  /** A name of a program, `org.freedesktop.systemd1`: told by whoever has the name when he tells it. */
  readonly sender?: string;
  readonly path?: string;
  /** This path and all below it. */
  readonly pathNamespace?: string;
  readonly interface?: string;
  readonly member?: string;
  /** The first argument, a text. */
  readonly firstArgument?: string;
  /** The types of the arguments; signals with others are not told. Any if absent. */
  readonly carries?: Carries;
}

export type BusNews<Carries extends string = string> =
  /**
   * From now on every signal is told. Comes first, then whenever signals may have been missed: the connection was lost, the
   * sender was started again, nobody has read for too long. Then look again at what the signals tell of.
   */
  { readonly type: "armed" } | BusSignal<Carries>;

export interface BusSignal<Carries extends string = string> {
  readonly type: "signal";
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly arguments: BusTypes<Carries>;
}

/** The refusal of a program on the bus, as the cause of a `Failure`. */
export class BusRefusal extends Error {
  override readonly name = "BusRefusal";
  /** `org.freedesktop.systemd1.NoSuchUnit` */
  readonly errorName: string;

  constructor(errorName: string, message: string) {
    super(message);
    this.errorName = errorName;
  }
}

/** The name of the error with which a program on the bus has refused a call; undefined for every other failure. */
export function busErrorName(reason: unknown): string | undefined {
  return reason instanceof Error && reason.cause instanceof BusRefusal ? reason.cause.errorName : undefined;
}

// ---- Values ----

/**
 * What comes over a bus: texts, object paths and signatures are `string`; numbers up to 32 bits and floats `number`;
 * 64 bits `bigint`; an array of bytes `Uint8Array`; a variant is the value in it; a structure is an array, and so is a
 * dictionary of pairs, unless its keys are texts: then it is a record.
 */
export type BusValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly BusValue[]
  | { readonly [key: string]: BusValue };

/** A value with its type, where an argument is a variant (`v`). */
export interface BusVariant {
  readonly type: string;
  readonly value: BusArgument;
}

/** What is sent: as what comes, with `BusVariant` in the place of a variant. */
export type BusArgument =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | BusVariant
  | readonly BusArgument[]
  | { readonly [key: string]: BusArgument };

interface Basic {
  y: number;
  n: number;
  q: number;
  i: number;
  u: number;
  d: number;
  x: bigint;
  t: bigint;
  b: boolean;
  s: string;
  o: string;
  g: string;
  v: BusValue;
}

/** The values of a signature: `BusTypes<"sa(us)">` is `readonly [string, readonly (readonly [number, string])[]]`. */
export type BusTypes<Signature extends string> = string extends Signature ? readonly BusValue[] : All<Signature>;

type All<Signature extends string, Done extends readonly unknown[] = readonly []> = Signature extends ""
  ? Done
  : First<Signature> extends readonly [infer Type, infer Rest extends string]
    ? All<Rest, readonly [...Done, Type]>
    : never;

/** The first complete type of a signature, and what is left of it. */
type First<Signature extends string> = Signature extends `ay${infer Rest}`
  ? readonly [Uint8Array, Rest]
  : Signature extends `a{${infer Entry}`
    ? Dictionary<Entry>
    : Signature extends `a${infer Element}`
      ? First<Element> extends readonly [infer Type, infer Rest]
        ? readonly [readonly Type[], Rest]
        : never
      : Signature extends `(${infer Members}`
        ? Structure<Members>
        : Signature extends `${infer Code extends keyof Basic}${infer Rest}`
          ? readonly [Basic[Code], Rest]
          : never;

type Dictionary<Entry extends string> = Entry extends `${infer Key extends keyof Basic}${infer Value}`
  ? First<Value> extends readonly [infer Type, `}${infer Rest}`]
    ? readonly [
        Key extends "s" | "o" | "g" ? Readonly<Record<string, Type>> : readonly (readonly [Basic[Key], Type])[],
        Rest,
      ]
    : never
  : never;

type Structure<Members extends string, Done extends readonly unknown[] = readonly []> = Members extends `)${infer Rest}`
  ? readonly [Done, Rest]
  : First<Members> extends readonly [infer Type, infer Rest extends string]
    ? Structure<Rest, readonly [...Done, Type]>
    : never;
