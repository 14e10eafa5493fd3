// SPDX-License-Identifier: Apache-2.0
// Whether all who are left know the same in the end, and nothing else than what is there. Pure.

import { decisionKey, partsAfter, schedulePrefix, tablePrefix } from "../../src/exchange/keys.ts";
import type { Entry } from "../../src/contract/cluster.ts";
import { decide } from "../../src/exchange/decide.ts";
import type { Candidacy } from "../../src/contract/exchange.ts";
import type { History, Violation } from "./history.ts";
import { chosenIn } from "./schedules.ts";

/** The key of the table in which each client keeps a text. */
export const tableKey = "status";

export function convergenceViolations({ events, end, living, most }: History): readonly Violation[] {
  const violations: Violation[] = [];
  const say = (text: string): void => void violations.push({ property: "convergence", text });
  // What each knew last.
  const last = new Map(events.flatMap((event) => (event.what === "at-rest" ? [[event.client, event] as const] : [])));
  for (const client of living) if (!last.has(client)) say(`${client} does not come to rest`);
  const views = living.flatMap((client) => last.get(client) ?? []);
  const table = tableIn(end.entries);
  for (const { client, view } of views) {
    if (view.snapshot.revision !== end.revision || shown(view.snapshot.entries) !== shown(end.entries))
      say(`${client} reads another state at ${view.snapshot.revision} than there is at ${end.revision}`);
    if (JSON.stringify(sorted(view.table)) !== JSON.stringify(sorted(table)))
      say(`${client} knows the texts ${JSON.stringify(view.table)}, and there are ${JSON.stringify(table)}`);
    for (const namespace of Object.keys(most)) {
      const [known, chosen] = [(view.chosen[namespace] ?? []).join(", "), chosenIn(end, namespace).join(", ")];
      if (known !== chosen) say(`${client} knows that ${known || "nobody"} is chosen for ${namespace}, and it is ${chosen || "nobody"}`); // biome-ignore format: one line
    }
  }
  for (const namespace of Object.keys(most)) {
    const undecided = undecidedIn(end.entries, namespace);
    if (undecided !== undefined) say(undecided);
  }
  return violations;
}

/** Whoever is left would choose somebody else. */
function undecidedIn(entries: readonly Entry[], namespace: string): string | undefined {
  const own = entries.filter(({ key }) => key.startsWith(schedulePrefix(namespace)));
  const decision = own.find(({ key }) => key === decisionKey(namespace));
  const { hosts = [] } = JSON.parse(decision?.value ?? "{}") as { readonly hosts?: readonly string[] };
  const candidates = own
    .filter((entry) => entry !== decision)
    .map(({ key, created, changed, value }) => {
      const [, host = ""] = partsAfter(schedulePrefix(namespace), key);
      return { host, created, changed, candidacy: JSON.parse(value) as Candidacy };
    });
  const due = decide(candidates, hosts).join(", ");
  return due === hosts.join(", ") ? undefined : `for ${namespace} ${hosts.join(", ") || "nobody"} is chosen, and ${due || "nobody"} should be`; // biome-ignore format: one line
}

function tableIn(entries: readonly Entry[]): Readonly<Record<string, string>> {
  const prefix = tablePrefix(tableKey);
  const own = entries.filter(({ key }) => key.startsWith(prefix));
  return Object.fromEntries(
    own.map(({ key, value }) => [partsAfter(prefix, key)[0] ?? "", (JSON.parse(value) as { value: string }).value]),
  );
}

function sorted(record: Readonly<Record<string, string>>): readonly unknown[] {
  return Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
}

function shown(entries: readonly Entry[]): string {
  return JSON.stringify(
    entries.map(({ key, value, changed, created, session }) => [key, value, changed, created, session]),
  );
}
