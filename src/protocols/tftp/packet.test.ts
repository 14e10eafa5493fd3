// SPDX-License-Identifier: Apache-2.0
// Packets there and back, and bytes that are none.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePacket, encodeBlocks, encodePacket, type Packet } from "./packet.ts";

const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((each) => !each.includes("\0"));
const options = fc
  .array(fc.tuple(fc.stringMatching(/^[a-z]{1,10}$/), text), { maxLength: 5 })
  .map((entries) => new Map(entries));
const number = fc.integer({ min: 0, max: 0xffff });
const packets: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    type: fc.constantFrom("read" as const, "write" as const),
    file: text.filter((name) => name !== ""),
    mode: fc.constantFrom("octet", "netascii"),
    options,
  }),
  fc.record({ type: fc.constant("data" as const), block: number, bytes: fc.uint8Array({ maxLength: 600 }) }),
  fc.record({ type: fc.constant("acknowledgement" as const), block: number }),
  fc.record({ type: fc.constant("error" as const), code: number, message: text }),
  fc.record({ type: fc.constant("options" as const), options }),
);

test("a packet is what it was after encoding and decoding", () => {
  fc.assert(fc.property(packets, (packet) => assert.deepEqual(decodePacket(encodePacket(packet)), { ...packet })));
});

test("any bytes are a packet or malformed, and never an error", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => typeof decodePacket(bytes).type === "string"));
  const operation = fc.constantFrom(1, 2, 3, 4, 5, 6);
  fc.assert(
    fc.property(operation, fc.uint8Array({ maxLength: 700 }), (code, rest) => {
      const packet = decodePacket(Uint8Array.from([0, code, ...rest]));
      if (packet.type !== "malformed") assert.ok(encodePacket(packet).length > 1);
    }),
  );
});

test("packets have the layout of the RFC", () => {
  const request: Packet = { type: "read", file: "pxelinux.0", mode: "octet", options: new Map([["tsize", "0"]]) };
  assert.equal(Buffer.from(encodePacket(request)).toString("latin1"), "\0\u0001pxelinux.0\0octet\0tsize\x000\0");
  assert.deepEqual([...encodePacket({ type: "acknowledgement", block: 0x1234 })], [0, 4, 0x12, 0x34]);
  const error: Packet = { type: "error", code: 1, message: "no" };
  assert.deepEqual([...encodePacket(error)], [0, 5, 0, 1, 110, 111, 0]);
});

test("packets of blocks that follow each other are those of each block", () => {
  const shapes = fc.record({
    first: fc.integer({ min: 1, max: 70_000 }),
    blockSize: fc.integer({ min: 8, max: 40 }),
    bytes: fc.uint8Array({ maxLength: 300 }),
    isInPlace: fc.boolean(),
  });
  fc.assert(
    fc.property(shapes, ({ first, blockSize, bytes, isInPlace }) => {
      const count = Math.floor(bytes.length / blockSize) + 1;
      const packets = new Uint8Array(bytes.length + count * 4);
      const room = packets.subarray(count * 4);
      if (isInPlace) room.set(bytes);
      encodeBlocks(packets, isInPlace ? room : bytes, { first, count, blockSize });
      const each = Array.from({ length: count }, (_, index) => [
        ...encodePacket({
          type: "data",
          block: (first + index) & 0xffff,
          bytes: bytes.slice(index * blockSize, (index + 1) * blockSize),
        }),
      ]);
      assert.deepEqual([...packets], each.flat());
    }),
  );
});

const bytesOf = (latin1: string): Uint8Array => Buffer.from(latin1, "latin1");
const refusals: readonly (readonly [string, Uint8Array, string])[] = [
  ["an empty packet", bytesOf(""), "it is shorter than an operation"],
  ["an unknown operation", bytesOf("\0\x09abc"), "there is no operation 9"],
  ["a request that does not end", bytesOf("\0\x01file\0octet"), "a request without a file or a mode"],
  ["a request without a name", bytesOf("\0\x01\0octet\0"), "a request for a file without a name"],
  ["an option without a value", bytesOf("\0\x01f\0octet\0tsize\0"), "an option without a value"],
  ["a huge request", bytesOf(`\0\x01${"f".repeat(600)}\0octet\0`), "a request is longer than 512 bytes"],
  ["very many options", bytesOf(`\0\x06${"a\x001\0".repeat(40)}`), "more than 32 options"],
  ["data without a number", bytesOf("\0\x03\0"), "data without a block number"],
];
for (const [what, bytes, why] of refusals) {
  test(`${what} is malformed`, () => assert.deepEqual(decodePacket(bytes), { type: "malformed", why }));
}

test("modes and names of options have no case, and the first of two options counts", () => {
  const packet = decodePacket(bytesOf("\0\x01f\0OCTET\0TSize\x000\0tsize\x009\0"));
  assert.deepEqual(packet, { type: "read", file: "f", mode: "octet", options: new Map([["tsize", "0"]]) });
});
