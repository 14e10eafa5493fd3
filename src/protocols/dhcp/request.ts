// SPDX-License-Identifier: Apache-2.0
// What a client asks for, read out of its message once, in the words of RFC 2131. Knows no answers.

import { type Ipv4, noAddress } from "../ipv4.ts";
import { renderHardwareAddress, type Message } from "./message.ts";
import { addressOf, architecturesOf, numberOf, option, partOf, textOf } from "./options.ts";

/** `bootp`: an old client that knows no DHCP. */
export type RequestType = "discover" | "request" | "decline" | "release" | "inform" | "bootp";

export interface Request {
  readonly message: Message;
  readonly type: RequestType;
  /** Whom leases belong to: the client identifier, else the hardware address. */
  readonly client: string;
  /** The server whose offer it takes. */
  readonly chosenServer: Ipv4 | undefined;
  /** The address that it asks for, or has already. */
  readonly wanted: Ipv4 | undefined;
  /** An address on the network that a relay agent speaks for; undefined: nobody stands between the client and us. */
  readonly relayed: Ipv4 | undefined;
  /** Codes of options that it wants to be told. */
  readonly asked: ReadonlySet<number>;
  /** The longest message that it takes, in bytes. */
  readonly limitBytes: number | undefined;
  readonly hostName: string | undefined;
  readonly boot: BootClient;
  /** `Clock.now`, when it came. */
  readonly nowMs: number;
}

/** What a client that boots from the network tells of itself. */
export interface BootClient {
  readonly loader: "none" | "pxe" | "http" | "ipxe";
  readonly firmware: Firmware | "unknown";
  /** The number of option 93, or the one in its vendor class. */
  readonly architecture: number | undefined;
}

export const knownFirmwares = [
  "bios",
  "uefi-ia32",
  "uefi-x64",
  "uefi-arm32",
  "uefi-arm64",
  "uefi-riscv64",
  "uefi-loongarch64",
] as const;
export type Firmware = (typeof knownFirmwares)[number];

/** RFC 5970 and the numbers of IANA that came after it. */
const firmwares: ReadonlyMap<number, Firmware> = new Map([
  [0, "bios"],
  [6, "uefi-ia32"],
  [7, "uefi-x64"],
  // "EFI byte code", which is what 64-bit machines have called themselves since the numbers were mixed up in RFC 4578.
  [9, "uefi-x64"],
  [10, "uefi-arm32"],
  [11, "uefi-arm64"],
  [15, "uefi-ia32"],
  [16, "uefi-x64"],
  [17, "uefi-x64"],
  [18, "uefi-arm32"],
  [19, "uefi-arm64"],
  [20, "bios"],
  [27, "uefi-riscv64"],
  [28, "uefi-riscv64"],
  [39, "uefi-loongarch64"],
  [40, "uefi-loongarch64"],
]);

const types: ReadonlyMap<number | undefined, RequestType> = new Map([
  [1, "discover"],
  [3, "request"],
  [4, "decline"],
  [7, "release"],
  [8, "inform"],
]);

/** Undefined for what is no request of a client. */
export function readRequest(message: Message, nowMs: number): Request | undefined {
  const { options, op, clientAddress } = message;
  const typeNumber = options.get(option.messageType);
  const type = typeNumber === undefined ? "bootp" : types.get(numberOf(typeNumber));
  if (op !== "request" || type === undefined) return undefined;
  const requested = addressOf(options.get(option.requestedAddress));
  return {
    message,
    type,
    client: clientOf(message),
    chosenServer: addressOf(options.get(option.serverIdentifier)),
    wanted: requested ?? (clientAddress === noAddress ? undefined : clientAddress),
    relayed: relayedFrom(message),
    asked: new Set(options.get(option.parameterRequestList)),
    limitBytes: type === "bootp" ? bootpLength : limitOf(message),
    hostName: textOf(options.get(option.hostName)),
    boot: bootClientOf(message),
    nowMs,
  };
}

/**
 * A firmware, the loader that it starts and the system after that are one machine, but identify themselves in different
 * ways: the hardware address is the same, so it is who the client is, whenever there is one.
 */
function clientOf({ hardwareAddress, options }: Message): string {
  const identifier = options.get(option.clientIdentifier);
  if (hardwareAddress !== "" || identifier === undefined) return hardwareAddress;
  return `id:${renderHardwareAddress(identifier)}`;
}

/** Sub-option of relay agents: on which network the client is, when that is not the one of their address (RFC 3527). */
const linkSelection = 5;

function relayedFrom({ options, relayAddress }: Message): Ipv4 | undefined {
  const selected = addressOf(partOf(options.get(option.relayAgentInformation), linkSelection));
  const chosen = selected ?? addressOf(options.get(option.subnetSelection));
  return chosen ?? (relayAddress === noAddress ? undefined : relayAddress);
}

/** Of clients from before DHCP (RFC 951): 64 bytes are left for options. */
const bootpLength = 300;

/** The option counts the headers of IP and UDP in; nobody takes less than 576. */
function limitOf({ options }: Message): number | undefined {
  const limit = numberOf(options.get(option.maximumMessageSize));
  return limit === undefined ? undefined : Math.min(Math.max(limit, 576), 1500) - 28;
}

function bootClientOf({ options }: Message): BootClient {
  const vendor = textOf(options.get(option.vendorClass)) ?? "";
  const [told = architectureIn(vendor)] = architecturesOf(options.get(option.clientArchitecture));
  const firmware = told === undefined ? "unknown" : (firmwares.get(told) ?? "unknown");
  return { loader: loaderOf(vendor, textOf(options.get(option.userClass))), firmware, architecture: told };
}

/** `PXEClient:Arch:00007:UNDI:003016` */
function architectureIn(vendor: string): number | undefined {
  const digits = /^(?:PXE|HTTP)Client:Arch:(\d{1,5})/.exec(vendor)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function loaderOf(vendor: string, userClass: string | undefined): BootClient["loader"] {
  if (userClass?.includes("iPXE") === true) return "ipxe";
  if (vendor.startsWith("HTTPClient")) return "http";
  return vendor.startsWith("PXEClient") ? "pxe" : "none";
}
