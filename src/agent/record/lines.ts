// SPDX-License-Identifier: Apache-2.0
// Bytes of a socket → lines, each not longer than a limit.

/** Feeds pieces in, calls back for each whole line; false when a line is longer than the limit. */
export function lineReader(limit: number, onLine: (line: string) => void): (piece: string) => boolean {
  let pieces: string[] = [];
  let length = 0;
  const add = (piece: string): void => {
    if (piece !== "") pieces.push(piece);
    length += piece.length;
  };
  return (piece) => {
    let rest = piece;
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n")) {
      add(rest.slice(0, end));
      if (length > limit) return false;
      const line = pieces.join("");
      pieces = [];
      length = 0;
      rest = rest.slice(end + 1);
      onLine(line);
    }
    add(rest);
    return length <= limit;
  };
}
