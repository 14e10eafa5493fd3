// SPDX-License-Identifier: Apache-2.0
// Leases on the disk, so that a restart gives nobody the address of another. Written before a client is told, whole or not
// at all; several changes at once are one write.

import { Failure } from "../../../contract/failure.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import type { Lease, Leases } from "../../../protocols/dhcp/leases.ts";
import { parseIpv4, renderIpv4 } from "../../../protocols/ipv4.ts";
import { bytesOf, textOf } from "../../../values/bytes.ts";

/** Leases of some ten thousand machines. */
const longestFile = 16 * 1024 * 1024;
const version = 1;

interface Kept {
  readonly version: number;
  readonly leases: readonly { readonly client: string; readonly address: string; readonly until: number }[];
}

/** None when there is no file yet. A file that is not ours is refused: an address might be given twice. */
export async function readLeases(env: ResourceEnv): Promise<readonly Lease[]> {
  const { files } = env.host;
  const path = await pathOf(env);
  if ((await files.inspect(path, env.signal)) === undefined) return [];
  const text = textOf(await files.read(path, longestFile, env.signal));
  const leases = parse(text);
  if (leases !== undefined) return leases;
  throw new Failure(`${path} is no file of leases`, {
    code: "invalid",
    hint: "move it away if the addresses that it tells of may be given to others",
  });
}

function parse(text: string): readonly Lease[] | undefined {
  try {
    const kept = JSON.parse(text) as Kept;
    if (kept.version !== version) return undefined;
    return kept.leases.map(({ client, address, until }) => {
      const number = parseIpv4(address);
      if (typeof client !== "string" || number === undefined || !Number.isFinite(until)) throw new TypeError();
      return { client, address: number, untilMs: until };
    });
  } catch {
    return undefined;
  }
}

export class LeaseFile {
  readonly #env: ResourceEnv;
  readonly #leases: Leases;
  #written: number;
  #writing: Promise<void> | undefined;

  constructor(leases: Leases, env: ResourceEnv) {
    this.#leases = leases;
    this.#env = env;
    this.#written = leases.changes;
  }

  /** Resolves when what is bound now is on the disk. */
  async keep(): Promise<void> {
    const wanted = this.#leases.changes;
    while (this.#written < wanted) {
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined;
      });
      await this.#writing;
    }
  }

  async #write(): Promise<void> {
    const { host, signal } = this.#env;
    const { changes } = this.#leases;
    const leases = this.#leases
      .bound(host.clock.now())
      .map(({ client, address, untilMs }) => ({ client, address: renderIpv4(address), until: untilMs }));
    const text = `${JSON.stringify({ version, leases } satisfies Kept)}\n`;
    await host.files.write(await pathOf(this.#env), bytesOf(text), { mode: 0o600, durable: true }, signal);
    this.#written = changes;
  }
}

async function pathOf(env: ResourceEnv): Promise<string> {
  return `${await env.stateDirectory()}/leases.json`;
}
