// SPDX-License-Identifier: Apache-2.0
// Addresses, networks and masks, there and back.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as ipv4 from "./ipv4.ts";

test("an address is what it was after being written and read", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (address) => {
      assert.equal(ipv4.parseIpv4(ipv4.renderIpv4(address)), address);
    }),
  );
});

test("what is no address is none", () => {
  for (const text of ["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "a.b.c.d", "1.2.3.4 ", "::1"]) {
    assert.equal(ipv4.parseIpv4(text), undefined, text);
  }
  for (const text of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0/8"]) {
    assert.equal(ipv4.parseIpv4Network(text), undefined, text);
  }
});

test("a network has a first and a last address, and knows what is in it", () => {
  const network = ipv4.parseIpv4Network("192.0.2.77/26");
  assert.ok(network !== undefined);
  assert.equal(ipv4.renderIpv4(ipv4.firstOf(network)), "192.0.2.64");
  assert.equal(ipv4.renderIpv4(ipv4.lastOf(network)), "192.0.2.127");
  const inside = (text: string): boolean => ipv4.isInNetwork(ipv4.parseIpv4(text) ?? 0, network);
  assert.deepEqual(["192.0.2.63", "192.0.2.64", "192.0.2.127", "192.0.2.128"].map(inside), [false, true, true, false]);
});

test("a mask is written in two ways", () => {
  for (let bits = 0; bits <= 32; bits += 1) {
    assert.equal(ipv4.parseMask(ipv4.renderIpv4(ipv4.maskOf(bits))), bits);
    assert.equal(ipv4.parseMask(`/${bits}`), bits);
  }
  for (const text of ["/33", "255.0.255.0", "0.0.0.255", "24", ""]) assert.equal(ipv4.parseMask(text), undefined, text);
});
