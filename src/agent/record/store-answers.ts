// SPDX-License-Identifier: Apache-2.0
// Lets other processes of the same user use the store that a run has for itself, over its control socket: mgmt is the one that
// writes the file, so what they change goes through it, and the program hears of it at once.

import type { Cluster, Session } from "../../contract/cluster.ts";
import { Failure } from "../../contract/failure.ts";
import type { StoreAnswer, StoreRequest } from "./store-protocol.ts";

/** Resolves when the next answer can be taken. */
export type SendAnswer = (answer: StoreAnswer) => Promise<void>;

export interface StoreAnswering {
  /** Until everything is said; a watch and a session go on until the signal aborts. */
  answer(request: StoreRequest, send: SendAnswer, signal: AbortSignal): Promise<void>;
}

/** `cluster`: that of the run, which whoever made it closes. Absent: the run has none for itself. */
export function answersOf(cluster: Cluster | undefined): StoreAnswering {
  const sessions = new Map<string, Session>();
  return {
    async answer(request, send, signal) {
      try {
        if (cluster === undefined) throw isOfOthers();
        await answer(cluster, sessions, request, send, signal);
      } catch (reason) {
        if (signal.aborted) return;
        await send(failedBy(reason));
      }
    },
  };
}

async function answer(
  cluster: Cluster,
  sessions: Map<string, Session>,
  request: StoreRequest,
  send: SendAnswer,
  signal: AbortSignal,
): Promise<void> {
  switch (request.ask) {
    case "read": {
      const { revision, entries } = await cluster.read(request.range, signal);
      for (const entry of entries) await send({ answer: "entry", entry });
      await send({ answer: "revision", revision });
      return;
    }
    case "commit": {
      await send({ answer: "committed", ...(await cluster.commit(request.transaction, signal)) });
      return;
    }
    case "watch":
      for await (const item of cluster.watch(request.range, request.after, signal)) {
        if (item.kind === "compacted") return send({ answer: "compacted" });
        for (const { key, entry } of item.changes) {
          await send({ answer: "change", key, ...(entry === undefined ? {} : { entry }) });
        }
        await send({ answer: "revision", revision: item.revision });
      }
      return;
    case "session": {
      const session = await cluster.openSession(request.ttlMs, signal);
      sessions.set(session.id, session);
      await send({ answer: "session", session: session.id });
      await aborted(AbortSignal.any([session.over, signal]));
      // Its owner has gone without a word.
      if (!session.over.aborted) session.leave();
      sessions.delete(session.id);
      return;
    }
    case "leave session":
      sessions.get(request.session)?.leave();
      return;
    case "end session":
      await sessions.get(request.session)?.end(signal);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function failedBy(reason: unknown): StoreAnswer {
  const failure =
    reason instanceof Failure
      ? reason
      : new Failure(`It went wrong: ${reason instanceof Error ? reason.message : String(reason)}.`, {
          code: "unexpected",
        });
  const { message, code, hint, retry } = failure;
  return { answer: "failed", message, code, retry, ...(hint === undefined ? {} : { hint }) };
}

/** Whoever asks goes to the store itself then. */
function isOfOthers(): Failure {
  return new Failure("The mgmt that runs here shares its store with others.", {
    code: "unsupported",
    hint: "Give --seeds, as the run has it.",
  });
}
