// SPDX-License-Identifier: Apache-2.0
// Requests of this machine, with the runtime's own client. Certificates are checked against those that the machine
// trusts, besides those that come with the runtime.

import { once } from "node:events";
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as requestPlain,
} from "node:http";
import type * as Https from "node:https";
import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Failure } from "../../contract/failure.ts";
import type { Http, HttpRequest, HttpResponse } from "../../contract/http.ts";
import { badRequest, nobodyAnswers, nothingHeard, notTrusted } from "../http-failures.ts";
import { errorName } from "./failures.ts";

/** Connections of which nothing is heard are asked for signs of life: a long poll must learn that its server is gone. */
const keepAliveMs = 15_000;

const whys: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "there is no machine of that name",
  EAI_AGAIN: "its name cannot be looked up now",
  ECONNRESET: "the connection broke off",
  EPIPE: "the connection broke off",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
  EHOSTDOWN: "the machine is down",
  ENOENT: "there is no such socket",
  EACCES: "permission denied for the socket",
};

export function linuxHttp(environment: NodeJS.ProcessEnv): Http {
  const common = { keepAlive: false, proxyEnv: environment };
  let agents: Agents | undefined; // With the first request: most runs have none.
  let secure: Promise<Secure> | undefined;
  const secureOnce = () => {
    secure ??= loadSecure(common);
    return secure;
  };
  return {
    async request(request, signal) {
      signal.throwIfAborted();
      agents ??= { plain: new Agent(common), local: new Agent({ keepAlive: false }) };
      const sent = await start(request, agents, secureOnce, signal);
      let silent: Failure | undefined;
      const { idleMs } = request;
      if (idleMs !== undefined) {
        sent.setTimeout(idleMs, () => {
          silent = nothingHeard(request);
          sent.destroy(silent);
        });
      }
      // What the runtime says of a request that we have ended ourselves is not why it ended.
      const why = (reason: unknown) => silent ?? failureFrom(reason, request);
      const answer = await answerOf(sent, why, signal);
      const headers = new Map<string, string>();
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value !== undefined) headers.set(name, typeof value === "string" ? value : value.join(", "));
      }
      const response: HttpResponse = {
        status: answer.statusCode ?? 0,
        headers,
        body: bodyOf(answer, sent, why, signal),
      };
      return response;
    },
  };
}

interface Agents {
  readonly plain: Agent;
  /** For sockets of this machine, to which no proxy leads. */
  readonly local: Agent;
}

interface Secure {
  readonly request: typeof Https.request;
  readonly agent: Https.Agent;
}

/** Only now: the runtime reads certificates as soon as this is loaded, and most programs never ask over TLS. */
async function loadSecure(common: Https.AgentOptions): Promise<Secure> {
  const [{ Agent: SecureAgent, request }, { getCACertificates }] = await Promise.all([
    import("node:https"),
    import("node:tls"),
  ]);
  const ca = [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
  return { request, agent: new SecureAgent({ ...common, ca }) };
}

async function start(
  request: HttpRequest,
  agents: Agents,
  secureOnce: () => Promise<Secure>,
  signal: AbortSignal,
): Promise<ClientRequest> {
  const { method, body, socketPath } = request;
  let url: URL;
  try {
    url = new URL(request.url);
  } catch (reason) {
    throw badRequest(request, "that is no URL", reason);
  }
  const isSecure = url.protocol === "https:";
  if (!isSecure && url.protocol !== "http:") throw badRequest(request, "it is neither http nor https");
  const { acceptsCertificate } = request;
  const judged =
    isSecure && acceptsCertificate !== undefined
      ? await connectJudged(request, url, acceptsCertificate, signal)
      : undefined;
  const secure = isSecure && judged === undefined ? await secureOnce() : undefined;
  signal.throwIfAborted();
  const options = {
    method,
    signal,
    headers: {
      ...Object.fromEntries(request.headers ?? []),
      ...(body === undefined ? {} : { "content-length": body.length }),
    },
    ...wayOf(judged, socketPath, secure?.agent ?? agents.plain, agents.local),
    ...(url.username === "" ? {} : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }),
  };
  try {
    const sent = (secure?.request ?? requestPlain)(url, options);
    sent.on("socket", (socket) => socket.setKeepAlive(true, keepAliveMs));
    sent.end(body);
    return sent;
  } catch (reason) {
    throw badRequest(request, reason instanceof Error ? reason.message : String(reason), reason);
  }
}

type Way = Pick<RequestOptions, "agent" | "socketPath" | "createConnection" | "protocol">;

function wayOf(judged: TLSSocket | undefined, socketPath: string | undefined, usual: Agent, local: Agent): Way {
  if (judged !== undefined) return { createConnection: () => judged, protocol: "http:" };
  return socketPath === undefined ? { agent: usual } : { socketPath, agent: local };
}

/** A connection to a server whose certificate has been found good by whoever asks, and by nobody else. */
async function connectJudged(
  request: HttpRequest,
  url: URL,
  accepts: (sha256: string) => boolean,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { connect } = await import("node:tls");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const socket = connect({
    host,
    port: Number(url.port || 443),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: false, // Judged below, before anything is sent.
  });
  try {
    await once(socket, "secureConnect", { signal });
  } catch (reason) {
    socket.destroy();
    signal.throwIfAborted();
    throw failureFrom(reason, request);
  }
  const fingerprint = socket.getPeerCertificate().fingerprint256?.replaceAll(":", "").toLowerCase() ?? "";
  let isAccepted = false;
  try {
    isAccepted = accepts(fingerprint);
  } finally {
    if (!isAccepted) socket.destroy();
  }
  if (isAccepted) return socket;
  throw notTrusted(request, `it is ${fingerprint}, which is not the one that is expected`, undefined);
}

async function answerOf(
  sent: ClientRequest,
  why: (reason: unknown) => Error,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once("response", resolve);
      sent.on("error", reject); // Stays: one that comes later, with nobody to hear it, would end the program.
    });
  } catch (reason) {
    signal.throwIfAborted();
    throw why(reason);
  }
}

async function* bodyOf(
  answer: IncomingMessage,
  sent: ClientRequest,
  why: (reason: unknown) => Error,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      yield new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
    }
  } catch (reason) {
    signal.throwIfAborted();
    throw why(reason);
  } finally {
    sent.destroy();
  }
  return undefined;
}

function failureFrom(reason: unknown, request: HttpRequest): Failure {
  // Of several addresses of one name, the first says it.
  const first: unknown = reason instanceof AggregateError ? reason.errors[0] : reason;
  const name = errorName(first) ?? "";
  const message = first instanceof Error ? first.message : String(first);
  if (/^(?:CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|ERR_TLS_CERT|HOSTNAME_MISMATCH)/.test(name)) {
    return notTrusted(request, message, reason);
  }
  return nobodyAnswers(request, whys[name] ?? message, reason);
}
