// SPDX-License-Identifier: Apache-2.0
// The text form in which gsettings prints and takes values, as far as telling whether two texts mean the same. Pure.

/** A text in quotes, with everything escaped that needs it. */
export function quoteVariant(text: string): string {
  const escaped = text.replace(/[\\'\p{Cc}]/gu, (character) => {
    const short = { "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `'${escaped}'`;
}

/** White space, the name of a type, a text in quotes, or anything else. */
const token =
  /\s+|@[a-z(){}*?]+|(?:boolean|byte|u?int(?:16|32|64)|handle|double|string|objectpath|signature)(?=\s)|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|./gsu;

/** The same for texts that differ in white space, in the sort of quotes, or in whether they name their types. */
export function normalVariant(text: string): string {
  let normal = "";
  for (const [part] of text.matchAll(token)) {
    const first = part[0] ?? "";
    if (/\s/.test(first) || first === "@" || (part.length > 1 && /[a-z]/.test(first))) continue;
    normal += part.length > 1 ? quoteVariant(unquote(part)) : part;
  }
  return normal;
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gsu, (_, short, long, other) => {
    const code: unknown = short ?? long;
    if (typeof code === "string") return String.fromCodePoint(Number.parseInt(code, 16));
    const controls: Readonly<Record<string, string>> = {
      n: "\n",
      r: "\r",
      t: "\t",
      a: "\x07",
      b: "\b",
      f: "\f",
      v: "\v",
    };
    return controls[String(other)] ?? String(other);
  });
}
