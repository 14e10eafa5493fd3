// SPDX-License-Identifier: Apache-2.0
// The file of `--report`: one line of JSON for each resource, what it was to be and what became of it.

import type { AnyWant } from "../contract/resource.ts";
import type { Host } from "../contract/host.ts";
import type { ResourceReport } from "../engine/report.ts";
import { bytesOf } from "../values/bytes.ts";
import { jsonOfValue } from "../values/json.ts";
import type { Value } from "../values/value.ts";

export async function writeReport(
  report: readonly ResourceReport[],
  path: string,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  const text = report.map((entry) => `${reportLine(entry)}\n`).join("");
  await host.files.write(path, bytesOf(text), { durable: true }, signal);
}

/** Fields are those that the program sets or that were received, as last observed. */
export function reportLine(entry: ResourceReport): string {
  const { vertex, failure } = entry;
  const members = vertex.members.map(({ reference }) => reference);
  const rest = {
    ...(members.length === 0 ? {} : { members }),
    ...(entry.group === undefined ? {} : { group: entry.group }),
    state: entry.state,
    ...(failure === undefined ? {} : { error: { code: failure.code, message: failure.message } }),
    ...(entry.blockedBy === undefined ? {} : { blockedBy: entry.blockedBy }),
    observations: entry.observations,
    steps: entry.steps,
    ...(entry.firstSettledMs === undefined ? {} : { firstSettledMs: Number(entry.firstSettledMs.toFixed(3)) }),
  };
  const head = JSON.stringify({ version: 1, kind: vertex.kind.kind, name: vertex.name }).slice(0, -1);
  return `${head},"fields":{${fieldsOf(entry).join(",")}},${JSON.stringify(rest).slice(1)}`;
}

function fieldsOf({ vertex, want, secrets }: ResourceReport): readonly string[] {
  const lines: string[] = [];
  for (const [name, field] of Object.entries(vertex.kind.fields)) {
    const value = want[name];
    if (value === undefined || !(vertex.given.includes(name) || value !== vertex.want[name])) continue;
    lines.push(`${JSON.stringify(name)}:${field.secret || secrets.has(name) ? '"<secret>"' : jsonOfWanted(value)}`);
  }
  return lines;
}

function jsonOfWanted(value: AnyWant[string]): string {
  return value instanceof Map ? JSON.stringify(Object.fromEntries(value)) : jsonOfValue(value as Value);
}
