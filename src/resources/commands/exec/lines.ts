// SPDX-License-Identifier: Apache-2.0
// Bytes of a running command into lines, as they come.

import { textOf } from "../../../values/bytes.ts";

/** A line longer than this is told in pieces. */
const lineLimit = 64 * 1024;
const newline = 0x0a;

export interface LineSplitter {
  push(bytes: Uint8Array): void;
  /** The last line, when it has no end. */
  flush(): void;
}

export function createLineSplitter(tell: (line: string) => void): LineSplitter {
  let pending = new Uint8Array();
  const flush = (): void => {
    if (pending.length > 0) tell(textOf(pending));
    pending = new Uint8Array();
  };
  return {
    push: (bytes) => {
      let start = 0;
      for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
        tell(textOf(joined(pending, bytes.subarray(start, end))));
        pending = new Uint8Array();
        start = end + 1;
      }
      pending = joined(pending, bytes.subarray(start));
      if (pending.length > lineLimit) flush();
    },
    flush,
  };
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
