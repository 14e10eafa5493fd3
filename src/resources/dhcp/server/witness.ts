// SPDX-License-Identifier: Apache-2.0
// What a server tells of its clients: who has got what, who was left alone and why, and that somebody else gives addresses
// here. What is asked again and again is told once in a while.

import type { Asked } from "../../../contract/asked.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import type { Message } from "../../../protocols/dhcp/message.ts";
import { addressOf, option } from "../../../protocols/dhcp/options.ts";
import { readRequest, type Request } from "../../../protocols/dhcp/request.ts";
import type { Reply } from "../../../protocols/dhcp/server.ts";
import { type Ipv4, noAddress, renderIpv4 } from "../../../protocols/ipv4.ts";

const againMs = 3_600_000;
/** Whoever makes up hardware addresses must not fill our memory, nor the log. */
const mostRemembered = 1000;

export class Witness {
  readonly #env: ResourceEnv;
  readonly #interface: string;
  readonly #told = new Map<string, number>();

  constructor(env: ResourceEnv, networkInterface: string) {
    this.#env = env;
    this.#interface = networkInterface;
  }

  answered({ request, message, type }: Reply): void {
    const { yourAddress, bootFile, options } = message;
    const given = [type, ...(yourAddress === noAddress ? [] : [renderIpv4(yourAddress)]), bootFile].join(" ").trim();
    this.#tell(request, given, type === "refusal" ? "refused" : "good");
    const who = whoIs(request);
    if (type === "refusal") return this.#env.say(`${who} asks for an address that is not its own`);
    if (type === "offer") return undefined;
    const file = bootFile === "" && options.has(option.bootFileName) ? "a file with a long name" : bootFile;
    const boots = file === "" ? [] : [`boots ${file}`];
    const has = yourAddress === noAddress ? [] : [`has ${renderIpv4(yourAddress)}`];
    if (has.length + boots.length > 0) this.#env.say(`${who} ${[...has, ...boots].join(", and ")}`);
  }

  unanswered(request: Request, why: string): void {
    this.#tell(request, why, "refused");
    this.#tellOnce(`${whoIs(request)}${kindOf(request)} asks: ${why}`, `${request.message.hardwareAddress} ${why}`);
  }

  /** A client that takes the offer of another server says of which one. */
  lookForOthers(message: Message, ours: Ipv4 | undefined): void {
    const chosen = addressOf(message.options.get(option.serverIdentifier));
    const isRequest = readRequest(message, 0)?.type === "request";
    if (!isRequest || chosen === undefined || ours === undefined || chosen === ours) return;
    const server = renderIpv4(chosen);
    this.#tellOnce(`another DHCP server, ${server}, gives addresses on ${this.#interface} too`, server);
  }

  #tell(request: Request, answer: string, outcome: Asked["outcome"]): void {
    const { resource, host } = this.#env;
    const what = `${request.type}${kindOf(request).replaceAll(",", "")}`;
    host.serving.asked.tell({ server: resource, from: whoIs(request), what, answer, outcome });
  }

  #tellOnce(text: string, key: string): void {
    const nowMs = this.#env.host.clock.now();
    const before = this.#told.get(key);
    if (before !== undefined && nowMs - before < againMs) return;
    this.#told.delete(key);
    this.#told.set(key, nowMs);
    if (this.#told.size > mostRemembered) {
      const [oldest = ""] = this.#told.keys();
      this.#told.delete(oldest);
    }
    this.#env.say(text, "stderr");
  }
}

function whoIs({ message, hostName, client }: Request): string {
  const who = message.hardwareAddress === "" ? client : message.hardwareAddress;
  return hostName === undefined ? who : `${who} (${printable(hostName)})`;
}

/** What it is, for those who have to find it. */
function kindOf({ boot, type }: Request): string {
  if (type === "bootp") return ", a BOOTP client,";
  if (boot.loader === "none") return "";
  const loader = { pxe: "PXE", http: "HTTP boot", ipxe: "iPXE" }[boot.loader];
  return `, ${loader} on ${boot.firmware === "unknown" ? "unknown firmware" : boot.firmware},`;
}

/** It is what some machine says, and goes to a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 64);
}
