// SPDX-License-Identifier: Apache-2.0
// Whether sessions lived as long as their owners could believe, and not much longer. Pure.

import type { History, Recorded, Violation } from "./history.ts";

/** A process is told a moment after others may have been: timers are not exact. */
const slackMs = 150;

/** When it was seen, at the latest, that keys of a session are gone. */
export class Absences {
  readonly first = new Map<string, { readonly atMs: number; readonly by: string }>();

  add(session: string, atMs: number, by: string): void {
    if ((this.first.get(session)?.atMs ?? Number.POSITIVE_INFINITY) > atMs) this.first.set(session, { atMs, by });
  }
}

/** As its owner sees it. */
export interface Claim {
  readonly session: string;
  readonly client: string;
  readonly ttlMs: number;
  readonly askedMs: number;
  readonly fromMs: number;
  /** Then its owner knew that it is over, has ended it, was killed, or began to do nothing. */
  untilMs: number;
  /** When it was noted that it ended. */
  endMs: number;
  /** What ended it; undefined: nothing has. */
  end: "session-ends" | "session-over" | "killed" | undefined;
}

/** Of all sessions that were opened. */
export function claimsIn({ events }: History): ReadonlyMap<string, Claim> {
  const claims = new Map<string, Claim>();
  const sleeps = new Map<string, Extract<Recorded, { what: "asleep" }>[]>();
  for (const event of events) {
    const { client, atMs } = event;
    if (event.what === "asleep") sleeps.set(client, [...(sleeps.get(client) ?? []), event]);
    if (event.what === "session") {
      const { session, ttlMs, askedMs } = event;
      claims.set(session, { session, client, ttlMs, askedMs, fromMs: atMs, untilMs: Number.POSITIVE_INFINITY, endMs: Number.POSITIVE_INFINITY, end: undefined }); // biome-ignore format: one line
    }
    const isEnd = event.what === "session-ends" || event.what === "session-over" || event.what === "killed";
    if (!isEnd) continue;
    for (const claim of claims.values()) {
      const isIts = event.what === "killed" ? claim.client === client : claim.session === event.session;
      if (isIts && claim.end === undefined) Object.assign(claim, { untilMs: atMs, endMs: atMs, end: event.what });
    }
  }
  for (const claim of claims.values()) {
    for (const { fromMs, atMs } of (sleeps.get(claim.client) ?? []).toReversed())
      if (fromMs < claim.untilMs && claim.untilMs <= atMs + slackMs) claim.untilMs = fromMs;
  }
  return claims;
}

export function sessionViolations(history: History, absences: Absences): readonly Violation[] {
  const violations: Violation[] = [];
  const say = (text: string): void => void violations.push({ property: "session", text });
  const claims = claimsIn(history);
  for (const event of history.events) {
    if (event.what !== "refused" || event.code !== "not-found") continue;
    const asked = history.events.find((each) => each.what === "commits" && each.call === event.call);
    if (asked?.what !== "commits") continue;
    const sessions = asked.transaction.changes.flatMap((change) => (change.do === "put" ? (change.session ?? []) : []));
    const [session] = sessions;
    if (session !== undefined && new Set(sessions).size === 1) absences.add(session, event.atMs, event.call);
  }
  for (const { session, client, ttlMs, askedMs, untilMs, endMs, end } of claims.values()) {
    const gone = absences.first.get(session);
    const isEarly = gone !== undefined && gone.atMs < untilMs - slackMs;
    if (isEarly) say(`keys of session ${session} of ${client} were gone for ${gone.by} at ${at(gone.atMs)}, and it held them until ${at(untilMs)}`); // biome-ignore format: one line
    const leastMs = askedMs + ttlMs - slackMs;
    const isForced = end === "killed" && gone !== undefined && gone.atMs < leastMs;
    if (isForced) say(`keys of session ${session} were gone at ${at(gone.atMs)}, before its time at ${at(leastMs)}`);
    if (end === "session-over" && endMs < leastMs && gone === undefined)
      say(`session ${session} was over at ${at(endMs)}, before its time at ${at(leastMs)}`);
  }
  for (const { key, session } of history.end.entries) {
    const claim = session === undefined ? undefined : claims.get(session);
    if (claim?.end !== undefined) say(`${key} stays, and its session ${session} has ended (${claim.end})`);
  }
  return violations;
}

function at(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
