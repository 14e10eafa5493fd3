// SPDX-License-Identifier: Apache-2.0
// Where hosts are let into the cluster, on the host that has its authority: whoever shows an invitation that was not used gets
// a certificate, also once more with the same key, as the answer may be lost; and whoever has one gets a newer one. A
// certificate is for the name of the host and the address from which it has asked, nothing else that it may say.

import { X509Certificate } from "node:crypto";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { Failure } from "../contract/failure.ts";
import { subjectName } from "./certificate.ts";
import type { TrustFiles } from "./files.ts";
import { type Answer, isProven, type Keyed, parseRequest, readLine, type Request } from "./messages.ts";
import type { Revocations } from "./revocation.ts";

export interface EntranceOptions {
  readonly files: TrustFiles;
  readonly address: string;
  readonly port: number;
  /** Of this host. */
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly isName: (name: string) => boolean;
  /** Where the store of the cluster is now. */
  readonly seeds?: () => readonly string[];
  /** A sentence for the person who runs it: somebody came, or was refused. */
  readonly onNews: (message: string) => void;
}

export interface Entrance {
  readonly port: number;
  /** With another certificate of this host. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

const mostAtOnce = 64;

/** Fails with a `Failure` when it cannot listen there. */
export async function openEntrance(options: EntranceOptions): Promise<Entrance> {
  const { files, address, port, hostname, addresses, onNews } = options;
  const context = async () => {
    await files.ensureOwn(hostname, [...addresses, ...ownAddresses]);
    await files.ensureRevocations();
    const [own, authority] = [await files.own(), await files.authority()];
    const authorities = await files.authorities();
    return { key: own?.key, cert: `${own?.certificate}${authority?.certificate}`, ca: [...authorities] };
  };
  const server: Server = createServer(
    {
      ...(await context()),
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
      handshakeTimeout: 10_000,
    },
    (socket) => {
      answer(socket, options).catch((reason: unknown) => {
        socket.destroy();
        if (!(reason instanceof Failure)) throw reason;
      });
    },
  );
  server.maxConnections = mostAtOnce;
  server.on("tlsClientError", () => {}); // Whoever speaks no TLS is nobody of ours.
  await listening(server, address, port);
  const bound = server.address();
  onNews(`hosts are let in at ${address}:${typeof bound === "object" ? bound?.port : port}`);
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    renew: async () => server.setSecureContext(await context()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** Under which a host calls itself. */
const ownAddresses = ["localhost", "127.0.0.1", "::1"];

async function answer(socket: TLSSocket, options: EntranceOptions): Promise<void> {
  const request = parseRequest(await readLine(socket, "request"));
  const said = request === undefined ? refused("it is not understood") : await say(request, socket, options);
  if ("refused" in said) options.onNews(`${socket.remoteAddress} was not let in: ${said.refused}`);
  socket.removeAllListeners("close");
  socket.end(`${JSON.stringify(said)}\n`);
}

async function say(request: Request, socket: TLSSocket, options: EntranceOptions): Promise<Answer> {
  if (request.ask !== "revocations") return judge(request, socket, options);
  return { version: 1, revocations: (await options.files.revocations()) ?? null };
}

async function judge(request: Extract<Request, Keyed>, socket: TLSSocket, options: EntranceOptions): Promise<Answer> {
  const { files, isName, onNews } = options;
  if (!isProven(request)) return refused("it has not proven its key");
  const authority = await files.authority();
  if (authority === undefined) return refused("there is no authority here any more");
  const shown = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  const isRevoked = shown !== undefined && (await files.isRevoked(shown.serialNumber));
  const name = request.ask === "join" ? request.hostname : nameOf(isRevoked ? undefined : shown);
  if (name === undefined) {
    const revocations = isRevoked ? await files.revocations() : undefined;
    return refused("it has no certificate that is believed here", revocations);
  }
  if (!isName(name)) return refused("no host can have such a name");
  const joining = request.ask === "join" ? { ...request, secret: Buffer.from(request.secret, "base64url") } : undefined;
  if (joining !== undefined && (await files.hasJoined(name, joining))) {
    onNews(`${name} has not heard that it was let in, and is told again`);
  } else if (joining !== undefined) {
    const invitation = await files.useInvitation(joining.secret);
    if (invitation === undefined) return refused("its invitation was used already, is over, or was never made");
    if (invitation.hostname !== undefined && invitation.hostname !== name) {
      return refused(`its invitation is for ${invitation.hostname}, not for ${name}`);
    }
    const isTaken = name === options.hostname || (invitation.hostname === undefined && (await files.hasMember(name)));
    if (isTaken) return refused(`there is a host ${name} already`);
    await files.addMember(name, { ...joining, untilMs: invitation.untilMs });
    onNews(`${name} was let in, from ${socket.remoteAddress}`);
  } else if (!(await files.hasMember(name))) {
    return refused(`${name} does not belong to the cluster any more`);
  }
  const addresses = [...ownAddresses, ...(socket.remoteAddress === undefined ? [] : [plain(socket.remoteAddress)])];
  const certificate = files.certify(authority, name, addresses, request.publicKey);
  if (request.ask === "join" || name !== options.hostname) await files.noteIssued(name, certificate);
  const revocations = await files.revocations();
  const seeds = options.seeds?.() ?? [];
  return {
    version: 1,
    certificate,
    authorities: await files.authorities(),
    ...(seeds.length === 0 ? {} : { seeds }),
    ...(revocations === undefined ? {} : { revocations }),
  };
}

function nameOf(certificate: X509Certificate | undefined): string | undefined {
  return certificate === undefined ? undefined : subjectName(new X509Certificate(certificate.raw));
}

/** An address of IPv4 that came over IPv6. */
function plain(address: string): string {
  return address.replace(/^::ffff:/, "").replace(/%.*$/, "");
}

function refused(why: string, revocations?: Revocations): Answer {
  return { version: 1, refused: why, ...(revocations === undefined ? {} : { revocations }) };
}

function listening(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (reason: NodeJS.ErrnoException) => {
      reject(
        new Failure(`Nobody can be let in at ${address}:${port}: ${reason.message}.`, {
          code: reason.code === "EADDRINUSE" ? "busy" : "unexpected",
          hint: "Give another address with --accept-joins.",
          cause: reason,
        }),
      );
    });
    server.listen(port, address, () => resolve());
  });
}
