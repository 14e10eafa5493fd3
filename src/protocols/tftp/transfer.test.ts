// SPDX-License-Identifier: Apache-2.0
// Transfers against a client of the book on a network that loses, doubles and reorders packets.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toNetascii } from "./netascii.ts";
import { agreeOn } from "./options.ts";
import type { Packet } from "./packet.ts";
import { beginTransfer, type Next, stepTransfer, type Transfer } from "./transfer.ts";

interface Setting {
  readonly size: number;
  readonly options: Record<string, string>;
  /** What becomes of each packet in turn, in both directions; when it is used up all arrive once. */
  readonly luck: readonly ("arrives" | "lost" | "twice")[];
}

interface Seen {
  readonly transfer: Transfer;
  /** What the client has put together. */
  readonly received: Uint8Array;
  readonly dataPackets: number;
}

const content = (size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) & 255);

/** Plays a whole transfer; the client acknowledges as RFC 7440 says, and asks again when it hears nothing. */
function play({ size, options, luck }: Setting): Seen {
  const agreement = agreeOn(new Map(Object.entries(options)), size, {
    largestBlock: 65_464,
    largestWindow: 64,
    timeoutMs: 1000,
  });
  const { blockSize, windowSize } = agreement;
  const file = content(size);
  const chances = [...luck];
  const times = (): number => ({ arrives: 1, lost: 0, twice: 2 })[chances.shift() ?? "arrives"];

  let transfer: Transfer | undefined;
  const toClient: Packet[] = [];
  const toServer: Packet[] = [];
  let dataPackets = 0;
  const perform = ({ transfer: state, effects }: Next): void => {
    transfer = state;
    for (const effect of effects) {
      if (effect.do === "wait") continue;
      const packets: Packet[] = effect.do === "send" ? [effect.packet] : [];
      for (
        let block = effect.do === "send" ? 1 : effect.first;
        effect.do !== "send" && block <= effect.last;
        block += 1
      ) {
        const bytes = file.subarray((block - 1) * blockSize, block * blockSize);
        packets.push({ type: "data", block: block & 0xffff, bytes });
        dataPackets += 1;
      }
      for (const packet of packets) for (let left = times(); left > 0; left -= 1) toClient.push(packet);
    }
  };

  const parts: Uint8Array[] = [];
  let complete = false;
  let inWindow = 0;
  const acknowledge = (block: number): void => {
    inWindow = 0;
    for (let left = times(); left > 0; left -= 1) toServer.push({ type: "acknowledgement", block: block & 0xffff });
  };
  let told = agreement.accepted.size === 0;
  const clientHears = (packet: Packet): void => {
    if (packet.type === "options") {
      told = true;
      return acknowledge(parts.length);
    }
    if (packet.type !== "data" || !told) return;
    const expected = parts.length + 1;
    if (complete || packet.block !== (expected & 0xffff)) return acknowledge(parts.length);
    parts.push(packet.bytes);
    inWindow += 1;
    complete = packet.bytes.length < blockSize;
    if (complete || inWindow === windowSize) acknowledge(parts.length);
  };

  perform(beginTransfer(size, agreement));
  for (let rounds = 0; rounds < 1_000_000; rounds += 1) {
    const toHear = toClient.shift();
    if (toHear !== undefined) {
      clientHears(toHear);
      continue;
    }
    const heard = toServer.shift();
    assert.ok(transfer !== undefined);
    if (transfer.kind === "done" || transfer.kind === "failed") break;
    perform(stepTransfer(transfer, heard === undefined ? { type: "timeout" } : { type: "packet", packet: heard }));
  }
  assert.ok(transfer !== undefined);
  return { transfer, received: Buffer.concat(parts), dataPackets };
}

const settings: fc.Arbitrary<Setting> = fc.record({
  size: fc.integer({ min: 0, max: 5000 }),
  options: fc
    .record({
      blksize: fc.integer({ min: 8, max: 700 }).map(String),
      windowsize: fc.integer({ min: 1, max: 20 }).map(String),
      tsize: fc.constant("0"),
    })
    .map((options): Record<string, string> => options),
  luck: fc.array(fc.constantFrom("arrives" as const, "arrives" as const, "lost" as const, "twice" as const), {
    maxLength: 200,
  }),
});

test("on any network the client gets the file or the transfer fails, and never another file", () => {
  fc.assert(
    fc.property(settings, (setting) => {
      const { transfer, received } = play(setting);
      if (transfer.kind === "done") assert.deepEqual(received, Buffer.from(content(setting.size)));
      else assert.equal(transfer.kind, "failed");
    }),
  );
});

test("a network that loses nothing carries every block once", () => {
  for (const windowsize of ["1", "7", "64"]) {
    const { transfer, received, dataPackets } = play({
      size: 10_000,
      options: { windowsize, blksize: "100" },
      luck: [],
    });
    assert.deepEqual(transfer, { kind: "done", retries: 0 });
    assert.equal(received.length, 10_000);
    assert.equal(dataPackets, 101);
  }
});

test("a file may have more blocks than a block number can count", () => {
  const { transfer, received } = play({ size: 8 * 70_000 + 3, options: { windowsize: "32", blksize: "8" }, luck: [] });
  assert.equal(transfer.kind, "done");
  assert.equal(Buffer.compare(received, Buffer.from(content(8 * 70_000 + 3))), 0);
});

test("acknowledgements that arrive twice do not double what follows", () => {
  const luck = Array.from({ length: 400 }, () => "twice" as const);
  const { transfer, dataPackets } = play({ size: 100 * 50, options: { blksize: "100" }, luck });
  assert.equal(transfer.kind, "done");
  assert.equal(dataPackets, 51);
});

const begun = (): Transfer =>
  beginTransfer(1000, agreeOn(new Map(), 1000, { largestBlock: 1468, largestWindow: 8, timeoutMs: 1 })).transfer;
const fate = (packet: Packet): readonly unknown[] => {
  const { transfer, effects } = stepTransfer(begun(), { type: "packet", packet });
  return [transfer.kind, "why" in transfer ? transfer.why : "", effects.length];
};

test("a client may end a transfer, and what has no place in it ends it too", () => {
  assert.deepEqual(fate({ type: "error", code: 3, message: "disk full" }), [
    "failed",
    "the client ended it: disk full",
    0,
  ]);
  assert.deepEqual(fate({ type: "error", code: 8, message: "" }), ["failed", "the client ended it: error 8", 0]);
  assert.deepEqual(fate({ type: "data", block: 1, bytes: new Uint8Array() }), [
    "failed",
    "the client sent a packet of type data",
    1,
  ]);
  assert.deepEqual(fate({ type: "acknowledgement", block: 77 }), ["sending", "", 0]);
});

test("a client that is silent is given up after a while", () => {
  let transfer = begun();
  let timeouts = 0;
  for (; transfer.kind === "sending"; timeouts += 1) transfer = stepTransfer(transfer, { type: "timeout" }).transfer;
  assert.deepEqual(transfer, { kind: "failed", why: "the client does not answer any more", retries: 5 });
  assert.equal(timeouts, 6);
});

test("however long the timeout that a silent client has asked for, it is given up after two minutes", () => {
  const limits = { largestBlock: 1468, largestWindow: 8, timeoutMs: 5000 };
  for (const seconds of ["1", "30", "59", "60", "255"]) {
    let next = beginTransfer(1000, agreeOn(new Map([["timeout", seconds]]), 1000, limits));
    let ms = 0;
    while (next.transfer.kind === "offering") {
      for (const effect of next.effects) if (effect.do === "wait") ms += effect.ms;
      next = stepTransfer(next.transfer, { type: "timeout" });
    }
    assert.equal(next.transfer.kind, "failed");
    assert.ok(ms <= 120_000 && ms >= 6000, `${seconds}: ${ms}`);
  }
});

test("text has the line ends of the network", () => {
  const text = (given: string): string => Buffer.from(toNetascii(Buffer.from(given))).toString();
  assert.equal(text("a\nb\rc"), "a\r\nb\r\0c");
  assert.equal(text("plain"), "plain");
});

test("a client that wants to know the size alone has what it wants", () => {
  const agreement = (options: Readonly<Record<string, string>>) =>
    agreeOn(new Map(Object.entries(options)), 1000, { largestBlock: 1468, largestWindow: 64, timeoutMs: 1000 });
  const abort: Packet = { type: "error", code: 0, message: "User aborted the transfer" };
  const fate = (options: Readonly<Record<string, string>>) =>
    stepTransfer(beginTransfer(1000, agreement(options)).transfer, { type: "packet", packet: abort }).transfer.kind;
  assert.equal(fate({ tsize: "0", blksize: "1468" }), "told");
  assert.equal(fate({ blksize: "1468" }), "failed");
  assert.equal(fate({}), "failed");
});
