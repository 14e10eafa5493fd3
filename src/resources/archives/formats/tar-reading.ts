// SPDX-License-Identifier: Apache-2.0
// Members of a tar archive, in the forms of old Unix, ustar, pax and GNU. Believes nothing that it reads: who uses the
// names must see where they lead.

import { Failure } from "../../../contract/failure.ts";
import { bytesOf, textOf } from "../../../values/bytes.ts";
import type { ByteSource } from "./byte-source.ts";
import { damagedArchive, type Member, type MemberKind } from "./member.ts";
import { blockBytes, checksumOf, paddingAfter, type TarField, tarFields, tarTypes } from "./tar-layout.ts";

/** Names and records are held in memory. */
const longestExtraBytes = 1024 * 1024;

type Records = ReadonlyMap<string, string>;

const kinds: Readonly<Record<string, MemberKind>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hard link",
  "2": "symlink",
  "3": "special",
  "4": "special",
  "5": "directory",
  "6": "special",
};

export async function* readTar(source: ByteSource): AsyncGenerator<Member> {
  let forAll: Records = new Map();
  let forNext: Records = new Map();
  for (;;) {
    const header = await source.take(blockBytes);
    if (header === undefined || header.every((byte) => byte === 0)) return;
    expectChecksum(header);
    const type = textIn(header, "type") || "\0";
    const size = numberIn(header, "size");
    if (type === tarTypes.paxAll || type === tarTypes.paxNext) {
      const records = parseRecords(await takeExtra(source, size));
      if (type === tarTypes.paxAll) forAll = new Map([...forAll, ...records]);
      else forNext = new Map([...forNext, ...records]);
      continue;
    }
    if (type === tarTypes.gnuName || type === tarTypes.gnuLinkText) {
      const text = textOf(await takeExtra(source, size)).replace(/\0.*$/s, "");
      forNext = new Map([...forNext, [type === tarTypes.gnuName ? "path" : "linkpath", text]]);
      continue;
    }
    const records = new Map([...forAll, ...forNext]);
    forNext = new Map();
    if (type === "S" || [...records.keys()].some((key) => key.startsWith("GNU.sparse."))) {
      throw new Failure("the archive has files with holes in a form of GNU's own", {
        code: "unsupported",
        hint: "Make it without `--sparse`.",
      });
    }
    const member = memberOf(header, type, records);
    // Other letters are notes of the program that made the archive.
    yield* passing(source, kinds[type] === undefined ? undefined : member, sizeOf(type, size, records));
  }
}

/** Hands the member on with its content, and stands behind it afterwards, however much of it was read. */
async function* passing(
  source: ByteSource,
  member: Omit<Member, "content" | "size"> | undefined,
  size: number,
): AsyncGenerator<Member> {
  let left = size;
  const content = async function* () {
    while (left > 0) {
      const piece = await source.some(left);
      if (piece === undefined) throw damagedArchive("it is cut off");
      left -= piece.length;
      yield piece;
    }
  };
  if (member !== undefined) yield { ...member, size, content: content() };
  await source.skip(left + paddingAfter(size));
}

function memberOf(header: Uint8Array, type: string, records: Records): Omit<Member, "content" | "size"> {
  const prefix = textIn(header, "magic").startsWith("ustar\0") ? textIn(header, "prefix") : "";
  const written = prefix === "" ? textIn(header, "name") : `${prefix}/${textIn(header, "name")}`;
  const name = records.get("path") ?? written;
  // Before there was a letter for directories, a slash said so.
  const kind = (type === "0" || type === "\0") && name.endsWith("/") ? "directory" : (kinds[type] ?? "special");
  return {
    name,
    kind,
    mode: numberIn(header, "mode") & 0o7777,
    uid: numberFrom(records.get("uid")) ?? numberIn(header, "uid"),
    gid: numberFrom(records.get("gid")) ?? numberIn(header, "gid"),
    userName: records.get("uname") ?? textIn(header, "userName"),
    groupName: records.get("gname") ?? textIn(header, "groupName"),
    linkText: records.get("linkpath") ?? textIn(header, "linkText"),
  };
}

/** Directories and links have no content, whatever stands there. */
function sizeOf(type: string, size: number, records: Records): number {
  if (type === "1" || type === "2" || type === "3" || type === "4" || type === "5" || type === "6") return 0;
  return numberFrom(records.get("size")) ?? size;
}

async function takeExtra(source: ByteSource, size: number): Promise<Uint8Array> {
  if (size > longestExtraBytes) throw damagedArchive(`a name or record in it has ${size} bytes`);
  const content = size === 0 ? new Uint8Array() : await source.take(size);
  if (content === undefined) throw damagedArchive("it is cut off");
  await source.skip(paddingAfter(size));
  return content;
}

/** `LENGTH KEY=VALUE` and a newline, one after the other. An empty value takes back what the archive said for all. */
function parseRecords(bytes: Uint8Array): Records {
  const found = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(textOf(bytes.subarray(at, space)));
    if (!Number.isSafeInteger(length) || length < 5 || at + length > bytes.length) {
      throw damagedArchive("a record in it has no right length");
    }
    const record = textOf(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf("=");
    if (equals > 0) found.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return found;
}

// ---- Fields ----

function expectChecksum(header: Uint8Array): void {
  const digits = textIn(header, "checksum").trim();
  if (!/^[0-7]+$/.test(digits) || Number.parseInt(digits, 8) !== checksumOf(header)) {
    throw damagedArchive("a header in it does not have the checksum that it should, or it is no tar archive at all");
  }
}

function bytesIn(header: Uint8Array, field: TarField): Uint8Array {
  const [start, length] = tarFields[field];
  return header.subarray(start, start + length);
}

function textIn(header: Uint8Array, field: TarField): string {
  const bytes = bytesIn(header, field);
  const end = field === "magic" ? -1 : bytes.indexOf(0);
  return textOf(end === -1 ? bytes : bytes.subarray(0, end));
}

/** Octal digits, or, after a byte with the first bit set, the bytes of the number. */
function numberIn(header: Uint8Array, field: TarField): number {
  const bytes = bytesIn(header, field);
  if (((bytes[0] ?? 0) & 0x80) !== 0) {
    let value = BigInt((bytes[0] ?? 0) & 0x7f);
    for (const byte of bytes.subarray(1)) value = value * 256n + BigInt(byte);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damagedArchive("a number in it is too big");
    return Number(value);
  }
  const digits = textIn(header, field).trim();
  if (digits === "") return 0;
  if (!/^[0-7]+$/.test(digits)) throw damagedArchive(`"${digits}" stands where there should be a number`);
  return Number.parseInt(digits, 8);
}

function numberFrom(text: string | undefined): number | undefined {
  if (text === undefined || bytesOf(text).length === 0) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw damagedArchive(`"${text}" stands where there should be a number`);
  return value;
}
