// SPDX-License-Identifier: Apache-2.0
// The control socket of a running agent: answers what `mgmt status`, `events` and `why` ask, and lets others use the store that
// the run has for itself. Only the user who runs the agent can reach it, and root.

import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { Written } from "../../journal/entry.ts";
import { type Answer, goesOn, parseRequest, type Question, type Request, requestLimit } from "./control-protocol.ts";
import { lineReader } from "./lines.ts";
import { withSocketPath } from "./socket-path.ts";
import type { StoreAnswering } from "./store-answers.ts";
import type { StoreAnswer } from "./store-protocol.ts";

/** Whoever uses the store has a connection for each thing that is followed. */
const mostConnections = 128;
/** A reader that has let so much come together is not one any more. */
const mostUnread = 32 * 1024 * 1024;
/** What of the store is under way to a reader is not more than this and one entry. */
const mostUnderWay = 1024 * 1024;
/** Requests of one connection that wait for the answer to one before them. */
const mostWaiting = 100;
const silentMs = 60_000;

export interface ControlServer {
  /** For those who follow. */
  tell(entries: readonly Written[]): void;
  close(): void;
}

/** What answers; of questions, `events` alone may go on. */
export interface Answering {
  answer(question: Question): Iterable<Answer>;
  readonly store: StoreAnswering;
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
  const sendOfStore = async (socket: Socket, answer: StoreAnswer): Promise<void> => {
    send(socket, answer);
    if (socket.writableLength <= mostUnderWay) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off("drain", done).off("close", done);
        resolve();
      };
      socket.on("drain", done).on("close", done);
    });
  };
  const reply = async (socket: Socket, line: string, gone: AbortSignal): Promise<void> => {
    const request = parseRequest(line);
    if (request === undefined) return send(socket, { answer: "refused", message: "This is not a request." });
    if (goesOn(request)) socket.setTimeout(0);
    if (isQuestion(request)) {
      for (const answer of answering.answer(request)) send(socket, answer);
      if (request.ask === "events" && request.follow) return void followers.set(socket, request);
    } else {
      await answering.store.answer(request, (answer) => sendOfStore(socket, answer), gone);
      if (gone.aborted) return;
    }
    send(socket, { answer: "end" });
  };
  const server = createServer((socket) => {
    const gone = new AbortController();
    let last = Promise.resolve();
    let waiting = 0;
    sockets.add(socket);
    socket.setEncoding("utf8").setTimeout(silentMs, () => socket.destroy());
    socket.on("error", () => {}); // Whoever asked has gone.
    socket.on("close", () => {
      followers.delete(socket);
      sockets.delete(socket);
      gone.abort();
    });
    const read = lineReader(requestLimit, (line) => {
      waiting += 1;
      const answered = last.then(() => reply(socket, line, gone.signal));
      last = answered
        .catch(() => void socket.destroy())
        .finally(() => {
          waiting -= 1;
        });
    });
    socket.on("data", (piece: string) => {
      if (!read(piece) || waiting > mostWaiting) socket.destroy();
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

function isQuestion(request: Request): request is Question {
  return ["status", "report", "why", "events"].includes(request.ask);
}
