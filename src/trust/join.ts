// SPDX-License-Identifier: Apache-2.0
// How a host comes into a cluster, and how it gets a newer certificate. Its key is made here and never leaves it. To whom it
// speaks is checked before it says anything: by the token at first, by the authorities that it believes later, and in either case by
// what the authority says of that one host, that it lets others in.

import { X509Certificate } from "node:crypto";
import { connect, type TLSSocket } from "node:tls";
import { Failure } from "../contract/failure.ts";
import { fingerprintOf, isForKey, isOfEntrance, makeKey, subjectName } from "./certificate.ts";
import type { TrustFiles } from "./files.ts";
import { type Keyed, parseAnswer, proofOf, readLine, type Request, usualPort } from "./messages.ts";
import { parseRevocations } from "./revocation.ts";
import { revokedSerials } from "./revoked-serials.ts";
import { parseJoin, sameBytes } from "./token.ts";

/** `invitation`: TOKEN@HOST[:PORT]. Fails with `denied` when the other side is not who the token says, or refuses. */
export async function joinCluster(invitation: string, hostname: string, files: TrustFiles): Promise<void> {
  const { token, host, port } = parseJoin(invitation, usualPort);
  const socket = await reach(host, port);
  const authority = authorityBehind(socket);
  if (authority === undefined || !sameBytes(fingerprintOf(authority), token.authority)) {
    socket.destroy();
    throw new Failure(`${host}:${port} is not the host that has made this invitation.`, {
      code: "denied",
      hint: "Nothing was told to it. Look at the address, or ask for another invitation.",
    });
  }
  insistOnEntrance(socket, `${host}:${port}`);
  const { key, publicKey } = await files.joiningKey(token.secret);
  const secret = Buffer.from(token.secret).toString("base64url");
  const request = { version: 1, ask: "join", secret, hostname, publicKey, proof: proofOf(key, publicKey) } as const;
  await ask(socket, request, { key, name: hostname, believes: [authority] }, files);
  await files.doneJoining();
  await files.keepEntrance(`${host.includes(":") ? `[${host}]` : host}:${port}`);
}

/** From the host that has let this one in. Fails with a `Failure`. */
export async function renewCertificate(files: TrustFiles): Promise<void> {
  const own = await files.own();
  const { host, port } = placeOfEntrance(await files.entrance());
  if (own === undefined) throw new Failure("This host is in no cluster.", { code: "not-found" });
  const believes = (await files.authorities()).map((each) => new X509Certificate(each));
  const socket = await reach(host, port, own);
  const authority = authorityBehind(socket);
  if (authority === undefined || !believes.some((each) => sameBytes(fingerprintOf(each), fingerprintOf(authority)))) {
    socket.destroy();
    throw new Failure(`${host}:${port} is not of this cluster.`, { code: "denied" });
  }
  const list = (await files.revocations())?.list;
  const shown = socket.getPeerX509Certificate()?.serialNumber ?? "";
  if (list !== undefined && revokedSerials(list).has(shown)) {
    socket.destroy();
    throw new Failure(`${host}:${port} was removed from this cluster.`, { code: "denied" });
  }
  insistOnEntrance(socket, `${host}:${port}`);
  const { key, publicKey } = makeKey();
  const request = { version: 1, ask: "renew", publicKey, proof: proofOf(key, publicKey) } as const;
  await ask(socket, request, { key, name: subjectName(new X509Certificate(own.certificate)) ?? "", believes }, files);
}

/**
 * Asks where this host was let in whom nobody believes any more, which may be this host itself. Who answers does not matter: what
 * an authority that we believe has not signed, or what is not later than what we know, is not heeded. Fails with a `Failure`.
 */
export async function askRevocations(files: TrustFiles): Promise<void> {
  const { host, port } = placeOfEntrance(await files.entrance());
  const socket = await reach(host, port);
  const line = readLine(socket, "answer");
  socket.write(`${JSON.stringify({ version: 1, ask: "revocations" } satisfies Request)}\n`);
  const answer = parseAnswer(await line);
  socket.destroy();
  const revocations = answer === undefined ? undefined : parseRevocations(answer.revocations);
  if (revocations !== undefined) await files.takeRevocations(revocations);
}

/** Fails with `not-found` when nothing says it. */
export function placeOfEntrance(entrance: string | undefined): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]+)$/.exec(entrance ?? "") ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new Failure("Nothing says where this host was let in.", { code: "not-found" });
  return { host, port: Number(port) };
}

async function ask(
  socket: TLSSocket,
  request: Extract<Request, Keyed>,
  {
    key,
    name,
    believes,
  }: { readonly key: string; readonly name: string; readonly believes: readonly X509Certificate[] },
  files: TrustFiles,
): Promise<void> {
  const line = readLine(socket, "answer");
  socket.write(`${JSON.stringify(request)}\n`);
  const answer = parseAnswer(await line);
  socket.destroy();
  const revocations = answer === undefined ? undefined : parseRevocations(answer.revocations);
  if (answer === undefined || !("refused" in answer || "certificate" in answer))
    throw new Failure("The other side is not understood.", { code: "unsupported" });
  if ("refused" in answer) {
    if (revocations !== undefined) await files.takeRevocations(revocations);
    throw new Failure(`This host was not let in: ${answer.refused}.`, {
      code: "denied",
      hint: "Ask for another invitation: `mgmt cluster invite` on the host that was asked.",
    });
  }
  const certificate = new X509Certificate(answer.certificate);
  const isOurs =
    believes.some((each) => certificate.verify(each.publicKey)) ||
    answer.authorities.some((each) => certificate.verify(new X509Certificate(each).publicKey));
  if (!isOurs || subjectName(certificate) !== name || !isForKey(certificate, key)) {
    throw new Failure("The certificate that was given is not for this host.", { code: "unexpected" });
  }
  await files.keepSeeds(answer.seeds ?? []);
  await files.keepOwn({ key, certificate: answer.certificate }, answer.authorities);
  if (revocations !== undefined) await files.takeRevocations(revocations);
}

/** The authority that has vouched for the other side, as the other side shows it; whether it is believed is another question. */
function authorityBehind(socket: TLSSocket): X509Certificate | undefined {
  const leaf = socket.getPeerX509Certificate();
  const authority = leaf?.issuerCertificate;
  if (leaf === undefined || authority === undefined) return undefined;
  const now = Date.now();
  const isNow = [leaf, authority].every(
    ({ validFrom, validTo }) => Date.parse(validFrom) <= now && now <= Date.parse(validTo),
  );
  return isNow && authority.ca && leaf.checkIssued(authority) && leaf.verify(authority.publicKey)
    ? authority
    : undefined;
}

/** Any host of the cluster could stand in the way, and let us believe whom it likes: the authority has said which one may answer. */
function insistOnEntrance(socket: TLSSocket, place: string): void {
  const shown = socket.getPeerX509Certificate();
  if (shown !== undefined && isOfEntrance(shown)) return;
  socket.destroy();
  const name = shown === undefined ? undefined : subjectName(shown);
  throw new Failure(`${place} is ${name ?? "a host"} of this cluster, which lets nobody in.`, {
    code: "denied",
    hint: "Nothing was told to it. Look at the address, and whether another host has taken it. If hosts are let in there, start a newer mgmt on it first.",
  });
}

/** Until somebody is there, and then until it has time for us: many hosts may come at once. */
const withinMs = 10_000;
const answerWithinMs = 30_000;

function reach(
  host: string,
  port: number,
  own?: { readonly key: string; readonly certificate: string },
): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const shown = own === undefined ? {} : { key: own.key, cert: own.certificate };
  // Whom to believe is decided by us, when the certificates are there.
  const socket = connect({ host, port, ...shown, rejectUnauthorized: false, minVersion: "TLSv1.3", timeout: withinMs });
  let isThere = false;
  const fail = (why: string): void => {
    socket.destroy();
    reject(
      new Failure(`${host}:${port} cannot be reached: ${why}.`, {
        code: isThere ? "busy" : "unreachable",
        hint: "Does mgmt run there with --accept-joins, and does a firewall let this port through?",
        retry: "backoff",
      }),
    );
  };
  socket.once("error", (reason) => fail(reason.message));
  socket.once("timeout", () => fail("it does not answer"));
  socket.once("connect", () => {
    isThere = true;
    socket.setTimeout(answerWithinMs);
  });
  socket.once("secureConnect", () => {
    socket.removeAllListeners("error").removeAllListeners("timeout");
    resolve(socket);
  });
  return promise;
}
