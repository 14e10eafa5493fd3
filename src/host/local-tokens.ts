// SPDX-License-Identifier: Apache-2.0
// Texts that nobody can guess, by their names, each in a file for its owner alone. Works on any host.

import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { expectKey } from "./local-names.ts";

const randomBytes = 16;
const longestFile = 64;

export class LocalTokens {
  readonly #host: Host;
  readonly #directory: string;
  /** Asked for once: two that ask at the same time get the same one. */
  readonly #asked = new Map<string, Promise<string>>();

  constructor(host: Host, directory: string) {
    this.#host = host;
    this.#directory = directory;
  }

  async token(name: string, signal: AbortSignal): Promise<string> {
    expectKey(name);
    const before = this.#asked.get(name);
    if (before !== undefined) return before;
    const asked = this.#readOrMake(name, signal);
    this.#asked.set(name, asked);
    asked.catch(() => this.#asked.delete(name)); // The next one tries again.
    return asked;
  }

  async #readOrMake(name: string, signal: AbortSignal): Promise<string> {
    const { files, hashing, random } = this.#host;
    const digest = hashing.sha256();
    digest.add(bytesOf(name));
    const path = `${this.#directory}/${digest.hex().slice(0, 40)}.token`;
    if ((await files.inspect(path, signal)) !== undefined) {
      const [, token] = /^([0-9a-f]{32})\n$/.exec(textOf(await files.read(path, longestFile, signal))) ?? [];
      if (token !== undefined) return token;
      throw new Failure(`${path} is damaged`, { code: "invalid", hint: "remove it: what it kept is then made anew" });
    }
    if ((await files.inspect(this.#directory, signal)) === undefined)
      await files.createDirectory(this.#directory, { mode: 0o700, parents: true }, signal).catch(whenNotThere);
    const token = Buffer.from(random.bytes(randomBytes)).toString("hex");
    await files.write(path, bytesOf(`${token}\n`), { mode: 0o600, durable: true }, signal);
    return token;
  }
}

/** Another name may have needed it at the same time. */
function whenNotThere(reason: unknown): void {
  if (!(reason instanceof Failure && reason.code === "exists")) throw reason;
}
