// SPDX-License-Identifier: Apache-2.0
// Why a call over D-Bus did not work, worded for a system administrator. Both hosts say the same.

import { type BusCall, BusRefusal } from "../contract/bus.ts";
import { Failure, type FailureOptions } from "../contract/failure.ts";

/** Of the two buses; stands in messages: "the system bus". */
export type BusScope = "system" | "session";

type Called = Pick<BusCall<string>, "destination" | "interface" | "method">;

/** What was asked of whom: `StartUnit of org.freedesktop.systemd1`. */
function renderCall({ destination, method }: Called): string {
  return `${method} of ${destination}`;
}

/** Nothing listens where the bus should be. */
export function noBus(scope: BusScope, address: string, cause?: unknown): Failure {
  return new Failure(`there is no ${scope} bus: nothing answers at ${address}`, {
    code: "unreachable",
    retry: "backoff",
    hint:
      scope === "system"
        ? "install and start D-Bus: the package dbus, then `systemctl start dbus.socket`"
        : "a user has a session bus while he is logged in, or always after `loginctl enable-linger USER`",
    cause,
  });
}

export function noSession(): Failure {
  return new Failure("this user has no session bus: neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set", {
    code: "unreachable",
    hint: "run as the user, inside of his session; `loginctl enable-linger USER` keeps one without a login",
  });
}

export function busRefusesUs(scope: BusScope, cause?: unknown): Failure {
  return new Failure(`the ${scope} bus does not let us in`, {
    code: "denied",
    hint: "run as root, or as the user whose bus it is",
    cause,
  });
}

export function connectionLost(scope: BusScope, call: Called, cause?: unknown): Failure {
  return new Failure(`the connection to the ${scope} bus was lost while waiting for ${renderCall(call)}`, {
    code: "unreachable",
    retry: "backoff",
    cause,
  });
}

export function noAnswer(call: Called, cause?: unknown): Failure {
  return new Failure(`${call.destination} does not answer to ${call.method}`, {
    code: "timed-out",
    retry: "backoff",
    hint: "it has ended meanwhile, hangs, or is very busy; `busctl` shows who it is",
    cause,
  });
}

/** A call of ours with values that are not of its types. */
export function argumentsDoNotConform(call: Called & { readonly takes?: string }): Failure {
  return new Failure(`the arguments of ${renderCall(call)} are not of its types "${call.takes ?? ""}"`, {
    code: "invalid",
  });
}

export function otherAnswer(call: Called, wanted: string, got: string): Failure {
  return new Failure(`${renderCall(call)} returned values of the types "${got}" and not "${wanted}"`, {
    code: "unexpected",
    hint: "that program is of a version that mgmt does not know",
  });
}

const errors: Readonly<Record<string, FailureOptions>> = {
  ServiceUnknown: { code: "not-found" },
  NameHasNoOwner: { code: "not-found" },
  UnknownMethod: { code: "unsupported" },
  UnknownObject: { code: "not-found" },
  UnknownInterface: { code: "unsupported" },
  UnknownProperty: { code: "unsupported" },
  AccessDenied: { code: "denied", hint: "run as root, or let polkit allow it" },
  AuthFailed: { code: "denied", hint: "run as root, or let polkit allow it" },
  InteractiveAuthorizationRequired: { code: "denied", hint: "run as root, or let polkit allow it" },
  PropertyReadOnly: { code: "read-only" },
  InvalidArgs: { code: "invalid" },
  FileNotFound: { code: "not-found" },
  FileExists: { code: "exists" },
  NoMemory: { code: "full" },
  LimitsExceeded: { code: "busy", retry: "backoff" },
  NotSupported: { code: "unsupported" },
  Timeout: { code: "timed-out", retry: "backoff" },
  TimedOut: { code: "timed-out", retry: "backoff" },
  // Error numbers, as systemd and its relatives send them.
  EEXIST: { code: "exists" },
  ENOENT: { code: "not-found" },
  EACCES: { code: "denied", hint: "run as root, or let polkit allow it" },
  EPERM: { code: "denied", hint: "run as root, or let polkit allow it" },
  EBUSY: { code: "busy", retry: "backoff" },
  EROFS: { code: "read-only" },
  ENOSPC: { code: "full" },
  EINVAL: { code: "invalid" },
};

/** The failure of a call that was refused with an error of this name. */
export function refusedCall(scope: BusScope, call: Called, errorName: string, text: string): Failure {
  const cause = new BusRefusal(errorName, text);
  const short = /^(?:org\.freedesktop\.DBus|System)\.Error\.(.*)$/.exec(errorName)?.[1] ?? "";
  if (short === "ServiceUnknown" || short === "NameHasNoOwner") {
    return new Failure(`nobody on the ${scope} bus is ${call.destination}`, {
      code: "not-found",
      hint: "install the program that has this name, and start it",
      cause,
    });
  }
  // The bus says so for a program that has ended before it answered.
  if (short === "NoReply") return noAnswer(call, cause);
  if (short.startsWith("Spawn")) {
    const hint = "`journalctl` may have its last words";
    return new Failure(`${call.destination} could not be started: ${text}`, { code: "unexpected", hint, cause });
  }
  const known = errors[short] ?? { code: "unexpected" };
  return new Failure(`${call.destination} refuses ${call.method}: ${text.trim().replace(/\.$/, "")}`, {
    ...known,
    cause,
  });
}
