// SPDX-License-Identifier: Apache-2.0
// Writes the smallest shared library that takes `__atomic_compare_exchange` from libatomic, as Node.js does: its one
// function `compareExchange` jumps there. Knows ELF, and nothing of how the need for libatomic is taken away.

/** A library that is loaded, the version of it that is wanted, and the functions taken from it. */
export interface Needed {
  readonly library: string;
  readonly version: string;
  readonly functions: readonly string[];
}

export interface Shape {
  readonly needed: readonly Needed[];
  /** Bytes behind the code that are not free. */
  readonly behindCode?: Buffer;
}

const page = 0x1000;
const codeAt = page;
const dataAt = 2 * page;
/** Of each machine: its number, the kind of a slot for a function, and the code that jumps to where a slot says. */
const machine =
  process.arch === "arm64"
    ? {
        number: 183,
        slotKind: 1026,
        jump: (slot: number) =>
          // adrp x16, dataAt; ldr x17, [x16, #slot - dataAt]; br x17
          words32(0xb0000010, 0xf9400211 + (((slot - dataAt) / 8) << 10), 0xd61f0220),
      }
    : {
        number: 62,
        slotKind: 7,
        // jmp [rip + the distance to the slot]
        jump: (slot: number) => Buffer.concat([Buffer.from("ff25", "hex"), words32(slot - codeAt - 6)]),
      };

export function smallLibrary({ needed, behindCode = Buffer.alloc(0) }: Shape): Buffer {
  const texts = new Texts();
  const taken = needed.flatMap(({ functions }, index) => functions.map((name) => ({ name, version: index + 2 })));
  const slotOf = (index: number): number => dataAt + 0x200 + index * 8;
  const code = machine.jump(slotOf(taken.findIndex(({ name }) => name === "__atomic_compare_exchange")));

  const tables: [tag: number, table: Buffer][] = [
    // One bucket, which holds the one function that can be found: it has the last number.
    [4, words32(1, taken.length + 2, taken.length + 1, ...Array.from({ length: taken.length + 2 }, () => 0))],
    [
      6,
      Buffer.concat([
        Buffer.alloc(24),
        ...taken.map(({ name }) => symbol(texts.at(name), 0, 0)),
        symbol(texts.at("compareExchange"), codeAt, 1),
      ]),
    ],
    [0x6ffffff0, words16(0, ...taken.map(({ version }) => version), 1)],
    [0x6ffffffe, Buffer.concat(needed.map((one, index) => versionNeed(texts, one, index, needed.length)))],
    [
      23,
      Buffer.concat(
        taken.map((_, index) =>
          Buffer.concat([words64(slotOf(index)), words32(machine.slotKind, index + 1), words64(0)]),
        ),
      ),
    ],
  ];
  const wanted = needed.map(({ library }): [number, number] => [1, texts.at(library)]);
  tables.push([5, texts.bytes()]);

  const file = Buffer.alloc(dataAt + 0x400);
  let next = 0x200;
  const dynamic: [tag: number, value: number][] = wanted;
  for (const [tag, table] of tables) {
    table.copy(file, next);
    dynamic.push([tag, next]);
    if (tag === 23) dynamic.push([2, table.length], [20, 7], [7, next], [8, 0], [9, 24]);
    if (tag === 5) dynamic.push([10, table.length]);
    if (tag === 0x6ffffffe) dynamic.push([0x6fffffff, needed.length]);
    next = Math.ceil((next + table.length) / 8) * 8;
  }
  dynamic.push([11, 24], [3, dataAt + 0x1f0], [24, 0], [0, 0]);
  const list = Buffer.concat(dynamic.map(([tag, value]) => words64(tag, value)));

  Buffer.from("7f454c46020101", "hex").copy(file);
  Buffer.concat([
    words16(3, machine.number),
    words32(1),
    words64(0, 64, 0),
    words32(0),
    words16(64, 56, 4, 64, 0, 0),
  ]).copy(file, 16);
  Buffer.concat([
    programHeader(1, 4, 0, next),
    programHeader(1, 5, codeAt, code.length),
    programHeader(1, 6, dataAt, 0x400),
    programHeader(2, 6, dataAt, list.length),
  ]).copy(file, 64);
  Buffer.concat([code, behindCode]).copy(file, codeAt);
  list.copy(file, dataAt);
  return file;
}

/** Texts that end in a zero, each named by where it begins. */
class Texts {
  private text = "\0";

  at(text: string): number {
    const start = this.text.length;
    this.text += `${text}\0`;
    return start;
  }

  bytes(): Buffer {
    return Buffer.from(this.text, "latin1");
  }
}

function versionNeed(texts: Texts, { library, version }: Needed, index: number, count: number): Buffer {
  return Buffer.concat([
    words16(1, 1),
    words32(texts.at(library), 16, index === count - 1 ? 0 : 32),
    words32(elfHash(version)),
    words16(0, index + 2),
    words32(texts.at(version), 0),
  ]);
}

function symbol(name: number, address: number, section: number): Buffer {
  return Buffer.concat([words32(name), Buffer.from([0x12, 0]), words16(section), words64(address, 0)]);
}

function programHeader(type: number, flags: number, at: number, size: number): Buffer {
  return Buffer.concat([words32(type, flags), words64(at, at, at, size, size, page)]);
}

function elfHash(text: string): number {
  let hash = 0;
  for (const byte of Buffer.from(text)) {
    hash = (hash * 16 + byte) >>> 0;
    const high = hash & 0xf0000000;
    hash = (hash ^ (high >>> 24)) & ~high;
  }
  return hash >>> 0;
}

function words16(...values: number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.from([value & 255, value >>> 8])));
}

function words32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return bytes;
}

function words64(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), index * 8);
  return bytes;
}
