// SPDX-License-Identifier: Apache-2.0
// Where `mgmt provisioner` keeps what its machines share with it. When machines are to join its cluster and nobody has said
// otherwise, it begins one and keeps the store itself, where they find it: at its address on their network, and nowhere else but
// on this machine.

import type { Prepared } from "../agent/provisioner/prepare.ts";
import type { Invocation } from "./command.ts";
import { saysStorePlace } from "./store-place.ts";

/** Where others are let in, unless it is said. */
export function usualEntrance({ router }: Prepared["settings"]): string {
  return `${ownAddress(router)}:2381`;
}

/** Nobody has said where the store is, and the machines need one. */
export function keepsItself({ joins }: Pick<Prepared, "joins">, invocation: Invocation): boolean {
  return joins && !saysStorePlace(invocation) && invocation.options.network !== false;
}

/** As `mgmt run` would be called; `prefix` is where the state is kept. What is said is said to the person by `tell`. */
export function storeInvocation(
  { settings, joins }: Pick<Prepared, "settings" | "joins">,
  invocation: Invocation,
  prefix: string,
  tell: (text: string) => void,
): Invocation {
  const { options, terminal } = invocation;
  const own = ownAddress(settings.router);
  return {
    ...invocation,
    terminal: { ...terminal, stderr: (text) => tell(text.replace(/^mgmt: /, "").trimEnd()) },
    options: {
      ...options,
      ...(keepsItself({ joins }, invocation) ? { clientUrls: [own], serverUrls: [own] } : {}),
      ...(joins ? { acceptJoins: options.acceptJoins ?? usualEntrance(settings) } : {}),
      prefix,
      network: true,
      tmpPrefix: false,
      // It goes on for ever, or as long as machines are installed.
      once: false,
    },
  };
}

function ownAddress(router: string): string {
  const [own = ""] = router.split("/");
  return own.includes(":") ? `[${own}]` : own;
}
