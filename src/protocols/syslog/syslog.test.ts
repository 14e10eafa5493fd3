// SPDX-License-Identifier: Apache-2.0
// Messages as systems send them, one by one and in streams, and bytes that are none.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { Frames } from "./frames.ts";
import { renderTime } from "./time.ts";
import { decodeMessage, longestMessage, severities } from "./message.ts";

const cases: readonly (readonly [sent: string, said: string])[] = [
  // As busybox sends them in the installer of Debian.
  ["<14>Nov 27 17:05:01 base-installer: info: Installing kernel", "info base-installer: info: Installing kernel"],
  ["<30>Nov  7 17:05:01 debootstrap: Retrieving libc6", "info debootstrap: Retrieving libc6"],
  [
    "<13>Nov 27 17:05:01 main-menu[412]: WARNING **: Menu item failed",
    "notice main-menu: WARNING **: Menu item failed",
  ],
  // As rsyslog sends them in the installer of Fedora.
  [
    "<30>Nov 27 17:05:01 localhost anaconda[1776]: packaging: installed 12/400",
    "info anaconda: packaging: installed 12/400",
  ],
  ["<6>Nov 27 17:05:01 localhost kernel: usb 1-1: new device", "info kernel: usb 1-1: new device"],
  // The examples of RFC 5424, 6.5, and of RFC 3164, 5.4.
  [
    "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick on /dev/pts/8",
    "crit su: 'su root' failed for lonvick on /dev/pts/8",
  ],
  [
    '<165>1 2003-10-11T22:14:15.003Z mymachine evntslog - ID47 [a x="3"][b y="\\"]z"] \ufeffAn application event',
    "notice evntslog: An application event",
  ],
  [
    "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make",
    "notice myproc: %% It's time to make",
  ],
  ["<165>1 - - - - - - text", "notice : text"],
  [
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    "crit su: 'su root' failed for lonvick on /dev/pts/8",
  ],
  ["Use the BFG!", "notice : Use the BFG!"],
  ["<999>so what", "notice : so what"],
  ["<11>a\u0000b\n\u001b[31mc\u202ed\n", "err : a b [31mc d"],
];

test("a message is told with its severity, its program and its text", () => {
  for (const [sent, said] of cases) {
    const message = decodeMessage(bytesOf(sent));
    assert.equal(`${message?.severity} ${message?.program}: ${message?.text}`, said, sent);
  }
  for (const nothing of ["", "<14>", "\n\n", "<14>1 - - - - - - "])
    assert.equal(decodeMessage(bytesOf(nothing)), undefined, nothing);
});

test("any bytes are a message of bounded, plain text, or nothing", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(
        fc.constantFrom("<14>", "<1>1 - - ", "<14>Nov 27 17:05:01 ", '<14>1 - - - - - [a b="'),
        fc.string({ unit: "binary", maxLength: 300 }),
      )
      .map((parts) => bytesOf(parts.join(""))),
    fc.nat(20_000).map((length) => new Uint8Array(length).fill(0x61)),
  );
  fc.assert(
    fc.property(bytes, (each) => {
      const message = decodeMessage(each);
      if (message === undefined) return;
      assert.ok(severities.includes(message.severity));
      assert.ok([...message.text].length <= 2048 && [...message.program].length <= 48);
      assert.ok(!/[\p{C}\p{Zl}\p{Zp}]/u.test(message.program + message.text), JSON.stringify(message));
    }),
  );
});

/** The stream, cut at these places. */
function framesOf(stream: Uint8Array, cuts: readonly number[]): readonly string[] {
  const frames = new Frames();
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).toSorted((a, b) => a - b), stream.length];
  const pieces = places.slice(1).map((place, index) => stream.subarray(places[index], place));
  return [...pieces.flatMap((piece) => frames.push(piece)), ...frames.end()].map(textOf);
}

test("the messages of a stream are the same, however it comes in pieces", () => {
  const message = fc
    .tuple(fc.boolean(), fc.stringMatching(/^[a-zA-Z0-9 ]{0,30}$/))
    .map(([counted, text]) => ({ counted, text: `<14>${text}` }));
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 10 }), (messages, cuts) => {
      const stream = messages.map(({ counted, text }) => (counted ? `${text.length} ${text}` : `${text}\n`)).join("");
      assert.deepEqual(
        framesOf(bytesOf(stream), cuts),
        messages.map(({ text }) => text),
      );
    }),
  );
});

test("what is longer than a message is cut, and what follows is understood", () => {
  const long = "x".repeat(longestMessage * 3);
  for (const cuts of [[], [10, 9000, 9001, 20_000]]) {
    const [line, next] = framesOf(bytesOf(`${long}\n<14>next\n`), cuts);
    assert.deepEqual([line?.length, next], [longestMessage, "<14>next"]);
    const counted = `<14>${long}`;
    const [cut, after] = framesOf(bytesOf(`${counted.length} ${counted}8 <14>next`), cuts);
    assert.deepEqual([cut?.length, after], [longestMessage, "<14>next"]);
  }
  assert.deepEqual(framesOf(bytesOf("7 days\nlast"), []), ["7 days", "last"]);
});

test("of any stream no more is kept than a message", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 12 }), (pieces) => {
      const frames = new Frames();
      const told = pieces.flatMap((piece) => frames.push(piece));
      for (const frame of [...told, ...frames.end()]) assert.ok(frame.length <= longestMessage);
    }),
  );
});

test("a time is written as others read it", () => {
  const time = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(9999, 11, 31) });
  fc.assert(fc.property(time, (ms) => assert.equal(renderTime(ms), new Date(ms).toISOString())));
});
