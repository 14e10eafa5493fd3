// SPDX-License-Identifier: Apache-2.0
// HTTP over the runtime's own server. Turns its streams into plain requests and answers, and ends it in time.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Places } from "../../base/places.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import type { HttpAnswer, HttpOptions, IncomingRequest, Reply, Listening } from "../../contract/serving.ts";
import { listenTcp, peerOf } from "./tcp.ts";

/** Of a connection on which nothing is asked any more. */
const idleMs = 5000;
/** For the head of a request: a client that is slower than that holds a place for nothing. */
const headMs = 20_000;
/** Of a body that is being sent, in either direction, when nothing else is said. */
const usualStalledMs = 300_000;
/** How often it is looked for those that were too slow with a head. */
const lookMs = 5000;
const longestHead = 32 * 1024;
/** With its head a body of that size fits into what the runtime copies and sends at once. */
const oneWriteBytes = 8 * 1024;
/** One more, and who has got nowhere for the longest time is cut off: nobody keeps others out by holding connections. */
const mostConnections = 2000;

export async function listenHttp(
  options: HttpOptions,
  answer: HttpAnswer,
  clock: Clock,
  signal: AbortSignal,
): Promise<Listening> {
  signal.throwIfAborted();
  const open = new Set<Answering>();
  const server = createServer({
    keepAliveTimeout: idleMs,
    headersTimeout: headMs,
    requestTimeout: options.readTimeoutMs ?? 0,
    maxHeaderSize: longestHead,
    connectionsCheckingInterval: lookMs,
  });
  const places = new Places<Socket>(mostConnections, ({ bytesRead, bytesWritten }) => bytesRead + bytesWritten);
  server.on("connection", (socket) => {
    const loser = places.take(socket);
    loser?.destroy();
    if (loser === socket) return;
    socket.once("close", () => places.leave(socket));
    // The limit for heads begins with the first letter of one.
    socket.setTimeout(headMs);
  });
  server.on("request", (incoming, outgoing) => {
    if (incoming.socket.timeout !== 0) incoming.socket.setTimeout(0); // The answer may take its time.
    // It settles: whatever goes wrong is answered, or ends the connection.
    respond(incoming, outgoing, options, answer, open).catch(() => outgoing.destroy());
  });
  const closed = Promise.withResolvers<void>();
  server.once("close", closed.resolve);
  await listenTcp(server, options);
  const end = (): void => close(server, open, options.shutdownMs, clock);
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return { port: (server.address() as AddressInfo).port, closed: closed.promise };
}

function close(server: Server, open: ReadonlySet<Answering>, shutdownMs: number, clock: Clock): void {
  const cut = (): void => {
    for (const answering of open) answering.abort();
    server.closeAllConnections();
  };
  const cancel = shutdownMs > 0 ? clock.after(shutdownMs, cut) : () => {};
  server.close(cancel);
  server.closeIdleConnections();
  if (shutdownMs <= 0) cut();
}

/** A request that is being answered. Its signal, one for both ends, the client's and ours, is made when somebody wants it. */
class Answering {
  isGone = false;
  #gone: AbortController | undefined;

  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      this.#gone = new AbortController();
      if (this.isGone) this.#gone.abort();
    }
    return this.#gone.signal;
  }

  abort(): void {
    this.isGone = true;
    this.#gone?.abort();
  }
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { writeTimeoutMs, stalledMs = usualStalledMs, onError }: HttpOptions,
  answer: HttpAnswer,
  open: Set<Answering>,
): Promise<void> {
  const answering = new Answering();
  open.add(answering);
  outgoing.once("close", () => {
    open.delete(answering);
    // Of an answer that was sent nobody waits for anything.
    if (!outgoing.writableFinished) answering.abort();
  });
  const request = requestOf(incoming, stalledMs, answering);
  if (writeTimeoutMs !== undefined) {
    const limit = setTimeout(() => outgoing.destroy(), writeTimeoutMs);
    outgoing.once("close", () => clearTimeout(limit));
  }
  let response: Reply;
  try {
    response = await answer(request);
  } catch (reason) {
    if (answering.isGone) return;
    onError?.(reason, request);
    response = { status: 500 };
  }
  if (answering.isGone) return release(response.body);
  // What is left of a body that nobody read would be taken for the next request.
  if (!incoming.complete) outgoing.shouldKeepAlive = false;
  await send(response, request, outgoing, stalledMs);
}

function requestOf(incoming: IncomingMessage, stalledMs: number, answering: Answering): IncomingRequest {
  const { method = "GET", url = "/", socket } = incoming;
  const headers = new Map<string, string>();
  for (const name in incoming.headers) {
    const value = incoming.headers[name];
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return {
    method,
    target: url,
    headers,
    from: peerOf(socket),
    get signal() {
      return answering.signal;
    },
    body: (limitBytes) => bodyOf(incoming, limitBytes, stalledMs),
  };
}

async function bodyOf(incoming: IncomingMessage, limitBytes: number, stalledMs: number): Promise<Uint8Array> {
  const tooLarge = () => new Failure(`the body of a request has more than ${limitBytes} bytes`, { code: "too-large" });
  if (Number(incoming.headers["content-length"] ?? 0) > limitBytes) throw tooLarge();
  const pieces: Buffer[] = [];
  let length = 0;
  incoming.setTimeout(stalledMs, () => incoming.destroy());
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > limitBytes) throw tooLarge();
    pieces.push(piece);
  }
  incoming.setTimeout(0); // The answer may take its time.
  return Uint8Array.from(Buffer.concat(pieces));
}

async function send(
  { status, headers = {}, body }: Reply,
  request: IncomingRequest,
  outgoing: ServerResponse,
  stalledMs: number,
): Promise<void> {
  const { method } = request;
  const head: (string | string[])[] = [];
  for (const name in headers) head.push(spelt(name), headers[name] as string);
  const tellLength = (length: number): void => {
    if (headers["content-length"] === undefined) head.push("Content-Length", String(length));
  };
  if (body === undefined || method === "HEAD") {
    if (body === undefined && method !== "HEAD" && status !== 304 && status !== 204) tellLength(0);
    outgoing.writeHead(status, head);
    outgoing.end();
    await release(body);
    return;
  }
  if (body instanceof Uint8Array) {
    tellLength(body.length);
    outgoing.writeHead(status, head);
    endWith(body, outgoing, stalledMs);
    return;
  }
  // Who takes nothing of what is sent for so long is gone, or means no good.
  outgoing.setTimeout(stalledMs, () => outgoing.destroy());
  outgoing.writeHead(status, head);
  try {
    for await (const piece of body) await written(piece, outgoing, request.signal);
    outgoing.end();
    outgoing.setTimeout(0);
  } catch (reason) {
    outgoing.destroy();
    await release(body); // It was perhaps never begun.
    throw reason;
  }
}

/** The rest of the answer. */
function endWith(body: Uint8Array, outgoing: ServerResponse, stalledMs: number): void {
  if (body.length <= oneWriteBytes) {
    // As a text, byte by byte, it goes out with the head in one call, which the runtime makes on the spot.
    outgoing.end(Buffer.from(body.buffer, body.byteOffset, body.length).toString("latin1"), "latin1");
    if (outgoing.socket?.writableLength === 0) return; // The kernel has it.
    limitStall(outgoing, stalledMs);
    return;
  }
  limitStall(outgoing, stalledMs);
  outgoing.end(body);
}

/** Who takes nothing of what is sent for so long is gone, or means no good. */
function limitStall(outgoing: ServerResponse, stalledMs: number): void {
  outgoing.setTimeout(stalledMs, () => outgoing.destroy());
  // Before the runtime limits how long the connection may wait for another request.
  outgoing.prependOnceListener("finish", () => outgoing.setTimeout(0));
}

const spellings = new Map<string, string>();

/** `Content-Length`: it means the same in small letters, but boot loaders look for this one. */
function spelt(name: string): string {
  let found = spellings.get(name);
  if (found === undefined) {
    found = name.replaceAll(/(?<![a-z])[a-z]/g, (letter) => letter.toUpperCase());
    spellings.set(name, found);
  }
  return found;
}

/** Resolves when the kernel has it: the piece may be another one afterwards. */
function written(piece: Uint8Array, outgoing: ServerResponse, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => reject(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  outgoing.write(piece, (reason) => {
    signal.removeEventListener("abort", stop);
    if (reason) reject(reason);
    else resolve();
  });
  return promise;
}

/** A body that is not sent has perhaps something open. */
async function release(body: Reply["body"]): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) return;
  await body[Symbol.asyncIterator]().return?.();
}
