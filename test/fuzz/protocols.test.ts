// SPDX-License-Identifier: Apache-2.0
// What strangers send to our servers, whatever it is: nothing throws, what is answered can be read, and nobody is sent more
// than was asked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bootProgram, leaseTime, reservedAddress, serverIdentity, told } from "../../src/protocols/dhcp/answers.ts";
import { Leases } from "../../src/protocols/dhcp/leases.ts";
import { decodeMessage, encodeMessage } from "../../src/protocols/dhcp/message.ts";
import { bytesOfAddresses, option } from "../../src/protocols/dhcp/options.ts";
import { pooledAddress } from "../../src/protocols/dhcp/pools.ts";
import { proxyAnswers, proxyPort } from "../../src/protocols/dhcp/proxy.ts";
import { answerTo } from "../../src/protocols/dhcp/server.ts";
import { decide, mayBePart } from "../../src/protocols/http/conditions.ts";
import { parseHttpDate } from "../../src/protocols/http/date.ts";
import { parseForm } from "../../src/protocols/http/form.ts";
import { parseRanges } from "../../src/protocols/http/range.ts";
import { parseTarget } from "../../src/protocols/http/target.ts";
import { parseIpv4, parseIpv4Network } from "../../src/protocols/ipv4.ts";
import { agreeOn } from "../../src/protocols/tftp/options.ts";
import { decodePacket, encodePacket } from "../../src/protocols/tftp/packet.ts";
import { beginTransfer, stepTransfer } from "../../src/protocols/tftp/transfer.ts";
import { isImmutable, matches, placeOf } from "../../src/resources/http/server/proxy/place.ts";

const runs = { numRuns: 3000, seed: 1 };
const us = parseIpv4("192.168.42.1") ?? 0;

/** A message that is good at first, with some bytes exchanged, cut off or put in. */
const dhcpBytes = fc
  .record({
    op: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 2, 3),
    hardwareLength: fc.constantFrom(6, 6, 6, 6, 6, 6, 0, 16, 17, 255),
    addresses: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    isRelayed: fc.constantFrom(true, false, false, false),
    cookie: fc.constantFrom(...Array.from({ length: 9 }, () => [99, 130, 83, 99]), [0, 0, 0, 0]),
    options: fc.array(
      fc.tuple(
        fc.constantFrom(0, 12, 43, 50, 52, 55, 57, 60, 61, 77, 82, 93, 97, 118, 255),
        fc.uint8Array({ maxLength: 40 }),
      ),
      { maxLength: 5 },
    ),
    type: fc.constantFrom(1, 1, 1, 3, 3, 8, 4, 7, 0, 9),
    cut: fc.integer({ min: 0, max: 400 }),
    isCut: fc.constantFrom(true, false, false, false, false),
  })
  .map(({ op, hardwareLength, addresses, isRelayed, cookie, options, type, cut, isCut }) => {
    const head = new Uint8Array(236);
    head.set([op, 1, hardwareLength, 0], 0);
    if (isRelayed) head.set(addresses, 12);
    head.set([0x52, 0x54, 0, 0, 0, (addresses[0] ?? 0) & 7], 28);
    const parts = options.flatMap(([code, value]) =>
      code === 0 || code === 255 ? [code] : [code, value.length, ...value],
    );
    const loader = new TextEncoder().encode("PXEClient:Arch:00007");
    const vendor = (addresses[1] ?? 0) < 128 ? [60, loader.length, ...loader] : [];
    const bytes = Uint8Array.from([...head, ...cookie, 53, 1, type, ...vendor, ...parts, 255]);
    return isCut ? bytes.subarray(0, cut) : bytes;
  });

test("no DHCP message does harm, and what is answered can be read", () => {
  const network = parseIpv4Network("192.168.42.0/24") ?? assert.fail();
  const leases = new Leases({ first: us + 1, last: us + 20, except: new Set() });
  const program = () => ({ server: undefined, file: `http://192.168.42.1/${"a".repeat(300)}` });
  const chain = [
    serverIdentity(us),
    leaseTime(60_000),
    told(option.routers, bytesOfAddresses([us]), { always: true }),
    bootProgram(program),
    reservedAddress(new Map([["52:54:00:00:00:01", { address: us + 30, bits: 24 }]])),
    pooledAddress([{ leases, network, answers: [] }], [us], 60_000),
  ];
  let nowMs = 0;
  const answered = { yes: 0, no: 0 };
  fc.assert(
    fc.property(
      fc.oneof({ weight: 5, arbitrary: dhcpBytes }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 1500 }) }),
      (bytes) => {
        const message = decodeMessage(bytes);
        if ("malformed" in message) return;
        nowMs += 100;
        for (const reply of [
          answerTo(message, chain, nowMs),
          answerTo(message, proxyAnswers(us, proxyPort, program), nowMs),
        ]) {
          answered[reply === undefined ? "no" : "yes"] += 1;
          if (reply === undefined) continue;
          const sent = encodeMessage(reply.message, reply.limitBytes);
          assert.ok(sent.length <= 1472);
          const back = decodeMessage(sent);
          assert.ok(!("malformed" in back));
          assert.equal(back.op, "reply");
          assert.equal(back.yourAddress, reply.message.yourAddress);
        }
        assert.ok(leases.bound(nowMs).length <= 20);
      },
    ),
    runs,
  );
  // The generator is worth nothing when all it makes is thrown away.
  assert.ok(answered.yes > 100, JSON.stringify(answered));
});

const tftpBytes = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc
    .tuple(
      fc.constantFrom(1, 2, 3, 4, 5, 6, 7),
      fc.array(
        fc.constantFrom(
          "octet",
          "netascii",
          "blksize",
          "windowsize",
          "timeout",
          "tsize",
          "0",
          "8",
          "65464",
          "-1",
          "1e9",
          "a/b",
          "..",
          "",
        ),
        { maxLength: 10 },
      ),
    )
    .map(([code, texts]) =>
      Uint8Array.from([0, code, ...new TextEncoder().encode(texts.map((text) => `${text}\0`).join(""))]),
    ),
  fc
    .tuple(fc.constantFrom(3, 4, 5), fc.nat(70_000))
    .map(([code, block]) => Uint8Array.from([0, code, (block >> 8) & 255, block & 255])),
);

test("no TFTP packet does harm, and none is answered with more than a window", () => {
  fc.assert(
    fc.property(fc.array(tftpBytes, { minLength: 1, maxLength: 30 }), fc.nat(200_000), (packets, size) => {
      const [first, ...more] = packets.map((bytes) => decodePacket(bytes));
      const options = first?.type === "read" ? first.options : new Map<string, string>();
      const agreement = agreeOn(options, size, { largestBlock: 1468, largestWindow: 64, timeoutMs: 1000 });
      assert.ok(agreement.blockSize >= 8 && agreement.blockSize <= 1468 && agreement.windowSize <= 64);
      let { transfer } = beginTransfer(size, agreement);
      for (const packet of more) {
        if (packet.type === "malformed") continue;
        encodePacket(packet);
        const next = stepTransfer(transfer, { type: "packet", packet });
        ({ transfer } = next);
        const blocks = next.effects.flatMap((effect) => (effect.do === "send-blocks" ? [effect] : []));
        assert.ok(blocks.length <= 1);
        for (const { first: from, last } of blocks) {
          assert.ok(from >= 1 && from <= last && last - from < agreement.windowSize);
          assert.ok((last - 1) * agreement.blockSize <= size);
        }
      }
    }),
    runs,
  );
});

const piece = fc.constantFrom(
  "/",
  "..",
  ".",
  "%2e",
  "%2F",
  "%00",
  "debian",
  "pool",
  "a.deb",
  "?",
  "#",
  "\\",
  "%",
  "é",
  "//",
  ".mgmt-proxy",
  "*",
  " ",
);
const textOfPieces = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));

test("no target of HTTP leads out of a cache or to another machine", () => {
  const want = {
    path: "/debian/",
    sub: "/debian/",
    head: "http://mirror.example/debian/",
    cache: "/c/",
    limit: "",
    age: 60n,
    immutable: ["*.img"],
  };
  fc.assert(
    fc.property(textOfPieces, (text) => {
      const target = parseTarget(`/debian/${text}`);
      const place = target === undefined ? undefined : placeOf(want, target);
      if (place === undefined) return;
      const { key, url = "" } = place;
      assert.equal(new URL(url).origin, "http://mirror.example");
      assert.ok(new URL(url).pathname.startsWith("/debian/"), url);
      if (key === undefined) return;
      isImmutable(key, want.immutable);
      const parts = key.split("/");
      assert.ok(
        !parts.includes("..") && !parts.includes(".") && !parts.includes("") && parts[0] !== ".mgmt-proxy",
        key,
      );
    }),
    runs,
  );
});

test("no header and no form does harm", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc
      .array(fc.constantFrom("bytes=", "0", "-", "9", ",", '"', "W/", "*", "Sun, 06 Nov 1994 08:49:37 GMT", " "), {
        maxLength: 12,
      })
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, text, fc.nat(1000), (some, other, size) => {
      const names = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range"];
      const headers = new Map(names.map((name, index) => [name, index % 2 === 0 ? some : other]));
      const about = { entityTag: '"1"', modifiedMs: 784_111_777_000 };
      decide(headers, about);
      mayBePart(headers, about);
      parseHttpDate(some);
      const ranges = parseRanges(some, size);
      if (typeof ranges === "string") return;
      const total = ranges.reduce((sum, { length }) => sum + length, 0);
      assert.ok(total <= size);
      for (const { from, length } of ranges) assert.ok(from >= 0 && length > 0 && from + length <= size);
    }),
    runs,
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), text, (bytes, boundary) => {
      parseForm("application/x-www-form-urlencoded", bytes);
      parseForm(`multipart/form-data; boundary=${boundary}`, bytes);
      parseForm(boundary, bytes);
    }),
    runs,
  );
});

test("a pattern with many stars takes no longer than its length", () => {
  const text = "a".repeat(5000);
  assert.equal(matches(`${"*a".repeat(1000)}b`, text), false);
  assert.equal(matches(`${"*a".repeat(1000)}*`, text), true);
  for (const [pattern, path, expected] of [
    ["a*", "ab", true],
    ["*b", "ab", true],
    ["a*b*c", "a-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["ab*bc", "abc", false],
    ["a", "ab", false],
  ] as const) {
    assert.equal(matches(pattern, path), expected, pattern);
  }
});
