// SPDX-License-Identifier: Apache-2.0
// The packet filter of the machine in memory: tables as texts, of which it knows braces and comments and nothing more.

import { Pulses } from "../../base/pulse.ts";
import type { FilterTable, FilterText, PacketFilter } from "../../contract/packet-filter.ts";
import { noFilterTable, noSuchFilterTable, renderFilterTable } from "../filter-failures.ts";

export class MemoryPacketFilter implements PacketFilter {
  readonly #tables = new Map<string, FilterText>();
  readonly #watches = new Set<Pulses>();

  /** From outside: another content, or none. */
  become(table: FilterTable, content: string | undefined): void {
    if (content === undefined) this.#tables.delete(renderFilterTable(table));
    else this.#tables.set(renderFilterTable(table), read(table, content));
    for (const pulses of this.#watches) pulses.pulse();
  }

  async table(table: FilterTable, signal: AbortSignal): Promise<FilterText | undefined> {
    signal.throwIfAborted();
    return this.#tables.get(renderFilterTable(table));
  }

  async tried(table: FilterTable, content: string, signal: AbortSignal): Promise<FilterText | undefined> {
    signal.throwIfAborted();
    // The numbers of interfaces are those of the real network.
    return /\b[io]if\s/.test(content) ? undefined : read(table, content);
  }

  async load(table: FilterTable, content: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.become(table, content);
  }

  async remove(table: FilterTable, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#tables.has(renderFilterTable(table))) throw noSuchFilterTable(table);
    this.become(table, undefined);
  }

  changes(signal: AbortSignal): AsyncIterableIterator<void> {
    const pulses: Pulses = new Pulses(signal, () => this.#watches.delete(pulses));
    this.#watches.add(pulses);
    pulses.pulse();
    return pulses;
  }
}

function read(table: FilterTable, content: string): FilterText {
  const lines = content.split("\n").map((line) => line.replace(/#.*$/, ""));
  const nonsense = lines.findIndex((line) => /\bnonsense\b/.test(line));
  if (nonsense !== -1) throw noFilterTable(table, `line ${nonsense + 1}: syntax error, unexpected string`);
  const words = lines.join(" ; ").replaceAll(/[;{}]/g, " $& ").split(/\s+/);
  const kept = words.filter((word, at) => word !== "" && !(word === ";" && /^[;{}]?$/.test(words[at - 1] ?? "")));
  const form = kept.join(" ").replaceAll(/ ;(?= [;}]|$)/g, "");
  return { text: `table ${renderFilterTable(table)} {\n${content.trim()}\n}\n`, form };
}
