// SPDX-License-Identifier: Apache-2.0
// What `mgmt provisioner` finds out by itself when nobody says it: the interface and its address, the mirror, where its files go.
// Changes nothing.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";

const readLimitBytes = 1024 * 1024;

/** The only one that is a card of its own and not wireless. */
export async function guessInterface(host: Host, signal: AbortSignal): Promise<string> {
  const names: string[] = [];
  for (const { name, isLoopback, isWireless, hardwareAddress } of await host.network.interfaces(signal)) {
    if (isLoopback || isWireless || name.startsWith("w") || hardwareAddress === "") continue;
    // Bridges, tunnels and the ends of containers have no device behind them.
    if ((await host.files.inspectTarget(`/sys/class/net/${name}/device`, signal)) !== undefined) names.push(name);
  }
  const [first] = names;
  if (first !== undefined && names.length === 1) return first;
  throw new Failure(
    first === undefined
      ? "This machine has no wired network interface of its own."
      : `This machine has several wired network interfaces: ${names.join(", ")}.`,
    { code: "invalid", hint: "Say on which one the machines are, with --interface." },
  );
}

/** Its first IPv4 address, with the length of the network part. Undefined: it has none. */
export async function addressOf(name: string, host: Host, signal: AbortSignal): Promise<string | undefined> {
  const found = (await host.network.interfaces(signal)).find((each) => each.name === name);
  return found?.addresses.find((address) => address.includes("."));
}

/** Where this machine has its own packages from, if they are those of the distribution. Undefined: not known. */
export async function guessMirror(distro: string, host: Host, signal: AbortSignal): Promise<string | undefined> {
  if (distro === "fedora") return undefined; // Its repositories name a list of mirrors, not one of them.
  const places = ["/etc/apt/sources.list"];
  const more = "/etc/apt/sources.list.d";
  if ((await host.files.inspectTarget(more, signal)) !== undefined)
    places.push(...(await host.files.list(more, signal)).map((name) => `${more}/${name}`).toSorted());
  for (const place of places) {
    const text = await readIfThere(place, host, signal);
    for (const [url] of text.replaceAll(/^\s*#.*$/gm, "").matchAll(/\bhttps?:\/\/[^\s\]]+/g)) {
      const mirror = url.replace(/\/+$/, "");
      if (mirror.endsWith(`/${distro}`)) return mirror;
    }
  }
  return undefined;
}

async function readIfThere(path: string, host: Host, signal: AbortSignal): Promise<string> {
  try {
    return textOf(await host.files.read(path, readLimitBytes, signal));
  } catch (reason) {
    if (reason instanceof Failure) return "";
    throw reason;
  }
}

/** Below the directory for what may be lost. */
export function usualCache(host: Host): string {
  const { system } = host;
  const home = system.environment("XDG_CACHE_HOME");
  return home === undefined
    ? `${system.environment("HOME") ?? "/root"}/.cache/mgmt/provisioner/`
    : `${home}/provisioner/`;
}
