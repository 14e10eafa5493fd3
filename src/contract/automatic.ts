// SPDX-License-Identifier: Apache-2.0
// What a kind knows about the order of its resources and others, and about running several of them as one.
// All of it is pure but `EdgeFacts.ask` and its watch: what a kind has to know of the machine before it can tell.

import type { Host } from "./host.ts";

/** A name space for identities: each kind that offers one says here what it means. */
export type IdentitySpace =
  /** A clean absolute path; that of a directory ends with a slash. */
  | "path"
  /** The clean path of a directory at which something is mounted. */
  | "mount"
  /** The name of a user account. */
  | "user"
  /** The name of a group of users. */
  | "group"
  /** The name of a service of the system, without an ending; that of another unit with its ending. */
  | "service"
  /** That of a service of the session of a user. */
  | "session service"
  /** What starts a service of the system by itself, by that service. */
  | "starter"
  /** What does so in the session of a user. */
  | "session starter"
  /** The name of an image of containers, with its tag. */
  | "container image"
  /** The name of a network of virtual machines. */
  | "virtual network"
  /** The path of a file that a package has, below /usr where the system has it in both places. */
  | "packaged path";

/** Something that a resource is, by which those that need it find it. Equal texts mean the same thing. */
export interface Identity {
  readonly space: IdentitySpace;
  readonly id: string;
}

/** A need for another resource, if the program declares one. */
export interface Wish {
  /** Where the other one belongs in the order: before the resource that wishes, or after it. */
  readonly order: "before" | "after";
  /** In order of preference: the first that another resource offers makes the edge, the rest are not looked at. */
  readonly anyOf: Iterable<Identity>;
  /** Every resource of this kind, besides. */
  readonly every?: string;
  /** Stands between the two in a message: `file[/a/b]` "is in the directory" `file[/a/]`. */
  readonly why: string;
}

/** The automatic edges of a kind. */
export interface AutomaticEdges<Wanted> {
  /** The fields that the functions below read: a change of others leaves all edges as they are. */
  readonly reads: readonly string[];
  /** For kinds that cannot tell from their fields alone. */
  readonly facts?: EdgeFacts<Wanted>;
  offers(want: Wanted, name: string, facts: Facts): readonly Identity[];
  /** A generator is told what became of each wish: the identity that another resource offers, undefined if none does. */
  wishes(want: Wanted, name: string, facts: Facts): Iterable<Wish, unknown, Identity | undefined>;
}

/** Answers of the machine by their questions, of all resources of the kind. Without an entry: it has none. */
export type Facts = ReadonlyMap<string, readonly string[]>;

/** Where a kind may look for its answers. */
export interface FactsEnv {
  readonly host: Host;
  readonly signal: AbortSignal;
}

/**
 * What a kind asks the machine before its edges are made: which files has this package? Each question is asked once, and
 * all new ones at the same time. A failure is told, and leaves the questions without answers until the next pulse.
 */
export interface EdgeFacts<Wanted> {
  /** Pure: the questions of one resource. Equal texts are one question. */
  questions(want: Wanted, name: string): readonly string[];
  /** Reads, and changes nothing. What is not in the result has no answer. */
  ask(questions: readonly string[], env: FactsEnv): Promise<Facts>;
  /** Tells that answers may be others now; the first item means "watching". Absent: they stay as they are. */
  watch?(env: FactsEnv): AsyncIterable<void>;
}

/** How resources of a kind become groups, which are one vertex: one watch, one observation, one attempt. */
export interface Grouping<Wanted> {
  /** The fields that the functions below read. */
  readonly reads: readonly string[];
  /** Resources of this kind for which the text is the same may run as one; undefined: this one stays alone. */
  alike?(want: Wanted, name: string): string | undefined;
  /** The resource of another kind into which this one belongs; with an empty name any of that kind will do. */
  partOf?(want: Wanted, name: string): { readonly kind: string; readonly name: string };
  /**
   * `each`: the engine observes, plans and applies every member by itself, one after the other. `together`: the kind
   * is called once for the whole group and finds its members in `env.members`.
   */
  readonly run: "each" | "together";
  /**
   * Its watch finds the members of the moment in `env.members` and goes on when they come, go or change: a server must not
   * hang up on everybody because it serves one thing more. Absent: it is begun anew.
   */
  readonly watchesThrough?: boolean;
}
