// SPDX-License-Identifier: Apache-2.0
// A line of an `authorized_keys` file: options, the type of the key, the key and a comment. Knows nothing of files.

export interface KeyLine {
  /** `from="192.0.2.0/24",no-pty`; may be empty. */
  readonly options: string;
  /** `ssh-ed25519` */
  readonly type: string;
  /** The key in base64, in its one usual form: two lines with the same text let the same person in. */
  readonly key: string;
  readonly comment: string;
}

/** `wrong` is a sentence for the user. */
export function parseKeyLine(text: string): KeyLine | { readonly wrong: string } {
  const line = text.trim();
  if (line === "" || line.startsWith("#")) return { wrong: "the line has no key" };
  if (/[^\P{Cc}\t]/u.test(line)) return { wrong: "a key is a single line, without control characters" };
  const plain = splitKey(line);
  if (plain !== undefined) return { options: "", ...plain };
  const end = endOfOptions(line);
  if (end === undefined) return { wrong: "a quotation mark in the options of the key is never closed" };
  const after = splitKey(line.slice(end).trimStart());
  if (after !== undefined) return { options: line.slice(0, end), ...after };
  return { wrong: whyNoKey(line) };
}

/** The form in which it is written. */
export function renderKeyLine({ options, type, key, comment }: KeyLine): string {
  return [options, type, key, comment].filter((part) => part !== "").join(" ");
}

/** For people: enough of it to know it. */
export function shortKey({ type, key, comment }: KeyLine): string {
  const end = key.replace(/=+$/, "").slice(-8);
  return `${type} …${end}${comment === "" ? "" : ` (${comment})`}`;
}

function splitKey(text: string): Omit<KeyLine, "options"> | undefined {
  const [, type, written, comment = ""] = /^(\S+)[ \t]+(\S+)(?:[ \t]+(.*))?$/.exec(text) ?? [];
  if (type === undefined || written === undefined) return undefined;
  const blob = decoded(written);
  return blob !== undefined && typeOf(blob) === type ? { type, key: blob.toBase64(), comment } : undefined;
}

function decoded(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined; // Not base64, so it is no key.
  }
}

/** A key begins with the length of the name of its type, in four bytes, and the name. */
function typeOf(blob: Uint8Array): string | undefined {
  if (blob.length < 5) return undefined;
  const length = new DataView(blob.buffer, blob.byteOffset).getUint32(0);
  return 4 + length < blob.length ? new TextDecoder().decode(blob.subarray(4, 4 + length)) : undefined;
}

/** At the first white space outside of quotation marks; undefined when one is not closed. */
function endOfOptions(line: string): number | undefined {
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at];
    if (character === "\\" && line[at + 1] === '"') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === " " || character === "\t")) return at;
  }
  return quoted ? undefined : line.length;
}

function whyNoKey(line: string): string {
  const words = line.split(/[ \t]+/);
  for (const [at, word] of words.entries()) {
    const blob = decoded(word);
    const type = blob === undefined ? undefined : typeOf(blob);
    if (type === undefined || !/^[\x21-\x7e]{3,80}$/.test(type)) continue;
    if (words[at - 1] === type) return "the options before the key have white space outside of quotation marks";
    return `the key is of the type ${type}, but "${words[at - 1] ?? ""}" stands before it`;
  }
  return "this is no public key: a line has a type, such as ssh-ed25519, and then the key in base64";
}
