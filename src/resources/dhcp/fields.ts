// SPDX-License-Identifier: Apache-2.0
// What the fields of the DHCP kinds mean: boot programs, hardware addresses, durations. Texts to values, nothing else.

import { field } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import type { BootProgram } from "../../protocols/dhcp/answers.ts";
import { parseIpv4 } from "../../protocols/ipv4.ts";

/** Of hosts and ranges. */
export const bootFields = {
  nbp: field.str({
    doc: "The network boot program, as `tftp://HOST/PATH`, or over HTTP for firmware that can do that. Not given: that of the server.",
    example: '"tftp://192.168.42.1/pxelinux.0"',
  }),
  nbp_path: field.str({
    doc: "The path that clients are told, when it is not that of the URL, for example without a slash in front.",
    example: '"pxelinux.0"',
  }),
};

export interface BootWant {
  readonly nbp: string;
  readonly nbp_path: string;
}

/** Undefined when the text is none. */
export function parseBootProgram(nbp: string, path: string): BootProgram | undefined {
  const [, scheme = "", host = "", found = ""] = /^(tftp|https?):\/\/([^/]+)(\/.*)$/.exec(nbp) ?? [];
  if (scheme === "" || /[^\x21-\x7e]/.test(nbp)) return undefined;
  if (scheme !== "tftp")
    return {
      server: undefined,
      file: path === "" ? nbp : `${scheme}://${host}${path.startsWith("/") ? "" : "/"}${path}`,
    };
  return { server: { name: host, address: parseIpv4(host) }, file: path === "" ? found : path };
}

export function bootProblems({ nbp, nbp_path: path }: BootWant): readonly WantProblem[] {
  if (nbp === "" || parseBootProgram(nbp, path) !== undefined) return [];
  return [
    {
      field: "nbp",
      title: `"${nbp}" is no place of a boot program`,
      hint: 'Write "tftp://192.168.42.1/pxelinux.0", or an http URL for firmware that boots over HTTP.',
    },
  ];
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
