// SPDX-License-Identifier: Apache-2.0
// A content as the answer to a request: the whole of it, a part, or that it has not changed. Knows no routes.

import { Failure } from "../../../contract/failure.ts";
import type { OpenFile } from "../../../contract/host.ts";
import type { IncomingRequest, Reply } from "../../../contract/serving.ts";
import { decide, mayBePart, type Validators } from "../../../protocols/http/conditions.ts";
import { renderHttpDate } from "../../../protocols/http/date.ts";
import { mediaTypeOf, mediaTypeOfName, sniffedBytes } from "../../../protocols/http/media-type.ts";
import { type Part, parseRanges, renderContentRange } from "../../../protocols/http/range.ts";

export interface Content extends Validators {
  /** Bytes; infinite: it ends when nothing is read any more. */
  readonly size: number;
  /** By which its type is known, when nobody says it. */
  readonly name: string;
  readonly type?: string;
  /** What is told of it besides. */
  readonly headers?: Readonly<Record<string, string>>;
  /** It may give less than that, and nothing at the end alone. `into` as with an `OpenFile`. */
  read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  /** To be called once, when nothing is read any more. */
  release(): void;
}

const pieceBytes = 256 * 1024;
/** Of each of many that are under way: what they hold, two pieces each, is held as long as they take nothing. */
const smallPieceBytes = 32 * 1024;
const many = 64;
let underWay = 0;
/** What is sent in one go: pieces, one after the other, cost more than they spare. */
export const smallBytes = 64 * 1024;
const boundary = "the-next-part";

/** Of a text in the program; it has changed at that time. */
export function contentOfText(bytes: Uint8Array, name: string, modifiedMs: number): Content {
  const read = async (at: number, length: number) => bytes.subarray(at, at + length);
  return { size: bytes.length, name, modifiedMs, read, release: () => {} };
}

export function contentOfFile(file: OpenFile, name: string): Content {
  const { size, modifiedNs } = file;
  return {
    size,
    name,
    modifiedMs: Number(modifiedNs / 1_000_000n),
    entityTag: `"${modifiedNs.toString(16)}-${size.toString(16)}"`,
    read: (at, length, into) => file.read(at, length, into),
    release: () => file[Symbol.dispose](),
  };
}

/** For GET and HEAD. Releases the content, at once or when the answer has been sent. */
export async function answerWith(content: Content, { headers, method }: IncomingRequest): Promise<Reply> {
  const { size, entityTag, modifiedMs } = content;
  const isEndless = size === Number.POSITIVE_INFINITY;
  const about = {
    ...content.headers,
    ...(isEndless ? {} : { "accept-ranges": "bytes" }),
    ...(entityTag === undefined ? {} : { etag: entityTag }),
    ...(modifiedMs === undefined ? {} : { "last-modified": renderHttpDate(modifiedMs) }),
  };
  const decision = decide(headers, content);
  if (decision !== "send") {
    content.release();
    return { status: decision === "not-modified" ? 304 : 412, headers: about };
  }
  const type = content.type ?? (await typeOf(content));
  const ranges = !isEndless && mayBePart(headers, content) ? parseRanges(headers.get("range"), size) : "whole";
  if (ranges === "unsatisfiable") {
    content.release();
    return { status: 416, headers: { ...about, "content-range": `bytes */${size}` } };
  }
  if (ranges === "whole")
    return single(200, { ...about, "content-type": type }, content, { from: 0, length: size }, method);
  const [part, ...more] = ranges;
  if (part !== undefined && more.length === 0) {
    const found = { ...about, "content-type": type, "content-range": renderContentRange(part, size) };
    return single(206, found, content, part, method);
  }
  return several(about, type, content, ranges, method);
}

async function typeOf(content: Content): Promise<string> {
  try {
    const known = mediaTypeOfName(content.name);
    if (known !== undefined) return known;
    return mediaTypeOf(content.name, await content.read(0, sniffedBytes));
  } catch (reason) {
    content.release();
    throw reason;
  }
}

async function single(
  status: number,
  headers: Readonly<Record<string, string>>,
  content: Content,
  part: Part,
  method: string,
): Promise<Reply> {
  const told = Number.isFinite(part.length) ? { ...headers, "content-length": String(part.length) } : headers;
  if (method === "HEAD") {
    content.release();
    return { status, headers: told };
  }
  if (part.length > smallBytes) return { status, headers: told, body: releasing(content, piecesOf(content, part)) };
  try {
    return { status, headers: told, body: await wholeOf(content, part) };
  } finally {
    content.release();
  }
}

/** RFC 9110 section 14.6: each part with its own place in the whole. */
function several(
  about: Readonly<Record<string, string>>,
  type: string,
  content: Content,
  parts: readonly Part[],
  method: string,
): Reply {
  const headers = { ...about, "content-type": `multipart/byteranges; boundary=${boundary}` };
  if (method === "HEAD") {
    content.release();
    return { status: 206, headers };
  }
  const encoder = new TextEncoder();
  async function* all() {
    for (const part of parts) {
      const place = renderContentRange(part, content.size);
      yield encoder.encode(`\r\n--${boundary}\r\ncontent-type: ${type}\r\ncontent-range: ${place}\r\n\r\n`);
      yield* piecesOf(content, part);
    }
    yield encoder.encode(`\r\n--${boundary}--\r\n`);
  }
  return { status: 206, headers, body: releasing(content, all()) };
}

export async function wholeOf(content: Content, { from, length }: Part): Promise<Uint8Array> {
  const first = await content.read(from, length);
  if (first.length === length) return first;
  const whole = new Uint8Array(length);
  whole.set(first);
  for (let at = first.length; at < length; ) {
    const piece = await content.read(from + at, length - at);
    if (piece.length === 0) throw fewer(from + length);
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The connection must end by it: the client was told another length, and would wait for the rest. */
function fewer(than: number): Failure {
  return new Failure(`there are fewer bytes than ${than}`, { code: "conflict" });
}

/** Each piece is gone when the one after the next is asked for: the next is read while one is being sent. */
async function* piecesOf(content: Content, { from, length }: Part): AsyncGenerator<Uint8Array> {
  const end = from + length;
  const buffers: Uint8Array[] = [];
  const most = underWay > many ? smallPieceBytes : pieceBytes;
  const read = (at: number, turn: number): Promise<Uint8Array> => {
    const wanted = Math.min(most, end - at);
    const piece = content.read(at, wanted, (buffers[turn] ??= new Uint8Array(wanted)));
    piece.catch(() => {}); // Nobody may ask for it any more.
    return piece;
  };
  let next = read(from, 0);
  for (let [at, turn] = [from, 1]; at < end; turn = 1 - turn) {
    const piece = await next;
    if (piece.length === 0) {
      if (!Number.isFinite(length)) return;
      throw fewer(end);
    }
    at += piece.length;
    if (at < end) next = read(at, turn);
    yield piece;
  }
}

/** An iterator, not a generator: one that was never begun would not release what it holds. */
function releasing(content: Content, pieces: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
  let isReleased = false;
  underWay += 1;
  const release = (): void => {
    if (isReleased) return;
    isReleased = true;
    underWay -= 1;
    content.release();
  };
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const result = await pieces.next();
          if (result.done === true) release();
          return result;
        } catch (reason) {
          release();
          throw reason;
        }
      },
      async return() {
        release();
        return pieces.return(undefined);
      },
    }),
  };
}
