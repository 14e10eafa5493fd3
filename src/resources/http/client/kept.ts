// SPDX-License-Identifier: Apache-2.0
// What is kept of a download, over restarts: which version it was, so that only another one is asked for.

import { Failure } from "../../../contract/failure.ts";
import type { HttpResponse } from "../../../contract/http.ts";
import type { ResourceEnv } from "../../../contract/resource.ts";
import { bytesOf, textOf } from "../../../values/bytes.ts";

/** How a server names a version; empty when it does not. */
export interface Version {
  readonly etag: string;
  readonly lastModified: string;
}

export interface Kept extends Version {
  /** What was asked for. */
  readonly request: string;
  /** Of the content; empty as long as it is not whole. */
  readonly sha256: string;
}

export function versionOf({ headers }: HttpResponse): Version {
  return { etag: headers.get("etag") ?? "", lastModified: headers.get("last-modified") ?? "" };
}

const largestBytes = 64 * 1024;

/** Undefined when there is none, or one that we did not write. */
export async function recall(name: string, env: ResourceEnv): Promise<Kept | undefined> {
  try {
    const path = `${await env.stateDirectory()}/${name}`;
    return parse(textOf(await env.host.files.read(path, largestBytes, env.signal)));
  } catch (reason) {
    if (reason instanceof Failure && reason.code === "not-found") return undefined;
    throw reason;
  }
}

export async function keep(name: string, kept: Kept, env: ResourceEnv): Promise<void> {
  const path = `${await env.stateDirectory()}/${name}`;
  await env.host.files.write(path, bytesOf(JSON.stringify(kept)), { mode: 0o600 }, env.signal);
}

export async function forget(name: string, env: ResourceEnv): Promise<void> {
  await env.host.files.remove(`${await env.stateDirectory()}/${name}`, {}, env.signal);
}

function parse(text: string): Kept | undefined {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== "object" || read === null) return undefined;
    const member = (name: string): string => {
      const value: unknown = Reflect.get(read, name);
      return typeof value === "string" ? value : "";
    };
    return {
      request: member("request"),
      etag: member("etag"),
      lastModified: member("lastModified"),
      sha256: member("sha256"),
    };
  } catch {
    return undefined;
  }
}
