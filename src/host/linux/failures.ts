// SPDX-License-Identifier: Apache-2.0
// From what the kernel and the runtime throw to a `Failure`. The only place that knows the names of error numbers.

import { Failure } from "../../contract/failure.ts";
import type { SocketAddress } from "../../contract/serving.ts";
import { containsNull, othersOnlyForRoot } from "../command-failures.ts";
import { listenFailure, renderSocketAddress } from "../listen-failures.ts";
import { type Attempt, type Refusal, refused, renderPath } from "../refusal.ts";

const refusals: Readonly<Record<string, Refusal>> = {
  ENOENT: "nothing-there",
  EEXIST: "something-there",
  EACCES: "permission",
  EPERM: "privilege",
  EBUSY: "in-use",
  ETXTBSY: "in-use",
  ENOSPC: "disk-full",
  EDQUOT: "quota",
  EROFS: "read-only",
  ENOTDIR: "parent-is-no-directory",
  EISDIR: "is-directory",
  ENOTEMPTY: "not-empty",
  ELOOP: "link-loop",
  ENAMETOOLONG: "name-too-long",
  ERR_INVALID_ARG_VALUE: "bad-path",
  EMFILE: "too-many-open-files",
  ENFILE: "too-many-open-files",
  ENOMEM: "out-of-memory",
  EXDEV: "across-file-systems",
  EFBIG: "file-too-large",
  EOVERFLOW: "file-too-large",
  ENOSYS: "not-supported",
  ENOTSUP: "not-supported",
  EOPNOTSUPP: "not-supported",
  ENXIO: "not-a-regular-file",
  ENODEV: "not-supported",
  EIO: "device-error",
  ESTALE: "stale",
  ETIMEDOUT: "timed-out",
  EHOSTDOWN: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EAGAIN: "too-many-processes",
  EINVAL: "bad-argument",
  EMLINK: "bad-argument",
};

/** The name of the error number of what was thrown: `ENOENT`. */
export function errorName(reason: unknown): string | undefined {
  return reason instanceof Error && "code" in reason && typeof reason.code === "string" ? reason.code : undefined;
}

/** True when what was thrown says that there is nothing at the path: no entry, or a parent that is no directory. */
export function saysNothingThere(reason: unknown): boolean {
  const name = errorName(reason);
  return name === "ENOENT" || name === "ENOTDIR";
}

export function saysSomethingThere(reason: unknown): boolean {
  return errorName(reason) === "EEXIST";
}

/** True when `unlink` was tried on a directory. */
export function saysDirectory(reason: unknown): boolean {
  return errorName(reason) === "EISDIR";
}

/** True for the process or the pipe that is not there any more. */
export function saysGone(reason: unknown): boolean {
  const name = errorName(reason);
  return name === "ESRCH" || name === "EPIPE" || name === "ECONNRESET";
}

/** True when `chown` is what was not permitted: what was tried as a whole may be the writing of a file. */
function saysNotGivenAway(reason: unknown): boolean {
  if (errorName(reason) !== "EPERM") return false;
  return reason instanceof Error && "syscall" in reason && String(reason.syscall).endsWith("chown");
}

/** The failure of something tried on a path. A `Failure` stays what it is; a reason of ours is not touched. */
export function failureFrom(reason: unknown, attempt: Attempt): Failure {
  if (reason instanceof Failure) return reason;
  const refusal = saysNotGivenAway(reason) ? "ownership" : refusals[errorName(reason) ?? ""];
  return refusal === undefined ? unexpected(reason, attempt) : refused(refusal, attempt, reason);
}

/** The failure of watching a directory: two of the error numbers mean something else there. */
export function watchFailureFrom(reason: unknown, path: string): Failure {
  const attempt = { doing: "watch", path };
  switch (errorName(reason)) {
    case "ENOSPC":
      return refused("out-of-watches", attempt, reason);
    case "EMFILE":
    case "ENFILE":
      return refused("out-of-watchers", attempt, reason);
    default:
      return failureFrom(reason, attempt);
  }
}

/** The failure of starting a command: there is a program at `file`, so a missing file is its interpreter. */
export function startFailureFrom(reason: unknown, program: string, file: string): Failure {
  const attempt = { doing: "run", path: program };
  switch (errorName(reason)) {
    case "ENOENT":
      return new Failure(
        `cannot run ${renderPath(program)}: the interpreter that ${renderPath(file)} needs is missing`,
        {
          code: "not-found",
          hint: "the first line of a script names its interpreter; for a binary, `ldd` shows what it needs",
          cause: reason,
        },
      );
    case "EACCES":
      return new Failure(`cannot run ${renderPath(program)}: permission denied for ${renderPath(file)}`, {
        code: "denied",
        hint: "make it executable (`chmod +x`), and see that its file system is not mounted noexec",
        cause: reason,
      });
    case "EPERM":
      return othersOnlyForRoot(program, reason);
    case "ENOEXEC":
      return new Failure(`cannot run ${renderPath(program)}: ${renderPath(file)} is no program for this machine`, {
        code: "invalid",
        hint: "a script must begin with a line such as `#!/bin/sh`",
        cause: reason,
      });
    case "E2BIG":
      return new Failure(`cannot run ${renderPath(program)}: its arguments and environment are too long together`, {
        code: "too-large",
        cause: reason,
      });
    case "ERR_INVALID_ARG_VALUE":
      return containsNull(program, reason);
    default:
      return failureFrom(reason, attempt);
  }
}

/** The failure of listening on an address; `transport` is TCP or UDP. */
export function listenFailureFrom(reason: unknown, transport: string, address: SocketAddress): Failure {
  switch (errorName(reason)) {
    case "EADDRINUSE":
      return listenFailure("in-use", transport, address, reason);
    case "EADDRNOTAVAIL":
      return listenFailure("not-ours", transport, address, reason);
    case "EACCES":
    case "EPERM":
      return listenFailure("only-root", transport, address, reason);
    default:
      return failureFrom(reason, { doing: `listen (${transport}) on`, path: renderSocketAddress(address) });
  }
}

function unexpected(reason: unknown, attempt: Attempt): Failure {
  const text = reason instanceof Error ? reason.message : String(reason);
  return new Failure(`cannot ${attempt.doing} ${renderPath(attempt.path)}: ${text}`, {
    code: "unexpected",
    cause: reason,
  });
}
