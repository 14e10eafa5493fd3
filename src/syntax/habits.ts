// SPDX-License-Identifier: Apache-2.0
// What people bring from other languages, and how it is said here. Only asked where the text cannot be read on, so it
// may look at the raw text; it changes no verdict.

/** Words that begin a statement elsewhere, with the way of this language. */
const statementWords: ReadonlyMap<string, string> = new Map([
  ...each(["let", "var", "const", "local", "my", "val"], "A variable is bound with `$name = value`."),
  ...each(
    ["def", "fn", "fun", "function", "define", "sub"],
    "A function is written `func name($x) { … }`, with one value in its braces; a group of statements is a `class`.",
  ),
  ...each(
    ["while", "foreach", "until", "loop", "repeat"],
    "A loop goes over a list, `for $index, $value in $list {`, or over a map, `forkv $key, $value in $map {`.",
  ),
  ...each(
    ["unless", "switch", "case", "match", "when"],
    "Statements depend on a condition with `if $condition {` and `} else {`.",
  ),
  ["node", 'Of one host alone, statements are written in `if $hostname == "name" {`.'],
  ["resource", 'A resource begins with its kind: `file "/etc/motd" {`.'],
  ...each(["require", "use", "using", "from"], 'A module is taken with `import "name"`, a class with `include name`.'),
  ["return", "The value of a function stands in its braces alone, without a word before it."],
]);

function each(words: readonly string[], hint: string): readonly (readonly [string, string])[] {
  return words.map((word) => [word, hint]);
}

/** What to do about a word that begins statements in other languages, and not here. */
export function hintForStatementWord(word: string): string | undefined {
  return statementWords.get(word);
}

/** What was meant with a plain word where a value should be; `end` is the offset behind it. */
export function hintForBareWord(text: string, start: number, end: number): string | undefined {
  const word = text.slice(start, end);
  const before = text.slice(Math.max(0, start - 80), start);
  const after = text.slice(end, end + 80);
  const hyphenated = /\$([a-z0-9_]+)-$/.exec(before);
  if (hyphenated !== null)
    return `A name has no hyphens: \`$${hyphenated[1]}_${word}\`. To subtract, put spaces around it.`;
  if (/^["'`]/.test(after))
    return 'No letter stands before a string; variables are inserted into any: `"hello ${name}"`.';
  if (/^\s*\[/.test(after) && /(=>|->)\s*$/.test(before)) {
    const kind = word.charAt(0).toUpperCase() + word.slice(1);
    return `An edge names a resource with a capital: \`${kind}["name"]\`.`;
  }
  if (word === "return") return "The value of a function stands in its braces alone, without `return`.";
  if (/^(null|nil|none|undef|undefined|nothing)$/.test(word)) {
    return "There is no such value. Leave the field out, or set it under a condition: `field => $condition ?: value,`.";
  }
  if (/^(yes|on|y)$/.test(word)) return "A bool is `true` or `false`.";
  if (/^(no|off|n)$/.test(word)) return "A bool is `true` or `false`.";
  return undefined;
}

/** What was meant with a capitalised word where a value should be. */
export function hintForCapitalised(text: string, start: number, word: string): string | undefined {
  if (word === "True" || word === "False") return `Write \`${word.toLowerCase()}\`.`;
  if (word === "None" || word === "Null") {
    return "There is no such value. Leave the field out, or set it under a condition: `field => $condition ?: value,`.";
  }
  const line = lineBefore(text, start);
  const edge = /^\s*(before|depend|notify|listen)\s*=>\s*$/.exec(line)?.[1];
  if (edge !== undefined) {
    return `An edge begins with a capital: \`${edge.charAt(0).toUpperCase()}${edge.slice(1)} => ${word}["name"],\`.`;
  }
  const relation = /^\s*(Before|Depend|Notify|Listen)\s*=>\s*\[$/.exec(line)?.[1];
  if (relation === undefined) return undefined;
  return `For several resources write several edges, or a list of names: \`${relation} => ${word}[["a", "b"]],\`.`;
}

/** What was meant where a statement, an operator or the end of a line should be; `at` is where reading stopped. */
export function hintForSign(text: string, at: number): string | undefined {
  const found = text.slice(at, at + 12);
  const line = lineBefore(text, at);
  if (found.startsWith(":=")) return "A variable is bound with `=` alone.";
  if (line.trim() === "" && /^(\/\/|\/\*|--\s)/.test(found)) return "A comment begins with `#` and ends with its line.";
  if (found.startsWith("//")) return "A comment begins with `#`.";
  if (found.startsWith("++") || found.startsWith("--"))
    return "A variable gets its value once and cannot be counted up.";
  if (found.startsWith("**")) return '`math.pow` of `import "math"` raises to a power.';
  return undefined;
}

/** The lower-case name, when this begins a bind in capitals: `PORT=80`. */
export function capitalBind(text: string, start: number): { readonly word: string; readonly name: string } | undefined {
  const word = /^([A-Z][A-Za-z0-9_]*)\s*:?=[^>]/.exec(text.slice(start, start + 120))?.[1];
  return word === undefined ? undefined : { word, name: word.toLowerCase() };
}

/** `+=` and its like at this place. */
export function assigningOperator(text: string, at: number): string | undefined {
  return /^([-+*/]=|\+\+|--)/.exec(text.slice(at, at + 2))?.[1];
}

/** The whole of `$my-name` when that is what stands at `start`. */
export function hyphenatedVariable(text: string, start: number): string | undefined {
  return /^\$[a-z0-9_]+(-[a-z][a-z0-9_]*)+/.exec(text.slice(start, start + 120))?.[0];
}

function lineBefore(text: string, at: number): string {
  return text.slice(at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1, at);
}
