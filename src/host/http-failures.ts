// SPDX-License-Identifier: Apache-2.0
// Why a request got no answer, worded for a person. Both hosts use it.

import { Failure } from "../contract/failure.ts";
import type { HttpRequest } from "../contract/http.ts";

export function nobodyAnswers({ url, socketPath }: HttpRequest, why: string, cause?: unknown): Failure {
  const hint =
    socketPath === undefined
      ? "See whether the server runs, and whether its name and port are right."
      : `See whether the server of ${socketPath} runs.`;
  return new Failure(`cannot reach ${shownUrl(url)}: ${why}`, { code: "unreachable", retry: "backoff", hint, cause });
}

export function nothingHeard({ url, idleMs = 0 }: HttpRequest): Failure {
  return new Failure(`nothing was heard from ${shownUrl(url)} for ${idleMs / 1000} s`, {
    code: "timed-out",
    retry: "backoff",
  });
}

export function notTrusted({ url }: HttpRequest, why: string, cause: unknown): Failure {
  return new Failure(`the certificate of ${shownUrl(url)} is not accepted: ${why}`, {
    code: "denied",
    hint: "If the server is yours, add its authority to those that this machine trusts (`update-ca-certificates`).",
    cause,
  });
}

export function badRequest({ url }: HttpRequest, why: string, cause?: unknown): Failure {
  return new Failure(`${shownUrl(url)} cannot be asked: ${why}`, { code: "invalid", cause });
}

/** Without a user, a password, and what may be secret in a query. */
export function shownUrl(text: string): string {
  return text.replace(/^([a-z]+:\/\/)[^/?#@]*@/i, "$1").replace(/\?.*$/s, "?…");
}
