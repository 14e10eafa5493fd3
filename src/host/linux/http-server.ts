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
/** One more, and who has got nowhere for the longest time is cut off: nobody keeps others out by holding connections. */
const mostConnections = 2000;

export async function listenHttp(
  options: HttpOptions,
  answer: HttpAnswer,
  clock: Clock,
  signal: AbortSignal,
): Promise<Listening> {
  signal.throwIfAborted();
  /** Of what is being answered. */
  const open = new Set<AbortController>();
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
    incoming.socket.setTimeout(0); // The answer may take its time.
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

function close(server: Server, open: ReadonlySet<AbortController>, shutdownMs: number, clock: Clock): void {
  const cut = (): void => {
    for (const answering of open) answering.abort();
    server.closeAllConnections();
  };
  const cancel = shutdownMs > 0 ? clock.after(shutdownMs, cut) : () => {};
  server.close(cancel);
  server.closeIdleConnections();
  if (shutdownMs <= 0) cut();
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { writeTimeoutMs, stalledMs = usualStalledMs, onError }: HttpOptions,
  answer: HttpAnswer,
  open: Set<AbortController>,
): Promise<void> {
  // One signal for both ends, the client's and ours: to join two of them would cost more than all else here.
  const gone = new AbortController();
  open.add(gone);
  outgoing.once("close", () => {
    open.delete(gone);
    // Of an answer that was sent nobody waits for anything.
    if (!outgoing.writableFinished) gone.abort();
  });
  const request = requestOf(incoming, stalledMs, gone.signal);
  if (writeTimeoutMs !== undefined) {
    const limit = setTimeout(() => outgoing.destroy(), writeTimeoutMs);
    outgoing.once("close", () => clearTimeout(limit));
  }
  let response: Reply;
  try {
    response = await answer(request);
  } catch (reason) {
    if (gone.signal.aborted) return;
    onError?.(reason, request);
    response = { status: 500 };
  }
  if (gone.signal.aborted) return release(response.body);
  // What is left of a body that nobody read would be taken for the next request.
  if (!incoming.complete) outgoing.shouldKeepAlive = false;
  await send(response, request, outgoing, stalledMs);
}

function requestOf(incoming: IncomingMessage, stalledMs: number, signal: AbortSignal): IncomingRequest {
  const { method = "GET", url = "/", socket } = incoming;
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return {
    method,
    target: url,
    headers,
    // Who comes over IPv4 to a socket that hears both is shown in the form of IPv6.
    from: peerOf(socket),
    signal,
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
  { method, signal }: IncomingRequest,
  outgoing: ServerResponse,
  stalledMs: number,
): Promise<void> {
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
  // Who takes nothing of what is sent for so long is gone, or means no good.
  outgoing.setTimeout(stalledMs, () => outgoing.destroy());
  if (body instanceof Uint8Array) {
    tellLength(body.length);
    outgoing.writeHead(status, head);
    // Before the runtime limits how long the connection may wait for another request.
    outgoing.prependOnceListener("finish", () => outgoing.setTimeout(0));
    outgoing.end(body);
    return;
  }
  outgoing.writeHead(status, head);
  try {
    for await (const piece of body) await written(piece, outgoing, signal);
    outgoing.end();
    outgoing.setTimeout(0);
  } catch (reason) {
    outgoing.destroy();
    await release(body); // It was perhaps never begun.
    throw reason;
  }
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
