// SPDX-License-Identifier: Apache-2.0
// A graph in YAML that collects what other hosts export: its output changes when they do.

import { Pulses } from "../../base/pulse.ts";
import type { OutputDelta, ResourceDeclaration, StatementKey, StatementOutput } from "../../contract/declaration.ts";
import type { Exchange, Exported } from "../../contract/exchange.ts";
import { fieldsOfStored } from "../../values/stored.ts";
import type { Value } from "../../values/value.ts";
import type { YamlCollect, YamlGraph } from "./read-graph.ts";

/** The first delta comes when everything that is collected is known. Ends with the signal. */
export async function* runYamlGraph(
  { at, output, collects }: YamlGraph,
  exchange: Exchange,
  signal: AbortSignal,
): AsyncGenerator<OutputDelta, void, undefined> {
  const written: readonly [StatementKey, StatementOutput] = [{ at }, output];
  const ending = new AbortController();
  const living = AbortSignal.any([signal, ending.signal]);
  const changes = new Pulses(living);
  const statements = collects.map((collect) => ({ collect, key: { at: collect.at } }));
  const known = new Map<StatementKey, readonly Exported[]>();
  const changed = new Set<StatementKey>();
  const followers = statements.map(async ({ collect, key }) => {
    for await (const exported of exchange.exports.follow(collect.kind, living)) {
      known.set(key, exported);
      changed.add(key);
      changes.pulse();
    }
  });
  const following = Promise.all(followers).catch(changes.fail);
  try {
    let isFirst = true;
    changes.pulse();
    for await (const _ of changes) {
      if (known.size < statements.length) continue;
      const collected = statements
        .filter(({ key }) => changed.has(key))
        .map(({ collect, key }): readonly [StatementKey, StatementOutput] => {
          const resources = (known.get(key) ?? []).map((exported) =>
            declarationOf(exported, collect, exchange.hostname),
          );
          return [key, { resources, edges: [] }];
        });
      changed.clear();
      yield { changed: new Map(isFirst ? [written, ...collected] : collected), removed: [] };
      isFirst = false;
    }
  } finally {
    ending.abort();
    await following;
  }
}

function declarationOf(
  { kind, name, host, data }: Exported,
  { pattern, at }: YamlCollect,
  hostname: string,
): ResourceDeclaration {
  const fields = new Map<string, Value>(fieldsOfStored(data) ?? []);
  // It takes the place of the directory of a file, whose last part is kept.
  if (pattern !== undefined && pattern !== "" && kind === "file") fields.set("dirname", pattern);
  const collected = { host, own: host === hostname };
  return { kind, name, fields, meta: new Map(), at, fieldsAt: new Map(), collected };
}
