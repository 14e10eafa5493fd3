// SPDX-License-Identifier: Apache-2.0
// The place of one server, as the package connects to it, with a signal that breaks a socket which is not connected yet. The
// package forgets such a socket when it is closed: one to a host that is cut off would stay for minutes, and the process with it.

import { type ChannelOptions, experimental } from "@grpc/grpc-js";

const scheme = "place";
const placeOption = "mgmt.place";

/** As `net.connect` takes it. */
export type Place = { readonly path: string } | { readonly host: string; readonly port: number };

/** What the package is to connect to, and with which options. `name`: of the server. `over`: it is given up. */
export function placed(
  place: Place,
  name: string,
  over: AbortSignal,
): { readonly target: string; readonly options: ChannelOptions } {
  // The package may connect once more when it is given up. A socket that is born aborted comes back to life when it connects.
  const signal = { enumerable: true, get: () => (over.aborted ? AbortSignal.timeout(0) : over) };
  return { target: `${scheme}:${name}`, options: { [placeOption]: Object.defineProperty({ ...place }, "signal", signal) } }; // biome-ignore format: one line
}

/** Names are looked up by the runtime, each time that it connects. */
class PlaceResolver implements experimental.Resolver {
  readonly #listener: experimental.ResolverListener;
  readonly #place: Place;
  #isTold = false;

  constructor(_: unknown, listener: experimental.ResolverListener, options: ChannelOptions) {
    this.#listener = listener;
    this.#place = options[placeOption] as Place;
  }

  updateResolution(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const told = experimental.statusOrFromValue([{ addresses: [this.#place] }]);
    process.nextTick(() => this.#isTold && this.#listener(told, {}, null, ""));
  }

  destroy(): void {
    this.#isTold = false;
  }

  static getDefaultAuthority({ path }: { readonly path: string }): string {
    return path;
  }
}

experimental.registerResolver(scheme, PlaceResolver);
