// SPDX-License-Identifier: Apache-2.0
// Who is chosen of the hosts that want to be. Pure: the same candidates and the same former decision give the same one,
// on every host.

import type { Candidacy } from "../contract/exchange.ts";

export interface Candidate {
  readonly host: string;
  /** In which order the candidates came, and in which they last said what they want. */
  readonly created: number;
  readonly changed: number;
  readonly candidacy: Candidacy;
}

const defaultStrategy = "rr";
const defaultMax = 1;

/** The chosen ones, in an order that the next decision needs. `former` is the decision before, in its order. */
export function decide(candidates: readonly Candidate[], former: readonly string[]): readonly string[] {
  const { strategy, max } = optionsOf(candidates);
  if (max <= 0) return [];
  switch (strategy) {
    case "alpha":
      return candidates
        .map(({ host }) => host)
        .sort(compareTexts)
        .slice(0, max);
    case "rr":
      return stayingFirst(candidates, former).slice(0, max);
    default: {
      // A later version of mgmt may know it: nobody is chosen anew here, and who has gone is not chosen any more.
      const present = new Set(candidates.map(({ host }) => host));
      return former.filter((host) => present.has(host)).slice(0, max);
    }
  }
}

/** Of what several say, the last counts. */
export function optionsOf(candidates: readonly Candidate[]): { readonly strategy: string; readonly max: number } {
  let [strategy, max] = [defaultStrategy, defaultMax];
  for (const { candidacy } of candidates.toSorted(byLastWord)) {
    strategy = candidacy.strategy ?? strategy;
    max = candidacy.max ?? max;
  }
  return { strategy, max };
}

/** Who was chosen stays, in the same order; behind them the others, as they came. */
function stayingFirst(candidates: readonly Candidate[], former: readonly string[]): readonly string[] {
  const present = new Set(candidates.map(({ host }) => host));
  const staying = [...new Set(former)].filter((host) => present.has(host));
  const chosen = new Set(staying);
  return [...staying, ...inOrder(candidates).filter((host) => !chosen.has(host))];
}

/** As they came; those that came together by name. */
export function inOrder(candidates: readonly Candidate[]): readonly string[] {
  return candidates.toSorted((a, b) => a.created - b.created || compareTexts(a.host, b.host)).map(({ host }) => host);
}

function byLastWord(left: Candidate, right: Candidate): number {
  return left.changed - right.changed || compareTexts(left.host, right.host);
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
