// SPDX-License-Identifier: Apache-2.0
// Asks about a run: the agent when it runs, else what its journal says.

import type { Host } from "../../contract/host.ts";
import { Failure } from "../../contract/failure.ts";
import { openForReading } from "../../database/database.ts";
import { journalForm } from "../../journal/form.ts";
import type { Written } from "../../journal/entry.ts";
import { entriesOf, lastStateOf, lastStates } from "../../journal/queries.ts";
import type { Answer, Request } from "./control-protocol.ts";
import { askAgent } from "./control-client.ts";
import type { Status, Why } from "./facts.ts";
import { type Source, tellStatus, tellWhy } from "./tell.ts";

/** More is not told from a journal at once. */
const mostEvents = 10_000;

export async function askStatus(prefix: string, host: Host): Promise<Status | undefined> {
  let told: Status | undefined;
  const take = (answer: Answer): void => {
    if (answer.answer === "status") told = answer.status ?? undefined;
  };
  if (await askAgent(prefix, { ask: "status" }, take)) return told;
  return withJournal(prefix, (source) => tellStatus(source, undefined, host.clock.now()));
}

/** Undefined when there is neither an agent nor a journal. */
export async function askWhy(prefix: string, resource: string, host: Host): Promise<Why | undefined> {
  let told: Why | undefined;
  const take = (answer: Answer): void => {
    if (answer.answer === "why") told = answer.why;
  };
  if (await askAgent(prefix, { ask: "why", resource }, take)) return told;
  return withJournal(prefix, (source) => tellWhy(source, undefined, resource, host.clock.now()));
}

/** Resolves when no more come, with how they came; undefined when there is neither an agent nor a journal. */
export async function askEvents(
  prefix: string,
  request: Extract<Request, { readonly ask: "events" }>,
  onEvent: (event: Written) => void,
): Promise<"agent" | "journal" | undefined> {
  const take = (answer: Answer): void => {
    if (answer.answer === "event") onEvent(answer.event);
  };
  if (await askAgent(prefix, request, take)) return "agent";
  const { resource, sinceMs } = request;
  return withJournal(prefix, (source) => {
    for (const event of source.entries({ resource, sinceMs, limit: mostEvents })) onEvent(event);
    return "journal" as const;
  });
}

function withJournal<Result>(prefix: string, use: (source: Source) => Result): Result | undefined {
  const path = `${prefix}/journal.db`;
  try {
    const database = openForReading(journalForm, path);
    if (database === undefined) return undefined;
    try {
      return use({
        entries: (filter) => entriesOf(database, filter),
        lastState: (resource) => lastStateOf(database, resource),
        lastStates: () => lastStates(database),
      });
    } finally {
      database.close();
    }
  } catch (reason) {
    if (!(reason instanceof Error)) throw reason;
    const hint = "Ask as the user who ran mgmt, for example with sudo.";
    throw new Failure(`The journal ${path} cannot be read: ${reason.message}.`, { code: "denied", hint });
  }
}
