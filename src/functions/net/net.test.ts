// SPDX-License-Identifier: Apache-2.0
// Addresses, networks, MACs, hosts with ports and URLs, as Go reads and shows them.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StructValue } from "../../values/value.ts";
import { check, checkFails } from "../check.test-support.ts";
import { parseAddress, renderAddress } from "./address.ts";

function checkCidr(cidr: string, parts: Readonly<Record<string, string>>): void {
  for (const [part, expected] of Object.entries(parts)) check(`net.cidr_to_${part}`, [cidr], expected);
}

test("a CIDR has an address, a prefix, a mask and a network", () => {
  checkCidr("192.0.2.5/24", { ip: "192.0.2.5", prefix: "24", mask: "255.255.255.0", network: "192.0.2.0/24" });
  checkCidr(" 10.0.0.1/8\n", { ip: "10.0.0.1", prefix: "8", mask: "255.0.0.0", network: "10.0.0.0/8" });
  checkCidr("2001:db8::1/32", { ip: "2001:db8::1", mask: "ffff:ffff::", network: "2001:db8::/32" });
  checkCidr("2001:DB8:0:0:1:0:0:1/10", { ip: "2001:db8::1:0:0:1", mask: "ffc0::", network: "2000::/10" });
  checkCidr("fe80::1:0:0:1/64", { ip: "fe80::1:0:0:1", mask: "ffff:ffff:ffff:ffff::", network: "fe80::/64" });
  checkCidr("1:2:3:4:5:6:7::/100", { ip: "1:2:3:4:5:6:7:0", network: "1:2:3:4:5:6::/100" });
  checkCidr("::ffff:1.2.3.4/120", { ip: "1.2.3.4", network: "1.2.3.0/24" });
  checkCidr("::/0", { ip: "::", mask: "::", network: "::/0" });
});

test("a CIDR has a first and a last address", () => {
  checkCidr("192.0.2.0/24", { first: "192.0.2.1", last: "192.0.2.255" });
  checkCidr("192.0.2.5/24", { first: "192.0.2.6" });
  checkCidr("2001:db8::/64", { first: "2001:db8::1", last: "2001:db8::ffff:ffff:ffff:ffff" });
  checkFails("net.cidr_to_first", ["192.0.2.5/32"], "catchable", /no address follows/);
  checkFails("net.cidr_to_first", ["255.255.255.255/0"], "catchable", /no address follows/);
});

test("what is no CIDR can be caught", () => {
  for (const part of ["ip", "prefix", "mask", "network", "first", "last"]) {
    for (const text of ["1.2.3.4/33", "1.2.3/8", "01.2.3.4/8", "1.2.3.4", "::1/129", "1::2::3/8", "g::/8", "1:2/8"]) {
      checkFails(`net.cidr_to_${part}`, [text], "catchable", /no address with a prefix length/);
    }
  }
});

test("an address is in a network or not", () => {
  check("net.ip_in_cidr", ["192.0.2.5", "192.0.2.0/24"], true);
  check("net.ip_in_cidr", ["192.0.3.5", "192.0.2.0/24"], false);
  check("net.ip_in_cidr", ["::ffff:192.0.2.5", "192.0.2.0/24"], true);
  check("net.ip_in_cidr", ["::1", "192.0.2.0/24"], false);
  checkFails("net.ip_in_cidr", ["x", "192.0.2.0/24"], "catchable", /no IP address/);
  checkFails("net.ip_in_cidr", ["::1", "x"], "catchable", /no address with/);
});

test("addresses are read back from what is shown", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const shown = renderAddress(bytes);
      const expected = shown.includes(":") ? bytes : bytes.subarray(12);
      assert.deepEqual(parseAddress(shown), expected);
    }),
  );
});

test("MAC addresses have two usual forms", () => {
  check("net.macfmt", ["00-11-22-AA-BB-CC"], "00:11:22:aa:bb:cc");
  check("net.oldmacfmt", ["00:11:22:AA:BB:CC"], "00-11-22-aa-bb-cc");
  check("net.is_mac", ["00:11:22:aa:bb:cc"], true);
  for (const text of ["00:11:22:AA:BB:CC", "00-11-22-aa-bb-cc", "00:11:22:aa:bb", ""])
    check("net.is_mac", [text], false);
  checkFails("net.macfmt", ["001122aabbcc"], "catchable", /no MAC address/);
  checkFails("net.oldmacfmt", ["00:11:22:aa:bb:cg"], "catchable", /no MAC address/);
});

test("host and port are split at the last colon", () => {
  const pair = (host: string, port: string) => new StructValue(["host", "port"], [host, port]);
  check("net.split_hostport", ["h:80"], pair("h", "80"));
  check("net.split_hostport", ["[::1]:80"], pair("::1", "80"));
  check("net.split_hostport", ["h:"], pair("h", ""));
  check("net.split_hostport", [":80"], pair("", "80"));
  for (const text of ["::1:80", "h", "[::1]", "a]:1", "[a:80", "[a]b:80", "h:80:90"]) {
    checkFails("net.split_hostport", [text], "catchable", /not like host:port/);
  }
});

test("a URL has a scheme, a host, a path and a query", () => {
  const url = (...parts: readonly string[]) => new StructValue(["scheme", "host", "path", "raw_query"], parts);
  check("net.url_parser", ["http://example.com:80/a%20b?c=d%20e#f"], url("http", "example.com:80", "/a b", "c=d%20e"));
  check("net.url_parser", ["HTTP://u:p@h/p"], url("http", "h", "/p", ""));
  check("net.url_parser", ["x://[::1]:80/"], url("x", "[::1]:80", "/", ""));
  check("net.url_parser", ["http://[fe80::1%25en0]:80/"], url("http", "[fe80::1%en0]:80", "/", ""));
  check("net.url_parser", ["file:///etc/motd"], url("file", "", "/etc/motd", ""));
  check("net.url_parser", ["http://h?q=1"], url("http", "h", "", "q=1"));
  check("net.url_parser", ["http://h/a?b?c"], url("http", "h", "/a", "b?c"));
  check("net.url_parser", ["mailto:a@b"], url("mailto", "", "", ""));
});

test("what is no URL can be caught", () => {
  checkFails("net.url_parser", ["/x"], "catchable", /has no scheme/);
  checkFails("net.url_parser", ["1http://x"], "catchable", /has no scheme/);
  for (const text of ["http://h:x/", "http://a b/", "http://h:80:90/", "http://%41.com/"]) {
    checkFails("net.url_parser", [text], "catchable", /host or port is malformed/);
  }
  checkFails("net.url_parser", ["http://h/%zz"], "catchable", /two hexadecimal digits/);
  checkFails("net.url_parser", ["http://h/\n"], "catchable", /control character/);
});
