// SPDX-License-Identifier: Apache-2.0
// Whether ever more hosts are chosen than may be: in what is decided, and in what hosts that are alive believe of
// themselves at the same instant. Pure.

import { candidatesPrefix, decisionKey, partsAfter } from "../../src/exchange/keys.ts";
import type { History, Violation } from "./history.ts";
import type { Ledger } from "./ledger.ts";
import { claimsIn } from "./sessions.ts";

/** So long two may overlap: what each was told is noted a moment later. */
const slackMs = 150;

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function scheduleViolations(history: History, ledger: Ledger): readonly Violation[] {
  return Object.entries(history.most).flatMap(([namespace, most]) => [
    ...decidedViolations(namespace, most, ledger),
    ...believedViolations(namespace, most, history, ledger),
  ]);
}

function decidedViolations(namespace: string, most: number, ledger: Ledger): readonly Violation[] {
  return ledger.done.flatMap(({ call, revision, transaction }): readonly Violation[] => {
    const change = transaction.changes.find(({ key }) => key === decisionKey(namespace));
    const hosts = change?.do === "put" ? hostsIn(change.value) : [];
    if (hosts.length <= most) return [];
    return [{ property: "schedule", text: `${call.name} chooses ${hosts.join(", ")} at ${revision}, and ${most} may be` }]; // biome-ignore format: one line
  });
}

function believedViolations(namespace: string, most: number, history: History, ledger: Ledger): readonly Violation[] {
  const spans = [...beliefsIn(namespace, history)].flatMap(([client, beliefs]) => {
    const leases = leasesOf(client, namespace, history, ledger);
    return beliefs.flatMap((belief) => leases.map((lease) => ({ client, ...overlap(belief, lease) })));
  });
  const instants = spans
    .filter(({ fromMs, untilMs }) => untilMs - fromMs > slackMs)
    .map(({ fromMs }) => fromMs + slackMs);
  for (const atMs of instants) {
    const now = new Set(spans.flatMap(({ client, fromMs, untilMs }) => (fromMs <= atMs - slackMs && atMs <= untilMs ? client : []))); // biome-ignore format: one line
    if (now.size <= most) continue;
    const text = `${[...now].sort().join(", ")} are chosen for ${namespace} at ${(atMs / 1000).toFixed(3)} s, and ${most} may be`;
    return [{ property: "schedule", text }];
  }
  return [];
}

/** When each host believed that it is chosen. */
function beliefsIn(namespace: string, { events }: History): ReadonlyMap<string, readonly Span[]> {
  const beliefs = new Map<string, Span[]>();
  const open = new Map<string, number>();
  const close = (client: string, untilMs: number): void => {
    const fromMs = open.get(client);
    open.delete(client);
    if (fromMs !== undefined) beliefs.set(client, [...(beliefs.get(client) ?? []), { fromMs, untilMs }]);
  };
  const dead = new Set<string>();
  for (const event of events) {
    const { client, atMs } = event;
    if (dead.has(client)) continue;
    if (event.what === "killed") dead.add(client);
    if (event.what === "chosen" && event.namespace === namespace) {
      if (!event.isChosen) close(client, atMs);
      else if (!open.has(client)) open.set(client, atMs);
    } else if (event.what === "killed" || (event.what === "withdraws" && event.namespace === namespace)) {
      close(client, atMs);
    } else if (event.what === "asleep" && open.has(client)) {
      // Who sleeps does nothing in that belief.
      close(client, Math.max(event.fromMs, open.get(client) ?? 0));
      open.set(client, atMs + slackMs);
    }
  }
  for (const client of [...open.keys()]) close(client, Number.POSITIVE_INFINITY);
  return beliefs;
}

/** When a host that is a candidate held the session of that. */
function leasesOf(client: string, namespace: string, history: History, ledger: Ledger): readonly Span[] {
  const key = `${candidatesPrefix(namespace)}${client}`;
  const claims = claimsIn(history);
  return ledger.done.flatMap(({ call, transaction }): readonly Span[] => {
    const change = transaction.changes.find((each) => each.key === key);
    const session = change?.do === "put" ? change.session : undefined;
    const claim = session === undefined ? undefined : claims.get(session);
    return claim === undefined || call.answer === undefined
      ? []
      : [{ fromMs: call.answer.atMs, untilMs: claim.untilMs }];
  });
}

function overlap(left: Span, right: Span): Span {
  return { fromMs: Math.max(left.fromMs, right.fromMs), untilMs: Math.min(left.untilMs, right.untilMs) };
}

/** Who is chosen by what is in the store: decided, and still a candidate. */
export function chosenIn({ entries }: History["end"], namespace: string): readonly string[] {
  const prefix = candidatesPrefix(namespace);
  const present = new Set(
    entries.filter(({ key }) => key.startsWith(prefix)).map(({ key }) => partsAfter(prefix, key)[0]),
  );
  const decision = entries.find(({ key }) => key === decisionKey(namespace));
  return (decision === undefined ? [] : hostsIn(decision.value)).filter((host) => present.has(host)).sort();
}

function hostsIn(decision: string): readonly string[] {
  const { hosts } = JSON.parse(decision) as { readonly hosts?: readonly string[] };
  return hosts ?? [];
}
