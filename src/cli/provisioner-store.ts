// SPDX-License-Identifier: Apache-2.0
// Where `mgmt provisioner` keeps what its machines share with it. When machines are to join its cluster and nobody has said
// otherwise, it begins one and keeps the store itself, where they find it: at its address on their network.

import type { Prepared } from "../agent/provisioner/prepare.ts";
import type { Invocation } from "./command.ts";
import { saysStorePlace } from "./store-place.ts";

/** Where others are let in, unless it is said. */
export const usualEntrance = "0.0.0.0:2381";

/** As `mgmt run` would be called; `prefix` is where the state is kept. What is said is said to the person by `tell`. */
export function storeInvocation(
  { settings, joins }: Pick<Prepared, "settings" | "joins">,
  invocation: Invocation,
  prefix: string,
  tell: (text: string) => void,
): Invocation {
  const { options, terminal } = invocation;
  const [own = ""] = settings.router.split("/");
  const usual =
    !joins || saysStorePlace(invocation) || options.network === false
      ? {}
      : {
          // The address may come only later, with the interface.
          clientUrls: ["0.0.0.0"],
          advertiseClientUrls: [own],
          serverUrls: ["0.0.0.0"],
          advertiseServerUrls: [own],
        };
  return {
    ...invocation,
    terminal: { ...terminal, stderr: (text) => tell(text.replace(/^mgmt: /, "").trimEnd()) },
    options: {
      ...options,
      ...usual,
      ...(joins ? { acceptJoins: options.acceptJoins ?? usualEntrance } : {}),
      prefix,
      network: true,
      tmpPrefix: false,
      // It goes on for ever, or as long as machines are installed.
      once: false,
    },
  };
}
