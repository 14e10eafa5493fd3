// SPDX-License-Identifier: Apache-2.0
// The store of one machine, on its disk below `<prefix>/local`. Works on any host: what it knows of the disk is `Files`.
//
//   value/<base64url of the key>.value   a value, see values/stored.ts; a long name goes on in directories
//   pool/<space>/<name>.uid              a number and a newline
//   token/<digest of the name>.token     32 letters and digits, see local-tokens.ts
//   vardir/functions/<path>/             directories
//   vardir/directory/<path>/             copies of directories of programs

import { Pulses } from "../base/pulse.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { DeployFiles, LocalStore, LocalValues } from "../contract/local-store.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { storedTextOf, valueOfStored } from "../values/stored.ts";
import type { Value } from "../values/value.ts";
import { createDeployFiles } from "./deploy-files.ts";
import { expectKey, expectNames } from "./local-names.ts";
import { LocalTokens } from "./local-tokens.ts";
import { mirrorDirectory } from "./mirror-directory.ts";
import { createResponses } from "./responses.ts";

const valueLimitBytes = 256 * 1024 * 1024;
const numberLimitBytes = 64;

/** File systems allow 255 bytes in a name, and a write needs some beside it. */
const longParts = /[^]{200}(?=[^])/g;

/** `prefix` is absolute; what is below is made when it is first needed. */
export function createLocalStore(host: Host, prefix: string, deploy: DeployFiles = createDeployFiles()): LocalStore {
  const numbers = new Map<string, Promise<unknown>>();
  const tokens = new LocalTokens(host, `${prefix}/local/token`);
  return {
    values: new DiskValues(host, `${prefix}/local/value`),
    responses: createResponses(),
    deploy,
    number: (space, name, signal) => {
      // One after the other: two that ask at once must not get the same number.
      const before = numbers.get(space) ?? Promise.resolve();
      const asked = before.then(() => numberOf(host, `${prefix}/local/pool`, space, name, signal));
      numbers.set(
        space,
        asked.catch(() => {}),
      );
      return asked;
    },
    token: (name, signal) => tokens.token(name, signal),
    directory: async (path, signal) => {
      const whole = `${prefix}/local/vardir/functions/${path}`.replace(/\/+/g, "/").replace(/\/$/, "");
      await makeDirectory(host, whole, signal);
      return `${whole}/`;
    },
    mirror: async (source, path, signal) => {
      const whole = `${prefix}/local/vardir/directory/${path}`.replace(/\/+/g, "/").replace(/\/$/, "");
      await makeDirectory(host, whole, signal);
      await mirrorDirectory(source.replace(/\/$/, ""), whole, host, signal);
      return `${whole}/`;
    },
  };
}

/** Written through to the disk; read from it only when nothing is known yet. */
class DiskValues implements LocalValues {
  readonly #host: Host;
  readonly #directory: string;
  readonly #known = new Map<string, Value | undefined>();
  readonly #watches = new Map<string, Set<Pulses>>();

  constructor(host: Host, directory: string) {
    this.#host = host;
    this.#directory = directory;
  }

  async get(key: string, signal: AbortSignal): Promise<Value | undefined> {
    if (this.#known.has(key)) return this.#known.get(key);
    const path = this.#pathOf(key);
    const text = await readIfThere(this.#host, path, valueLimitBytes, signal);
    // Somebody may have set it while we read.
    if (this.#known.has(key)) return this.#known.get(key);
    const found = text === undefined ? undefined : valueOfStored(text);
    if (text !== undefined && found === undefined) throw damaged(path);
    this.#known.set(key, found);
    return found;
  }

  async set(key: string, value: Value | undefined, signal: AbortSignal): Promise<void> {
    const path = this.#pathOf(key);
    if (value === undefined) {
      await this.#host.files.remove(path, {}, signal);
    } else {
      await makeDirectory(this.#host, path.slice(0, path.lastIndexOf("/")), signal);
      await this.#host.files.write(path, bytesOf(storedTextOf(value)), { mode: 0o600 }, signal);
    }
    this.#known.set(key, value);
    for (const pulses of this.#watches.get(key) ?? []) pulses.pulse();
  }

  changes(key: string, signal: AbortSignal): AsyncIterableIterator<void> {
    const watches = this.#watches.get(key) ?? new Set();
    this.#watches.set(key, watches);
    const pulses: Pulses = new Pulses(signal, () => {
      watches.delete(pulses);
      if (watches.size === 0 && this.#watches.get(key) === watches) this.#watches.delete(key);
    });
    watches.add(pulses);
    pulses.pulse();
    return pulses;
  }

  #pathOf(key: string): string {
    expectKey(key);
    const name = Buffer.from(bytesOf(key)).toString("base64url");
    // No directory ends in .value, so it never stands in the place of another key.
    return `${this.#directory}/${name.replace(longParts, "$&/")}.value`;
  }
}

async function numberOf(host: Host, top: string, space: string, name: string, signal: AbortSignal): Promise<bigint> {
  expectNames(space, name);
  const directory = `${top}/${space}`;
  await makeDirectory(host, directory, signal);
  const known = await readNumber(host, `${directory}/${name}.uid`, signal);
  if (known !== undefined) return known;
  let greatest = 0n;
  for (const file of await host.files.list(directory, signal)) {
    if (!file.endsWith(".uid")) continue;
    const other = (await readNumber(host, `${directory}/${file}`, signal)) ?? 0n;
    if (other > greatest) greatest = other;
  }
  const next = greatest + 1n;
  await host.files.write(`${directory}/${name}.uid`, bytesOf(`${next}\n`), { mode: 0o600, durable: true }, signal);
  return next;
}

async function readNumber(host: Host, path: string, signal: AbortSignal): Promise<bigint | undefined> {
  const text = await readIfThere(host, path, numberLimitBytes, signal);
  if (text === undefined) return undefined;
  const [, digits] = /^([1-9][0-9]{0,18})\n?$/.exec(text) ?? [];
  if (digits === undefined) throw damaged(path);
  return BigInt(digits);
}

async function readIfThere(host: Host, path: string, limit: number, signal: AbortSignal): Promise<string | undefined> {
  try {
    return textOf(await host.files.read(path, limit, signal));
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "not-found") return undefined;
    throw reason;
  }
}

async function makeDirectory(host: Host, path: string, signal: AbortSignal): Promise<void> {
  const isThere = async (): Promise<boolean> => (await host.files.inspectTarget(path, signal))?.kind === "directory";
  if (await isThere()) return;
  try {
    await host.files.createDirectory(path, { mode: 0o750, parents: true }, signal);
  } catch (reason) {
    // Another key may have needed it at the same time.
    if (!(reason instanceof Failure) || reason.code !== "exists" || !(await isThere())) throw reason;
  }
}

function damaged(path: string): Failure {
  return new Failure(`${path} is damaged`, { code: "invalid", hint: "remove it: what it kept is then made anew" });
}
