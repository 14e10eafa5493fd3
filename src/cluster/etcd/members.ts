// SPDX-License-Identifier: Apache-2.0
// The servers of the store as etcd sees them: who they are, how each of them is, and changes of who they are. Decides
// nothing.

import {
  compact,
  memberAdd,
  memberList,
  type MemberMessage,
  memberPromote,
  memberRemove,
  memberUpdate,
  moveLeader,
  range,
  status,
} from "./messages.ts";
import { keyBytes } from "./ranges.ts";
import type { Revisions } from "./revisions.ts";
import type { Servers } from "./servers.ts";

export interface Member {
  /** In hexadecimal digits, as etcd's own programs write it. */
  readonly id: string;
  /** Empty until it has been started for the first time. */
  readonly name: string;
  /** Where other servers find it. */
  readonly peerUrls: readonly string[];
  /** Where clients find it; empty until it has been started for the first time. */
  readonly clientUrls: readonly string[];
  /** It follows without a vote. */
  readonly isLearner: boolean;
}

export interface ServerStatus {
  readonly id: string;
  readonly version: string;
  /** Undefined: it knows of none. */
  readonly leader: string | undefined;
  readonly isLearner: boolean;
  readonly term: number;
  /** How many entries of the log it knows, and has made true. */
  readonly index: number;
  readonly appliedIndex: number;
  readonly bytes: number;
  readonly bytesInUse: number;
  readonly errors: readonly string[];
}

/** Every method fails with a `Failure` and stops promptly when its signal aborts. */
export interface Members {
  /** The same, put to that one server alone: what it cannot do is not put to another one. */
  at(url: string): Members;
  /** `isExact`: as of now, by a majority; else as the server that is asked knows it, which etcd 3.4 does in any case. */
  list(options: { readonly isExact: boolean }, signal: AbortSignal): Promise<readonly Member[]>;
  /** Of the server at that address, which need not be a known one. */
  status(url: string, signal: AbortSignal): Promise<ServerStatus>;
  /** `busy`: the servers are not all well, or not for long enough. Returns the new one and all that there are now. */
  add(
    peerUrls: readonly string[],
    options: { readonly isLearner: boolean },
    signal: AbortSignal,
  ): Promise<{ readonly added: Member; readonly members: readonly Member[] }>;
  /** `busy`: it is no learner, or has not caught up yet. */
  promote(id: string, signal: AbortSignal): Promise<void>;
  remove(id: string, signal: AbortSignal): Promise<void>;
  update(id: string, peerUrls: readonly string[], signal: AbortSignal): Promise<void>;
  /** `leaderUrl`: only the leader itself can hand over. */
  moveLeader(leaderUrl: string, to: string, signal: AbortSignal): Promise<void>;
  /** Lets the store forget what happened up to now, but not what there is. */
  compact(signal: AbortSignal): Promise<void>;
}

export function membersOf(servers: Servers, revisions: Revisions): Members {
  return membersBy(servers, revisions, (method, request, signal, options) =>
    servers.ask(method, request, signal, options),
  );
}

function membersBy(servers: Servers, revisions: Revisions, ask: Servers["ask"]): Members {
  const once = { isRepeatable: false };
  const again = { isRepeatable: true };
  return {
    at: (url) =>
      membersBy(servers, revisions, (method, request, signal) => servers.askAt(url, method, request, signal)),
    async list({ isExact }, signal) {
      // A signpost knows where servers are, and nothing else of them.
      const { header, members } = await ask(memberList, { isLinearizable: isExact }, signal, {
        ...again,
        isAnswer: (list) => list.header.memberId !== 0n,
      });
      revisions.see(header);
      return members.map(memberOf);
    },
    async status(url, signal) {
      const answer = await servers.askAt(url, status, {}, signal);
      const { version, isLearner, term, index, appliedIndex, bytes, bytesInUse, errors, leader } = answer;
      return {
        id: nameOf(answer.header.memberId),
        leader: leader === 0n ? undefined : nameOf(leader),
        ...{ version, isLearner, term, index, appliedIndex, bytes, bytesInUse, errors },
      };
    },
    async add(peerUrls, { isLearner }, signal) {
      const { member, members } = await ask(memberAdd, { peerUrls, isLearner }, signal, once);
      return { added: memberOf(member), members: members.map(memberOf) };
    },
    async promote(id, signal) {
      await ask(memberPromote, { id: idOf(id) }, signal, again);
    },
    async remove(id, signal) {
      await ask(memberRemove, { id: idOf(id) }, signal, again);
    },
    async update(id, peerUrls, signal) {
      await ask(memberUpdate, { id: idOf(id), peerUrls }, signal, again);
    },
    async moveLeader(leaderUrl, to, signal) {
      // It is the only one that can be asked, and is told nothing by it but who leads from now on.
      await servers.askAt(leaderUrl, moveLeader, { to: idOf(to) }, signal, { isEvenRevoked: true });
    },
    async compact(signal) {
      const { header } = await ask(range, { key: keyBytes("/"), countOnly: true }, signal, again);
      await ask(compact, { revision: header.revision }, signal, again);
    },
  };
}

function memberOf({ id, name, peerUrls, clientUrls, isLearner }: MemberMessage): Member {
  return { id: nameOf(id), name, peerUrls, clientUrls, isLearner };
}

function nameOf(id: bigint): string {
  return id.toString(16);
}

function idOf(name: string): bigint {
  return BigInt(`0x${name}`);
}
