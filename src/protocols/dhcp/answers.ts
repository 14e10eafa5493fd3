// SPDX-License-Identifier: Apache-2.0
// What is in an answer to a client, as a list of handlers in the order in which they are asked. Each puts into the draft
// what it knows; the first that does not say "continue" ends the list. What they remember is in what they were made of.

import { type Ipv4, isInNetwork, maskOf, noAddress } from "../ipv4.ts";
import { bytesOfAddresses, bytesOfNumber, bytesOfText, option } from "./options.ts";
import type { Request } from "./request.ts";

/** What will be sent. A `refusal` tells the client to begin anew. */
export interface Draft {
  type: "offer" | "acknowledgement" | "refusal" | "bootp";
  yourAddress: Ipv4;
  nextServer: Ipv4;
  serverName: string;
  bootFile: string;
  readonly options: Map<number, Uint8Array>;
}

export type Verdict = "continue" | "send" | "drop";
export type Answer = (request: Request, draft: Draft) => Verdict;

/** We are `address`; a client that has chosen another server is not ours. */
export function serverIdentity(address: Ipv4): Answer {
  return ({ chosenServer, type }, draft) => {
    if (chosenServer !== undefined && chosenServer !== address) return "drop";
    if (type !== "bootp") draft.options.set(option.serverIdentifier, bytesOfAddresses([address]));
    return "continue";
  };
}

/** T1 and T2 are those of RFC 2131 section 4.4.5. */
export function leaseTime(leaseMs: number): Answer {
  const seconds = Math.floor(leaseMs / 1000);
  return ({ type }, { options }) => {
    if (type === "inform" || type === "bootp") return "continue";
    options.set(option.leaseTime, bytesOfNumber(seconds, 4));
    options.set(option.renewalTime, bytesOfNumber(Math.floor(seconds / 2), 4));
    options.set(option.rebindingTime, bytesOfNumber(Math.floor((seconds * 7) / 8), 4));
    return "continue";
  };
}

/** Tells something to everybody, or to who asks for it. */
export function told(code: number, value: Uint8Array, { always } = { always: false }): Answer {
  return ({ asked }, { options }) => {
    if (always || asked.has(code)) options.set(code, value);
    return "continue";
  };
}

/** Bytes in the field of the header. */
const longestBootFile = 127;

export interface Reservation {
  readonly address: Ipv4;
  /** Length of the network part. */
  readonly bits: number;
}

/** Addresses that belong to hardware addresses, as `Message.hardwareAddress`. On another network they are of no use. */
export function reservedAddress(reservations: ReadonlyMap<string, Reservation>): Answer {
  return (request, draft) => {
    const reserved = reservations.get(request.message.hardwareAddress);
    const { relayed } = request;
    if (reserved === undefined || (relayed !== undefined && !isInNetwork(relayed, reserved))) return "continue";
    draft.options.set(option.subnetMask, bytesOfAddresses([maskOf(reserved.bits)]));
    const { type, wanted } = request;
    if (type === "request" && wanted !== reserved.address) return refuse(draft);
    if (type === "decline") return "drop"; // It stays reserved: somebody has to look who uses it.
    if (type !== "inform") draft.yourAddress = reserved.address;
    return "send";
  };
}

/** The program with which a machine goes on booting. */
export interface BootProgram {
  /** Where it is; undefined when `file` is a URL. */
  readonly server: { readonly name: string; readonly address: Ipv4 | undefined } | undefined;
  /** A path, or a URL. */
  readonly file: string;
}

/** The machine is to go on with the next thing in its boot order. */
export const ownDisk = "own disk";

/**
 * What a firmware understands as that: a menu whose only entry, taken at once, is the boot from the own disk (Preboot
 * Execution Environment 2.1, options 6, 9 and 10). UEFI waits a minute for another answer when a boot program is missing.
 */
const bootFromOwnDisk: Uint8Array = (() => {
  const text = [...bytesOfText("own disk")];
  const menu = [0, 0, text.length, ...text];
  return Uint8Array.of(6, 1, 3, 9, menu.length, ...menu, 10, 1 + text.length, 0, ...text, 255);
})();

/** `programFor` decides for each client; undefined: nobody has said anything of one. */
export function bootProgram(programFor: (request: Request) => BootProgram | typeof ownDisk | undefined): Answer {
  return (request, draft) => {
    const program = programFor(request);
    if (program === undefined || draft.type === "refusal") return "continue";
    const { asked, boot } = request;
    if (program === ownDisk) {
      if (boot.loader !== "pxe") return "continue"; // Others give up by themselves.
      draft.options.set(option.vendorClass, bytesOfText("PXEClient"));
      draft.options.set(option.vendorSpecific, bootFromOwnDisk);
      return "continue";
    }
    const { server, file } = program;
    const bytes = bytesOfText(file);
    const fits = bytes.length <= longestBootFile;
    draft.bootFile = fits ? file : "";
    draft.nextServer = server?.address ?? noAddress;
    if (asked.has(option.bootFileName) || !fits) draft.options.set(option.bootFileName, bytes);
    if (server !== undefined && asked.has(option.tftpServerName)) {
      draft.options.set(option.tftpServerName, bytesOfText(server.name));
    }
    // A firmware that boots over HTTP takes answers of this class alone (UEFI specification, 24.7.2).
    if (boot.loader === "http") draft.options.set(option.vendorClass, bytesOfText("HTTPClient"));
    return "continue";
  };
}

export function refuse(draft: Draft): Verdict {
  draft.type = "refusal";
  return "send";
}
