// SPDX-License-Identifier: Apache-2.0
// What DHCP kinds have in common in their fields: what clients are told of the network, and durations. Texts to values.

import { field } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { type Answer, told } from "../../protocols/dhcp/answers.ts";
import { bytesOfAddresses, option } from "../../protocols/dhcp/options.ts";
import { parseIpv4 } from "../../protocols/ipv4.ts";

/** Of hosts and ranges. */
export const networkFields = {
  dns: field.strings({ doc: "Name servers, instead of those of the server.", example: '["192.168.42.1"]' }),
  routers: field.strings({
    doc: "The way out of the network, instead of that of the server; for a network behind a relay.",
    example: '["192.168.42.1"]',
  }),
};

export interface NetworkWant {
  readonly dns: readonly string[];
  readonly routers: readonly string[];
}

/** Name servers for those who ask, and the way out for all: without it there is none. */
export function networkAnswers({ dns, routers }: NetworkWant): readonly Answer[] {
  return [
    ...(dns.length === 0 ? [] : [told(option.nameServers, addressesOf(dns))]),
    ...(routers.length === 0 ? [] : [told(option.routers, addressesOf(routers), { always: true })]),
  ];
}

export function networkProblems(want: NetworkWant): readonly WantProblem[] {
  return (["dns", "routers"] as const).flatMap((name) => {
    const wrong = want[name].find((text) => parseIpv4(text) === undefined);
    return wrong === undefined
      ? []
      : [{ field: name, title: `"${wrong}" is no IPv4 address`, hint: 'Write it like "192.168.42.1".' }];
  });
}

function addressesOf(texts: readonly string[]): Uint8Array {
  return bytesOfAddresses(texts.flatMap((text) => parseIpv4(text) ?? []));
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `10m`, `1h30m`, as Go writes durations; in milliseconds. Undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, number = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    ms += Number(number) * (units[unit] ?? 0);
  return ms;
}
