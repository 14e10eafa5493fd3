// SPDX-License-Identifier: Apache-2.0
// What a host says when it refuses a change of users and groups: the same words on every host.

import { Failure } from "../contract/failure.ts";

export function userExists(name: string): Failure {
  return new Failure(`there is already a user ${name}`, { code: "exists" });
}

export function groupExists(name: string): Failure {
  return new Failure(`there is already a group ${name}`, { code: "exists" });
}

export function noSuchUser(name: string): Failure {
  return new Failure(`there is no user ${name}`, { code: "not-found" });
}

export function noSuchGroup(name: string): Failure {
  return new Failure(`there is no group ${name}`, {
    code: "not-found",
    hint: `Declare it: group "${name}" {}`,
  });
}

export function userIdTaken(uid: number, owner: string | undefined): Failure {
  return new Failure(`the user number ${uid} belongs to ${owner ?? "another user"}`, {
    code: "conflict",
    hint: "Choose another `uid`; `allowduplicateuid => true` lets two users be one for the system.",
  });
}

export function groupIdTaken(gid: number, owner: string | undefined): Failure {
  return new Failure(`the group number ${gid} belongs to ${owner ?? "another group"}`, {
    code: "conflict",
    hint: "Choose another `gid`.",
  });
}

export function isPrimaryGroup(group: string, user: string | undefined): Failure {
  return new Failure(`the group ${group} is the primary group of ${user ?? "a user"}`, {
    code: "conflict",
    hint: "Remove that user first, or give it another primary group.",
  });
}

export function onlyForRoot(doing: string): Failure {
  return new Failure(`cannot ${doing}: only root may`, { code: "denied", hint: "run mgmt as root" });
}
