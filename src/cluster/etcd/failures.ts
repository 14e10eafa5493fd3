// SPDX-License-Identifier: Apache-2.0
// What etcd and the way to it refuse, as failures; and what of it another server may answer. The only place that knows
// their codes and words.

import { status as code, type StatusObject } from "@grpc/grpc-js";
import { Failure } from "../../contract/failure.ts";

/** Why something was refused, and whether to ask elsewhere. */
export interface Refusal {
  readonly failure: Failure;
  /** An answer: every server would give it. Else it is worth asking another one. */
  readonly isAnswer: boolean;
  /** Nothing of what was asked for was done, nor will it be. */
  readonly isUndone: boolean;
}

const storeHint = "Look at the network, and whether the hosts that keep the store are up.";

export function unreachable(why: string, cause?: unknown): Failure {
  return new Failure(`The cluster's store does not answer: ${why}.`, {
    code: "unreachable",
    hint: storeHint,
    retry: "backoff",
    cause,
  });
}

/** Nobody believes this host any more, so nobody is asked. */
export function wasRemoved(): Failure {
  return new Failure("The cluster's store does not answer this host, which was removed from the cluster.", {
    code: "unreachable",
    hint: "To let it in again: `mgmt cluster invite --name=NAME` where the cluster began, then `mgmt run --join=TOKEN@HOST` here.",
    retry: "backoff",
  });
}

/** The list of those whom nobody believes any more, as a signpost sends it with its refusal. */
export const revocationsMetadata = "mgmt-revocations-bin";

export function revocationsWith(reason: unknown): string | undefined {
  if (!isStatus(reason) || reason.code !== code.PERMISSION_DENIED) return undefined;
  return reason.metadata.get(revocationsMetadata)[0]?.toString();
}

/** Refused at the door, before anything was begun. */
const atTheDoor =
  /no leader$|not capable|rpc not supported for learner|too many requests|etcdserver: server stopped|not ready/;

/** As a server says it that cannot answer yet: whoever asks tries another one, and knows that nothing was done. */
export const notCapable: Error & { readonly code: code; readonly details: string } = Object.assign(
  new Error("not capable"),
  { code: code.UNAVAILABLE, details: "etcdserver: not capable" },
);

export function refusalFrom(reason: unknown, url: string): Refusal {
  if (!isStatus(reason)) return { failure: unreachable(`${url} failed`, reason), isAnswer: false, isUndone: false };
  const { details } = reason;
  if (atTheDoor.test(details)) return elsewhere(url, reason, true);
  const answer = answerFrom(reason.code, details, reason);
  if (answer !== undefined) return { failure: answer, isAnswer: true, isUndone: true };
  return elsewhere(url, reason, false);
}

function elsewhere(url: string, { details }: StatusObject, isUndone: boolean): Refusal {
  const why = details.replace(/^etcdserver: /, "").replace(/\.$/, "");
  return { failure: unreachable(`${url} says "${why}"`), isAnswer: false, isUndone };
}

function answerFrom(status: code, details: string, cause: unknown): Failure | undefined {
  const say = (text: string, options: ConstructorParameters<typeof Failure>[1]): Failure =>
    new Failure(text, { ...options, cause });
  if (/lease not found/.test(details)) return sessionIsOver(cause);
  if (/required revision has been compacted/.test(details)) return say(details, { code: "not-found" });
  if (/required revision is a future revision/.test(details)) return say(details, { code: "not-found" });
  if (/request is too large|too many operations|larger than max/.test(details)) return tooLarge(details, cause);
  if (/database space exceeded/.test(details)) {
    return say("The cluster's store is full.", {
      code: "full",
      hint: "Compact and defragment it, then `etcdctl alarm disarm`; or give it more with --quota-backend-bytes.",
      retry: "backoff",
    });
  }
  switch (status) {
    case code.UNAUTHENTICATED:
    case code.PERMISSION_DENIED:
      return say(`The cluster's store refuses us: ${details}.`, { code: "denied", retry: "backoff" });
    case code.NOT_FOUND:
      return say(`The cluster's store does not know it: ${details}.`, { code: "not-found" });
    case code.FAILED_PRECONDITION:
      return say(`The cluster's store cannot do that now: ${details}.`, { code: "busy", retry: "backoff" });
    case code.ALREADY_EXISTS:
      return say(`The cluster's store has it already: ${details}.`, { code: "exists" });
    case code.INVALID_ARGUMENT:
      return say(`The cluster's store cannot do that: ${details}.`, { code: "invalid" });
    case code.UNIMPLEMENTED:
      return say("What answers there is no etcd with the API of version 3.", {
        code: "unsupported",
        hint: "The addresses of --seeds are those on which etcd talks to clients, usually of port 2379.",
      });
    default:
      return undefined;
  }
}

export function sessionIsOver(cause?: unknown): Failure {
  return new Failure("The session is over.", { code: "not-found", retry: "backoff", cause });
}

export function tooLarge(why: string, cause?: unknown): Failure {
  return new Failure(`It is too large for one transaction of the cluster's store: ${why}.`, {
    code: "too-large",
    cause,
  });
}

/** The store has forgotten that revision, or never came to it. */
export function isForgotten(reason: unknown): boolean {
  return reason instanceof Failure && isStatus(reason.cause) && /compacted|future revision/.test(reason.cause.details);
}

function isStatus(reason: unknown): reason is StatusObject {
  return typeof reason === "object" && reason !== null && "code" in reason && "details" in reason;
}
