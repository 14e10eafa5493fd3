// SPDX-License-Identifier: Apache-2.0
// The control socket of a running agent: answers what `mgmt status`, `events` and `why` ask. It changes nothing, and only
// the user who runs the agent can reach it.

import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { Written } from "../../journal/entry.ts";
import { type Answer, parseRequest, type Request, requestLimit } from "./control-protocol.ts";
import { lineReader } from "./lines.ts";
import { withSocketPath } from "./socket-path.ts";

const mostConnections = 32;
/** A reader that has let so much come together is not one any more. */
const mostUnread = 32 * 1024 * 1024;
const silentMs = 60_000;

export interface ControlServer {
  /** For those who follow. */
  tell(entries: readonly Written[]): void;
  close(): void;
}

/** What answers; `events` alone may go on. */
export interface Answering {
  answer(request: Request): Iterable<Answer>;
}

/** Whoever calls holds the lock of the prefix, so a socket that is there is that of an agent that was killed. */
export function serveControl(
  prefix: string,
  answering: Answering,
  onTrouble: (message: string) => void,
): ControlServer {
  const path = `${prefix}/control.sock`;
  const followers = new Map<Socket, Extract<Request, { ask: "events" }>>();
  const sockets = new Set<Socket>();
  const send = (socket: Socket, answer: Answer): void => {
    if (socket.writableLength > mostUnread) socket.destroy();
    else socket.write(`${JSON.stringify(answer)}\n`);
  };
  const reply = (socket: Socket, line: string): void => {
    const request = parseRequest(line);
    if (request === undefined) return send(socket, { answer: "refused", message: "This is not a request." });
    for (const answer of answering.answer(request)) send(socket, answer);
    if (request.ask !== "events" || !request.follow) return send(socket, { answer: "end" });
    socket.setTimeout(0);
    followers.set(socket, request);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding("utf8").setTimeout(silentMs, () => socket.destroy());
    socket.on("error", () => {}); // Whoever asked has gone.
    socket.on("close", () => {
      followers.delete(socket);
      sockets.delete(socket);
    });
    const read = lineReader(requestLimit, (line) => reply(socket, line));
    socket.on("data", (piece: string) => {
      if (!read(piece)) socket.destroy();
    });
  });
  server.maxConnections = mostConnections;
  server.on("error", (reason) => onTrouble(`The control socket ${path} cannot be opened: ${reason.message}.`));
  rmSync(path, { force: true });
  // Nobody may connect before the mode is set, nor should a socket alone keep the process running.
  const before = process.umask(0o177);
  try {
    withSocketPath(prefix, (shortPath) => server.listen(shortPath));
    server.unref();
  } finally {
    process.umask(before);
  }
  server.once("listening", () => chmodSync(path, 0o600));
  return {
    tell: (entries) => {
      for (const [socket, { resource }] of followers) {
        for (const event of entries) {
          const concerns = resource === undefined || ("resource" in event && event.resource === resource);
          if (concerns) send(socket, { answer: "event", event });
        }
      }
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.end();
      rmSync(path, { force: true });
    },
  };
}
