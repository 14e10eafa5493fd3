// SPDX-License-Identifier: Apache-2.0
// What a host says when it cannot mount or unmount: the same words on every host.

import { Failure } from "../contract/failure.ts";
import type { MountRequest } from "../contract/mounts.ts";

export function noMountPoint(place: string): Failure {
  return new Failure(`cannot mount anything at ${place}: there is no such directory`, {
    code: "not-found",
    hint: `Declare it: file "${place}/" { state => "exists" }`,
  });
}

export function nothingToMount({ source, place }: MountRequest): Failure {
  return new Failure(`cannot mount ${source} at ${place}: there is nothing of that name`, {
    code: "not-found",
    hint: "See what `lsblk --fs` lists.",
  });
}

export function unknownFileSystem({ type, place }: MountRequest): Failure {
  return new Failure(`cannot mount at ${place}: this kernel does not know file systems of the type ${type}`, {
    code: "unsupported",
    hint: "See /proc/filesystems; the package of its programs or its kernel module may be missing.",
  });
}

export function notMounted(place: string): Failure {
  return new Failure(`nothing is mounted at ${place}`, { code: "not-found" });
}

/** `holders` are programs with their numbers, or other mounts. */
export function placeInUse(place: string, holders: readonly string[]): Failure {
  const who = holders.length === 0 ? "something uses it" : `it is used by ${holders.join(", ")}`;
  return new Failure(`cannot unmount ${place}: ${who}`, {
    code: "busy",
    hint: "End what uses it; it is unmounted as soon as it is free and something happens there, or with `Meta:retry`.",
    retry: "backoff",
  });
}
