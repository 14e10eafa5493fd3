// SPDX-License-Identifier: Apache-2.0
// Asks a running agent over its control socket.

import { connect, type Socket } from "node:net";
import { Failure } from "../../contract/failure.ts";
import { type Answer, answerLimit, goesOn, type Request } from "./control-protocol.ts";
import { lineReader } from "./lines.ts";
import { withSocketPath } from "./socket-path.ts";

const patienceMs = 10_000;

/**
 * Calls back for each answer but the last one; resolves with whether an agent was there. Fails with a `Failure` when it
 * may not be asked, refuses, or says nothing for long, unless it is followed: then it may be silent. Its end is the end of the
 * answers.
 */
export function askAgent(
  prefix: string,
  request: Request,
  onAnswer: (answer: Answer) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  let socket: Socket;
  try {
    socket = withSocketPath(prefix, (path) => connect(path));
  } catch {
    return Promise.resolve(false); // There is no such directory.
  }
  const stop = (): void => {
    reject(signal?.reason);
    socket.destroy();
  };
  signal?.addEventListener("abort", stop, { once: true });
  let isThere = false;
  const end = (): void => {
    socket.destroy();
    resolve(isThere);
  };
  const take = (line: string): void => {
    // From an agent of this user, over a socket that nobody else can open.
    const answer = JSON.parse(line) as Answer;
    if (answer.answer === "end") return end();
    if (answer.answer === "refused") {
      reject(new Failure(`The running mgmt refused: ${answer.message}`, { code: "unsupported" }));
      socket.destroy();
      return;
    }
    if (answer.answer === "failed") {
      reject(new Failure(answer.message, answer));
      socket.destroy();
      return;
    }
    onAnswer(answer);
  };
  const read = lineReader(answerLimit, take);
  socket.setEncoding("utf8");
  socket.on("connect", () => {
    isThere = true;
    socket.write(`${JSON.stringify(request)}\n`);
  });
  socket.on("data", (piece: string) => {
    if (!read(piece)) socket.destroy(new Error("its answer is too long"));
  });
  socket.on("close", () => {
    signal?.removeEventListener("abort", stop);
    end();
  });
  socket.on("error", (reason: NodeJS.ErrnoException) => {
    if (reason.code === "ENOENT" || reason.code === "ECONNREFUSED" || reason.code === "ENOTDIR") return end();
    if (reason.code === "EACCES" || reason.code === "EPERM") {
      const hint = "Ask as the user who runs it, for example with sudo.";
      reject(new Failure("The mgmt that runs here belongs to another user.", { code: "denied", hint }));
    } else if (isThere) {
      end();
    } else {
      reject(new Failure(`The running mgmt cannot be asked: ${reason.message}`, { code: "unreachable" }));
    }
  });
  if (!goesOn(request)) {
    socket.setTimeout(patienceMs, () => {
      reject(new Failure("The running mgmt does not answer.", { code: "timed-out" }));
      socket.destroy();
    });
  }
  return promise;
}
