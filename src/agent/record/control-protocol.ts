// SPDX-License-Identifier: Apache-2.0
// What goes over the control socket: one line of JSON each way, answers in the order of the requests. Lines are limited,
// and a line that is no request gets an answer that says so.

import type { Written } from "../../journal/entry.ts";
import type { Status, Why } from "./facts.ts";
import { parseStoreRequest, type StoreAnswer, type StoreRequest } from "./store-protocol.ts";

export type Request = Question | StoreRequest;

/** About the run: answered at once. */
export type Question =
  | { readonly ask: "status" }
  /** As `--report` writes it, a line for each resource. */
  | { readonly ask: "report" }
  | { readonly ask: "why"; readonly resource: string }
  /** Answered by many: the entries, oldest first, then, if it follows, each new one as it is written. */
  | { readonly ask: "events"; readonly resource?: string; readonly sinceMs?: number; readonly follow: boolean };

export type Answer =
  | { readonly answer: "status"; readonly status: Status | null }
  | { readonly answer: "report"; readonly line: string }
  | { readonly answer: "why"; readonly why: Why }
  | { readonly answer: "event"; readonly event: Written }
  | StoreAnswer
  /** Nothing more comes for this request. */
  | { readonly answer: "end" }
  | { readonly answer: "refused"; readonly message: string };

/** A request line holds at the most one transaction of the store, each byte of which may become six characters of JSON. */
export const requestLimit = 8 * 1024 * 1024;
/** A line that is no transaction is shorter. */
const questionLimit = 16 * 1024;
/** An answer line holds at the most `mostEntries` entries or all failures, each with its text, or an entry of the store. */
export const answerLimit = 8 * 1024 * 1024;

/** Whether it is answered until whoever asks has enough. */
export function goesOn(request: Request): boolean {
  const { ask } = request;
  return ask === "watch" || ask === "session" || (ask === "events" && request.follow);
}

export function parseRequest(line: string): Request | undefined {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof read !== "object" || read === null || !("ask" in read)) return undefined;
  if (line.length > questionLimit && read.ask !== "commit") return undefined;
  const resource = "resource" in read && typeof read.resource === "string" ? read.resource : undefined;
  switch (read.ask) {
    case "status":
    case "report":
      return { ask: read.ask };
    case "why":
      return resource === undefined ? undefined : { ask: "why", resource };
    case "events": {
      const sinceMs = "sinceMs" in read && typeof read.sinceMs === "number" ? read.sinceMs : undefined;
      const follow = "follow" in read && read.follow === true;
      return {
        ask: "events",
        follow,
        ...(resource === undefined ? {} : { resource }),
        ...(sinceMs === undefined ? {} : { sinceMs }),
      };
    }
    default:
      return parseStoreRequest(read);
  }
}
