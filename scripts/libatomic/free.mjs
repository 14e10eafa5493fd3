// SPDX-License-Identifier: Apache-2.0
// Frees a Node.js executable from libatomic.so.1, a library that a small Linux does not have, and of which Node.js uses a
// single function: puts our own `__atomic_compare_exchange` into the zeros behind the executable segment, lets the one
// slot for the function point there, and takes the library out of the list of what is loaded. Refuses what it does not know.
//
// `node free.mjs FILE` changes a file. Plain JavaScript that Node.js 12 understands: it has to run on whatever Node.js a
// machine has, before the one that mgmt runs on can start there.

import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from "fs";
import { fileURLToPath } from "url";
import { compareExchange } from "./compare-exchange.mjs";

const library = "libatomic.so.1";
const supplied = "__atomic_compare_exchange";

// Numbers of the ELF format, named as in its documents. All integers are little-endian.
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PF_X = 1;
const DT = { NULL: 0, NEEDED: 1, STRTAB: 5, SYMTAB: 6, RELA: 7, RELASZ: 8, PLTRELSZ: 2, JMPREL: 23 };
const DT_VERSYM = 0x6ffffff0;
const DT_VERNEED = 0x6ffffffe;
const DT_VERNEEDNUM = 0x6fffffff;
const SHT_VERNEED = 0x6ffffffe;
const VERSION_GLOBAL = 1;
/** By machine: a slot that is filled with the address of a symbol, and one that is filled with a fixed address. */
const relocations = new Map([
  [62, { slot: [6, 7], fixed: 8 }], // R_X86_64_GLOB_DAT, JUMP_SLOT, RELATIVE
  [183, { slot: [1025, 1026], fixed: 1027 }], // R_AARCH64_GLOB_DAT, JUMP_SLOT, RELATIVE
]);

/**
 * Changes the executable in place, or throws and has changed nothing.
 * @param {Buffer} elf
 * @returns {boolean} whether it needed the library
 */
export function freeFromLibatomic(elf) {
  const machine = elf.readUInt16LE(18);
  const code = compareExchange.get(machine);
  const kinds = relocations.get(machine);
  if (elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1 || code === undefined || kinds === undefined) {
    throw new Error("not an executable for x86_64 or aarch64");
  }
  const segments = readSegments(elf);
  const dynamic = readDynamic(elf, segments);
  const needed = dynamic.entries.find(
    ({ tag, value }) => tag === DT.NEEDED && textAt(elf, dynamic.texts + value) === library,
  );
  if (needed === undefined) return false;
  const wanted = readWantedVersions(elf, dynamic);
  const slots = findSlots(elf, dynamic, wanted.versions, kinds.slot);
  const room = findRoom(elf, segments, code.length);

  // From here on nothing can fail any more.
  code.copy(elf, room.offset);
  room.grow();
  for (const { offset, symbol } of slots) {
    write64(elf, offset + 8, kinds.fixed);
    write64(elf, offset + 16, room.address);
    elf.writeUInt16LE(VERSION_GLOBAL, dynamic.symbolVersions + symbol * 2);
  }
  wanted.remove();
  // What follows moves up, and an empty entry ends the list.
  const last = dynamic.entries[dynamic.entries.length - 1];
  if (last === undefined) return false;
  elf.copyWithin(needed.offset, needed.offset + 16, last.offset);
  elf.fill(0, last.offset - 16, last.offset);
  return true;
}

/** @typedef {{ type: number, flags: number, offset: number, address: number, size: number, sizeInMemory: number, header: number }} Segment */

/** @param {Buffer} elf @returns {Segment[]} */
function readSegments(elf) {
  const start = read64(elf, 32);
  const size = elf.readUInt16LE(54);
  return Array.from({ length: elf.readUInt16LE(56) }, (_, index) => {
    const header = start + index * size;
    return {
      type: elf.readUInt32LE(header),
      flags: elf.readUInt32LE(header + 4),
      offset: read64(elf, header + 8),
      address: read64(elf, header + 16),
      size: read64(elf, header + 32),
      sizeInMemory: read64(elf, header + 40),
      header,
    };
  });
}

/** What the dynamic linker reads: the list itself, and where in the file the tables are that it names. */
/** @typedef {ReturnType<typeof readDynamic>} Dynamic */

/** @param {Buffer} elf @param {Segment[]} segments */
function readDynamic(elf, segments) {
  const segment = segments.find(({ type }) => type === PT_DYNAMIC);
  if (segment === undefined) throw new Error("it loads no libraries");
  /** @type {{ tag: number, value: number, offset: number }[]} */
  const entries = [];
  for (let offset = segment.offset; offset < segment.offset + segment.size; offset += 16) {
    const tag = read64(elf, offset);
    entries.push({ tag, value: read64(elf, offset + 8), offset });
    if (tag === DT.NULL) break;
  }
  /** @param {number} tag */
  const value = (tag) => {
    const found = entries.find((entry) => entry.tag === tag);
    if (found === undefined) throw new Error(`its dynamic section has no entry ${tag}`);
    return found.value;
  };
  /** @param {number} tag */
  const place = (tag) => {
    const address = value(tag);
    const home = segments.find(
      ({ type, address: first, size }) => type === PT_LOAD && first <= address && address < first + size,
    );
    if (home === undefined) throw new Error(`entry ${tag} of its dynamic section points nowhere`);
    return address - home.address + home.offset;
  };
  const count = entries.find(({ tag }) => tag === DT_VERNEEDNUM);
  return {
    entries,
    texts: place(DT.STRTAB),
    symbols: place(DT.SYMTAB),
    symbolVersions: place(DT_VERSYM),
    versionsWanted: place(DT_VERNEED),
    countOfVersionsWanted: count === undefined ? undefined : count.offset + 8,
    relocations: [
      { offset: place(DT.RELA), size: value(DT.RELASZ) },
      { offset: place(DT.JMPREL), size: value(DT.PLTRELSZ) },
    ],
  };
}

/**
 * The numbers of the library's versions, by which symbols say where they come from. The entry is one of a linked list.
 * @param {Buffer} elf @param {Dynamic} dynamic
 */
function readWantedVersions(elf, dynamic) {
  /** @type {number | undefined} */
  let before;
  for (let at = dynamic.versionsWanted, step = -1; step !== 0; before = at, at += step) {
    step = elf.readUInt32LE(at + 12);
    if (textAt(elf, dynamic.texts + elf.readUInt32LE(at + 4)) !== library) continue;
    /** @type {Set<number>} */
    const versions = new Set();
    let version = at + elf.readUInt32LE(at + 8);
    for (let count = elf.readUInt16LE(at + 2); count > 0; count -= 1) {
      versions.add(elf.readUInt16LE(version + 6));
      version += elf.readUInt32LE(version + 12);
    }
    return { versions, remove: unlink(elf, dynamic, before, at, step) };
  }
  throw new Error(`it names no version of ${library}`);
}

/**
 * @param {Buffer} elf @param {Dynamic} dynamic @param {number | undefined} before @param {number} at @param {number} step
 */
function unlink(elf, dynamic, before, at, step) {
  if (before === undefined && step === 0) throw new Error(`it wants versions of ${library} alone`);
  return () => {
    if (before !== undefined) {
      // Offsets count from the entry that holds them, and 0 ends the list.
      elf.writeUInt32LE(step === 0 ? 0 : at + step - before, before + 12);
    } else {
      // The first gets the content of the second, so the list still begins where tools look for it.
      const second = at + step;
      elf.copy(elf, at, second, second + 16);
      elf.writeUInt32LE(elf.readUInt32LE(at + 8) + step, at + 8);
      const next = elf.readUInt32LE(at + 12);
      elf.writeUInt32LE(next === 0 ? 0 : next + step, at + 12);
    }
    const { countOfVersionsWanted } = dynamic;
    if (countOfVersionsWanted !== undefined) {
      write64(elf, countOfVersionsWanted, read64(elf, countOfVersionsWanted) - 1);
    }
    // Only tools that show executables read this count.
    const sections = read64(elf, 40);
    for (let index = 0; index < elf.readUInt16LE(60); index += 1) {
      const header = sections + index * elf.readUInt16LE(58);
      if (elf.readUInt32LE(header + 4) !== SHT_VERNEED) continue;
      elf.writeUInt32LE(elf.readUInt32LE(header + 44) - 1, header + 44);
    }
  };
}

/**
 * The places that the dynamic linker fills with the address of a function of the library.
 * @param {Buffer} elf @param {Dynamic} dynamic @param {Set<number>} versions @param {number[]} slotKinds
 */
function findSlots(elf, dynamic, versions, slotKinds) {
  const slots = [];
  for (const { offset: start, size } of dynamic.relocations) {
    for (let offset = start; offset < start + size; offset += 24) {
      const kind = elf.readUInt32LE(offset + 8);
      const symbol = elf.readUInt32LE(offset + 12);
      if (!versions.has(elf.readUInt16LE(dynamic.symbolVersions + symbol * 2) & 0x7fff)) continue;
      const name = textAt(elf, dynamic.texts + elf.readUInt32LE(dynamic.symbols + symbol * 24));
      if (name !== supplied || !slotKinds.includes(kind)) throw new Error(`it wants ${name} of ${library} as well`);
      slots.push({ offset, symbol });
    }
  }
  return slots;
}

/**
 * Zeros behind the executable segment, in its last page: that is mapped as a whole, so no other page becomes executable.
 * @param {Buffer} elf @param {Segment[]} segments @param {number} length
 */
function findRoom(elf, segments, length) {
  const page = 4096; // The smallest there is.
  const segment = segments.find(({ type, flags }) => type === PT_LOAD && (flags & PF_X) !== 0);
  if (segment === undefined || segment.size !== segment.sizeInMemory) throw new Error("it has no plain code segment");
  const address = Math.ceil((segment.address + segment.size) / 16) * 16;
  const offset = segment.offset + address - segment.address;
  const isFree =
    Math.floor(address / page) === Math.floor((segment.address + segment.size - 1) / page) &&
    Math.floor((address + length - 1) / page) === Math.floor(address / page) &&
    elf.subarray(offset, offset + length).every((byte) => byte === 0) &&
    segments.every(
      (other) => other === segment || offset + length <= other.offset || other.offset + other.size <= offset,
    );
  if (!isFree) throw new Error("there is no room behind its code");
  const size = address + length - segment.address;
  return {
    address,
    offset,
    grow: () => {
      write64(elf, segment.header + 32, size);
      write64(elf, segment.header + 40, size);
    },
  };
}

/** @param {Buffer} elf @param {number} offset */
function read64(elf, offset) {
  return Number(elf.readBigUInt64LE(offset));
}

/** @param {Buffer} elf @param {number} offset @param {number} value */
function write64(elf, offset, value) {
  elf.writeBigUInt64LE(BigInt(value), offset);
}

/** @param {Buffer} elf @param {number} offset */
function textAt(elf, offset) {
  return elf.toString("latin1", offset, elf.indexOf(0, offset));
}

/**
 * Changes a file, in one piece: it may be running.
 * @param {string} path
 */
export function freeFile(path) {
  const elf = readFileSync(path);
  if (!freeFromLibatomic(elf)) return;
  const fresh = `${path}.new`;
  writeFileSync(fresh, elf);
  chmodSync(fresh, statSync(path).mode & 0o7777);
  renameSync(fresh, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] !== undefined) freeFile(process.argv[2]);
