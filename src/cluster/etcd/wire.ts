// SPDX-License-Identifier: Apache-2.0
// Protocol Buffers as far as etcd's messages need them: a message is a table of its fields, from which encoding, decoding
// and its type follow. What is not in a table is passed over. Knows no message.

/** How one field stands on the wire, and what it is here. */
export interface Field<Value> {
  readonly at: number;
  /** When it does not stand there. */
  readonly absent: Value;
  write(writer: Writer, value: Value): void;
  /** `before`: what was read of this field already. */
  read(reader: Reader, before: Value): Value;
}

type Valued<Table> = { readonly [Name in keyof Table]: Table[Name] extends Field<infer Value> ? Value : never };

export interface Message<Content> {
  readonly encode: (content: Partial<Content>) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Content;
}

export type ContentOf<Type> = Type extends Message<infer Content> ? Content : never;

export function message<Table extends object>(table: Table): Message<Valued<Table>> {
  const named = Object.entries(table) as [string, Field<unknown>][];
  const byNumber = new Map(named.map(([name, field]) => [field.at, { name, field }]));
  return {
    encode(content) {
      const writer = new Writer();
      const values = content as Readonly<Record<string, unknown>>;
      for (const [name, field] of named) {
        const value = values[name];
        if (value !== undefined && value !== field.absent) field.write(writer, value);
      }
      return writer.bytes();
    },
    decode(bytes) {
      const values: Record<string, unknown> = {};
      for (const [name, field] of named) values[name] = field.absent;
      const reader = new Reader(bytes);
      while (!reader.isAtEnd) {
        const tag = reader.number();
        const known = byNumber.get(tag >>> 3);
        if (known === undefined) reader.skip(tag & 7);
        else values[known.name] = known.field.read(reader, values[known.name]);
      }
      return values as Valued<Table>;
    },
  };
}

// ---- Fields ----

/** An integer whose value is one that a number holds exactly: a revision, a count. */
export function number(at: number): Field<number> {
  return {
    at,
    absent: 0,
    write: (writer, value) => writer.number(at * 8).number(value),
    read: (reader) => reader.number(),
  };
}

/** A 64-bit integer that stands for something: a member, a lease. */
export function id(at: number): Field<bigint> {
  return {
    at,
    absent: 0n,
    write: (writer, value) => writer.number(at * 8).varint(value),
    read: (reader) => reader.varint(),
  };
}

export function flag(at: number): Field<boolean> {
  return {
    at,
    absent: false,
    write: (writer, value) => writer.number(at * 8).number(value ? 1 : 0),
    read: (reader) => reader.number() !== 0,
  };
}

const nothing = new Uint8Array();

export function bytes(at: number): Field<Uint8Array> {
  return {
    at,
    absent: nothing,
    write: (writer, value) => {
      if (value.length > 0) writer.chunk(at, value);
    },
    read: (reader) => reader.chunk(),
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function text(at: number): Field<string> {
  return {
    at,
    absent: "",
    write: (writer, value) => writer.chunk(at, encoder.encode(value)),
    read: (reader) => decoder.decode(reader.chunk()),
  };
}

/** Stands there also when it is empty, unlike the others. */
export function one<Content>(at: number, type: Message<Content>): Field<Partial<Content> | undefined> {
  return {
    at,
    absent: undefined,
    write: (writer, value) => value && writer.chunk(at, type.encode(value)),
    read: (reader) => type.decode(reader.chunk()),
  };
}

/** The same, for what is only read: always whole. */
export function whole<Content>(at: number, type: Message<Content>): Field<Content> {
  return {
    at,
    absent: type.decode(nothing),
    write: (writer, value) => writer.chunk(at, type.encode(value)),
    read: (reader) => type.decode(reader.chunk()),
  };
}

export function many<Content>(at: number, type: Message<Content>): Field<readonly Partial<Content>[]> {
  return repeated(at, type.encode, type.decode);
}

/** The same, for what is only read: each is whole. */
export function manyWhole<Content>(at: number, type: Message<Content>): Field<readonly Content[]> {
  return repeated(at, type.encode, type.decode);
}

export function texts(at: number): Field<readonly string[]> {
  return repeated(
    at,
    (text: string) => encoder.encode(text),
    (bytes) => decoder.decode(bytes),
  );
}

function repeated<Written, Read extends Written>(
  at: number,
  encode: (item: Written) => Uint8Array,
  decode: (bytes: Uint8Array) => Read,
): Field<readonly Read[]> {
  return {
    at,
    absent: [],
    write: (writer, items) => {
      for (const item of items) writer.chunk(at, encode(item));
    },
    read: (reader, before) => appended(before, decode(reader.chunk())),
  };
}

/** The list that stands for "none" is shared, so the first item makes a new one, which then grows. */
function appended<Item>(before: readonly Item[], item: Item): readonly Item[] {
  if (before.length === 0) return [item];
  (before as Item[]).push(item);
  return before;
}

// ---- Bytes ----

class Writer {
  #bytes = new Uint8Array(64);
  #length = 0;

  number(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) return this.varint(BigInt(value));
    let rest = value;
    while (rest > 127) {
      this.#byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
    return this;
  }

  varint(value: bigint): this {
    let rest = BigInt.asUintN(64, value);
    while (rest > 127n) {
      this.#byte(Number(rest & 127n) + 128);
      rest >>= 7n;
    }
    this.#byte(Number(rest));
    return this;
  }

  chunk(at: number, chunk: Uint8Array): this {
    this.number(at * 8 + 2).number(chunk.length);
    this.#reserve(chunk.length);
    this.#bytes.set(chunk, this.#length);
    this.#length += chunk.length;
    return this;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(given: Uint8Array) {
    this.#bytes = given;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(): number {
    let value = 0;
    for (let place = 1, from = this.#at; ; place *= 128) {
      const byte = this.#next();
      if (this.#at - from > 7) {
        this.#at = from;
        return Number(BigInt.asIntN(64, this.varint())); // Larger, or negative.
      }
      value += (byte & 127) * place;
      if (byte < 128) return value;
    }
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#next();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
      if (shift > 63n) throw new RangeError("a number has more than ten bytes");
    }
  }

  chunk(): Uint8Array {
    const length = this.number();
    const chunk = this.#bytes.subarray(this.#at, this.#at + length);
    if (chunk.length !== length) throw new RangeError("a message is cut off");
    this.#at += length;
    return chunk;
  }

  skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 2) this.chunk();
    else if (wire === 1) this.#at += 8;
    else if (wire === 5) this.#at += 4;
    else throw new RangeError(`a field has the wire type ${wire}`);
  }

  #next(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError("a message is cut off");
    this.#at += 1;
    return byte;
  }
}
