// SPDX-License-Identifier: Apache-2.0
// The way to a store that this machine reaches only over SSH: a socket here for each of its servers, all through one
// connection, which is made anew as long as somebody wants it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure, isAbort } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { SshConnection, SshPlace, TunnelAddress } from "../contract/ssh.ts";
import { isHostKey, parseSshUrl, shownSshHost } from "../resources/remote/ssh-url.ts";

export interface SshRoute {
  /** The socket that leads to the server at this address, as the other machine sees it. There, or soon. */
  socketFor(url: string): string;
  close(): Promise<void>;
}

export interface SshRouteWishes {
  readonly url: string;
  readonly hostKey?: string | undefined;
  readonly keyFile?: string | undefined;
}

const firstPauseMs = 500;
const longestPauseMs = 10_000;

/** Fails with `invalid` when it makes no sense. */
export function sshPlaceOf({ url, hostKey, keyFile }: SshRouteWishes): SshPlace {
  const parsed = parseSshUrl(url);
  if (parsed === undefined) {
    throw new Failure("--ssh-url is no address.", { code: "invalid", hint: "Write it as root@host, or root@host:22." });
  }
  if (parsed.password !== undefined) {
    throw new Failure("--ssh-url has a password, which everybody on this machine could see.", {
      code: "invalid",
      hint: "Put a key of this machine into `~/.ssh/authorized_keys` of that user.",
    });
  }
  const known = hostKey ?? parsed.hostKey;
  if (known !== undefined && !isHostKey(known)) {
    throw new Failure("--ssh-hostkey is no key of a host.", {
      code: "invalid",
      hint: "It is the long text in a line of `ssh-keyscan`, which begins with AAAA.",
    });
  }
  const { host, port, user } = parsed;
  const key = keyFile === undefined ? {} : { keyFile };
  return { host, port, user, ...(known === undefined ? {} : { hostKey: known }), ...key };
}

export function openSshRoute(
  place: SshPlace,
  { ssh, clock }: Pick<Host, "ssh" | "clock">,
  onTrouble: (message: string) => void,
): SshRoute {
  return new Route(place, ssh, clock, onTrouble);
}

class Route implements SshRoute {
  readonly #place: SshPlace;
  readonly #ssh: Host["ssh"];
  readonly #clock: Host["clock"];
  readonly #onTrouble: (message: string) => void;
  readonly #directory = mkdtempSync(join(tmpdir(), "mgmt-ssh-"));
  readonly #sockets = new Map<string, { readonly path: string; readonly target: TunnelAddress }>();
  readonly #closing = new AbortController();
  #connection: SshConnection | undefined;
  #going: Promise<void> | undefined;
  #told: string | undefined;

  constructor(place: SshPlace, ssh: Host["ssh"], clock: Host["clock"], onTrouble: (message: string) => void) {
    this.#place = place;
    this.#ssh = ssh;
    this.#clock = clock;
    this.#onTrouble = onTrouble;
  }

  socketFor(url: string): string {
    const { hostname, port } = new URL(url);
    const known = this.#sockets.get(url);
    if (known !== undefined) return known.path;
    const target = { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
    const path = join(this.#directory, `${this.#sockets.size}.sock`);
    this.#sockets.set(url, { path, target });
    const connection = this.#connection;
    if (connection !== undefined) this.#reach(connection, path, target).catch(() => {}); // It is over, and made anew.
    this.#going ??= this.#go(this.#closing.signal);
    return path;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#going;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #go(signal: AbortSignal): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      try {
        const connection = await this.#ssh.connect(this.#place, signal);
        try {
          for (const { path, target } of this.#sockets.values()) await this.#reach(connection, path, target);
          this.#connection = connection;
          pauseMs = firstPauseMs;
          if (this.#told !== undefined) this.#onTrouble(`${shownSshHost(this.#place)} is reached over SSH again`);
          this.#told = undefined;
          await aborted(AbortSignal.any([connection.over, signal]));
          if (!signal.aborted) throw connection.over.reason;
        } finally {
          this.#connection = undefined;
          await connection.close();
        }
      } catch (reason) {
        if (signal.aborted || isAbort(reason, signal)) return;
        if (!(reason instanceof Failure)) throw reason;
        this.#tell(reason);
        await this.#clock.sleep(pauseMs, signal).catch(() => {});
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  }

  async #reach(connection: SshConnection, path: string, target: TunnelAddress): Promise<void> {
    rmSync(path, { force: true }); // Of a connection that is over.
    await connection.reach(path, target, this.#closing.signal);
  }

  /** Once, as long as it is the same. */
  #tell({ message, hint }: Failure): void {
    if (message === this.#told) return;
    this.#told = message;
    this.#onTrouble(hint === undefined ? message : `${message}\n  hint: ${hint}`);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
