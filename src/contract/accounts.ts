// SPDX-License-Identifier: Apache-2.0
// The users and groups of the machine itself: those in its own tables, not those that a directory service knows.
// Every method fails with a `Failure` and stops promptly when its signal aborts.

export interface UserAccount {
  readonly name: string;
  readonly uid: number;
  /** Of its primary group. */
  readonly gid: number;
  /** For people: a name, a telephone number. */
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  /** The names of the groups that list it, sorted. Its primary group may or may not. */
  readonly groups: readonly string[];
}

export interface GroupAccount {
  readonly name: string;
  readonly gid: number;
  /** The names that it lists, in its order. */
  readonly members: readonly string[];
}

/** What is absent stays as it is, or is chosen by the system for a new user. */
export interface UserAttributes {
  readonly uid?: number;
  /** Another user may have this `uid` too. */
  readonly allowDuplicateId?: boolean;
  /** The primary group, by name or number. A new user gets that of its own name if absent; it is made if need be. */
  readonly group?: string | number;
  /** All groups that list it. */
  readonly groups?: readonly string[];
  readonly comment?: string;
  readonly home?: string;
  readonly shell?: string;
}

export interface Accounts {
  /** Undefined when the machine itself has no such user. */
  user(name: string, signal: AbortSignal): Promise<UserAccount | undefined>;
  userWithId(uid: number, signal: AbortSignal): Promise<UserAccount | undefined>;
  group(name: string, signal: AbortSignal): Promise<GroupAccount | undefined>;
  groupWithId(gid: number, signal: AbortSignal): Promise<GroupAccount | undefined>;
  /** As it stands in the table that only root can read. Undefined: no such user, or no such table. */
  passwordHash(user: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * With no password, so nobody can log in with one, and without making the home directory. Fails with `exists` when
   * the name is taken, `conflict` when the number is, `not-found` when a group is missing.
   */
  addUser(name: string, attributes: UserAttributes & { readonly system?: boolean }, signal: AbortSignal): Promise<void>;
  /** Fails as `addUser` does, with `not-found` when there is no such user, `busy` while it has processes. */
  changeUser(name: string, attributes: UserAttributes, signal: AbortSignal): Promise<void>;
  /** The hash is in no argument of any process. */
  setPasswordHash(user: string, hash: string, signal: AbortSignal): Promise<void>;
  /** With the group of its own name when nobody else is in it. Its files stay. Fails as `changeUser` does. */
  removeUser(name: string, signal: AbortSignal): Promise<void>;
  addGroup(
    name: string,
    attributes: { readonly gid?: number; readonly system?: boolean },
    signal: AbortSignal,
  ): Promise<void>;
  /** Those whose primary group it is keep it. */
  changeGroup(name: string, attributes: { readonly gid: number }, signal: AbortSignal): Promise<void>;
  /** Fails with `conflict` while it is the primary group of a user. */
  removeGroup(name: string, signal: AbortSignal): Promise<void>;
  /** Tells that a user, a group or a password may have changed. The first item means that the watch is armed. */
  changes(signal: AbortSignal): AsyncIterableIterator<void>;
}
