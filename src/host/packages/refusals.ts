// SPDX-License-Identifier: Apache-2.0
// Why packages could not be changed, worded for the person who must put it right. Every back end and the twin say it
// with these words; each knows by itself how its manager says it.

import { Failure } from "../../contract/failure.ts";

/** What a manager says (the first pattern that is found counts), and the failure that it means. `found`: the groups. */
export type Refusals = readonly (readonly [
  pattern: RegExp,
  make: (doing: string, found: readonly string[], output: string) => Failure,
])[];

/** Undefined when none of them is in what it said. */
export function refusalIn(refusals: Refusals, doing: string, output: string): Failure | undefined {
  for (const [pattern, make] of refusals) {
    const found = pattern.exec(output);
    if (found !== null) return make(doing, found.slice(1), output);
  }
  return undefined;
}

/** What a manager was asked to do, to begin a sentence with: "cannot install nginx, mc". */
export function cannot(doing: string): string {
  return `cannot ${doing}`;
}

export function unknownPackage(doing: string, name: string, like: readonly string[], manager: string): Failure {
  return new Failure(`${cannot(doing)}: the lists of ${manager} have no package "${name}"`, {
    code: "not-found",
    hint:
      like.length === 0
        ? "correct the name, or add the source that has it"
        : `did you mean ${like.join(", ")}? Otherwise add the source that has it`,
  });
}

export function unknownVersion(doing: string, name: string, version: string): Failure {
  return new Failure(`${cannot(doing)}: there is no version "${version}" of ${name}`, { code: "not-found" });
}

export function noManager(): Failure {
  return new Failure("no package manager that is known was found on this machine", {
    code: "unsupported",
    hint: "apt, dnf, pacman, apk and PackageKit are known",
  });
}

export function wouldRemove(doing: string, others: readonly string[]): Failure {
  const list = [...others].sort().join(", ");
  return new Failure(`${cannot(doing)}: ${list} would be removed, which the program does not ask for`, {
    code: "conflict",
    hint: `declare ${others.length === 1 ? "it" : "them"} as uninstalled too if that is meant: pkg "${others[0] ?? ""}" { state => "uninstalled" }`,
  });
}

export function needsOthers(doing: string, why: string): Failure {
  return new Failure(`${cannot(doing)}: what it depends on cannot be had: ${why}`, {
    code: "conflict",
    hint: "a source is missing, or versions of different releases are mixed",
  });
}

export function held(doing: string, names: readonly string[]): Failure {
  return new Failure(`${cannot(doing)}: ${names.join(", ")} must stay at its version (held)`, {
    code: "conflict",
    hint: "release it, or write hold => false",
  });
}

export function notTrusted(doing: string, what: string): Failure {
  return new Failure(`${cannot(doing)}: ${what} has no valid signature of anybody whom this machine trusts`, {
    code: "denied",
    hint: "install the key of the source; allowuntrusted => true goes without",
  });
}

export function diskFull(doing: string, where: string): Failure {
  return new Failure(`${cannot(doing)}: not enough space is left${where === "" ? "" : ` in ${where}`}`, {
    code: "full",
    hint: "make room: `df -h` shows how full the disks are; the next run finishes what was begun",
    retry: "backoff",
  });
}

export function sourceUnreachable(doing: string, why: string): Failure {
  return new Failure(`${cannot(doing)}: a source cannot be reached: ${why}`, {
    code: "unreachable",
    hint: "see whether the network and the name of the server are right",
    retry: "backoff",
  });
}

export function sourceBroken(doing: string, why: string): Failure {
  return new Failure(`${cannot(doing)}: a source is broken: ${why}`, {
    code: "invalid",
    hint: "whoever runs the source must mend it; or take it out of the list of sources",
    retry: "backoff",
  });
}

export function settingsBroken(doing: string, why: string): Failure {
  return new Failure(`${cannot(doing)}: the settings of the package manager are wrong: ${why}`, {
    code: "invalid",
    hint: "correct the file that is named",
  });
}

export function stillLocked(doing: string, by: string): Failure {
  return new Failure(`${cannot(doing)}: ${by === "" ? "another process" : by} holds the lock of the package database`, {
    code: "busy",
    hint: "it is tried again when that one has finished; `fuser -v` with the file of the lock shows who it is",
    retry: "backoff",
  });
}

export function scriptFailed(doing: string, names: string, lines: string): Failure {
  return new Failure(`${cannot(doing)}: the script of ${names} failed${lines === "" ? "" : `: ${lines}`}`, {
    code: "command-failed",
    hint: "it is a script of the package; what it printed says what it missed. The next run finishes what was begun",
  });
}

export function badArchive(path: string, why: string): Failure {
  return new Failure(`cannot read the package in ${path}: ${why}`, {
    code: "invalid",
    hint: "it must be a whole file in the format of this machine's package manager",
  });
}

export function onlyRoot(doing: string): Failure {
  return new Failure(`${cannot(doing)}: only root may change packages`, {
    code: "denied",
    hint: "run mgmt as root",
  });
}

/** Whatever else a manager says. */
export function managerFailed(doing: string, program: string, status: number | undefined, lines: string): Failure {
  const how = status === undefined ? "was killed" : `ended with status ${status}`;
  return new Failure(`${cannot(doing)}: ${program} ${how}${lines === "" ? "" : `: ${lines}`}`, {
    code: "command-failed",
    hint: "the next run finishes what was begun",
    retry: "backoff",
  });
}

/** The last lines of an output that say something, on one line. */
export function lastLines(output: string, count: number): string {
  return output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-count)
    .join(" / ");
}
