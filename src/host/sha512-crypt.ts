// SPDX-License-Identifier: Apache-2.0
// The hash of a password that `crypt` marks with $6$: SHA-512 over and over, as its public specification has it.

import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";

export const cryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const usualRounds = 5_000;
const fewestRounds = 1_000;
const mostRounds = 999_999_999;
const longestSalt = 16;
const digestBytes = 64;

/** Rounds after which others have their turn: under two milliseconds. */
const roundsInOneGo = 1_000;

/** `setting` is `$6$SALT` or `$6$rounds=N$SALT`, or a whole hash. Undefined when it is neither. */
export async function sha512Crypt(
  password: Uint8Array,
  setting: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const parts = /^\$6\$(?:rounds=(\d+)\$)?([^$]*)/.exec(setting);
  if (parts === null) return undefined;
  const [, given, saltText = ""] = parts;
  const rounds = given === undefined ? usualRounds : Math.min(Math.max(Number(given), fewestRounds), mostRounds);
  const salt = Buffer.from(saltText.slice(0, longestSalt), "utf8");
  const key = Buffer.from(password);

  const alternate = sha512(key, salt, key);
  const bits: Uint8Array[] = [];
  for (let count = key.length; count > 0; count >>= 1) bits.push((count & 1) === 1 ? alternate : key);
  let digest = sha512(key, salt, repeated(alternate, key.length), ...bits);
  const keySequence = repeated(sha512(...Array.from({ length: key.length }, () => key)), key.length);
  const saltSequence = repeated(sha512(...Array.from({ length: 16 + (digest[0] ?? 0) }, () => salt)), salt.length);
  for (let round = 0; round < rounds; round += 1) {
    if (round % roundsInOneGo === roundsInOneGo - 1) {
      await nextTurn();
      signal.throwIfAborted();
    }
    const isOdd = round % 2 === 1;
    digest = sha512(
      isOdd ? keySequence : digest,
      ...(round % 3 === 0 ? [] : [saltSequence]),
      ...(round % 7 === 0 ? [] : [keySequence]),
      isOdd ? digest : keySequence,
    );
  }
  const mark = given === undefined ? "$6$" : `$6$rounds=${rounds}$`;
  return `${mark}${saltText.slice(0, longestSalt)}$${renderDigest(digest)}`;
}

function sha512(...pieces: readonly Uint8Array[]): Buffer {
  return createHash("sha512").update(Buffer.concat(pieces)).digest();
}

function repeated(piece: Uint8Array, length: number): Buffer {
  return Buffer.alloc(length, piece.length === 0 ? undefined : piece);
}

/** Three bytes are four characters. The bytes are taken from three thirds, whose order turns at each step. */
function renderDigest(digest: Uint8Array): string {
  let text = "";
  const third = 21;
  for (let at = 0; at < third; at += 1) {
    const turn = at % 3;
    const places = [0, 1, 2].map((column) => at + third * ((column + turn) % 3));
    const [high = 0, middle = 0, low = 0] = places.map((place) => digest[place] ?? 0);
    text += characters((high << 16) | (middle << 8) | low, 4);
  }
  return text + characters(digest[digestBytes - 1] ?? 0, 2);
}

function characters(value: number, count: number): string {
  return Array.from({ length: count }, (_, at) => cryptAlphabet[(value >> (6 * at)) & 63] ?? "").join("");
}
