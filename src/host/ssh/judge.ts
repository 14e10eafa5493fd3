// SPDX-License-Identifier: Apache-2.0
// Whether a host is the one that we mean, by the key that it shows. The only place that decides it, for every host.

import { Failure } from "../../contract/failure.ts";
import type { Files, Identity, System } from "../../contract/host.ts";
import type { SshPlace } from "../../contract/ssh.ts";
import { textOf } from "../../values/bytes.ts";
import { badHostKey, otherHost, revokedKey, unknownHost } from "./failures.ts";
import { type KnownHostsFile, type KnownKey, knownKeysOf, typeOfKey } from "./known-hosts.ts";

export interface HostJudge {
  /** The types of keys by which it is known; those it is to be asked for first. */
  readonly types: readonly string[];
  /** Why the host is not believed that shows this key, in Base64; undefined: it is the one. */
  refusal(shown: string): Failure | undefined;
}

export interface SshWorld {
  readonly files: Files;
  readonly identity: Identity;
  readonly system: Pick<System, "environment">;
}

const limitBytes = 16 * 1024 * 1024;

export async function judgeOf(place: SshPlace, world: SshWorld, signal: AbortSignal): Promise<HostJudge> {
  const { hostKey } = place;
  if (hostKey === undefined)
    return judgeBy(place, knownKeysOf(place.host, place.port, await knownHosts(world, signal)));
  const type = typeOfKey(hostKey);
  if (type === undefined) throw badHostKey(place);
  return judgeBy(place, [{ type, key: hostKey, isRevoked: false, at: "that was given" }]);
}

function judgeBy(place: SshPlace, known: readonly KnownKey[]): HostJudge {
  return {
    types: [...new Set(known.filter(({ isRevoked }) => !isRevoked).map(({ type }) => type))],
    refusal(shown) {
      const same = known.filter(({ key }) => bare(key) === bare(shown));
      const revoked = same.find(({ isRevoked }) => isRevoked);
      if (revoked !== undefined) return revokedKey(place, revoked.at);
      if (same.length > 0) return undefined;
      const other = known.find(({ isRevoked }) => !isRevoked);
      if (other === undefined) return unknownHost(place, shown);
      return otherHost(place, shown, other.at === "that was given" ? other.at : `in ${other.at}`);
    },
  };
}

function bare(key: string): string {
  return key.replace(/=+$/, "");
}

async function knownHosts(world: SshWorld, signal: AbortSignal): Promise<readonly KnownHostsFile[]> {
  const directory = await sshDirectory(world, signal);
  const paths = [...(directory === undefined ? [] : [`${directory}/known_hosts`]), "/etc/ssh/ssh_known_hosts"];
  const found: KnownHostsFile[] = [];
  for (const path of paths) {
    try {
      found.push({ path, text: textOf(await world.files.read(path, limitBytes, signal)) });
    } catch (reason) {
      if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
    }
  }
  return found;
}

/** `~/.ssh` of the user for whom we act. */
export async function sshDirectory({ identity }: SshWorld, signal: AbortSignal): Promise<string | undefined> {
  const user = await identity.userName(identity.uid, signal);
  const home = user === undefined ? undefined : await identity.homeDirectory(user, signal);
  return home === undefined ? undefined : `${home.replace(/\/$/, "")}/.ssh`;
}
