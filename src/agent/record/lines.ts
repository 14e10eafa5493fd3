// SPDX-License-Identifier: Apache-2.0
// Bytes of a socket → lines, each not longer than a limit.

/** Feeds pieces in, calls back for each whole line; false when a line is longer than the limit. */
export function lineReader(limit: number, onLine: (line: string) => void): (piece: string) => boolean {
  let rest = "";
  return (piece) => {
    rest += piece;
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n")) {
      if (end > limit) return false;
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      onLine(line);
    }
    return rest.length <= limit;
  };
}
