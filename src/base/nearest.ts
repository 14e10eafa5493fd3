// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word that a mistyped one most likely stands for.

/**
 * The candidate with the fewest typing mistakes, undefined when none is near. Of equally near ones the first. Capital
 * letters are no mistakes. When nothing is near, a candidate that the word begins with or that begins with it.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let beginning: string | undefined;
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (beginning === undefined && isBeginning(lower, other)) beginning = candidate;
    if (Math.abs(other.length - lower.length) >= fewest) continue;
    const mistakes = mistakesBetween(lower, other, fewest);
    if (mistakes < fewest) {
      fewest = mistakes;
      best = candidate;
    }
  }
  return best ?? beginning;
}

/** All candidates, those most like the word first; equally like ones in the order of the alphabet. */
export function nearestFirst(word: string, candidates: Iterable<string>): readonly string[] {
  const lower = word.toLowerCase();
  const measured = [...candidates].sort().map((candidate) => {
    const other = candidate.toLowerCase();
    const limit = lower.length + other.length;
    return { candidate, mistakes: isBeginning(lower, other) ? 0 : mistakesBetween(lower, other, limit) / limit };
  });
  return measured.sort((a, b) => a.mistakes - b.mistakes).map(({ candidate }) => candidate);
}

/** Of fewer letters nothing can be told. */
const shortestBeginning = 3;

function isBeginning(left: string, right: string): boolean {
  const [short, long] = left.length < right.length ? [left, right] : [right, left];
  return short.length >= shortestBeginning && long.startsWith(short);
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
