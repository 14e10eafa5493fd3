// SPDX-License-Identifier: Apache-2.0
// Sockets on which others ask or tell this machine something: HTTP, datagrams, and streams that are only listened to. What the
// answers are is not known here.
// Every method fails with a `Failure` when the machine does not let us listen there.

import type { AskedNews } from "./asked.ts";

export interface SocketAddress {
  /** A literal address; empty: every address of this machine. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface Serving {
  /** What those who serve tell of what they were asked. */
  readonly asked: AskedNews;
  /**
   * Resolves when it listens. The signal ends it: nothing new is accepted, and answers under way get a moment. What
   * `answer` throws is answered with 500 and goes to `onError`.
   */
  http(options: HttpOptions, answer: HttpAnswer, signal: AbortSignal): Promise<Listening>;
  /** Resolves when datagrams are received; the signal closes the socket. `receive` must be quick and must not throw. */
  datagrams(options: DatagramOptions, receive: Receive, signal: AbortSignal): Promise<Datagrams>;
  /** Resolves when connections are taken, to which nothing is ever said; the signal ends them. `hear` must not throw. */
  streams(options: StreamOptions, hear: HearStream, signal: AbortSignal): Promise<Listening>;
}

export interface Listening {
  readonly port: number;
  /** Resolves when nothing of it runs any more, after its signal. */
  readonly closed: Promise<void>;
}

// ---- HTTP ----

export interface HttpOptions extends SocketAddress {
  /** For a whole request with its body; absent: as long as something comes. */
  readonly readTimeoutMs?: number | undefined;
  /** For a whole answer; absent: as long as it takes. */
  readonly writeTimeoutMs?: number | undefined;
  /** A client that sends or takes nothing of what is under way for so long is cut off; absent: five minutes. */
  readonly stalledMs?: number | undefined;
  /** What answers under way get after the end. */
  readonly shutdownMs: number;
  readonly onError?: (reason: unknown, request: IncomingRequest) => void;
}

export type HttpAnswer = (request: IncomingRequest) => Promise<Reply>;

export interface IncomingRequest {
  /** `GET` */
  readonly method: string;
  /** As it was sent: `/a%20b?c=d`. */
  readonly target: string;
  /** Names in lower case; what was sent several times is one text, separated by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly from: SocketAddress;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Fails with `too-large` beyond the limit. */
  body(limitBytes: number): Promise<Uint8Array>;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** In pieces, when it is large, each of which may be gone when the next is asked for; then `headers` should tell the `content-length`. Nothing of it is sent after `HEAD`. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
}

// ---- Datagrams ----

export interface DatagramOptions extends SocketAddress {
  /** May send to everybody on a network. */
  readonly broadcast?: boolean;
  /** Others of this process may have the same address. */
  readonly shared?: boolean;
  /** Only what comes over this network interface, where the system lets us say so. */
  readonly interface?: string;
}

/** `bytes` are the receiver's to keep. */
export type Receive = (bytes: Uint8Array, from: SocketAddress) => void;

export interface Datagrams extends Listening {
  /** What cannot be sent is lost, as on the way: who sends must expect that. */
  send(bytes: Uint8Array, to: SocketAddress): void;
  /**
   * Sends datagrams of `pieceBytes` each, the last of which may be shorter, in their order. Where the system splits them itself
   * many cost little more than one. The bytes must stay as they are.
   */
  sendPieces(bytes: Uint8Array, pieceBytes: number, to: SocketAddress): void;
  /** Before the signal. */
  close(): void;
}

// ---- Streams ----

export interface StreamOptions extends SocketAddress {
  /** One more, and one that has said nothing since it was looked at last is cut off; if all have, the one that comes. */
  readonly mostConnections: number;
  /** Who says nothing for so long is cut off. */
  readonly silentMs: number;
}

/** One for each connection. Both must be quick and must not throw. */
export type HearStream = (from: SocketAddress) => StreamListener;

export interface StreamListener {
  /** `bytes` are good until it returns. */
  receive(bytes: Uint8Array): void;
  /** Once, however the connection ended. */
  end(): void;
}
