// SPDX-License-Identifier: Apache-2.0
// Reads the format of fmt.printf. Knows nothing of calls.

/** The verbs that take an argument. */
export type Verb = "t" | "s" | "q" | "d" | "f" | "v" | "T";

/** A literal text, or a place for the next argument. */
export type Piece = string | { readonly verb: Verb };

export type Format =
  | { readonly kind: "format"; readonly pieces: readonly Piece[]; readonly verbs: readonly Verb[] }
  | { readonly kind: "wrong"; readonly message: string };

const verbs: readonly string[] = ["t", "s", "q", "d", "f", "v", "T"] satisfies readonly Verb[];

/** A lone `%` at the end stands for nothing, `%%` for a percent sign. */
export function parseFormat(text: string): Format {
  const pieces: Piece[] = [];
  const found: Verb[] = [];
  let literal = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character !== "%") {
      literal += character;
    } else if (next === "%") {
      literal += "%";
      at += 1;
    } else if (isVerb(next)) {
      if (literal !== "") pieces.push(literal);
      literal = "";
      pieces.push({ verb: next });
      found.push(next);
      at += 1;
    } else if (next !== "") {
      const shown = String.fromCodePoint(text.codePointAt(at + 1) ?? 0);
      return {
        kind: "wrong",
        message: `the format has \`%${shown}\`, but there are only %t %s %q %d %f %v %T and %%`,
      };
    }
  }
  if (literal !== "") pieces.push(literal);
  return { kind: "format", pieces, verbs: found };
}

function isVerb(character: string): character is Verb {
  return verbs.includes(character);
}
