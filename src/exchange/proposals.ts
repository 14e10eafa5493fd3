// SPDX-License-Identifier: Apache-2.0
// Programs that hosts are to plan and not to run: somebody proposes one, every host says what it would do. A proposal goes
// with the session of who made it, and the answers are taken away by who asked.

import type { Entry } from "../contract/cluster.ts";
import { commitAll } from "./commit-all.ts";
import type { Connection } from "./connection.ts";
import { type DeployRecord, parseRecord, renderRecord, type Signature, type StoredDeploy } from "./deploy-record.ts";
import { open, seal } from "./envelope.ts";
import { hostsPrefix, partsAfter, planKey, plansPrefix, proposalKey, proposalsPrefix } from "./keys.ts";
import type { Mirrors } from "./mirrors.ts";
import type { Sessions } from "./sessions.ts";

/** A record without a place among the deploys: its id is 0. */
export interface Proposal {
  readonly name: string;
  readonly deploy: StoredDeploy;
}

export interface Answers {
  /** Each host's own text. */
  readonly answers: ReadonlyMap<string, string>;
  /** Of those that are alive, who has not answered. */
  readonly missing: readonly string[];
}

export interface Proposals {
  propose(
    name: string,
    record: Omit<DeployRecord, "id">,
    sign: ((text: string) => Signature) | undefined,
    signal: AbortSignal,
  ): Promise<void>;
  follow(signal: AbortSignal): AsyncIterableIterator<readonly Proposal[]>;
  answer(name: string, text: string, signal: AbortSignal): Promise<void>;
  followAnswers(name: string, signal: AbortSignal): AsyncIterableIterator<Answers>;
  /** With all answers. */
  withdraw(name: string, signal: AbortSignal): Promise<void>;
}

const ttlMs = 10_000;

export function proposalsOf(
  hostname: string,
  {
    connection,
    mirrors,
    sessions,
  }: { readonly connection: Connection; readonly mirrors: Mirrors; readonly sessions: Sessions },
): Proposals {
  return {
    async propose(name, record, sign, signal) {
      const text = renderRecord({ id: 0, ...record });
      const signature = sign?.(text);
      const session = await sessions.get(ttlMs, "end");
      const value = seal({ record: text, ...(signature === undefined ? {} : { signature }) });
      const change = { do: "put", key: proposalKey(name), value, session: session.id } as const;
      await connection.commit({ conditions: [], changes: [change] }, signal);
    },

    follow: (signal) =>
      mirrors.follow(
        [{ prefix: proposalsPrefix }],
        ([view]) => [...(view?.from(proposalsPrefix) ?? [])].flatMap(([key, entry]) => proposalIn(key, entry) ?? []),
        () => false,
        signal,
      ),

    async answer(name, text, signal) {
      const change = { do: "put", key: planKey(name, hostname), value: seal({ text }) } as const;
      await connection.commit({ conditions: [], changes: [change] }, signal);
    },

    followAnswers(name, signal) {
      const prefix = plansPrefix(name);
      return mirrors.follow(
        [{ prefix }, { prefix: hostsPrefix }],
        ([plans, alive]) => {
          const answers = new Map<string, string>();
          for (const [key, { value }] of plans?.from(prefix) ?? []) {
            const { text } = open(value) ?? {};
            if (typeof text === "string") answers.set(partsAfter(prefix, key)[0] ?? "", text);
          }
          const living = [...(alive?.from(hostsPrefix) ?? [])].map(([key]) => partsAfter(hostsPrefix, key)[0] ?? "");
          return { answers, missing: living.filter((host) => !answers.has(host)) };
        },
        () => false,
        signal,
      );
    },

    async withdraw(name, signal) {
      const { entries } = await connection.read({ prefix: plansPrefix(name) }, signal);
      const keys = [proposalKey(name), ...entries.map(({ key }) => key)];
      const changes = keys.map((key) => [{ do: "delete", key }] as const);
      await commitAll(connection, changes, signal);
    },
  };
}

function proposalIn(key: string, { value }: Entry): Proposal | undefined {
  const { record: text, signature } = open(value) ?? {};
  const record = typeof text === "string" ? parseRecord(text) : undefined;
  if (typeof text !== "string" || record?.id !== 0) return undefined;
  const signed = signature === undefined ? {} : { signature: signature as Signature };
  return { name: partsAfter(proposalsPrefix, key)[0] ?? "", deploy: { record, text, ...signed } };
}
