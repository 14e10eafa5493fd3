// SPDX-License-Identifier: Apache-2.0
// Addresses in all their forms.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress, parseNetwork } from "./address.ts";

test("addresses are told as the kernel tells them", () => {
  const check = (text: string, shown: string | undefined) => assert.equal(parseAddress(text), shown, text);
  check("192.0.2.5", "192.0.2.5");
  check("2001:DB8:0:0::5", "2001:db8::5");
  check("2001:db8:0:1:0:0:0:5", "2001:db8:0:1::5");
  check("1:0:0:2:0:0:0:3", "1:0:0:2::3");
  check("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7");
  check("::", "::");
  check("::1", "::1");
  check("fe80::", "fe80::");
  check("::192.0.2.1", "::c000:201");
  check("10:0:0:100:0:0:0:1000", "10:0:0:100::1000");
  for (const wrong of [
    "",
    "192.0.2",
    "192.0.2.256",
    "1::2::3",
    "1:2:3",
    "12345::",
    "1:2:3:4:5:6:7:8:9",
    "g::",
    "a.b.c.d",
  ]) {
    check(wrong, undefined);
  }
});

test("networks have a length and no bits of a host", () => {
  const check = (text: string, network: string | undefined) => assert.equal(parseNetwork(text)?.network, network, text);
  check("192.0.2.5/24", "192.0.2.0/24");
  check("192.0.2.255/25", "192.0.2.128/25");
  check("192.0.2.5/32", "192.0.2.5/32");
  check("192.0.2.5/0", "0.0.0.0/0");
  check("2001:db8:ffff::5/36", "2001:db8:f000::/36");
  for (const wrong of ["192.0.2.5", "192.0.2.5/33", "::1/129", "192.0.2.5/", "/24", "192.0.2.5/-1"])
    check(wrong, undefined);
});
