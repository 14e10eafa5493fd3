// SPDX-License-Identifier: Apache-2.0
// Which private keys we have to show.

import { Failure } from "../../contract/failure.ts";
import type { SshPlace } from "../../contract/ssh.ts";
import { badKeyFile } from "./failures.ts";
import { type SshWorld, sshDirectory } from "./judge.ts";

export interface KeyFile {
  readonly path: string;
  readonly content: Uint8Array;
}

const limitBytes = 1024 * 1024;

/** Those of the place; of a directory only those that can be read. One that is named must be there. */
export async function keyFilesFor(place: SshPlace, world: SshWorld, signal: AbortSignal): Promise<readonly KeyFile[]> {
  if (place.keyFile === "") return [];
  if (place.keyFile !== undefined) return [await expectKeyFile(place.keyFile, world, signal)];
  const directory = await sshDirectory(world, signal);
  if (directory === undefined) return [];
  const found: KeyFile[] = [];
  for (const name of await namesIn(directory, world, signal)) {
    if (!name.startsWith("id_") || name.endsWith(".pub")) continue;
    const path = `${directory}/${name}`;
    try {
      found.push({ path, content: await world.files.read(path, limitBytes, signal) });
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason; // It is not for us; others may do.
    }
  }
  return found;
}

async function expectKeyFile(path: string, { files }: SshWorld, signal: AbortSignal): Promise<KeyFile> {
  try {
    return { path, content: await files.read(path, limitBytes, signal) };
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "not-found") throw badKeyFile(path, "there is no such file");
    throw reason;
  }
}

async function namesIn(directory: string, { files }: SshWorld, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await files.list(directory, signal);
  } catch (reason) {
    if (reason instanceof Failure && (reason.code === "not-found" || reason.code === "denied")) return [];
    throw reason;
  }
}
