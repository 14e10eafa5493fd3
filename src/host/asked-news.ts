// SPDX-License-Identifier: Apache-2.0
// Hands on what others have asked of servers of this machine. The same on every host.

import type { Asked, AskedNews } from "../contract/asked.ts";

const longestText = 300;

export function createAskedNews(): AskedNews {
  const listeners = new Set<(asked: Asked) => void>();
  return {
    tell(asked) {
      if (listeners.size === 0) return;
      const { from, what, answer } = asked;
      const clean = { ...asked, from: printable(from), what: printable(what), answer: printable(answer) };
      for (const listener of listeners) listener(clean);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** It is what a stranger says, and goes to terminals. */
function printable(text: string): string {
  if (text.length <= longestText && /^[\x20-\x7e]*$/.test(text)) return text;
  return text.slice(0, longestText).replaceAll(/[^\x20-\x7e]/g, "?");
}
