// SPDX-License-Identifier: Apache-2.0
// Which names of packages may have been meant by one that does not exist.

import { nearestFirst } from "../../base/nearest.ts";

const howMany = 3;

/** Of the many names of a distribution only those that share a beginning or a part with it are measured. */
export function similarNames(name: string, all: Iterable<string>): readonly string[] {
  const [bare = ""] = name.toLowerCase().split(":");
  const [beginning, length] = [bare.slice(0, 1), bare.length];
  const near: string[] = [];
  const containing: string[] = [];
  for (const candidate of all) {
    if (candidate === name || candidate === "") continue;
    if (bare.length >= 3 && candidate.includes(bare)) containing.push(candidate);
    else if (
      candidate.startsWith(beginning) &&
      Math.abs(candidate.length - length) <= 2 &&
      sharesEnough(bare, candidate)
    )
      near.push(candidate);
  }
  const likely = nearestFirst(bare, near).slice(0, howMany);
  const longer = containing.sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, howMany);
  return [...new Set([...likely, ...longer])].slice(0, howMany);
}

/** Cheap, before the distance is measured: most letters of one must be in the other. */
function sharesEnough(name: string, candidate: string): boolean {
  let missing = 0;
  for (const letter of name) if (!candidate.includes(letter)) missing += 1;
  return missing <= Math.max(1, Math.floor(name.length / 4));
}
