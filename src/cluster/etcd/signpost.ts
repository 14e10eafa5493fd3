// SPDX-License-Identifier: Apache-2.0
// What answers at the address of a host that would keep the store, and does not now: it says who does, and nothing else. So
// whoever joins can be pointed at any host; and nobody else takes the address meanwhile.

import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  status as code,
} from "@grpc/grpc-js";
import { Failure } from "../../contract/failure.ts";
import type { Tls, TlsNow } from "./endpoint.ts";
import { notCapable, revocationsMetadata } from "./failures.ts";
import {
  compact,
  grant,
  keepAlive,
  memberAdd,
  memberList,
  memberPromote,
  memberRemove,
  memberUpdate,
  type Method,
  moveLeader,
  range,
  revoke,
  status,
  transact,
  watch,
} from "./messages.ts";

export interface SignpostOptions {
  /** Where it listens. */
  readonly urls: readonly string[];
  readonly tls?: TlsNow;
  /** Who keeps the store. */
  readonly servers: () => Whereabouts;
  /** Whom nobody believes any more, signed, for whoever is on it and may not have heard. */
  readonly revocations?: () => string | undefined;
}

export interface Whereabouts {
  /** Undefined: nothing is known of the store yet. */
  readonly clusterId: bigint | undefined;
  readonly clientUrls: readonly string[];
}

/** Fails with `busy` when it cannot listen there. Returns what ends it at once. */
export async function openSignpost({ urls, tls, servers, revocations }: SignpostOptions): Promise<() => void> {
  const server = new Server({ "grpc.enable_channelz": 0 });
  const refuse = (_: unknown, answer: (error: Refusal) => void): void => answer(notCapable);
  const refuseStream = (stream: Pick<ServerDuplexStream<object, object>, "emit">): void => {
    stream.emit("error", notCapable);
  };
  const answers = Object.keys(methods).map((name) => [name, streams.has(name) ? refuseStream : refuse] as const);
  server.addService(service, {
    ...Object.fromEntries(answers),
    memberList: (
      call: { getAuthContext(): { sslPeerCertificate?: { readonly serialNumber: string } } },
      answer: (error: Refusal | null, list?: object) => void,
    ) => {
      const { serialNumber } = call.getAuthContext().sslPeerCertificate ?? {};
      if (serialNumber !== undefined && now(tls).isRevoked?.(serialNumber) === true) {
        return answer(revokedBy(revocations?.()));
      }
      const { clusterId, clientUrls } = servers();
      if (clusterId === undefined) return answer(notCapable);
      // Of no server: by that whoever wants to know more of them than where they are tells us from one.
      const members = clientUrls.map((url, at) => ({ id: BigInt(at + 1), clientUrls: [url] }));
      answer(null, { header: { clusterId }, members });
    },
  });
  const close = (): void => server.forceShutdown();
  try {
    for (const url of urls) await bind(server, url, tls);
  } catch (reason) {
    close();
    throw reason;
  }
  return close;
}

interface Refusal extends Error {
  readonly code: code;
  readonly details: string;
  readonly metadata?: Metadata;
}

/** What goes with a refusal is one header, of which no peer takes more than 64 KiB, in Base64. */
const longestList = 40 * 1024;

/** As a server says it to whom nobody believes. */
function revokedBy(list: string | undefined): Refusal {
  const metadata = new Metadata();
  if (list !== undefined && list.length <= longestList) metadata.set(revocationsMetadata, Buffer.from(list));
  const details = "the certificate was revoked";
  return Object.assign(new Error(details), { code: code.PERMISSION_DENIED, details, metadata });
}

/** All that our clients ask of a server. */
const methods = {
  ...{ memberList, memberAdd, memberRemove, memberUpdate, memberPromote, moveLeader, status },
  ...{ range, transact, compact, watch, grant, revoke, keepAlive },
} as const;
const streams: ReadonlySet<string> = new Set(["watch", "keepAlive"]);

const service: ServiceDefinition = Object.fromEntries(
  Object.entries(methods as Readonly<Record<string, Method<object, object>>>).map(
    ([name, { path, request, response }]) => [
      name,
      {
        path,
        requestStream: streams.has(name),
        responseStream: streams.has(name),
        requestSerialize: (content: object) => Buffer.from(request.encode(content)),
        requestDeserialize: (bytes: Buffer) => request.decode(bytes),
        responseSerialize: (content: object) => Buffer.from(response.encode(content)),
        responseDeserialize: (bytes: Buffer) => response.decode(bytes),
      },
    ],
  ),
);

function bind(server: Server, url: string, tls: TlsNow | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.bindAsync(new URL(url).host, credentialsOf(url, now(tls)), (reason) => {
    if (reason === null) return resolve();
    reject(
      new Failure(`This host cannot offer to keep the store at ${url}: ${reason.message}.`, {
        code: "busy",
        hint: "Choose other addresses with --client-urls and --server-urls.",
        retry: "backoff",
        cause: reason,
      }),
    );
  });
  return promise;
}

function now(tls: TlsNow | undefined): Tls {
  return (typeof tls === "function" ? tls() : tls) ?? {};
}

/** Whoever may ask a server may ask here, and nobody else. */
function credentialsOf(url: string, tls: Tls): ServerCredentials {
  if (!url.startsWith("https:")) return ServerCredentials.createInsecure();
  const { ca = "", key = "", certificate = "" } = tls;
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(certificate) };
  return ServerCredentials.createSsl(Buffer.from(ca), [pair], true);
}
