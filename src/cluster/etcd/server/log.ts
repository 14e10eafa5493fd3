// SPDX-License-Identifier: Apache-2.0
// What etcd says, one line of JSON each, as sentences; and what its last words before an end mean.

import { Failure } from "../../../contract/failure.ts";
import { inUse } from "./listening.ts";

/** A line as it is kept; undefined: nobody needs it. */
export function sentenceOf(line: string): string | undefined {
  const { level, msg, error, ...rest } = parsed(line);
  if (msg === undefined) return line.trim() === "" ? undefined : line.slice(0, mostLength);
  // Said at every start, whatever is done about it.
  if (/simple token is not cryptographically signed|not recommended for production/.test(msg)) return undefined;
  const more = Object.entries(rest).filter(([name]) => name !== "ts" && name !== "caller" && name !== "stacktrace");
  const facts = more.map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const text = [`${level ?? "info"}: ${msg}`, ...(error === undefined ? [] : [error]), ...facts].join("; ");
  return text.slice(0, mostLength);
}

const mostLength = 500;

interface Line {
  readonly level?: string;
  readonly msg?: string;
  readonly error?: string;
  readonly [more: string]: unknown;
}

function parsed(line: string): Line {
  try {
    const read: unknown = JSON.parse(line);
    if (typeof read === "object" && read !== null && "msg" in read && typeof read.msg === "string") return read as Line;
  } catch {
    // Not all that it says is JSON.
  }
  return {};
}

const removed = "This host does not belong to the servers of the store any more.";

/** The others have said that it is no member any more. */
export function isRemoval({ message }: Failure): boolean {
  return message === removed;
}

/** Why it has ended, by its last lines. */
export function endFailure(lines: readonly string[], directory: string, status: string): Failure {
  const said = lines.map(parsed).findLast(({ level }) => level === "fatal" || level === "panic");
  const plain = lines.findLast((line) => line.trim() !== "" && parsed(line).msg === undefined);
  const words = said?.error ?? said?.msg ?? plain ?? "";
  const all = lines.join("\n");
  const taken = /listen tcp ([^ ]+): bind: address already in use/.exec(all);
  if (taken !== null) return inUse(taken[1] ?? "");
  if (/cannot assign requested address/.test(all)) {
    return failure(`etcd cannot listen there: ${words}.`, {
      code: "invalid",
      hint: "The addresses of --client-urls and --server-urls must be those of this machine; what others are to use is said with --advertise-client-urls and --advertise-server-urls.",
    });
  }
  if (/no space left on device/.test(all)) {
    return failure(`The disk of ${directory} is full.`, { code: "full", hint: "Make room." });
  }
  if (/data-dir used by this member must be removed|the member has been permanently removed/.test(all)) {
    return failure(removed, {
      code: "conflict",
      hint: `Its data is of no use then: remove ${directory}, and join the others with --seeds.`,
    });
  }
  if (
    /crc mismatch|failed to (?:read WAL|open WAL|recover)|unexpected EOF|snap.*(?:not found|broken)|invalid database|file size too small|wal: /i.test(
      all,
    )
  ) {
    return failure(`What etcd keeps in ${directory} is damaged: ${words}.`, {
      code: "unexpected",
      hint: "Move the directory away. Other servers of the store have all that was in it; if there is none, a backup has.",
    });
  }
  return failure(`etcd has ended (${status})${words === "" ? "" : `: ${words}`}.`, {
    code: "command-failed",
    hint: "`mgmt events` has what it said before.",
  });
}

function failure(text: string, options: ConstructorParameters<typeof Failure>[1]): Failure {
  return new Failure(text, { retry: "backoff", ...options });
}
