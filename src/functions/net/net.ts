// SPDX-License-Identifier: Apache-2.0
// The module net. Here are the functions that work on texts alone.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import { quote } from "../../values/print.ts";
import { StructValue } from "../../values/value.ts";
import { catchable, textAt } from "../arguments.ts";
import {
  following,
  isWithin,
  lastOf,
  maskOf,
  networkOf,
  parseAddress,
  parsePrefix,
  type Prefix,
  renderAddress,
  renderMask,
  renderPrefix,
} from "./address.ts";
import { netInterfaces } from "./links.ts";
import { parseUrl } from "./url.ts";

const hostPortNames = ["host", "port"] as const;
const urlNames = ["scheme", "host", "path", "raw_query"] as const;
const anyMac = /^[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}$/;

export const net: readonly FunctionDefinition[] = [
  ...netInterfaces,
  cidr("ip", "The address of a CIDR.", "192.0.2.5", ({ address }) => renderAddress(address)),
  cidr("prefix", "The length of the network part of a CIDR.", "24", ({ bits }) => String(bits)),
  cidr("mask", "The network mask of a CIDR.", "255.255.255.0", (prefix) => renderMask(maskOf(prefix))),
  cidr("network", "The network of a CIDR: its host part is zero.", "192.0.2.0/24", (prefix) =>
    renderPrefix({ address: networkOf(prefix), bits: prefix.bits }),
  ),
  cidr(
    "first",
    "The address after that of a CIDR: of a network, the first that a host can have.",
    "192.0.2.6",
    (prefix) => {
      const next = following(prefix.address);
      if (next === undefined || !isWithin(next, prefix)) {
        throw catchable(`no address follows ${renderAddress(prefix.address)} in a network of /${prefix.bits}`);
      }
      return renderAddress(next);
    },
  ),
  cidr("last", "The last address in the network of a CIDR.", "192.0.2.255", (prefix) => renderAddress(lastOf(prefix))),
  defineFunction({
    module: "net",
    name: "ip_in_cidr",
    type: "func(ip str, cidr str) bool",
    doc: "Whether an address is in the network of a CIDR. A text that is neither can be caught.",
    example: '$local = net.ip_in_cidr("192.0.2.5", "192.0.2.0/24") # true',
    pure: (args) => {
      const address = parseAddress(textAt(args, 0));
      if (address === undefined) throw catchable(`${quote(textAt(args, 0))} is no IP address`);
      return isWithin(address, prefixFrom(textAt(args, 1)));
    },
  }),
  defineFunction({
    module: "net",
    name: "is_mac",
    type: "func(a str) bool",
    doc: "Whether the text is a MAC address in lower case with colons.",
    example: '$ok = net.is_mac("00:11:22:aa:bb:cc") # true',
    pure: (args) => /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(textAt(args, 0)),
  }),
  defineFunction({
    module: "net",
    name: "macfmt",
    type: "func(a str) str",
    doc: "A MAC address in lower case with colons. Another text can be caught.",
    example: '$mac = net.macfmt("00-11-22-AA-BB-CC") # "00:11:22:aa:bb:cc"',
    pure: (args) => macFrom(textAt(args, 0)).replaceAll("-", ":"),
  }),
  defineFunction({
    module: "net",
    name: "oldmacfmt",
    type: "func(a str) str",
    doc: "A MAC address in lower case with hyphens. Another text can be caught.",
    example: '$mac = net.oldmacfmt("00:11:22:AA:BB:CC") # "00-11-22-aa-bb-cc"',
    pure: (args) => macFrom(textAt(args, 0)).replaceAll(":", "-"),
  }),
  defineFunction({
    module: "net",
    name: "split_hostport",
    type: "func(address str) struct{host str; port str}",
    doc: "The host and the port of `host:port` or `[host]:port`. Another text can be caught.",
    example: '$port str = net.split_hostport("[::1]:80")->port # "80"',
    pure: (args) => {
      const text = textAt(args, 0);
      const [, inBrackets, plain, port = ""] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text) ?? [];
      const host = inBrackets ?? plain;
      if (host === undefined) {
        throw catchable(`${quote(text)} is not like host:port; an IPv6 address needs brackets, as in [::1]:80`);
      }
      return new StructValue(hostPortNames, [host, port]);
    },
  }),
  defineFunction({
    module: "net",
    name: "url_parser",
    type: "func(url str) struct{scheme str; host str; path str; raw_query str}",
    doc: "The parts of a URL; the host comes with its port. A text without a scheme can be caught.",
    example: '$host str = net.url_parser("http://example.com:80/a?b=c")->host # "example.com:80"',
    pure: (args) => {
      const url = parseUrl(textAt(args, 0));
      if (typeof url === "string") throw catchable(`${quote(textAt(args, 0))} is no URL: ${url}`);
      return new StructValue(urlNames, [url.scheme, url.host, url.path, url.rawQuery]);
    },
  }),
];

/** `net.cidr_to_…` of 192.0.2.5/24. */
function cidr(to: string, doc: string, result: string, render: (prefix: Prefix) => string): FunctionDefinition {
  return defineFunction({
    module: "net",
    name: `cidr_to_${to}`,
    type: "func(a str) str",
    doc: `${doc} A text that is no CIDR can be caught.`,
    example: `$${to} = net.cidr_to_${to}("192.0.2.5/24") # "${result}"`,
    pure: (args) => render(prefixFrom(textAt(args, 0))),
  });
}

function prefixFrom(text: string): Prefix {
  const prefix = parsePrefix(text.trim());
  if (prefix === undefined) throw catchable(`${quote(text)} is no address with a prefix length, as in 192.0.2.0/24`);
  return prefix;
}

function macFrom(text: string): string {
  if (!anyMac.test(text)) throw catchable(`${quote(text)} is no MAC address, as in 00:11:22:aa:bb:cc`);
  return text.toLowerCase();
}
