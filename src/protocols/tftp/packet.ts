// SPDX-License-Identifier: Apache-2.0
// The packets of TFTP (RFC 1350, options RFC 2347) as bytes and back. Knows no sockets and no order of packets.
//
//     read, write        | 1 or 2 | file | 0 | mode | 0 | option | 0 | value | 0 | …
//     data               | 3 | block | up to a block of bytes
//     acknowledgement    | 4 | block |
//     error              | 5 | code | message | 0 |
//     options            | 6 | option | 0 | value | 0 | …                                  numbers have two bytes

/** Names in lower case, in the order of the packet; of two with one name the first counts. */
export type Options = ReadonlyMap<string, string>;

export interface Request {
  readonly type: "read" | "write";
  readonly file: string;
  /** In lower case: `octet`, `netascii`. */
  readonly mode: string;
  readonly options: Options;
}

export type Packet =
  | Request
  /** `block` counts from 1 and goes on at 0 after 65535. */
  | { readonly type: "data"; readonly block: number; readonly bytes: Uint8Array }
  | { readonly type: "acknowledgement"; readonly block: number }
  | { readonly type: "error"; readonly code: number; readonly message: string }
  | { readonly type: "options"; readonly options: Options };

export interface Malformed {
  readonly type: "malformed";
  readonly why: string;
}

/** RFC 1350, appendix I; RFC 2347. */
export const errorCodes = {
  undefined: 0,
  notFound: 1,
  accessViolation: 2,
  illegalOperation: 4,
  unknownTransfer: 5,
  optionRefused: 8,
} as const;

/** A request must fit into one block of the default size (RFC 2347). */
const longestRequest = 512;
const mostOptions = 32;
const operations = { read: 1, write: 2, data: 3, acknowledgement: 4, error: 5, options: 6 } as const;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Total: whatever the bytes are. Data are not copied. */
export function decodePacket(bytes: Uint8Array): Packet | Malformed {
  if (bytes.length < 2) return malformed("it is shorter than an operation");
  const operation = numberAt(bytes, 0);
  switch (operation) {
    case operations.read:
      return decodeRequest("read", bytes);
    case operations.write:
      return decodeRequest("write", bytes);
    case operations.data:
      if (bytes.length < 4) return malformed("data without a block number");
      return { type: "data", block: numberAt(bytes, 2), bytes: bytes.subarray(4) };
    case operations.acknowledgement:
      if (bytes.length < 4) return malformed("an acknowledgement without a block number");
      return { type: "acknowledgement", block: numberAt(bytes, 2) };
    case operations.error:
      return decodeError(bytes);
    case operations.options: {
      const options = optionsOf(textsOf(bytes.subarray(2)));
      return "type" in options ? options : { type: "options", options: options.options };
    }
    default:
      return malformed(`there is no operation ${operation}`);
  }
}

export function encodePacket(packet: Packet): Uint8Array {
  switch (packet.type) {
    case "read":
    case "write":
      return withTexts(operations[packet.type], [packet.file, packet.mode, ...[...packet.options].flat()]);
    case "data": {
      const bytes = new Uint8Array(4 + packet.bytes.length);
      setNumber(bytes, 0, operations.data);
      setNumber(bytes, 2, packet.block);
      bytes.set(packet.bytes, 4);
      return bytes;
    }
    case "acknowledgement": {
      const bytes = new Uint8Array(4);
      setNumber(bytes, 0, operations.acknowledgement);
      setNumber(bytes, 2, packet.block);
      return bytes;
    }
    case "error": {
      const message = encoder.encode(packet.message.replaceAll("\0", " "));
      const bytes = new Uint8Array(5 + message.length);
      setNumber(bytes, 0, operations.error);
      setNumber(bytes, 2, packet.code);
      bytes.set(message, 4);
      return bytes;
    }
    case "options":
      return withTexts(operations.options, [...packet.options].flat());
  }
}

/** What one block is in a packet longer than its content. */
export const dataHeadBytes = 4;

/**
 * Puts the packets of blocks that follow each other into `packets`, one behind the other: all of the same length, but for the
 * last one, when `bytes` end in it. `first` counts on beyond what a packet can hold. `bytes` may lie at the end of `packets`.
 */
export function encodeBlocks(
  packets: Uint8Array,
  bytes: Uint8Array,
  { first, count, blockSize }: { readonly first: number; readonly count: number; readonly blockSize: number },
): void {
  for (let index = 0; index < count; index += 1) {
    const at = index * (blockSize + dataHeadBytes);
    // Before the head, which may lie where the bytes of the last block begin.
    packets.set(bytes.subarray(index * blockSize, (index + 1) * blockSize), at + dataHeadBytes);
    setNumber(packets, at, operations.data);
    setNumber(packets, at + 2, (first + index) & 0xffff);
  }
}

function decodeRequest(type: Request["type"], bytes: Uint8Array): Request | Malformed {
  if (bytes.length > longestRequest) return malformed(`a request is longer than ${longestRequest} bytes`);
  const texts = textsOf(bytes.subarray(2));
  const [file, mode, ...rest] = texts ?? [];
  if (file === undefined || mode === undefined) return malformed("a request without a file or a mode");
  if (file === "") return malformed("a request for a file without a name");
  const options = optionsOf(rest);
  return "type" in options ? options : { type, file, mode: mode.toLowerCase(), options: options.options };
}

/** Some clients leave the zero at the end of the message out. */
function decodeError(bytes: Uint8Array): Packet | Malformed {
  if (bytes.length < 4) return malformed("an error without a code");
  const [message = ""] = decoder.decode(bytes.subarray(4, 4 + longestRequest)).split("\0");
  return { type: "error", code: numberAt(bytes, 2), message };
}

/** Texts that end with a zero each; undefined when the last one does not. */
function textsOf(bytes: Uint8Array): readonly string[] | undefined {
  const texts: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0, from);
    if (end === -1) return undefined;
    texts.push(decoder.decode(bytes.subarray(from, end)));
    from = end + 1;
  }
  return texts;
}

function optionsOf(texts: readonly string[] | undefined): { readonly options: Options } | Malformed {
  if (texts === undefined || texts.length % 2 !== 0) return malformed("an option without a value");
  if (texts.length > mostOptions * 2) return malformed(`more than ${mostOptions} options`);
  const options = new Map<string, string>();
  for (let at = 0; at < texts.length; at += 2) {
    const name = (texts[at] ?? "").toLowerCase();
    if (!options.has(name)) options.set(name, texts[at + 1] ?? "");
  }
  return { options };
}

function withTexts(operation: number, texts: readonly string[]): Uint8Array {
  const encoded = encoder.encode(texts.map((text) => `${text.replaceAll("\0", "")}\0`).join(""));
  const bytes = new Uint8Array(2 + encoded.length);
  setNumber(bytes, 0, operation);
  bytes.set(encoded, 2);
  return bytes;
}

function malformed(why: string): Malformed {
  return { type: "malformed", why };
}

function numberAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function setNumber(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}
