// SPDX-License-Identifier: Apache-2.0
// One file on its way to a client, as a state machine: which packets go out when, and when it is over. Knows neither the
// bytes nor the sockets nor the clock; whoever runs it reads blocks, sends them, and says when the time is up.
//
//   state     | waits for                       | goes on with
//   offering  | acknowledgement 0 of options    | sending, told
//   sending   | an acknowledgement of a block   | sending, done
//   done      | nothing: the client has it all  |
//   told      | nothing: it knows the size      |
//   failed    | nothing                         |
//
// Blocks are numbered from 1 without end here, and by 16 bits in packets: the window is far smaller than 65536 blocks, so
// an acknowledgement names one block only. One of a block before the window is old and is not answered, else each
// duplicate would double every packet after it ("sorcerer's apprentice", RFC 1123 4.2.3.1). That the first block of a
// window was lost can look the same: it is answered once, and then by timeouts.

import type { Agreement } from "./options.ts";
import { errorCodes, type Packet } from "./packet.ts";

export type Transfer =
  | (Under & { readonly kind: "offering" })
  | (Under & {
      readonly kind: "sending";
      /** The first block that is not acknowledged. */
      readonly base: number;
      /** The last block that is on its way. */
      readonly sent: number;
      /** This window has been sent once more, because the client missed its first block. */
      readonly hasRepeated: boolean;
    })
  | { readonly kind: "done"; readonly retries: number }
  /** The client was told how large the file is, and that was all it wanted: firmware asks so before it makes room. */
  | { readonly kind: "told"; readonly retries: number }
  | { readonly kind: "failed"; readonly why: string; readonly retries: number };

interface Under {
  readonly agreement: Agreement;
  /** How many blocks there are; the last one is shorter than the others, perhaps empty. */
  readonly blocks: number;
  /** Timeouts since something new was acknowledged. */
  readonly waited: number;
  /** Timeouts altogether. */
  readonly retries: number;
}

export type TransferEvent = { readonly type: "packet"; readonly packet: Packet } | { readonly type: "timeout" };

export type Effect =
  | { readonly do: "send"; readonly packet: Packet }
  /** These blocks, from the file: block n begins at byte (n - 1) × block size, and its number is n modulo 65536. */
  | { readonly do: "send-blocks"; readonly first: number; readonly last: number }
  /** Gives a `timeout` event after this time, unless another `wait` or the end comes first. */
  | { readonly do: "wait"; readonly ms: number };

export interface Next {
  readonly transfer: Transfer;
  readonly effects: readonly Effect[];
}

/** A client that is silent for so many timeouts in a row is gone. */
const patience = 6;
/** And so is one that is silent for so long, however long the timeout that it has asked for. */
const longestSilenceMs = 120_000;

/** `size` in bytes. */
export function beginTransfer(size: number, agreement: Agreement): Next {
  const blocks = Math.floor(size / agreement.blockSize) + 1;
  const under: Under = { agreement, blocks, waited: 0, retries: 0 };
  if (agreement.accepted.size === 0) return sendWindow(under, 1);
  return { transfer: { kind: "offering", ...under }, effects: offer(agreement) };
}

export function stepTransfer(transfer: Transfer, event: TransferEvent): Next {
  switch (transfer.kind) {
    case "offering":
      return whenOffering(transfer, event);
    case "sending":
      return whenSending(transfer, event);
    case "done":
    case "told":
    case "failed":
      return stay(transfer);
  }
}

type Offering = Extract<Transfer, { readonly kind: "offering" }>;
type Sending = Extract<Transfer, { readonly kind: "sending" }>;

function whenOffering(transfer: Offering, event: TransferEvent): Next {
  if (event.type === "timeout")
    return retry(transfer, (waiting) => ({ transfer: waiting, effects: offer(waiting.agreement) }));
  const { packet } = event;
  if (packet.type === "acknowledgement") return packet.block === 0 ? sendWindow(transfer, 1) : stay(transfer);
  if (packet.type === "error" && transfer.agreement.accepted.has("tsize")) {
    return { transfer: { kind: "told", retries: transfer.retries }, effects: [] };
  }
  return otherwise(transfer, packet);
}

function whenSending(transfer: Sending, event: TransferEvent): Next {
  if (event.type === "timeout") return retry(transfer, (waiting) => sendWindow(waiting, waiting.base));
  const { packet } = event;
  if (packet.type !== "acknowledgement") return otherwise(transfer, packet);
  const { base, sent, blocks, agreement } = transfer;
  const ahead = (packet.block - (base - 1)) & 0xffff;
  if (ahead > sent - (base - 1)) return stay(transfer); // Of a block that was acknowledged long ago, or never sent.
  if (ahead === 0) {
    if (agreement.windowSize === 1 || transfer.hasRepeated) return stay(transfer);
    return sendWindow(transfer, base, { hasRepeated: true });
  }
  const acknowledged = base - 1 + ahead;
  if (acknowledged === blocks) return { transfer: { kind: "done", retries: transfer.retries }, effects: [] };
  return sendWindow({ ...transfer, waited: 0 }, acknowledged + 1);
}

function sendWindow(under: Under, base: number, { hasRepeated } = { hasRepeated: false }): Next {
  const { agreement, blocks, waited, retries } = under;
  const sent = Math.min(base + agreement.windowSize - 1, blocks);
  return {
    transfer: { kind: "sending", agreement, blocks, waited, retries, base, sent, hasRepeated },
    effects: [
      { do: "send-blocks", first: base, last: sent },
      { do: "wait", ms: Math.min(agreement.timeoutMs, longestSilenceMs) },
    ],
  };
}

function offer({ accepted, timeoutMs }: Agreement): readonly Effect[] {
  return [
    { do: "send", packet: { type: "options", options: accepted } },
    { do: "wait", ms: Math.min(timeoutMs, longestSilenceMs) },
  ];
}

function retry<State extends Offering | Sending>(transfer: State, again: (waiting: State) => Next): Next {
  const { waited, retries, agreement } = transfer;
  const isPatient = waited + 1 < patience && (waited + 2) * agreement.timeoutMs <= longestSilenceMs;
  if (isPatient) return again({ ...transfer, waited: waited + 1, retries: retries + 1 });
  return fail(transfer, "the client does not answer any more");
}

function otherwise(transfer: Offering | Sending, packet: Packet): Next {
  if (packet.type === "error") {
    return fail(transfer, `the client ended it: ${packet.message === "" ? `error ${packet.code}` : packet.message}`);
  }
  const message = "only acknowledgements are expected here";
  const answer: Effect = { do: "send", packet: { type: "error", code: errorCodes.illegalOperation, message } };
  return { ...fail(transfer, `the client sent a packet of type ${packet.type}`), effects: [answer] };
}

function fail({ retries }: Under, why: string): Next {
  return { transfer: { kind: "failed", why, retries }, effects: [] };
}

function stay(transfer: Transfer): Next {
  return { transfer, effects: [] };
}
