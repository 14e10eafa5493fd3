// SPDX-License-Identifier: Apache-2.0
// What a host that wants in and the one that lets it in say to each other, over TLS: one line of JSON each way, short, and
// soon, or nothing.

import { createPublicKey, sign, verify } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { parseRevocations, type Revocations } from "./revocation.ts";
import { Failure } from "../contract/failure.ts";

export type Request =
  | ({ readonly version: 1; readonly ask: "join"; readonly secret: string; readonly hostname: string } & Keyed)
  /** Who asks is told by its certificate. */
  | ({ readonly version: 1; readonly ask: "renew" } & Keyed)
  /** Whom nobody believes any more, which may be whoever asks: so anybody may. */
  | { readonly version: 1; readonly ask: "revocations" };

export interface Keyed {
  /** In PEM. */
  readonly publicKey: string;
  /** That whoever asks has the other half. */
  readonly proof: string;
}

export type Answer =
  | {
      readonly version: 1;
      readonly certificate: string;
      readonly authorities: readonly string[];
      /** Where the store of the cluster is; absent: nobody keeps one for others. */
      readonly seeds?: readonly string[];
      /** Whom nobody believes any more. */
      readonly revocations?: Revocations;
    }
  | { readonly version: 1; readonly revocations: Revocations | null }
  /** With whom nobody believes any more, when that is the reason: whoever was away can make sure of it. */
  | { readonly version: 1; readonly refused: string; readonly revocations?: Revocations };

export const usualPort = 2381;
/** In an answer there may be a long list, and who gives it may have to do with many others. */
const limits = {
  request: { bytes: 64 * 1024, withinMs: 10_000 },
  answer: { bytes: 4 * 1024 * 1024, withinMs: 30_000 },
} as const;

export function proofOf(key: string, publicKey: string): string {
  return sign("sha256", proofText(publicKey), key).toString("base64");
}

export function isProven({ publicKey, proof }: Keyed): boolean {
  try {
    const key = createPublicKey(publicKey);
    const isOurs = key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
    return isOurs && verify("sha256", proofText(publicKey), key, Buffer.from(proof, "base64"));
  } catch {
    return false;
  }
}

export function parseRequest(line: string): Request | undefined {
  try {
    const request = JSON.parse(line) as Partial<Extract<Request, Keyed>> & {
      readonly secret?: unknown;
      readonly hostname?: unknown;
    };
    if (request.version !== 1) return undefined;
    if ((request.ask as string) === "revocations") return { version: 1, ask: "revocations" };
    if (typeof request.publicKey !== "string" || typeof request.proof !== "string") return undefined;
    if (request.ask === "renew") return request as Request;
    const isJoin = request.ask === "join" && typeof request.secret === "string" && typeof request.hostname === "string";
    return isJoin ? (request as Request) : undefined;
  } catch {
    return undefined;
  }
}

export function parseAnswer(line: string): Answer | undefined {
  try {
    const answer = JSON.parse(line) as {
      readonly version?: unknown;
      readonly refused?: unknown;
      readonly certificate?: unknown;
      readonly authorities?: unknown;
      readonly seeds?: unknown;
      readonly revocations?: unknown;
    };
    if (answer.version !== 1) return undefined;
    if (typeof answer.refused === "string") return answer as Answer;
    if (answer.certificate === undefined)
      return { version: 1, revocations: parseRevocations(answer.revocations) ?? null };
    const isGiven =
      typeof answer.certificate === "string" &&
      isTexts(answer.authorities) &&
      (answer.seeds === undefined || isTexts(answer.seeds));
    return isGiven ? (answer as Answer) : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** Fails with `timed-out`, `too-large` or `unreachable`. */
export function readLine(socket: TLSSocket, of: keyof typeof limits): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const fail = (code: "timed-out" | "too-large" | "unreachable", message: string): void => {
    socket.destroy();
    reject(new Failure(message, { code, retry: "backoff" }));
  };
  socket.setTimeout(limits[of].withinMs, () => fail("timed-out", "The other side says nothing."));
  socket.setEncoding("utf8");
  socket.on("data", (piece: string) => {
    text += piece;
    if (text.length > limits[of].bytes) fail("too-large", "The other side says too much.");
    const end = text.indexOf("\n");
    if (end >= 0) resolve(text.slice(0, end));
  });
  socket.once("error", (reason) => fail("unreachable", `The connection broke: ${reason.message}.`));
  socket.once("close", () => fail("unreachable", "The other side has closed the connection."));
  return promise;
}

function proofText(publicKey: string): Uint8Array {
  return Buffer.from(`mgmt proof of a key\n${publicKey}`);
}
