// SPDX-License-Identifier: Apache-2.0
// The place where hosts are let into a cluster, when only another machine reaches it: for as long as it is spoken to, an address
// of this machine leads there through an SSH connection. What is said there is encrypted and proven as everywhere.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { SshPlace, TunnelAddress } from "../contract/ssh.ts";
import { shownSshHost } from "../resources/remote/ssh-url.ts";
import { TrustFiles } from "../trust/files.ts";
import { askRevocations, joinCluster, placeOfEntrance, renewCertificate } from "../trust/join.ts";
import { usualPort } from "../trust/messages.ts";
import { parseJoin } from "../trust/token.ts";

export interface OverSsh {
  readonly host: Host;
  readonly prefix: string;
  readonly place: SshPlace;
  readonly signal: AbortSignal;
}

/** `invitation`: TOKEN@HOST[:PORT], as the other machine gets there. Fails with a `Failure`. */
export async function joinOverSsh(invitation: string, hostname: string, over: OverSsh): Promise<void> {
  const { host, port } = parseJoin(invitation, usualPort);
  await through({ host, port }, over, (files, local) =>
    joinCluster(`${invitation.slice(0, invitation.indexOf("@"))}@${local}`, hostname, files),
  );
}

/** From the host that has let this one in. Fails with a `Failure`. */
export async function renewOverSsh(over: OverSsh): Promise<void> {
  await through(await entranceOf(over), over, (files) => renewCertificate(files));
}

/** As `askRevocations`. Fails with a `Failure`. */
export async function askRevocationsOverSsh(over: OverSsh): Promise<void> {
  await through(await entranceOf(over), over, (files) => askRevocations(files));
}

async function entranceOf({ host, prefix, signal }: OverSsh): Promise<TunnelAddress> {
  return placeOfEntrance(await new TrustFiles(host, prefix, signal).entrance());
}

/** The files of this host, in which the entrance is where it is for the other machine, and here for who speaks to it now. */
class FilesOverSsh extends TrustFiles {
  readonly #local: string;
  readonly #target: string;

  constructor({ host, prefix, signal }: OverSsh, local: string, target: string) {
    super(host, prefix, signal);
    this.#local = local;
    this.#target = target;
  }

  override entrance(): Promise<string> {
    return Promise.resolve(this.#local);
  }

  override keepEntrance(): Promise<void> {
    return super.keepEntrance(this.#target);
  }
}

async function through(
  target: TunnelAddress,
  over: OverSsh,
  task: (files: TrustFiles, local: string) => Promise<void>,
): Promise<void> {
  const { host, place, signal } = over;
  const shown = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
  const directory = mkdtempSync(join(tmpdir(), "mgmt-join-"));
  const connection = await host.ssh.connect(place, signal);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  try {
    const path = join(directory, "entrance.sock");
    await connection.reach(path, target, signal);
    server = createServer((near) => joinSockets(near, connect(path), sockets)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const local = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    try {
      await task(new FilesOverSsh(over, local, shown), local);
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      const message = reason.message.replaceAll(local, `${shown}, as ${shownSshHost(place)} gets there,`);
      const { code, hint, retry } = reason;
      throw new Failure(message, { code, retry, cause: reason, ...(hint === undefined ? {} : { hint }) });
    }
  } finally {
    server?.close();
    for (const socket of sockets) socket.destroy();
    await connection.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What comes in at one goes out at the other; they end together. */
function joinSockets(near: Socket, far: Socket, all: Set<Socket>): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    all.add(from);
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      all.delete(from);
      to.destroy();
    });
  }
}
