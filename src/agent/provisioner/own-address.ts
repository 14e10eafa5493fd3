// SPDX-License-Identifier: Apache-2.0
// The own address on the network of the machines, before the program that gives it to the interface runs: the store listens
// there and nowhere else, and it must be there first.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";

/** Returns what takes it away again, if it was not there before. Fails with a `Failure`. */
export async function holdAddress(
  {
    interface: name,
    router,
    network,
  }: { readonly interface: string; readonly router: string; readonly network: string },
  host: Host,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const nothing = async (): Promise<void> => {};
  if (network === "") return nothing; // The interface stays as it is.
  const found = (await host.network.interfaces(signal)).find((each) => each.name === name);
  if (found === undefined) {
    throw new Failure(`This machine has no network interface ${name}.`, {
      code: "not-found",
      hint: "Say on which one the machines are, with --interface.",
    });
  }
  if (found.addresses.includes(router)) return nothing;
  await host.network.addAddress(name, router, signal);
  return async () => {
    try {
      await host.network.removeAddress(name, router, new AbortController().signal);
    } catch (reason) {
      // The program may have taken it away, and the interface may be gone.
      if (!(reason instanceof Failure && reason.code === "not-found")) throw reason;
    }
  };
}
