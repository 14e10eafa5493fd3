// SPDX-License-Identifier: Apache-2.0
// Watching every place that the content or state of a file depends on, also where symbolic links lead.

import type { WatchTarget } from "../../../contract/host.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { cleanPath, isDirectoryPath } from "../path.ts";
import { realPath } from "../real-path.ts";
import { type FileWant, targetOf } from "./fields.ts";

/** Arms again whenever a symbolic link among the places has come, gone or changed. */
export async function* watchFile(want: FileWant, env: ResourceEnv): AsyncIterableIterator<void> {
  const places = placesOf(want);
  // A link that is managed itself is not followed, nor is one that must go.
  const follows = !want.symlink && want.state !== "absent";
  for (;;) {
    const led = follows ? await placesBehindLinks(places, env) : [];
    let changed = false;
    using armed = endableWith(env.signal);
    for await (const _ of env.host.files.watch([...places, ...led], armed.signal)) {
      yield;
      changed = follows && !sameTargets(led, await placesBehindLinks(places, env));
      if (changed) break;
    }
    if (!changed) return;
  }
}

function placesOf(want: FileWant): readonly WatchTarget[] {
  const target = targetOf(want);
  return [
    { path: target.path, recursive: want.recurse && target.directory },
    ...(want.source === "" || want.symlink
      ? []
      : [{ path: cleanPath(want.source), recursive: isDirectoryPath(want.source) }]),
    ...want.fragments.map((fragment) => ({ path: cleanPath(fragment) })),
  ];
}

async function placesBehindLinks(places: readonly WatchTarget[], env: ResourceEnv): Promise<readonly WatchTarget[]> {
  const led: WatchTarget[] = [];
  for (const place of places) {
    if ((await env.host.files.inspect(place.path, env.signal))?.kind !== "symlink") continue;
    led.push({ ...place, path: await realPath(place.path, env.host.files, env.signal) });
  }
  return led;
}

function sameTargets(left: readonly WatchTarget[], right: readonly WatchTarget[]): boolean {
  return left.length === right.length && left.every((target, index) => target.path === right[index]?.path);
}

/** A signal that ends with another one, or with its scope. */
function endableWith(signal: AbortSignal): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  return { signal: AbortSignal.any([signal, controller.signal]), [Symbol.dispose]: () => controller.abort() };
}
