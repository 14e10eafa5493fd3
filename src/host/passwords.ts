// SPDX-License-Identifier: Apache-2.0
// Hashes of passwords, for every host: sha512 is computed here, yescrypt by the C library of the machine, which is
// reached through a program. The password goes to its standard input.

import { Failure } from "../contract/failure.ts";
import type { Processes, Random } from "../contract/host.ts";
import type { Passwords } from "../contract/passwords.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { cryptAlphabet, sha512Crypt } from "./sha512-crypt.ts";

const saltCharacters = 16;
/** As the C library counts: what it has when nobody says anything. */
const usualRounds = 5_000;

/** Reads the password and the setting, a line each, and prints the hash. */
const cryptProgram = 'chomp(my ($p, $s) = <STDIN>); print crypt($p, $s) // "";';

export function createPasswords(processes: Processes, random: Random): Passwords {
  const salt = (count: number) => Array.from(random.bytes(count), (byte) => cryptAlphabet[byte & 63]).join("");

  async function yescrypt(password: string, setting: string, signal: AbortSignal): Promise<string> {
    const input = bytesOf(`${password}\n${setting}\n`);
    try {
      const { stdout } = await processes.run({ argv: ["perl", "-e", cryptProgram], input }, signal);
      const hash = textOf(stdout);
      if (hash.startsWith("$y$")) return hash;
    } catch (reason) {
      if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
      throw cannotHash("the program perl is missing");
    }
    throw cannotHash("its C library does not know it");
  }

  return {
    async hash(password, format, cost, signal) {
      signal.throwIfAborted();
      if (format === "yescrypt") return yescrypt(password, `$y$${costText(cost)}$${saltOf(random.bytes(16))}`, signal);
      const rounds = cost === usualRounds ? "" : `rounds=${cost}$`;
      return (await sha512Crypt(bytesOf(password), `$6$${rounds}${salt(saltCharacters)}`, signal)) ?? "";
    },
    async verify(password, hash, signal) {
      signal.throwIfAborted();
      if (hash.startsWith("$y$")) return (await yescrypt(password, hash, signal)) === hash;
      return (await sha512Crypt(bytesOf(password), hash, signal)) === hash;
    },
  };
}

function cannotHash(why: string): Failure {
  return new Failure(`this machine cannot make a yescrypt hash: ${why}`, {
    code: "not-found",
    hint: 'Install perl, or say `format => "sha512"`.',
  });
}

/** As the C library chooses memory and block size for a step: j, then the logarithm of the former, then the latter. */
function costText(cost: number): string {
  const isSmall = cost <= 2;
  const logarithm = cost + (isSmall ? 9 : 7);
  return `j${cryptAlphabet[logarithm - 1]}${isSmall ? "5" : "T"}`;
}

/** Three bytes are four characters, the lowest six bits first. */
function saltOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.subarray(at, at + 3);
    const value = group.reduce((sum, byte, place) => sum | (byte << (8 * place)), 0);
    const count = Math.ceil((group.length * 8) / 6);
    for (let place = 0; place < count; place += 1) text += cryptAlphabet[(value >> (6 * place)) & 63];
  }
  return text;
}
