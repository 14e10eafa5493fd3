// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word that a mistyped one most likely stands for.

/** The candidate with the fewest typing mistakes, undefined when none is near. Of equally near ones the first. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= fewest) continue;
    const mistakes = mistakesBetween(word, candidate, fewest);
    if (mistakes < fewest) {
      fewest = mistakes;
      best = candidate;
    }
  }
  return best;
}

/** Letters added, left out, replaced or swapped with their neighbour; gives up and returns `limit` when it gets there. */
function mistakesBetween(left: string, right: string, limit: number): number {
  let earlier: number[] = [];
  let former = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    let lowest = row;
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let mistakes = Math.min(
        (former[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (former[column - 1] as number) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) mistakes = Math.min(mistakes, (earlier[column - 2] as number) + 1);
      current.push(mistakes);
      lowest = Math.min(lowest, mistakes);
    }
    if (lowest >= limit) return limit;
    earlier = former;
    former = current;
  }
  return Math.min(limit, former[right.length] as number);
}
