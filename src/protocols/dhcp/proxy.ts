// SPDX-License-Identifier: Apache-2.0
// Boot programs for a network on which somebody else gives the addresses ("proxyDHCP", Preboot Execution Environment 2.1,
// 2.2.3 and 3.1): an offer without an address beside that of the other server, taken up at our port 4011.

import type { Ipv4 } from "../ipv4.ts";
import { type Answer, bootProgram } from "./answers.ts";
import { bytesOfAddresses, bytesOfText, option } from "./options.ts";

/** Where clients ask for the boot program when the offer alone was not enough. */
export const proxyPort = 4011;

/** Vendor option 6, "discovery control", with bit 3: take the boot file of this offer and look for no other server. */
const takeThisFile = Uint8Array.of(6, 1, 8, 255);

/** `port` is the one that the message came to. */
export function proxyAnswers(
  server: Ipv4,
  port: number,
  programFor: Parameters<typeof bootProgram>[0],
): readonly Answer[] {
  const program = bootProgram(programFor);
  return [
    ({ type, boot, chosenServer }, { options }) => {
      if (boot.loader === "none") return "drop";
      // At port 67 a request is for the server that gives addresses.
      if (port === proxyPort ? type !== "request" && type !== "inform" : type !== "discover") return "drop";
      if (port === proxyPort && chosenServer !== undefined && chosenServer !== server) return "drop";
      options.set(option.serverIdentifier, bytesOfAddresses([server]));
      if (boot.loader === "pxe") options.set(option.vendorSpecific, takeThisFile);
      return "continue";
    },
    (request, draft) => {
      program(request, draft);
      const isSentHome = draft.options.get(option.vendorSpecific) !== takeThisFile && request.boot.loader === "pxe";
      if (draft.bootFile === "" && !isSentHome) return "drop";
      draft.options.set(option.vendorClass, bytesOfText(request.boot.loader === "http" ? "HTTPClient" : "PXEClient"));
      return "send";
    },
  ];
}
