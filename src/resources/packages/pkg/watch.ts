// SPDX-License-Identifier: Apache-2.0
// When a package may have changed: the database of the package manager, its lists, or the file to install from.

import { Pulses } from "../../../base/pulse.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import type { PkgWant } from "./fields.ts";
import { allWanted } from "./observe.ts";

export async function* watchPkg(want: PkgWant, env: ResourceEnv): AsyncIterable<void> {
  const { host } = env;
  const manager = await host.packages.manager(env.signal);
  const sources = allWanted(want, env.name, env.members).flatMap(({ want: { source } }) =>
    source === "" ? [] : [source],
  );
  if (sources.length === 0) {
    yield* manager.changes(env.signal);
    return;
  }
  const ended = new AbortController();
  const signal = AbortSignal.any([env.signal, ended.signal]);
  const pulses = new Pulses(signal);
  const feed = async (events: AsyncIterable<void>) => {
    try {
      for await (const _ of events) pulses.pulse();
    } catch (reason) {
      if (!signal.aborted) pulses.fail(reason);
    }
  };
  const targets = sources.map((path) => ({ path }));
  const watches = [manager.changes(signal), host.files.watch(targets, signal)];
  for (const watch of watches) await watch.next(); // Both are armed before it says so.
  pulses.pulse();
  const feeding = watches.map(feed);
  try {
    yield* pulses;
  } finally {
    ended.abort();
    await Promise.all(feeding);
  }
}
