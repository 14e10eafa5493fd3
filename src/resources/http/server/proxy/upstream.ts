// SPDX-License-Identifier: Apache-2.0
// One question to the mirror behind a proxy, through redirects. What the answer means is known elsewhere.

import { Failure } from "../../../../contract/failure.ts";
import type { Http, HttpResponse } from "../../../../contract/http.ts";
import { parseHttpDate } from "../../../../protocols/http/date.ts";

const mostRedirects = 10;
/** A mirror from which nothing comes for so long is given up. */
const idleMs = 30_000;

/** What a mirror tells of a content. Empty texts: it does not. */
export interface About {
  readonly etag: string;
  readonly lastModified: string;
  readonly type: string;
  /** Bytes; undefined: it ends when it ends. */
  readonly size: number | undefined;
}

export async function askUpstream(
  method: string,
  url: string,
  given: ReadonlyMap<string, string>,
  http: Http,
  signal: AbortSignal,
): Promise<HttpResponse> {
  // What the mirror would pack for the way is not what others look for in the cache.
  const headers = new Map([["user-agent", "mgmt"], ["accept-encoding", "identity"], ...given]);
  for (let [redirects, at] = [0, url]; ; redirects += 1) {
    const response = await http.request({ method, url: at, headers, idleMs }, signal);
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return response;
    await response.body.return?.();
    if (redirects === mostRedirects || !URL.canParse(location, at)) {
      throw new Failure(`the mirror redirects to nowhere from ${new URL(at).origin}`, { code: "invalid" });
    }
    const next = new URL(location, at);
    // A password is meant for the server that it was written for.
    const before = new URL(at);
    if (next.origin === before.origin && next.username === "") {
      next.username = before.username;
      next.password = before.password;
    }
    at = next.href;
  }
}

export function aboutOf({ headers }: HttpResponse, size: number | undefined): About {
  return {
    etag: headers.get("etag") ?? "",
    lastModified: headers.get("last-modified") ?? "",
    type: headers.get("content-type") ?? "",
    size,
  };
}

export function lengthOf({ headers }: HttpResponse): number | undefined {
  const text = headers.get("content-length");
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Where a part begins in the whole, and how large that is. */
export function partOf({
  status,
  headers,
}: HttpResponse): { readonly from: number; readonly size: number } | undefined {
  const [, from, size] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(headers.get("content-range") ?? "") ?? [];
  return status !== 206 || from === undefined ? undefined : { from: Number(from), size: Number(size) };
}

/** For `If-Range`; undefined when nothing names the version exactly. */
export function exactVersion({ etag, lastModified }: About): string | undefined {
  if (etag.startsWith('"')) return etag;
  return etag === "" && lastModified !== "" ? lastModified : undefined;
}

export function modifiedMsOf({ lastModified }: About): number | undefined {
  return parseHttpDate(lastModified);
}
