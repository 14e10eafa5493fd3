// SPDX-License-Identifier: Apache-2.0
// The packet filter of the kernel: its tables, each as a text. Every method fails with a `Failure` and stops promptly when
// its signal aborts.

export type FilterFamily = "inet" | "ip" | "ip6" | "arp" | "bridge" | "netdev";

export interface FilterTable {
  readonly family: FilterFamily;
  readonly name: string;
}

/** A table as it is: what is only counted, or put into sets by rules, is in neither text. */
export interface FilterText {
  /** As people read it. */
  readonly text: string;
  /** Equal for tables that do the same with the same parts; means nothing to anybody else. */
  readonly form: string;
}

export interface PacketFilter {
  /** Undefined when there is no such table. */
  table(table: FilterTable, signal: AbortSignal): Promise<FilterText | undefined>;
  /**
   * What a table with this content would be, without touching what is there. Fails with `invalid` when it cannot be a
   * table. Undefined: it depends on something that only the real one can be tried with, such as an interface.
   */
  tried(table: FilterTable, content: string, signal: AbortSignal): Promise<FilterText | undefined>;
  /** Puts a table with this content in the place of the one that may be there, in one piece or not at all. */
  load(table: FilterTable, content: string, signal: AbortSignal): Promise<void>;
  /** Fails with `not-found` when it is not there. */
  remove(table: FilterTable, signal: AbortSignal): Promise<void>;
  /** Tells that some table may have changed. The first item means that the watch is armed. */
  changes(signal: AbortSignal): AsyncIterableIterator<void>;
}
