// SPDX-License-Identifier: Apache-2.0
// Sockets of the machine in memory, and the strangers on its network who ask it something.

import { Places } from "../../base/places.ts";
import { Failure } from "../../contract/failure.ts";
import type {
  DatagramOptions,
  Datagrams,
  HearStream,
  HttpAnswer,
  IncomingRequest,
  Reply,
  Serving,
  SocketAddress,
  StreamListener,
} from "../../contract/serving.ts";
import { createAskedNews } from "../asked-news.ts";
import { listenFailure } from "../listen-failures.ts";

/** Somebody on the network. */
export interface Strangers {
  /** Asks over HTTP; undefined when nobody listens on the port. `signal`: the stranger waits no longer. */
  ask(port: number, request: Partial<Question>, signal?: AbortSignal): Promise<Answered | undefined>;
  /** Sends a datagram to everybody at the port; false when nobody listens there. */
  send(port: number, bytes: Uint8Array, from: SocketAddress): boolean;
  /** Connects, says these pieces and goes; undefined when nobody listens there. With `stay` it goes when the result is called. */
  tell(port: number, pieces: readonly Uint8Array[], from: SocketAddress, stay?: "stay"): (() => void) | undefined;
  /** What was sent to others so far, in order; each is told once. */
  heard(): readonly Sent[];
  /** A port that somebody else has. */
  occupy(port: number): void;
}

export interface Question {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Sent {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: SocketAddress;
}

interface OpenStreams {
  readonly hear: HearStream;
  readonly connections: Places<Connection>;
}

interface Connection extends StreamListener {
  heardBytes: number;
}

interface OpenSocket {
  readonly options: DatagramOptions;
  /** Of its interface, when it was made. */
  readonly index: number | undefined;
  readonly receive: (bytes: Uint8Array, from: SocketAddress) => void;
}

const firstFreePort = 40_000;

/** `indexOf`: of the interface that has this name now. */
export function memoryServing(indexOf: (name: string) => number | undefined): {
  readonly serving: Serving;
  readonly strangers: Strangers;
} {
  const answers = new Map<number, { readonly answer: HttpAnswer; readonly end: AbortSignal }>();
  const sockets = new Map<number, OpenSocket[]>();
  const listeners = new Map<number, OpenStreams>();
  const occupied = new Set<number>();
  const heard: Sent[] = [];
  let fresh = firstFreePort;

  const portFor = (transport: string, address: SocketAddress, isTaken: boolean): number => {
    if (address.port === 0) return fresh++;
    if (isTaken || occupied.has(address.port)) throw listenFailure("in-use", transport, address);
    return address.port;
  };

  const serving: Serving = {
    asked: createAskedNews(),
    async http(options, answer, signal) {
      signal.throwIfAborted();
      const port = portFor("TCP", options, answers.has(options.port) || listeners.has(options.port));
      const guarded: HttpAnswer = async (request) => {
        try {
          return await answer(request);
        } catch (reason) {
          options.onError?.(reason, request);
          return { status: 500 };
        }
      };
      answers.set(port, { answer: guarded, end: signal });
      return { port, closed: whenOver(signal, () => answers.delete(port)) };
    },
    async datagrams(options, receive, signal): Promise<Datagrams> {
      signal.throwIfAborted();
      const others = sockets.get(options.port) ?? [];
      const sharing = options.shared === true && others.every((other) => other.options.shared === true);
      const port = portFor("UDP", options, others.length > 0 && !sharing);
      const index = options.interface === undefined ? undefined : indexOf(options.interface);
      if (options.interface !== undefined && index === undefined) {
        throw listenFailure("no-such-interface", `UDP, interface ${options.interface}`, options);
      }
      const own: OpenSocket = { options, index, receive };
      sockets.set(port, [...(sockets.get(port) ?? []), own]);
      const closing = new AbortController();
      const closed = whenOver(AbortSignal.any([signal, closing.signal]), () => {
        const left = (sockets.get(port) ?? []).filter((socket) => socket !== own);
        if (left.length === 0) sockets.delete(port);
        else sockets.set(port, left);
      });
      const send: Datagrams["send"] = (bytes, to) => {
        if (!closing.signal.aborted && !signal.aborted) heard.push({ bytes: bytes.slice(), from: port, to });
      };
      return {
        port,
        closed,
        send,
        sendPieces(bytes, pieceBytes, to) {
          for (let at = 0; at < bytes.length; at += pieceBytes) send(bytes.subarray(at, at + pieceBytes), to);
        },
        close: () => closing.abort(),
      };
    },
    async streams(options, hear, signal) {
      signal.throwIfAborted();
      const port = portFor("TCP", options, listeners.has(options.port) || answers.has(options.port));
      const connections = new Places<Connection>(options.mostConnections, ({ heardBytes }) => heardBytes);
      listeners.set(port, { hear, connections });
      const closed = whenOver(signal, () => {
        listeners.delete(port);
        for (const listener of connections.all()) listener.end();
      });
      return { port, closed };
    },
  };

  const strangers: Strangers = {
    async ask(port, question, signal = new AbortController().signal) {
      const listener = answers.get(port);
      if (listener === undefined) return undefined;
      const request = requestOf(question, AbortSignal.any([signal, listener.end]));
      return collect(await listener.answer(request), request.method, request.signal);
    },
    send(port, bytes, from) {
      const open = (sockets.get(port) ?? []).filter(
        ({ options, index }) => options.interface === undefined || indexOf(options.interface) === index,
      );
      const unaddressed = open.filter(({ options }) => options.host === "");
      for (const { receive } of unaddressed.length > 0 ? unaddressed : open) receive(bytes.slice(), from);
      return open.length > 0;
    },
    tell(port, pieces, from, stay) {
      const open = listeners.get(port);
      if (open === undefined) return undefined;
      const { hear, connections } = open;
      const listener: Connection = { ...hear(from), heardBytes: 0 };
      const loser = connections.take(listener);
      loser?.end();
      for (const piece of loser === listener ? [] : pieces) {
        listener.receive(piece.slice());
        listener.heardBytes += piece.length;
      }
      const go = (): void => {
        if (connections.leave(listener)) listener.end();
      };
      if (stay === undefined) go();
      return go;
    },
    heard: () => heard.splice(0),
    occupy: (port) => occupied.add(port),
  };
  return { serving, strangers };
}

function requestOf(
  { method = "GET", target = "/", headers = {}, body = new Uint8Array() }: Partial<Question>,
  signal: AbortSignal,
): IncomingRequest {
  return {
    method,
    target,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    from: { host: "192.0.2.1", port: 1024 },
    signal,
    async body(limitBytes) {
      if (body.length <= limitBytes) return body.slice();
      throw new Failure(`the body of a request has more than ${limitBytes} bytes`, { code: "too-large" });
    },
  };
}

async function collect({ status, headers = {}, body }: Reply, method: string, signal: AbortSignal): Promise<Answered> {
  const pieces: number[] = [];
  if (body instanceof Uint8Array) pieces.push(...(method === "HEAD" ? [] : body));
  else if (body !== undefined && method === "HEAD") await body[Symbol.asyncIterator]().return?.();
  else if (body !== undefined) {
    for await (const piece of body) {
      if (signal.aborted) break;
      pieces.push(...piece);
    }
  }
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { status, headers: Object.fromEntries(named) as Record<string, string>, body: Uint8Array.from(pieces) };
}

/** Resolves when the signal has aborted and `task` was done. */
function whenOver(signal: AbortSignal, task: () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => {
    task();
    resolve();
  };
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return promise;
}
