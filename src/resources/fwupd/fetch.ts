// SPDX-License-Identifier: Apache-2.0
// A file from a server, through redirects. What it is worth is known to whoever checks its signature.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { refusedBy } from "../asking/answer.ts";

const mostRedirects = 10;
const idleMs = 60_000;

export async function fetched(url: string, path: string, { host, signal }: ResourceEnv): Promise<void> {
  let place = url;
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const { status, headers, body } = await host.http.request({ method: "GET", url: place, idleMs }, signal);
    const next = headers.get("location");
    if (status === 200) return host.files.writePieces(path, body, { mode: 0o600 }, signal);
    await body.return?.();
    if (status < 300 || status >= 400 || next === undefined) {
      throw refusedBy(new URL(place).host, `give ${new URL(place).pathname}`, status, "");
    }
    place = new URL(next, place).href;
  }
  throw new Failure(`${url} leads from one place to another without end`, { code: "invalid" });
}
