// SPDX-License-Identifier: Apache-2.0
// Messages there and back, what is lent and split, and bytes that are no message.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeMessage, encodeMessage, type Message, parseHardwareAddress } from "./message.ts";
import { option } from "./options.ts";

const address = fc.integer({ min: 0, max: 0xffff_ffff });
const text = (longest: number) =>
  fc.stringMatching(/^[a-z/.0-9]*$/, { maxLength: longest }).filter((each) => each.length <= longest);
const messages: fc.Arbitrary<Message> = fc.record(
  {
    op: fc.constantFrom("request" as const, "reply" as const),
    hardwareType: fc.nat(255),
    hardwareAddress: fc
      .uint8Array({ minLength: 1, maxLength: 16 })
      .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":")),
    hops: fc.nat(255),
    transaction: address,
    seconds: fc.nat(0xffff),
    broadcast: fc.boolean(),
    clientAddress: address,
    yourAddress: address,
    nextServer: address,
    relayAddress: address,
    serverName: text(63),
    bootFile: text(127),
    options: fc
      .array(fc.tuple(fc.integer({ min: 1, max: 254 }), fc.uint8Array({ maxLength: 300 })), { maxLength: 8 })
      .map((entries) => new Map(entries.filter(([code]) => code !== option.overload))),
  },
  { noNullPrototype: true },
);

const readBack = (bytes: Uint8Array): Message => {
  const message = decodeMessage(bytes);
  assert.ok(!("malformed" in message), JSON.stringify(message));
  return message;
};

test("a message is what it was after encoding and decoding, when it fits", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const sorted = (options: Message["options"]) =>
        [...options].sort(([a], [b]) => a - b).map(([code, value]) => [code, [...value]]);
      const back = readBack(encodeMessage(message, 10_000));
      assert.deepEqual({ ...back, options: sorted(back.options) }, { ...message, options: sorted(message.options) });
    }),
  );
});

test("a message is as long as it may be, and never shorter than old clients want it", () => {
  fc.assert(
    fc.property(messages, fc.integer({ min: 548, max: 1472 }), (message, limit) => {
      const relayed = message.options.get(option.relayAgentInformation);
      fc.pre(relayed === undefined || relayed.length < 200);
      const bytes = encodeMessage(message, limit);
      assert.ok(bytes.length >= 300 && bytes.length <= limit);
      const back = readBack(bytes);
      assert.deepEqual(back.options.get(option.relayAgentInformation), relayed);
    }),
  );
});

test("any bytes are a message or malformed, and never an error", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => typeof decodeMessage(bytes) === "object"));
  fc.assert(
    fc.property(messages, fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 20 }), (message, changes) => {
      const bytes = encodeMessage(message, 10_000);
      for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
      return typeof decodeMessage(bytes) === "object";
    }),
  );
});

/** A discover of a firmware, as it stands on the wire. */
const discover = Uint8Array.from([
  ...[1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 0, 4, 0x80, 0],
  ...Array.from({ length: 16 }, () => 0),
  ...[0x52, 0x54, 0, 0x12, 0x34, 0x56],
  ...Array.from({ length: 10 + 64 + 128 }, () => 0),
  ...[
    99,
    130,
    83,
    99,
    53,
    1,
    1,
    0,
    0,
    55,
    3,
    1,
    3,
    67,
    57,
    2,
    5,
    0xc0,
    93,
    2,
    0,
    7,
    60,
    9,
    ...Buffer.from("PXEClient"),
    255,
  ],
]);

test("a discover of a firmware is read", () => {
  const message = readBack(discover);
  assert.equal(message.hardwareAddress, "52:54:00:12:34:56");
  assert.equal(message.transaction, 0xdead_beef);
  assert.equal(message.seconds, 4);
  assert.ok(message.broadcast);
  assert.deepEqual([...message.options.keys()], [53, 55, 57, 93, 60]);
});

test("fields that are lent to options are read as options", () => {
  const bytes = Uint8Array.from([...discover.subarray(0, 240), 52, 1, 3, 255]);
  bytes.set([12, 2, 104, 105, 255], 108);
  bytes.set([15, 1, 120, 255], 44);
  const { options, bootFile, serverName } = readBack(bytes);
  assert.deepEqual(
    [...options],
    [
      [12, Uint8Array.of(104, 105)],
      [15, Uint8Array.of(120)],
    ],
  );
  assert.deepEqual([bootFile, serverName], ["", ""]);
});

test("a message without the mark of DHCP has no options", () => {
  assert.equal(readBack(new Uint8Array([1, ...discover.subarray(1, 236), 1, 2, 3, 4, 53, 1, 1])).options.size, 0);
});

const malformed: readonly (readonly [string, Uint8Array, string])[] = [
  ["a short message", discover.subarray(0, 100), "it has 100 bytes, and 236 are the least"],
  [
    "a message of neither side",
    Uint8Array.of(3, ...discover.subarray(1)),
    "it is neither a request nor a reply, but 3",
  ],
  ["a long hardware address", Uint8Array.from([1, 1, 17, ...discover.subarray(3)]), "a hardware address of 17 bytes"],
  [
    "an option that does not end",
    Uint8Array.from([...discover.subarray(0, 240), 60, 200, 1]),
    "option 60 is longer than the message",
  ],
  [
    "an option without a length",
    Uint8Array.from([...discover.subarray(0, 240), 60]),
    "option 60 is longer than the message",
  ],
];
for (const [what, bytes, why] of malformed) {
  test(`${what} is malformed`, () => assert.deepEqual(decodeMessage(bytes), { malformed: why }));
}

test("hardware addresses are read in every form", () => {
  assert.deepEqual(parseHardwareAddress("52-54-00-AB-cd-ef"), Uint8Array.of(0x52, 0x54, 0, 0xab, 0xcd, 0xef));
  for (const wrong of ["", "5254", "52:54:0", "52:54:xx", "52::54"])
    assert.equal(parseHardwareAddress(wrong), undefined);
});
