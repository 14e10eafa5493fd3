// SPDX-License-Identifier: Apache-2.0
// The fields of a form that was posted: `application/x-www-form-urlencoded` and `multipart/form-data` (RFC 7578).
// Total: whatever the bytes are; the one who calls has limited their number.

/** The first value of each name counts, as with a form that a person has filled in. */
export type Form = ReadonlyMap<string, string>;

const mostFields = 1000;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Undefined when the content is no form. */
export function parseForm(contentType: string | undefined, body: Uint8Array): Form | undefined {
  const [type = "", ...parameters] = (contentType ?? "").split(";").map((part) => part.trim());
  switch (type.toLowerCase()) {
    case "application/x-www-form-urlencoded":
      return fieldsOf(decoder.decode(body).split("&").map(parsePair));
    case "multipart/form-data": {
      const boundary = parameters
        .map((each) => /^boundary="?([^"]{1,70})"?$/i.exec(each)?.[1])
        .find((each) => each !== undefined);
      return boundary === undefined ? undefined : parseMultipart(boundary, body);
    }
    default:
      return undefined;
  }
}

/** `name=value`, with `+` for a space. */
function parsePair(text: string): readonly [string, string] | undefined {
  if (text === "") return undefined;
  const at = text.indexOf("=");
  return at === -1 ? [unescaped(text), ""] : [unescaped(text.slice(0, at)), unescaped(text.slice(at + 1))];
}

/** What is no escape stands for itself. */
function unescaped(text: string): string {
  const plain = text.replaceAll("+", " ");
  if (!plain.includes("%")) return plain;
  const bytes: number[] = [];
  for (let at = 0; at < plain.length; ) {
    const code = /^%([0-9a-fA-F]{2})/.exec(plain.slice(at, at + 3))?.[1];
    if (code !== undefined) {
      bytes.push(Number.parseInt(code, 16));
      at += 3;
    } else {
      const character = String.fromCodePoint(plain.codePointAt(at) ?? 0);
      bytes.push(...encoder.encode(character));
      at += character.length;
    }
  }
  return decoder.decode(Uint8Array.from(bytes));
}

/** Parts stand between lines of two dashes and the boundary; each has headers, an empty line, and its content. */
function parseMultipart(boundary: string, body: Uint8Array): Form {
  // Latin-1 keeps every byte at its place, so that texts can be searched and the bytes cut.
  const text = latin1Of(body);
  const delimiter = `\r\n--${boundary}`;
  const whole = `\r\n${text}`;
  const fields: (readonly [string, string] | undefined)[] = [];
  let at = whole.indexOf(delimiter);
  while (at !== -1 && fields.length <= mostFields) {
    const start = at + delimiter.length;
    if (whole.startsWith("--", start)) break;
    const next = whole.indexOf(delimiter, start);
    if (next === -1) break; // The last one was cut off.
    fields.push(parsePart(whole.slice(start, next)));
    at = next;
  }
  return fieldsOf(fields);
}

function parsePart(part: string): readonly [string, string] | undefined {
  const end = part.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const disposition = /^content-disposition:(.*)$/im.exec(part.slice(0, end))?.[1] ?? "";
  const name = /[; ]name="([^"]*)"/i.exec(disposition)?.[1] ?? /[; ]name=([^";\s]+)/i.exec(disposition)?.[1];
  return name === undefined ? undefined : [utf8Of(name), utf8Of(part.slice(end + 4))];
}

function fieldsOf(pairs: readonly (readonly [string, string] | undefined)[]): Form {
  const form = new Map<string, string>();
  for (const pair of pairs.slice(0, mostFields)) if (pair !== undefined && !form.has(pair[0])) form.set(...pair);
  return form;
}

function latin1Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

function utf8Of(latin1: string): string {
  return decoder.decode(Uint8Array.from(latin1, (character) => character.charCodeAt(0)));
}
