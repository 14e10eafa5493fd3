// SPDX-License-Identifier: Apache-2.0
// What goes into a tar archive: every file of the inputs with its header, in a fixed order, and the bytes of it all.

import { Failure } from "../../contract/failure.ts";
import { type FileState, isDraftName } from "../../contract/host.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { stampOf } from "../files/file/stamp.ts";
import { cleanPath, isDirectoryPath, joinPath, lastPart } from "../files/path.ts";
import { trustedPlace } from "../files/trusted-place.ts";
import { paddingAfter } from "./formats/tar-layout.ts";
import { endOfTar, type TarForm, tarHeader } from "./formats/tar-writing.ts";

interface Item {
  /** On the disk. */
  readonly path: string;
  /** In the archive. */
  readonly name: string;
  readonly state: FileState;
  readonly header: Uint8Array;
}

export interface TarInputs {
  readonly items: readonly Item[];
  /** Of the whole archive. */
  readonly size: number;
}

export async function findInputs(
  inputs: readonly string[],
  form: TarForm,
  env: ResourceEnv,
): Promise<TarInputs | { readonly unavailable: string }> {
  const { files } = env.host;
  const items: Item[] = [];
  const names = new Set<string>();
  let wrong: string | undefined;
  const add = async (path: string, name: string, state: FileState): Promise<void> => {
    wrong ??= await refusalOf(path, name, state);
    if (wrong !== undefined) return;
    names.add(name);
    const linkText = state.kind === "symlink" ? await files.readLink(path, env.signal) : "";
    const kind = state.kind === "other" ? "file" : state.kind; // Those are refused above.
    const size = kind === "file" ? state.size : 0;
    const header = tarHeader({ name, kind, mode: state.mode, size, linkText }, form);
    if ("wrong" in header) wrong = header.wrong;
    else items.push({ path, name, state, header });
  };
  const refusalOf = async (path: string, name: string, state: FileState): Promise<string | undefined> => {
    if (state.kind === "other") return `${path} is neither a file, a directory nor a symbolic link`;
    return names.has(name) ? `two inputs have an entry ${name} in the archive` : undefined;
  };
  const enter = async (directory: string, prefix: string): Promise<void> => {
    for (const name of await files.list(directory, env.signal)) {
      const path = joinPath(directory, name);
      const state = await files.inspect(path, env.signal);
      if (state === undefined || isDraftName(name)) continue;
      await add(path, `${prefix}${name}`, state);
      if (state.kind === "directory") await enter(path, `${prefix}${name}/`);
    }
  };
  for (const input of inputs) {
    const place = await trustedPlace(cleanPath(input), env.host, env.signal, "follow");
    const state = await files.inspect(place.path, env.signal);
    if (state === undefined) return { unavailable: `the input ${input} does not exist` };
    if (isDirectoryPath(input) && state.kind !== "directory") {
      return { unavailable: `the input ${input} is not a directory` };
    }
    const name = lastPart(cleanPath(input));
    if (!isDirectoryPath(input)) await add(place.path, name, state);
    if (state.kind === "directory") await enter(place.path, isDirectoryPath(input) ? "" : `${name}/`);
    if (wrong !== undefined) return { unavailable: wrong };
  }
  return { items, size: items.reduce((sum, item) => sum + sizeOf(item), endOfTar.length) };
}

/** Another one when anything that decides the bytes is another. */
export function fingerprintOf({ items }: TarInputs, env: ResourceEnv): string {
  const sum = env.host.hashing.sha256();
  const encoder = new TextEncoder();
  for (const item of items) {
    sum.add(item.header);
    if (item.state.kind === "file") sum.add(encoder.encode(`${stampOf(item.state)}\n`));
  }
  return sum.hex();
}

export async function* tarOf({ items }: TarInputs, env: ResourceEnv): AsyncGenerator<Uint8Array> {
  for (const item of items) {
    yield item.header;
    if (item.state.kind !== "file") continue;
    yield* exactly(item, env);
    yield new Uint8Array(paddingAfter(item.state.size));
  }
  yield endOfTar;
}

/** The header has said how much there is. */
async function* exactly({ path, state }: Item, { host, signal }: ResourceEnv): AsyncGenerator<Uint8Array> {
  const place = await trustedPlace(path, host, signal, "keep");
  let left = state.size;
  for await (const piece of host.files.pieces(place.path, signal, place.guard)) {
    left -= piece.length;
    if (left < 0) break;
    yield piece;
  }
  if (left === 0) return;
  throw new Failure(`${path} changed while it was packed`, {
    code: "busy",
    hint: "It is packed again when it has changed; `Meta:retry` tries more often.",
    retry: "backoff",
  });
}

function sizeOf({ header, state }: Item): number {
  return header.length + (state.kind === "file" ? state.size + paddingAfter(state.size) : 0);
}
