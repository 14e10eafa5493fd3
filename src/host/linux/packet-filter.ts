// SPDX-License-Identifier: Apache-2.0
// The packet filter through `nft`. A table is tried in an empty network of its own, which lives as long as the command.

import { Failure } from "../../contract/failure.ts";
import type { Clock, Outcome, Processes } from "../../contract/host.ts";
import type { FilterTable, FilterText, PacketFilter } from "../../contract/packet-filter.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { noFilterTable, noSuchFilterTable, renderFilterTable } from "../filter-failures.ts";
import { SharedListener } from "./shared-listener.ts";

/** Loads what comes to its input, then lists the table in both forms, with a line between. */
const tryProgram = 'nft -f - && nft -s list table "$1" "$2" && echo && nft -j list table "$1" "$2"';

/** Tables may be large. */
const keepBytes = 64 * 1024 * 1024;

export function linuxPacketFilter(processes: Processes, clock: Clock): PacketFilter {
  const listener = new SharedListener(processes, clock, { argv: ["nft", "monitor"] });

  function run(argv: readonly [string, ...string[]], input: string, signal: AbortSignal): Promise<Outcome> {
    return processes.run({ argv, input: bytesOf(input), keepBytes }, signal);
  }

  return {
    async table({ family, name }, signal) {
      const [text, json] = await Promise.all([
        run(["nft", "-s", "list", "table", family, name], "", signal),
        run(["nft", "-j", "list", "table", family, name], "", signal),
      ]);
      for (const { status, stderr } of [text, json]) {
        const why = firstLine(stderr);
        if (status === 0) continue;
        if (/No such file or directory/.test(why)) return undefined;
        throw cannot(`list the table ${renderFilterTable({ family, name })}`, why);
      }
      return { text: textOf(text.stdout), form: formOf(textOf(json.stdout)) };
    },
    async tried(table, content, signal) {
      const { family, name } = table;
      const argv = ["unshare", "--net", "sh", "-c", tryProgram, "sh", family, name] as const;
      const { status, stdout, stderr } = await run(argv, declaration(table, content), signal);
      const why = firstLine(stderr);
      if (status === 0) return splitTried(textOf(stdout));
      if (/Interface does not exist|No such device|unshare/.test(why)) return undefined;
      throw noFilterTable(table, placeIn(why));
    },
    async load(table, content, signal) {
      const { family, name } = table;
      // In one transaction: nobody ever sees neither the old nor the new one.
      const text = `add table ${family} ${name}\ndelete table ${family} ${name}\n${declaration(table, content)}`;
      const { status, stderr } = await run(["nft", "-f", "-"], text, signal);
      if (status === 0) return;
      const why = firstLine(stderr);
      if (/Operation not permitted/.test(why)) throw cannot(`load the table ${renderFilterTable(table)}`, why);
      throw noFilterTable(table, placeIn(why, 2));
    },
    async remove(table, signal) {
      const { status, stderr } = await run(["nft", "delete", "table", table.family, table.name], "", signal);
      if (status === 0) return;
      const why = firstLine(stderr);
      if (/No such file or directory/.test(why)) throw noSuchFilterTable(table);
      throw cannot(`remove the table ${renderFilterTable(table)}`, why);
    },
    changes: (signal) => listener.changes(signal),
  };
}

/** The content begins on its second line. */
function declaration({ family, name }: FilterTable, content: string): string {
  return `table ${family} ${name} {\n${content}\n}\n`;
}

function cannot(doing: string, why: string): Failure {
  const isRight = /Operation not permitted/.test(why);
  return new Failure(`cannot ${doing}: ${why}`, {
    code: isRight ? "denied" : "command-failed",
    ...(isRight ? { hint: "Run mgmt as root." } : { retry: "backoff" }),
  });
}

function firstLine(bytes: Uint8Array): string {
  return textOf(bytes).trim().split("\n")[0] ?? "";
}

/** `/dev/stdin:3:9-12: Error: syntax error` becomes `line 2: syntax error`: lines are those of the content. */
function placeIn(why: string, linesBefore = 0): string {
  const [, line = "", reason = ""] = /^[^:]*:(\d+):[^:]*: Error: (.*)$/.exec(why) ?? [];
  return line === "" ? why : `line ${Number(line) - 1 - linesBefore}: ${reason}`;
}

function splitTried(output: string): FilterText {
  const at = output.lastIndexOf("\n\n");
  return { text: output.slice(0, at + 1), form: formOf(output.slice(at + 2)) };
}

/** The same for what does the same: without numbers that the kernel gives, and without what it counts or learns. */
function formOf(json: string): string {
  const parsed = JSON.parse(json) as { readonly nftables?: readonly Readonly<Record<string, unknown>>[] };
  const parts = (parsed.nftables ?? []).flatMap((entry) =>
    Object.entries(entry)
      .filter(([kind]) => kind !== "metainfo")
      .map(([kind, part]) => ({ kind, part: withoutState(part, kind) })),
  );
  // Rules keep their order; of the rest the order is that in which they were made, which means nothing.
  const rules = parts.filter(({ kind }) => kind === "rule").map((each) => JSON.stringify(each));
  const others = parts.filter(({ kind }) => kind !== "rule").map((each) => JSON.stringify(each));
  return [...others.sort(), ...groupedByChain(rules)].join("\n");
}

function groupedByChain(rules: readonly string[]): readonly string[] {
  const chainOf = (rule: string) => /"chain":"([^"]*)"/.exec(rule)?.[1] ?? "";
  const chains = [...new Set(rules.map(chainOf))].sort();
  return chains.flatMap((chain) => rules.filter((rule) => chainOf(rule) === chain));
}

function withoutState(part: unknown, kind: string): unknown {
  if (Array.isArray(part)) return part.map((item) => withoutState(item, ""));
  if (typeof part !== "object" || part === null) return part;
  const flags: unknown = "flags" in part ? part.flags : [];
  const learns = kind === "set" && Array.isArray(flags) && (flags.includes("dynamic") || flags.includes("timeout"));
  return Object.fromEntries(
    Object.entries(part)
      .filter(([name]) => name !== "handle" && name !== "packets" && name !== "bytes" && name !== "used")
      .filter(([name]) => !(learns && name === "elem"))
      .map(([name, value]) => {
        if (name === "elem" && Array.isArray(value))
          return [name, value.map((item) => JSON.stringify(withoutState(item, ""))).sort()];
        return [name, withoutState(value, "")];
      }),
  );
}
