// SPDX-License-Identifier: Apache-2.0
// One server of the store: the connection to it, questions and streams. What is on it breaks with it. Knows no other
// server and never tries again.

import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { type ClientDuplexStream, Client, connectivityState, credentials, Metadata } from "@grpc/grpc-js";
import { type Method, status } from "./messages.ts";
import { type Place, placed } from "./place.ts";
import { Sockets } from "./sockets.ts";

/** What TLS needs, as PEM. */
export interface Tls {
  /** Who vouches for the servers; absent: whom the runtime trusts. */
  readonly ca?: string;
  /** How we prove who we are. */
  readonly certificate?: string;
  readonly key?: string;
  /** Whether the certificate with this number, in hexadecimal digits, is believed no more. */
  readonly isRevoked?: (serial: string) => boolean;
}

/** What is known of it now: certificates are renewed while we run. */
export type TlsNow = Tls | (() => Tls);

/** etcd ends connections that are pinged more often than every five seconds. */
const pingEveryMs = 6000;
const pingWithinMs = 3000;

/** A stream that is open. */
export interface Conversation<Request, Response> {
  readonly say: (request: Partial<Request>) => void;
  /** Ends with the stream; fails with the status of one that is broken. */
  readonly answers: AsyncIterableIterator<Response>;
  readonly end: () => void;
}

export class Endpoint {
  readonly url: string;
  readonly #tls: TlsNow | undefined;
  readonly #socketFor: ((url: string) => string) | undefined;
  #client: Client | undefined;
  #sockets: Sockets | undefined;
  /** What the present connection, or the attempts at one, show and believe. */
  #shows: Tls | undefined;
  /** The number of the certificate that the other side has shown. */
  #shown: string | undefined;

  /** `socketFor`: of this machine, which leads to it. */
  constructor(url: string, tls: TlsNow | undefined, socketFor?: (url: string) => string) {
    this.url = url;
    this.#tls = tls;
    this.#socketFor = socketFor;
  }

  get isConnected(): boolean {
    return this.#client?.getChannel().getConnectivityState(false) === connectivityState.READY;
  }

  /** Resolves when there is a connection, with false when there can be none now. */
  connect(signal: AbortSignal): Promise<boolean> {
    const channel = this.#open().getChannel();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const look = (): void => {
      if (signal.aborted) return resolve(false);
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return resolve(true);
      if (state === connectivityState.SHUTDOWN) return resolve(false);
      if (state === connectivityState.TRANSIENT_FAILURE) {
        // Another attempt of the package would show the same certificate. Without a new one it is left to the package to
        // wait ever longer between attempts: whoever asks here may ask many times a second.
        if (this.#isRenewed()) this.drop();
        return resolve(false);
      }
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
    };
    look();
    signal.addEventListener("abort", () => resolve(false), { once: true });
    return promise;
  }

  /** Why there is no connection, after `connect` has said so. */
  async whyNot(signal: AbortSignal): Promise<string> {
    try {
      await this.ask(status, {}, signal);
      return "it has just come back";
    } catch (reason) {
      const details = reason instanceof Error && "details" in reason ? String(reason.details) : String(reason);
      return (/Last error: (?:Error: )?(.*?)\.?(?: Resolution note:.*)?$/.exec(details)?.[1] ?? details).replace(
        /^connect /,
        "",
      );
    }
  }

  /** Fails with the status of the refusal. */
  ask<Request, Response>(
    { path, request, response }: Method<Request, Response>,
    content: Partial<Request>,
    signal: AbortSignal,
  ): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const call = this.#open().makeUnaryRequest(
      path,
      (each: Partial<Request>) => Buffer.from(request.encode(each)),
      (bytes) => response.decode(bytes),
      content,
      withLeader(),
      {},
      (error, answer) => (error === null && answer !== undefined ? resolve(answer) : reject(error ?? new Error(path))),
    );
    const cancel = (): void => call.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", cancel));
  }

  /** Ends with its signal. */
  converse<Request, Response>(
    { path, request, response }: Method<Request, Response>,
    signal: AbortSignal,
  ): Conversation<Request, Response> {
    const stream: ClientDuplexStream<Partial<Request>, Response> = this.#open().makeBidiStreamRequest(
      path,
      (each: Partial<Request>) => Buffer.from(request.encode(each)),
      (bytes) => response.decode(bytes),
      withLeader(),
      {},
    );
    stream.on("error", () => {}); // Whoever reads is told.
    const cancel = (): void => stream.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    async function* read(): AsyncGenerator<Response, void, undefined> {
      try {
        for await (const answer of stream) yield answer as Response;
      } finally {
        signal.removeEventListener("abort", cancel);
        stream.cancel();
      }
    }
    return { say: (each) => void stream.write(each), answers: read(), end: () => stream.end() };
  }

  /** Breaks it when whoever is at its other end is believed no more. Whether it did. */
  dropRevoked(): boolean {
    const isRevoked = this.#shown !== undefined && this.#now().isRevoked?.(this.#shown) === true;
    if (isRevoked) this.drop();
    return isRevoked;
  }

  /** Breaks everything that is on it. It can be used again. */
  drop(): void {
    const isMade = this.isConnected;
    this.#client?.close();
    if (!isMade) this.#sockets?.destroy();
    this.#client = undefined;
    this.#sockets = undefined;
    this.#shows = undefined;
    this.#shown = undefined;
  }

  #open(): Client {
    if (this.#client !== undefined) return this.#client;
    const sockets = new Sockets();
    this.#sockets = sockets;
    const socket = this.#socketFor?.(this.url);
    const name = addressIn(this.url) === undefined ? hostIn(this.url) : "localhost";
    const { target, options } = placed(placeOf(socket === undefined ? this.url : `unix:${socket}`), name, sockets.over);
    this.#client = new Client(target, sockets.through(this.#credentials()), {
      ...options,
      "grpc.keepalive_time_ms": pingEveryMs,
      "grpc.keepalive_timeout_ms": pingWithinMs,
      "grpc.initial_reconnect_backoff_ms": 25,
      "grpc.max_reconnect_backoff_ms": 1000,
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      "grpc.enable_channelz": 0,
      "grpc.enable_retries": 0,
      "grpc.enable_http_proxy": 0,
      "grpc.service_config_disable_resolution": 1,
      // Or clients of one process to one server share a connection, and `drop` would not end it.
      "grpc.use_local_subchannel_pool": 1,
      // Nothing but a name may be sent as the name of the server; who it is is checked by its address all the same.
      ...(addressIn(this.url) === undefined && socket === undefined ? {} : { "grpc.ssl_target_name_override": name }),
    });
    return this.#client;
  }

  #credentials() {
    if (!this.url.startsWith("https:")) return credentials.createInsecure();
    const pem = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
    this.#shows = this.#now();
    const { ca, key, certificate } = this.#shows;
    const address = addressIn(this.url);
    return credentials.createSsl(pem(ca), pem(key), pem(certificate), {
      checkServerIdentity: (name: string, presented: PeerCertificate) => {
        this.#shown = presented.serialNumber;
        // The connection may be made anew long after these credentials.
        if (this.#now().isRevoked?.(presented.serialNumber) === true) return new Error(believedNoMore);
        return checkServerIdentity(address ?? name, presented);
      },
    });
  }

  #isRenewed(): boolean {
    if (this.#shows === undefined || typeof this.#tls !== "function") return false;
    const { ca, key, certificate } = this.#now();
    return ca !== this.#shows.ca || key !== this.#shows.key || certificate !== this.#shows.certificate;
  }

  #now(): Tls {
    return (typeof this.#tls === "function" ? this.#tls() : this.#tls) ?? {};
  }
}

const believedNoMore = "its certificate was revoked";

/** A server without a leader says so at once, instead of letting us wait. */
function withLeader(): Metadata {
  const metadata = new Metadata();
  metadata.set("hasleader", "true");
  return metadata;
}

function placeOf(url: string): Place {
  if (url.startsWith("unix:")) return { path: url.replace(/^unix:(\/\/)?/, "") };
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === "https:" ? 443 : 80;
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? usual : Number(port) };
}

function hostIn(url: string): string {
  return url.startsWith("unix:") ? "localhost" : new URL(url).hostname;
}

/** Undefined when the server is named, and not given by its address. */
function addressIn(url: string): string | undefined {
  if (url.startsWith("unix:")) return undefined;
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(host) === 0 ? undefined : host;
}
