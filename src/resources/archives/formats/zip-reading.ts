// SPDX-License-Identifier: Apache-2.0
// Members of a zip archive, in the order of the directory at its end. The whole archive is in memory.

import { Failure } from "../../../contract/failure.ts";
import { textOf } from "../../../values/bytes.ts";
import { crc32 } from "./crc32.ts";
import { damagedArchive, type Member, type MemberKind } from "./member.ts";

/** Unpacks what was packed with the method that zip archives use. */
export type Inflate = (packed: Uint8Array) => AsyncIterable<Uint8Array>;

const endSignature = 0x06054b50;
const end64LocatorSignature = 0x07064b50;
const end64Signature = 0x06064b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
/** A comment may follow the end; so far back it is looked for. */
const longestCommentBytes = 0xffff;
const isEncrypted = 1;
const unix = 3;
const stored = 0;
const deflated = 8;
const inField64 = 0xffffffff;
/** The sorts of file in the upper bits of a Unix mode. */
const formatMask = 0o170000;
const formatKinds: Readonly<Record<number, MemberKind>> = {
  0o120000: "symlink",
  0o040000: "directory",
  0o100000: "file",
  0: "file",
};

export async function* readZip(bytes: Uint8Array, inflate: Inflate): AsyncGenerator<Member> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    for (const entry of entriesOf(bytes, view)) {
      const content = contentOf(entry, bytes, view, inflate);
      if (entry.kind !== "symlink") {
        yield { ...entry, linkText: "", content };
        continue;
      }
      const parts: Uint8Array[] = [];
      for await (const piece of content) parts.push(Uint8Array.from(piece));
      const linkText = textOf(Uint8Array.from(parts.flatMap((part) => [...part])));
      yield {
        ...entry,
        linkText,
        size: 0,
        content: contentOf({ ...entry, size: 0, packedSize: 0 }, bytes, view, inflate),
      };
    }
  } catch (reason) {
    if (reason instanceof RangeError) throw damagedArchive("it is cut off");
    throw reason;
  }
}

interface Entry extends Omit<Member, "content" | "linkText"> {
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly localAt: number;
}

function* entriesOf(bytes: Uint8Array, view: DataView): Generator<Entry> {
  const { count, at: start } = directoryOf(view);
  let at = start;
  for (let index = 0; index < count; index += 1) {
    if (view.getUint32(at, true) !== entrySignature) throw damagedArchive("its directory is not where it should be");
    const flags = view.getUint16(at + 8, true);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const name = textOf(bytes.subarray(at + 46, at + 46 + nameLength));
    if ((flags & isEncrypted) !== 0) {
      throw new Failure(`${name} in the archive is encrypted`, { code: "unsupported" });
    }
    const sizes = sizesOf(view, at, at + 46 + nameLength, extraLength);
    yield {
      name,
      ...kindAndMode(view.getUint16(at + 4, true) >> 8, view.getUint32(at + 38, true) >>> 16, name),
      uid: 0,
      gid: 0,
      userName: "",
      groupName: "",
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      ...sizes,
    };
    at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
  }
}

/** Where the list of members begins, and how many there are. */
function directoryOf(view: DataView): { readonly count: number; readonly at: number } {
  const last = view.byteLength - endBytes;
  for (let at = last; at >= 0 && at >= last - longestCommentBytes; at -= 1) {
    if (view.getUint32(at, true) !== endSignature) continue;
    if (at >= 20 && view.getUint32(at - 20, true) === end64LocatorSignature) {
      const end64 = Number(view.getBigUint64(at - 20 + 8, true));
      if (view.getUint32(end64, true) !== end64Signature)
        throw damagedArchive("its directory is not where it should be");
      return { count: Number(view.getBigUint64(end64 + 32, true)), at: Number(view.getBigUint64(end64 + 48, true)) };
    }
    return { count: view.getUint16(at + 10, true), at: view.getUint32(at + 16, true) };
  }
  throw damagedArchive("it is a zip archive without its end");
}

function sizesOf(view: DataView, at: number, extraAt: number, extraLength: number) {
  const wide = wideNumbers(view, extraAt, extraLength);
  const number = (value: number): number => {
    if (value !== inField64) return value;
    const next = wide.shift();
    if (next === undefined) throw damagedArchive("a size in it is missing");
    return next;
  };
  const size = number(view.getUint32(at + 24, true));
  const packedSize = number(view.getUint32(at + 20, true));
  const localAt = number(view.getUint32(at + 42, true));
  return { size, packedSize, localAt };
}

/** The numbers that do not fit into 32 bits. */
function wideNumbers(view: DataView, start: number, length: number): number[] {
  for (let at = start; at + 4 <= start + length; ) {
    const fieldLength = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      const found: number[] = [];
      for (let next = at + 4; next + 8 <= at + 4 + fieldLength; next += 8)
        found.push(Number(view.getBigUint64(next, true)));
      return found;
    }
    at += 4 + fieldLength;
  }
  return [];
}

function kindAndMode(madeBy: number, mode: number, name: string): { readonly kind: MemberKind; readonly mode: number } {
  if (name.endsWith("/")) return { kind: "directory", mode: (madeBy === unix && mode & 0o7777) || 0o755 };
  if (madeBy !== unix || mode === 0) return { kind: "file", mode: 0o644 };
  return { kind: formatKinds[mode & formatMask] ?? "special", mode: mode & 0o7777 };
}

async function* contentOf(
  entry: Entry,
  bytes: Uint8Array,
  view: DataView,
  inflate: Inflate,
): AsyncGenerator<Uint8Array> {
  if (entry.size === 0 && entry.packedSize === 0) return;
  if (view.getUint32(entry.localAt, true) !== localSignature)
    throw damagedArchive(`${entry.name} is not where it should be`);
  const start =
    entry.localAt + 30 + view.getUint16(entry.localAt + 26, true) + view.getUint16(entry.localAt + 28, true);
  const packed = bytes.subarray(start, start + entry.packedSize);
  if (packed.length < entry.packedSize) throw damagedArchive("it is cut off");
  if (entry.method !== stored && entry.method !== deflated) {
    throw new Failure(`${entry.name} in the archive is packed with the method ${entry.method}, which is not known`, {
      code: "unsupported",
      hint: "Only stored and deflated members can be read.",
    });
  }
  let sum = 0;
  let size = 0;
  for await (const piece of entry.method === stored ? only(packed) : inflate(packed)) {
    size += piece.length;
    if (size > entry.size) throw damagedArchive(`${entry.name} is longer than it should be`);
    sum = crc32(piece, sum);
    yield piece;
  }
  if (size !== entry.size || sum !== entry.crc) throw damagedArchive(`${entry.name} does not have its checksum`);
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
