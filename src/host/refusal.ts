// SPDX-License-Identifier: Apache-2.0
// Every way in which a machine refuses, and its wording for the person who must put it right. Both hosts use it, so a
// test on the twin reads the same sentence as a user of the real one. Knows no error numbers.

import { Failure, type FailureCode, type Retry } from "../contract/failure.ts";
import { bytesOf } from "../values/bytes.ts";

/** What was refused: finer than `FailureCode`, because the advice differs. */
export type Refusal =
  | "nothing-there"
  | "something-there"
  | "permission"
  | "privilege"
  | "ownership"
  | "in-use"
  | "disk-full"
  | "quota"
  | "read-only"
  | "parent-is-no-directory"
  | "is-directory"
  | "not-empty"
  | "link-loop"
  | "link-on-the-way"
  | "name-too-long"
  | "bad-path"
  | "not-a-link"
  | "not-a-regular-file"
  | "too-many-open-files"
  | "out-of-memory"
  | "out-of-watches"
  | "out-of-watchers"
  | "across-file-systems"
  | "file-too-large"
  | "not-supported"
  | "device-error"
  | "stale"
  | "timed-out"
  | "unreachable"
  | "too-many-processes"
  | "bad-argument";

/** What was tried: a verb that fits after "cannot", and on what. */
export interface Attempt {
  readonly doing: string;
  readonly path: string;
}

interface Wording {
  readonly code: FailureCode;
  readonly why: string;
  readonly hint?: string;
  readonly retry?: Retry;
}

const wordings: Record<Refusal, Wording> = {
  "nothing-there": { code: "not-found", why: "it does not exist, or a directory on the way to it does not" },
  "something-there": { code: "exists", why: "something is there already" },
  permission: {
    code: "denied",
    why: "permission denied",
    hint: "run as root, or give this user access to it and to every directory on the way to it",
  },
  privilege: {
    code: "denied",
    why: "the system does not permit it",
    hint: "this needs root; if it already runs as root, see whether `lsattr` shows the immutable flag",
  },
  ownership: {
    code: "denied",
    why: "only root may give it to another owner or group",
    hint: "run as root, or leave `owner` and `group` out; if it already runs as root, see whether `lsattr` shows the immutable flag, and `findmnt` a file system without owners",
  },
  "in-use": {
    code: "busy",
    why: "it is in use",
    hint: "`fuser -v` or `findmnt` shows who uses it",
    retry: "backoff",
  },
  "disk-full": {
    code: "full",
    why: "no space is left on the file system",
    hint: "make room: `df -h` and `df -i` show how full it is; what was there before is unharmed",
    retry: "backoff",
  },
  quota: {
    code: "full",
    why: "the disk quota is used up",
    hint: "`quota` shows the limits; what was there before is unharmed",
    retry: "backoff",
  },
  "read-only": {
    code: "read-only",
    why: "the file system is read-only",
    hint: "`findmnt` shows how it is mounted; the kernel also does this after a disk error (`dmesg`)",
  },
  "parent-is-no-directory": { code: "not-a-directory", why: "a part of the path, or the path itself, is no directory" },
  "is-directory": { code: "is-a-directory", why: "it is a directory" },
  "not-empty": { code: "not-empty", why: "the directory is not empty" },
  "link-loop": {
    code: "invalid",
    why: "the symbolic links on the way lead back to themselves",
    hint: "`namei -l` shows every link on the way",
  },
  "link-on-the-way": {
    code: "conflict",
    why: "it is, or is behind, a symbolic link where none is followed, because its owner could lead us anywhere",
    hint: "`namei -l` shows every link on the way; put a real directory and file there",
  },
  "name-too-long": { code: "invalid", why: "the name is too long: a name has at most 255 bytes, a path 4095" },
  "bad-path": { code: "invalid", why: "a path must begin with / and must not contain a null byte" },
  "not-a-link": { code: "invalid", why: "it is not a symbolic link" },
  "not-a-regular-file": {
    code: "unsupported",
    why: "it is not a regular file but a device, pipe or socket",
    hint: "remove it first if it should not be there",
  },
  "too-many-open-files": {
    code: "busy",
    why: "too many files are open",
    hint: "raise the limit: `ulimit -n`, or LimitNOFILE= of the service",
    retry: "backoff",
  },
  "out-of-memory": { code: "busy", why: "the system has no memory left for it", retry: "backoff" },
  "out-of-watches": {
    code: "full",
    why: "this user may not watch more directories",
    hint: "raise the limit: `sysctl fs.inotify.max_user_watches=524288`, and put it into /etc/sysctl.d to keep it",
    retry: "backoff",
  },
  "out-of-watchers": {
    code: "full",
    why: "this user has too many programs that watch directories, or too many open files",
    hint: "raise the limit: `sysctl fs.inotify.max_user_instances=1024` (and `ulimit -n`), and put it into /etc/sysctl.d to keep it",
    retry: "backoff",
  },
  "across-file-systems": { code: "unsupported", why: "source and destination are on different file systems" },
  "file-too-large": {
    code: "too-large",
    why: "the file would be larger than the file system or the limits of this process allow",
    hint: "`ulimit -f` shows the limit",
  },
  "not-supported": { code: "unsupported", why: "this file system or kernel does not support it" },
  "device-error": {
    code: "unexpected",
    why: "the device reported an input/output error",
    hint: "the disk may be failing: see `dmesg`",
    retry: "backoff",
  },
  stale: { code: "unreachable", why: "the file server has forgotten it (stale handle)", retry: "backoff" },
  "timed-out": { code: "timed-out", why: "it took too long", retry: "backoff" },
  unreachable: { code: "unreachable", why: "the machine that holds it cannot be reached", retry: "backoff" },
  "too-many-processes": {
    code: "busy",
    why: "too many processes are running",
    hint: "`ulimit -u`, or TasksMax= of the service, sets the limit",
    retry: "backoff",
  },
  "bad-argument": { code: "invalid", why: "the system calls it invalid" },
};

/** The failure that tells of a refusal. */
export function refused(refusal: Refusal, attempt: Attempt, cause?: unknown): Failure {
  const { why, ...options } = wordings[refusal];
  return new Failure(`cannot ${attempt.doing} ${renderPath(attempt.path)}: ${why}`, { ...options, cause });
}

/** The failure of a `read` beyond its limit. */
export function tooLarge(path: string, limitBytes: number): Failure {
  return new Failure(`cannot read ${renderPath(path)}: it has more than ${limitBytes} bytes`, { code: "too-large" });
}

// A path is shown as it is unless that would garble a line or hide a byte.
const unprintable = /[\p{Cc}\p{Cs}"\\]/u;

/** A path for people: quoted, with `\xNN` for what cannot be printed, only where that is needed. */
export function renderPath(path: string): string {
  if (path === "") return '""';
  if (!unprintable.test(path)) return path;
  let text = "";
  for (const character of path) {
    if (character === "\n") text += "\\n";
    else if (character === '"' || character === "\\") text += `\\${character}`;
    else if (!unprintable.test(character)) text += character;
    else for (const byte of bytesOf(character)) text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `"${text}"`;
}
