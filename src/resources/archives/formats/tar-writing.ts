// SPDX-License-Identifier: Apache-2.0
// Headers of tar archives. The same members give the same bytes: they belong to root, and have one time for all.

import { bytesOf } from "../../../values/bytes.ts";
import {
  blockBytes,
  checksumOf,
  gnuMagic,
  paddingAfter,
  type TarField,
  tarFields,
  tarTypes,
  ustarMagic,
} from "./tar-layout.ts";

/** What goes into an archive. */
export interface TarEntry {
  /** Without a slash at the end. */
  readonly name: string;
  readonly kind: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly size: number;
  readonly linkText: string;
}

/** `fitting`: ustar where that is enough, else pax, and gnu for names that are no text. */
export type TarForm = "fitting" | "ustar" | "pax" | "gnu";

/** One second after the beginning of time: with 0, the tar program complains of an old time. */
const modifiedSeconds = 1;
const largestOctalSize = 0o77777777777;

export const endOfTar = new Uint8Array(2 * blockBytes);

/** All that stands before the content of the entry; or why this form cannot hold it, for a person. */
export function tarHeader(entry: TarEntry, form: TarForm): Uint8Array | { readonly wrong: string } {
  const name = entry.kind === "directory" ? `${entry.name}/` : entry.name;
  const parts = splitName(name);
  const fits = parts !== undefined && bytesOf(entry.linkText).length <= 100 && entry.size <= largestOctalSize;
  const isText = name.isWellFormed() && entry.linkText.isWellFormed();
  if (fits && form !== "gnu") return header(entry, parts, ustarMagic);
  if (form === "ustar") {
    const what = entry.size > largestOctalSize ? "files of 8 GiB and more" : "names that long";
    return { wrong: `${name} does not fit: the form ustar has no room for ${what}` };
  }
  return form === "pax" || (form === "fitting" && isText) ? paxHeader(entry, name, isText) : gnuHeader(entry, name);
}

interface NameParts {
  readonly prefix: Uint8Array;
  readonly name: Uint8Array;
}

/** The two places of ustar for a name, divided at a slash; undefined when it does not fit. */
function splitName(text: string): NameParts | undefined {
  const whole = bytesOf(text);
  if (whole.length <= 100) return { prefix: new Uint8Array(), name: whole };
  for (let at = Math.min(155, whole.length - 2); at >= whole.length - 101 && at > 0; at -= 1) {
    if (whole[at] === 0x2f) return { prefix: whole.slice(0, at), name: whole.slice(at + 1) };
  }
  return undefined;
}

function header(entry: TarEntry, { prefix, name }: NameParts, magic: string, type: string = typeOf(entry)): Uint8Array {
  const made = new Uint8Array(blockBytes);
  const put = (field: TarField, bytes: Uint8Array) => {
    const [start, length] = tarFields[field];
    made.set(bytes.subarray(0, length), start);
  };
  const putOctal = (field: TarField, value: number) => {
    const [, length] = tarFields[field];
    put(field, bytesOf(`${value.toString(8).padStart(length - 1, "0")}\0`));
  };
  put("name", name);
  putOctal("mode", entry.mode);
  putOctal("uid", 0);
  putOctal("gid", 0);
  if (entry.size <= largestOctalSize) putOctal("size", entry.size);
  else put("size", magic === gnuMagic ? binarySize(entry.size) : bytesOf(`${"0".repeat(11)}\0`));
  putOctal("modified", modifiedSeconds);
  put("type", bytesOf(type));
  put("linkText", bytesOf(entry.linkText));
  put("magic", bytesOf(magic));
  put("prefix", prefix);
  put("checksum", bytesOf(`${checksumOf(made).toString(8).padStart(6, "0")}\0 `));
  return made;
}

function typeOf(entry: TarEntry): string {
  return tarTypes[entry.kind];
}

/** Numbers that are too big for octal digits: the first bit set, then the bytes of the number. */
function binarySize(size: number): Uint8Array {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setBigUint64(4, BigInt(size));
  bytes[0] = 0x80;
  return bytes;
}

// ---- What does not fit into a header ----

function paxHeader(entry: TarEntry, name: string, isText: boolean): Uint8Array {
  const records = [
    ...(isText ? [] : [paxRecord("hdrcharset", "BINARY")]),
    ...(bytesOf(entry.linkText).length > 100 || !isText ? [paxRecord("linkpath", entry.linkText)] : []),
    paxRecord("path", name),
    ...(entry.size > largestOctalSize ? [paxRecord("size", String(entry.size))] : []),
  ];
  const content = joined(records.filter((record) => record.length > 0));
  const place = { prefix: new Uint8Array(), name: bytesOf("././@PaxHeader") };
  const extra = { name: "", kind: "file", mode: 0o644, size: content.length, linkText: "" } as const;
  return joined([
    header(extra, place, ustarMagic, tarTypes.paxNext),
    padded(content),
    header(entry, shortened(name), ustarMagic),
  ]);
}

/** `LENGTH KEY=VALUE`, where the length counts itself. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = bytesOf(` ${key}=${value}\n`);
  let length = rest.length;
  for (let total = 0; total !== length; ) {
    total = length;
    length = rest.length + String(total).length;
  }
  return joined([bytesOf(String(length)), rest]);
}

function gnuHeader(entry: TarEntry, name: string): Uint8Array {
  return joined([
    ...(bytesOf(entry.linkText).length > 100 ? [gnuExtra(entry.linkText, tarTypes.gnuLinkText)] : []),
    ...(bytesOf(name).length > 100 ? [gnuExtra(name, tarTypes.gnuName)] : []),
    header(entry, shortened(name), gnuMagic),
  ]);
}

function gnuExtra(text: string, type: string): Uint8Array {
  const content = joined([bytesOf(text), Uint8Array.of(0)]);
  const extra = { name: "", kind: "file", mode: 0, size: content.length, linkText: "" } as const;
  const place = { prefix: new Uint8Array(), name: bytesOf("././@LongLink") };
  return joined([header(extra, place, gnuMagic, type), padded(content)]);
}

/** For programs that do not know of longer names. */
function shortened(name: string): NameParts {
  return { prefix: new Uint8Array(), name: bytesOf(name).slice(0, 100) };
}

function padded(content: Uint8Array): Uint8Array {
  return joined([content, new Uint8Array(paddingAfter(content.length))]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
