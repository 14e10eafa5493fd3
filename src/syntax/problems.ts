// SPDX-License-Identifier: Apache-2.0
// Every problem that reading a file can find, with its wording. Codes are stable: pages of the reference are named so.

import { defineProblem, type ProblemDefinition } from "../base/problem.ts";
import type { Span } from "../base/span.ts";
import type { TokenKind } from "./tokens.ts";

const phase = "lexparse";

// ---- Characters ----

export const carriageReturn = defineProblem<{ readonly count: number }>({
  code: "carriage-return",
  phase,
  describe: ({ count }) => ({
    title: "The line ends as on Windows, with a carriage return",
    label:
      count === 1 ? "here" : count === 2 ? "here, and once more" : `here, and ${count - 1} more times in this file`,
    hint: "Save the file with Unix line endings; `sed -i 's/\\r$//' FILE` does it.",
  }),
});

export const unrecognisedCharacter = defineProblem<{ readonly text: string; readonly afterWord: boolean }>({
  code: "unknown-character",
  phase,
  describe: ({ text, afterWord }) => {
    const [first = ""] = text;
    const hint = first === "_" && afterWord ? "A name cannot end in an underscore." : characterHints[first];
    return {
      title: `${nameCharacters(text)} has no meaning here`,
      label: "not part of the language",
      ...(hint === undefined ? { hint: "Outside strings and comments a program is plain ASCII." } : { hint }),
    };
  },
});

const typographicQuote = 'Strings stand in straight quotes: "text".';
const ordinarySpace = "This looks like a space but is another character: type an ordinary space.";

const characterHints: Readonly<Record<string, string>> = {
  "'": 'Strings stand in double quotes: "text".',
  "`": 'Strings stand in double quotes: "text".',
  "\u201c": typographicQuote,
  "\u201d": typographicQuote,
  "\u2018": typographicQuote,
  "\u2019": typographicQuote,
  "!": "Write `not` to negate, `!=` to compare.",
  "&": "Write `and`.",
  "|": "Write `or`; the default of a value that may fail is written `value <|> default`.",
  "?": "A choice is written `if $condition { 1 } else { 2 }`; a conditional field `field => $condition ?: value,`.",
  "%": 'There is no such operator; `math.mod` of `import "math"` gives a remainder.',
  "^": 'There is no such operator; `math.pow` of `import "math"` raises to a power.',
  "\\": "Outside strings a backslash has no meaning; a line cannot be continued with it.",
  _: "A name begins with a letter.",
  "\u00a0": ordinarySpace,
  "\u202f": ordinarySpace,
  "\u3000": ordinarySpace,
  "\ufeff": "Save the file without a byte order mark.",
};

/** One, or a few in a row; more than a few are not repeated. */
function nameCharacters(text: string): string {
  const all = [...text];
  if (all.length > 3) return "This";
  const names = all.map(nameCharacter);
  const allVisible = names.every((name, at) => name === all[at]);
  if (allVisible && !text.includes("`")) return `\`${text}\``;
  return all.length === 1 ? `The character ${names.join("")}` : `This (${names.join(" ")})`;
}

/** Characters that one cannot see are named by their number. */
function nameCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const isVisible = point > 0x20 && !(point >= 0x7f && point <= 0xa0) && !/[\p{C}\p{Z}]/u.test(character);
  return isVisible ? character : `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}

export const wrongQuotes = defineProblem<{ readonly opening: string }>({
  code: "wrong-quotes",
  phase,
  describe: ({ opening }) => ({
    title: `A string does not stand in ${quoteNames[opening] ?? "typographic quotes"}`,
    label: "use straight double quotes",
    hint: 'Write `"text"`. A string may go over several lines; a quote inside of it is written `\\"`.',
  }),
});

const quoteNames: Readonly<Record<string, string>> = { "'": "single quotes", "`": "backticks" };

export const stringNeverEnds = defineProblem({
  code: "string-never-ends",
  phase,
  describe: () => ({
    title: "This string never ends",
    label: "no quote behind this one closes it",
    hint: 'Close it with `"`. When it looks closed, an earlier string of this file may lack its quote.',
  }),
});

export const integerTooLarge = defineProblem({
  code: "integer-too-large",
  phase,
  describe: () => ({
    title: "This integer is too large",
    label: "does not fit into 64 bits",
    hint: "Integers go from -9223372036854775808 to 9223372036854775807. A larger number can be a float: add `.0`.",
  }),
});

export const floatTooLarge = defineProblem({
  code: "float-too-large",
  phase,
  describe: () => ({
    title: "This float is too large",
    label: "does not fit into 64 bits",
    hint: "The largest float is about 1.8 with 308 zeros behind it.",
  }),
});

// ---- Tokens ----

interface Unexpected {
  readonly found: string;
  readonly expected: string;
  readonly hint: string | undefined;
  /** The string at or before the place, when it looks as if it did not end where it was meant to. */
  readonly brokenString: Span | undefined;
}

export const unexpectedToken = defineProblem<Unexpected>({
  code: "unexpected-token",
  phase,
  describe: ({ found, expected, hint, brokenString }) => {
    const message = { title: `I did not expect ${found} here`, label: `expected ${expected}` };
    if (brokenString === undefined) return hint === undefined ? message : { ...message, hint };
    return {
      ...message,
      related: [{ at: { ...brokenString, end: brokenString.start + 1 }, label: "the string before begins here" }],
      hint:
        "Is the closing quote of that string missing? A backslash just before a quote keeps the string open, even when " +
        "the backslash is itself escaped.",
    };
  },
});

export const reservedWord = defineProblem<{ readonly word: string; readonly expected: string }>({
  code: "reserved-word",
  phase,
  describe: ({ word, expected }) => ({
    title: `\`${word}\` is a word of the language and cannot stand here`,
    label: `expected ${expected}`,
    ...reservedWordHint(word, expected),
  }),
});

function reservedWordHint(word: string, expected: string): { readonly hint?: string } {
  if (word === "if" && expected.includes("field")) {
    return {
      hint: "A field is set under a condition with `field => $condition ?: value,`; a whole resource, inside of an `if`.",
    };
  }
  if (expected.startsWith("the name") && !expected.includes("field")) return { hint: "Choose another name." };
  if (expected.includes("field")) return { hint: `No field can be called \`${word}\`.` };
  return {};
}

export const lineEndsTooEarly = defineProblem<{ readonly after: TokenKind | undefined }>({
  code: "line-ends-too-early",
  phase,
  describe: ({ after }) => ({
    title: "The line ends where a value is missing",
    label: "expected a value on this line",
    hint:
      after === "("
        ? "Begin the value right behind the `(`, on the same line."
        : "A value begins on the line of what stands before it. To split a long one, break the line just behind the " +
          "`[`, `{` or `(` of a list, map, struct or call.",
  }),
});

export const missingFinalNewline = defineProblem({
  code: "missing-final-newline",
  phase,
  describe: () => ({
    title: "The last line does not end",
    label: "expected a line break",
    hint: "Every line ends with a line break, the last one too; `mgmt fmt` adds it.",
  }),
});

interface Unclosed {
  readonly open: string;
  readonly close: string;
  /** What shows that it is not closed. */
  readonly found: Span;
  readonly isEnd: boolean;
  /** Another opening brace, whose closing one is indented as if it belonged to a block further out. */
  readonly suspect: Span | undefined;
}

export const neverClosed = defineProblem<Unclosed>({
  code: "never-closed",
  phase,
  describe: ({ open, close, found, isEnd, suspect }) => {
    const place = { at: found, label: `expected \`${close}\` ${isEnd ? "before the end of the file" : "before this"}` };
    const message = { title: `This \`${open}\` is never closed`, label: "opened here" };
    if (suspect === undefined) return { ...message, related: [place] };
    const maybe = { at: suspect, label: "or is it this one? Its closing brace is not indented as it is" };
    return { ...message, related: [maybe, place] };
  },
});

export const nothingToClose = defineProblem<{ readonly bracket: string }>({
  code: "nothing-to-close",
  phase,
  describe: ({ bracket }) => ({
    title: `This \`${bracket}\` closes nothing`,
    label: "nothing is open here",
    hint: "Remove it, or look above for a block that was closed too early.",
  }),
});

export const nestedTooDeep = defineProblem<{ readonly deepest: number }>({
  code: "nested-too-deep",
  phase,
  describe: ({ deepest }) => ({
    title: "This is nested too deep",
    label: `more than ${deepest} levels`,
    hint: "Bind the inner parts to variables.",
  }),
});

export const semicolon = defineProblem({
  code: "semicolon",
  phase,
  describe: () => ({
    title: "A semicolon does not end a statement",
    label: "remove this",
    hint: "The end of the line ends a statement: put each on a line of its own.",
  }),
});

export const upperCaseInName = defineProblem({
  code: "upper-case-in-name",
  phase,
  describe: () => ({
    title: "A name has no capital letters",
    label: "not part of the name",
    hint: "Write names in lower case, with underscores between the words: `some_name`.",
  }),
});

export const wrongNumber = defineProblem({
  code: "wrong-number",
  phase,
  describe: () => ({
    title: "This is no number",
    label: "does not belong to a number",
    hint: "A number is written with decimal digits alone; a float has digits on both sides of its dot: `1.0`.",
  }),
});

// ---- Commas and line breaks ----

interface InBrackets {
  readonly open: string;
  readonly close: string;
  /** "argument" */
  readonly element: string;
}

interface SinceOpener extends InBrackets {
  readonly opener: Span;
}

export const extraComma = defineProblem<InBrackets>({
  code: "extra-comma",
  phase,
  describe: ({ open, close, element }) => ({
    title: `There is a comma behind the last ${element}`,
    label: "remove this comma",
    hint: `On one line between \`${open}\` and \`${close}\`, no comma follows the last ${element}.`,
  }),
});

export const missingComma = defineProblem<Pick<InBrackets, "element">>({
  code: "missing-comma",
  phase,
  describe: ({ element }) => ({
    title: `There is no comma behind this ${element}`,
    label: "expected a comma",
    hint: `With one ${element} a line, a comma ends every line, the last one too.`,
  }),
});

export const lineBreakInList = defineProblem<SinceOpener>({
  code: "line-break-in-list",
  phase,
  describe: ({ open, close, element, opener }) => ({
    title: "The line cannot be broken here",
    label: "the line ends",
    related: [{ at: opener, label: `an ${element} follows on the same line`.replace(/^an (?=[^aeiou])/, "a ") }],
    hint: `Either keep all on one line, or break the line right behind \`${open}\` and before \`${close}\`, and end every ${element} with a comma.`,
  }),
});

export const elementNeedsOwnLine = defineProblem<SinceOpener>({
  code: "element-needs-own-line",
  phase,
  describe: ({ open, close, element, opener }) => ({
    title: `Every ${element} needs a line of its own here`,
    label: "begin a new line here",
    related: [{ at: opener, label: "the line was broken behind this" }],
    hint: `When a line break follows \`${open}\`, one follows every comma, also the last one before \`${close}\`.`,
  }),
});

export const missingTrailingComma = defineProblem({
  code: "missing-trailing-comma",
  phase,
  describe: () => ({
    title: "There is no comma behind this",
    label: "expected a comma",
    hint: "In a resource every item ends with a comma, the last one too.",
  }),
});

// ---- Statements ----

export const valueAsStatement = defineProblem({
  code: "value-as-statement",
  phase,
  describe: () => ({
    title: "A value alone does nothing",
    label: "this is a value, not a statement",
    hint: "Bind it to a variable, `$name = …`, or use it in a resource.",
  }),
});

export const missingDollar = defineProblem<{ readonly name: string }>({
  code: "missing-dollar",
  phase,
  describe: ({ name }) => ({
    title: "The name of a variable begins with `$`",
    label: `write \`$${name}\``,
  }),
});

export const twoEqualsInBind = defineProblem<{ readonly name: string }>({
  code: "additional-equals-in-bind",
  phase,
  describe: ({ name }) => ({
    title: "One equals sign too many",
    label: "`==` compares",
    hint: `To bind the variable, write \`$${name} = …\`.`,
  }),
});

export const bindOfDottedName = defineProblem({
  code: "bind-of-dotted-name",
  phase,
  describe: () => ({
    title: "A variable of another scope cannot be bound",
    label: "no dot in the name of a new variable",
    hint: "A dotted name is of an import or an include; it can be read. Bind a name without dots.",
  }),
});

export const statementNeedsOwnLine = defineProblem({
  code: "statement-needs-own-line",
  phase,
  describe: () => ({
    title: "A statement ends with its line",
    label: "begin a new line before this",
    hint: "Only an empty block, `{}`, stands on one line.",
  }),
});

export const elseOnOwnLine = defineProblem({
  code: "else-on-own-line",
  phase,
  describe: () => ({
    title: "`else` stands on a line of its own",
    label: "belongs behind the `}` of its `if`",
    hint: "Write `} else {` on one line.",
  }),
});

export const elseIf = defineProblem<{ readonly written: string }>({
  code: "else-if",
  phase,
  describe: ({ written }) => ({
    title: `There is no \`${written === "if" ? "else if" : written}\``,
    label: written === "if" ? "an `if` cannot follow `else` directly" : "expected `else` or the end of the line",
    hint: "Put it inside: `} else {`, then the `if` on the next line, and one more `}` at the end.",
  }),
});

export const foreignWord = defineProblem<{ readonly word: string; readonly hint: string }>({
  code: "foreign-word",
  phase,
  describe: ({ word, hint }) => ({
    title: `The language has no \`${word}\``,
    label: "not a word of the language",
    hint,
  }),
});

export const hyphenInName = defineProblem<{ readonly name: string }>({
  code: "hyphen-in-name",
  phase,
  describe: ({ name }) => ({
    title: "A name has no hyphens",
    label: `write \`${name.replaceAll("-", "_")}\``,
  }),
});

export const variableChanged = defineProblem<{ readonly name: string }>({
  code: "variable-changed",
  phase,
  describe: ({ name }) => ({
    title: `\`$${name}\` cannot be changed`,
    label: "a variable gets its value once",
    hint: `Bind the new value to another name: \`$new_${name} = $${name} + …\`.`,
  }),
});

export const loopVariableType = defineProblem<{ readonly name: string }>({
  code: "loop-variable-type",
  phase,
  describe: ({ name }) => ({
    title: "A loop variable has no type of its own",
    label: "remove this type",
    hint: `The type of \`$${name}\` is known from what the loop goes over.`,
  }),
});

export const noDefaultValues = defineProblem<{ readonly name: string }>({
  code: "no-default-values",
  phase,
  describe: ({ name }) => ({
    title: "Parameters have no default values",
    label: `every call must give \`$${name}\``,
  }),
});

export const oneValueInBraces = defineProblem<{ readonly what: string; readonly first: Span }>({
  code: "one-value-in-braces",
  phase,
  describe: ({ what, first }) => ({
    title: `The ${what} is one value, and there is more`,
    label: "expected `}`",
    related: [{ at: first, label: "the value" }],
    hint: "There are no statements inside a value. Bind variables before it, or move a part into a function.",
  }),
});

// ---- Resources and edges ----

export const itemWithoutArrow = defineProblem<{ readonly name: string; readonly written: string }>({
  code: "item-without-arrow",
  phase,
  describe: ({ name, written }) => ({
    title: `A field is set with \`=>\`, not with \`${written}\``,
    label: "expected `=>`",
    hint: `Write \`${name} => value,\`.`,
  }),
});

export const resourceWithoutName = defineProblem<{ readonly kind: string }>({
  code: "resource-without-name",
  phase,
  describe: ({ kind }) => ({
    title: `This \`${kind}\` has no name`,
    label: "expected its name before the brace",
    hint: `Write \`${kind} "name" {\`, with the fields in the braces.`,
  }),
});

export const resourceInResource = defineProblem<{ readonly kind: string; readonly opener: Span }>({
  code: "resource-in-resource",
  phase,
  describe: ({ kind, opener }) => ({
    title: "A resource cannot stand inside of another",
    label: `\`${kind}\` begins another resource`,
    related: [{ at: opener, label: "this one is still open" }],
    hint: 'Close the one around it first. An edge says which of them comes first: `Before => Kind["name"],`.',
  }),
});

export const onlyMetaHere = defineProblem<{ readonly word: string; readonly hasColon: boolean }>({
  code: "only-meta-here",
  phase,
  describe: ({ word, hasColon }) => ({
    title: `\`${word}\` cannot be set`,
    label: hasColon ? "only `Meta` has parameters behind a colon" : "only `Meta` takes a value",
    hint: `Meta parameters are written \`Meta:noop => true,\`; edges name a resource: \`Before => File["/tmp/a"],\`.`,
  }),
});

export const sendReceivePair = defineProblem<{ readonly halves: number; readonly fields: number }>({
  code: "send-receive-pair",
  phase,
  describe: ({ halves }) => ({
    title: halves === 1 ? "Nothing receives this field" : "A field is sent from one resource to one other",
    label: "a field is named here",
    hint: 'Name a field on both of exactly two resources, `A["x"].out -> B["y"].in`; or on none, to order them.',
  }),
});

// ---- Expressions ----

export const minusJoinedToNumber = defineProblem<{ readonly number: string }>({
  code: "minus-joined-to-number",
  phase,
  describe: ({ number }) => ({
    title: `\`${number}\` is one number here, nothing is subtracted`,
    label: "expected an operator",
    hint: `A minus sign right before a digit belongs to the number. To subtract, write \`- ${number.slice(1)}\`, with a space.`,
  }),
});

export const noUnaryMinus = defineProblem({
  code: "no-unary-minus",
  phase,
  describe: () => ({
    title: "A minus sign cannot stand before a variable or a parenthesis",
    label: "expected a value",
    hint: "To negate, subtract from zero: `0 - $x`, or `0.0 - $x` for floats.",
  }),
});

export const chainedComparison = defineProblem<{ readonly first: Span; readonly second: string }>({
  code: "chained-comparison",
  phase,
  describe: ({ first, second }) => ({
    title: "Comparisons cannot be chained",
    label: `\`${second}\` would compare a bool`,
    related: [{ at: first, label: "the first comparison" }],
    hint: "Write `$a < $b and $b < $c`, or put one of them in parentheses.",
  }),
});

export const callOfResult = defineProblem<{ readonly called: Span }>({
  code: "call-of-result",
  phase,
  describe: ({ called }) => ({
    title: "Only a name or a `func` can be called",
    label: "no call can follow here",
    related: [{ at: called, label: "this is a value" }],
    hint: "Bind the function to a variable first: `$f = …`, then `$f(…)`.",
  }),
});

export const bareWord = defineProblem<{
  readonly word: string;
  readonly isDotted: boolean;
  readonly hint: string | undefined;
}>({
  code: "bare-word",
  phase,
  describe: ({ word, isDotted, hint }) => ({
    title: `\`${word}\` alone is not a value`,
    label: "expected a value",
    hint:
      hint ??
      (isDotted
        ? `A variable is written \`$${word}\`, a call \`${word}()\`.`
        : `A variable is written \`$${word}\`, text \`"${word}"\`, a call \`${word}()\`.`),
  }),
});

export const capitalisedValue = defineProblem<{ readonly word: string; readonly hint: string | undefined }>({
  code: "capitalised-value",
  phase,
  describe: ({ word, hint }) => ({
    title: `\`${word}\` cannot stand here`,
    label: "expected a value",
    hint: hint ?? "Capitalised words name resources in edges, and `Meta`; they are no values.",
  }),
});

export const ifNeedsElse = defineProblem<{ readonly isNextLine: boolean }>({
  code: "if-needs-else",
  phase,
  describe: ({ isNextLine }) => ({
    title: "An `if` that is a value needs its `else`",
    label: "expected `else`",
    hint: isNextLine
      ? "Write `} else {` on one line: `if $a { 1 } else { 2 }`."
      : "It must have a value either way: `if $a { 1 } else { 2 }`.",
  }),
});

// ---- Types ----

export const wrongLiteralType = defineProblem<{
  readonly annotation: Span;
  readonly written: string;
  readonly literal: string;
  /** The value as it stands in the program. */
  readonly text: string;
}>({
  code: "wrong-literal-type",
  phase,
  describe: ({ annotation, written, literal, text }) => ({
    title: `The variable is declared \`${written}\`, but its value is of type \`${literal}\``,
    label: `this is of type \`${literal}\``,
    related: [{ at: annotation, label: "declared here" }],
    ...literalHint(written, literal, text),
  }),
});

function literalHint(written: string, literal: string, text: string): { readonly hint?: string } {
  if (text.length > 40 || text.includes("\n")) return {};
  if (written === "float" && literal === "int") return { hint: `A float has a dot: \`${text}.0\`.` };
  if (written === "str") return { hint: `A text stands in quotes: \`"${text}"\`.` };
  const inside = text.slice(1, -1);
  const isMeant =
    literal === "str" &&
    ((written === "int" && /^-?\d+$/.test(inside)) || (written === "bool" && /^(true|false)$/.test(inside)));
  return isMeant ? { hint: `Only texts stand in quotes: \`${inside}\`.` } : {};
}

export const mapNeedsMapType = defineProblem<{ readonly annotation: Span; readonly written: string }>({
  code: "map-needs-map-type",
  phase,
  describe: ({ annotation, written }) => ({
    title: `The variable is declared \`${written}\`, but its value is a map`,
    label: "this is a map",
    related: [{ at: annotation, label: "declared here" }],
    hint: "The type of a map is written `map{str: int}`; a struct is written `struct{name => value}`.",
  }),
});

export const unhashableKeyType = defineProblem<{ readonly key: string }>({
  code: "unhashable-key-type",
  phase,
  describe: ({ key }) => ({
    title: `A map cannot have keys of type \`${key}\``,
    label: "cannot be a key",
    hint: "Keys are bool, str, int, float, or structs of these.",
  }),
});

interface Twice {
  readonly name: string;
  readonly first: Span;
}

export const duplicateStructField = defineProblem<Twice>({
  code: "duplicate-struct-field",
  phase,
  describe: ({ name, first }) => ({
    title: `The struct type has two fields \`${name}\``,
    label: "the second",
    related: [{ at: first, label: "the first" }],
  }),
});

export const duplicateParameterName = defineProblem<Twice>({
  code: "duplicate-parameter-name",
  phase,
  describe: ({ name, first }) => ({
    title: `The function type has two parameters \`$${name}\``,
    label: "the second",
    related: [{ at: first, label: "the first" }],
  }),
});

/** All of them, for the reference. */
export const syntaxProblems: readonly ProblemDefinition<never>[] = [
  carriageReturn,
  unrecognisedCharacter,
  wrongQuotes,
  stringNeverEnds,
  integerTooLarge,
  floatTooLarge,
  unexpectedToken,
  reservedWord,
  lineEndsTooEarly,
  missingFinalNewline,
  neverClosed,
  nothingToClose,
  nestedTooDeep,
  upperCaseInName,
  wrongNumber,
  semicolon,
  extraComma,
  missingComma,
  lineBreakInList,
  elementNeedsOwnLine,
  missingTrailingComma,
  valueAsStatement,
  missingDollar,
  twoEqualsInBind,
  bindOfDottedName,
  statementNeedsOwnLine,
  elseOnOwnLine,
  elseIf,
  foreignWord,
  hyphenInName,
  variableChanged,
  loopVariableType,
  noDefaultValues,
  oneValueInBraces,
  itemWithoutArrow,
  resourceWithoutName,
  resourceInResource,
  onlyMetaHere,
  sendReceivePair,
  minusJoinedToNumber,
  noUnaryMinus,
  chainedComparison,
  callOfResult,
  bareWord,
  capitalisedValue,
  ifNeedsElse,
  wrongLiteralType,
  mapNeedsMapType,
  unhashableKeyType,
  duplicateStructField,
  duplicateParameterName,
];
