// SPDX-License-Identifier: Apache-2.0
// How the store that hosts share is, and who is there, as seen from this machine: asked once, and nothing is changed.

import { existsSync } from "node:fs";
import { Failure } from "../contract/failure.ts";
import type { Clock } from "../contract/host.ts";
import type { EtcdCluster, Member, ServerStatus } from "../cluster/etcd/index.ts";
import { type KnownHost, knownHosts } from "../exchange/hosts.ts";
import { readIdealSize, sizeIn } from "../exchange/ideal-size.ts";
import { partsAfter, volunteersPrefix } from "../exchange/keys.ts";
import { openStore, type StoreOptions } from "./store.ts";

export interface ClusterFacts {
  /** None: it is a file. */
  readonly servers: readonly ServerFacts[];
  /** How many servers with a vote must be well for anything to be done. */
  readonly needed: number;
  /** By name. Absent: the store does not answer. */
  readonly hosts?: readonly KnownHost[];
  /** How many hosts are to keep the store. */
  readonly ideal?: number;
  /** Hosts that would keep it and do not, by name. */
  readonly volunteers?: readonly string[];
  /** Why it does not. */
  readonly failure?: string;
}

export interface ServerFacts {
  /** Empty: it was never started. */
  readonly name: string;
  readonly id: string;
  readonly urls: readonly string[];
  readonly role: "leader" | "follower" | "learner";
  /** Absent: it does not answer. */
  readonly version?: string;
  /** Entries of the log that the leader has made true and this one has not. */
  readonly behind?: number;
  readonly bytes?: number;
  /** How long it took to answer. */
  readonly ms?: number;
  /** What is wrong with it. */
  readonly troubles: readonly string[];
}

/** Fails when nobody at all answers. */
export async function lookAtCluster(cluster: EtcdCluster, clock: Clock, signal: AbortSignal): Promise<ClusterFacts> {
  const members = await cluster.members.list({ isExact: false }, signal);
  const asked = await Promise.all(members.map((member) => ask(cluster, member, clock, signal)));
  const leaders = asked.flatMap(({ status }) => (status?.leader === status?.id ? (status ?? []) : []));
  const leader = leaders.toSorted((left, right) => right.term - left.term)[0];
  const servers = asked.map((each) => factsOf(each, leader));
  const voters = members.filter(({ isLearner }) => !isLearner).length;
  const needed = Math.floor(voters / 2) + 1;
  try {
    const [hosts, ideal, offers] = await Promise.all([
      knownHosts(cluster, signal),
      readIdealSize(cluster, signal),
      cluster.read({ prefix: volunteersPrefix }, signal),
    ]);
    const keepers = new Set(servers.map(({ name }) => name));
    const volunteers = offers.entries.flatMap(({ key }) => partsAfter(volunteersPrefix, key)[0] ?? []);
    return {
      servers,
      needed,
      hosts,
      ideal: sizeIn(ideal).size,
      volunteers: volunteers.filter((host) => !keepers.has(host)),
    };
  } catch (reason) {
    if (!(reason instanceof Failure)) throw reason;
    return { servers, needed, failure: reason.message };
  }
}

/** Of a store that is a file nobody has to keep it. Fails when there is none. */
export async function lookAtFile(path: string, options: StoreOptions, signal: AbortSignal): Promise<ClusterFacts> {
  if (!existsSync(path)) {
    throw new Failure(`There is no store at ${path}.`, {
      code: "not-found",
      hint: "The first run with --seeds=file:/PATH makes it.",
    });
  }
  const store = await openStore({ kind: "shared file", path }, { ...options, readOnly: true });
  try {
    return { servers: [], needed: 0, hosts: await knownHosts(store.cluster, signal) };
  } finally {
    await store.end();
  }
}

interface Asked {
  readonly member: Member;
  readonly status?: ServerStatus;
  readonly failure?: string;
  readonly ms: number;
}

async function ask(cluster: EtcdCluster, member: Member, clock: Clock, signal: AbortSignal): Promise<Asked> {
  const began = clock.monotonicMs();
  const since = (): number => Math.round(clock.monotonicMs() - began);
  const [url] = member.clientUrls;
  if (url === undefined) return { member, failure: "it was not started yet", ms: 0 };
  try {
    return { member, status: await cluster.members.status(url, signal), ms: since() };
  } catch (reason) {
    if (!(reason instanceof Failure)) throw reason;
    return { member, failure: reason.message.replace(/^The cluster's store does not answer: |\.$/g, ""), ms: since() };
  }
}

function factsOf({ member, status, failure, ms }: Asked, leader: ServerStatus | undefined): ServerFacts {
  const { id, name, clientUrls, isLearner } = member;
  const role = isLearner ? "learner" : id === leader?.id ? "leader" : "follower";
  const known = { name, id, urls: clientUrls, role } as const;
  if (status === undefined) return { ...known, troubles: [failure ?? "it does not answer"] };
  const troubles = [...status.errors, ...(status.leader === undefined ? ["it knows of no leader"] : [])];
  const behind = leader === undefined ? {} : { behind: Math.max(0, leader.appliedIndex - status.appliedIndex) };
  return { ...known, version: status.version, ...behind, bytes: status.bytes, ms, troubles };
}
