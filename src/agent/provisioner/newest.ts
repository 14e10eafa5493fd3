// SPDX-License-Identifier: Apache-2.0
// The newest version of a distribution that a mirror has: what Debian calls stable, and the greatest number among the releases
// of Fedora. Changes nothing.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";

const patienceMs = 5000;
const longestAnswer = 1024 * 1024;

/** Undefined when the mirror does not tell. */
export async function newestVersion(
  distro: string,
  mirror: string,
  host: Host,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (distro === "debian") {
    const release = await read(`${mirror}/dists/stable/Release`, host, signal);
    return /^Version: (\d+)/m.exec(release ?? "")?.[1];
  }
  if (distro !== "fedora") return undefined;
  // A directory, as any web server shows it.
  const releases = await read(`${mirror}/releases/`, host, signal);
  const numbers = [...(releases ?? "").matchAll(/href="(?:[^"]*\/)?(\d{1,3})\/?"/g)].map(([, number]) =>
    Number(number),
  );
  return numbers.length === 0 ? undefined : String(Math.max(...numbers));
}

async function read(url: string, { http }: Host, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { status, body } = await http.request({ method: "GET", url, idleMs: patienceMs }, signal);
    const pieces: number[] = [];
    for await (const piece of body) {
      if (status !== 200 || pieces.length > longestAnswer) break;
      for (const byte of piece) pieces.push(byte);
    }
    return status === 200 ? textOf(Uint8Array.from(pieces)) : undefined;
  } catch (reason) {
    if (reason instanceof Failure) return undefined; // What the module knows is used.
    throw reason;
  }
}
