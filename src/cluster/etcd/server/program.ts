// SPDX-License-Identifier: Apache-2.0
// The etcd of this machine: whether it is there, which version it is, and how it is called.

import { Failure } from "../../../contract/failure.ts";
import type { Processes } from "../../../contract/host.ts";
import { textOf } from "../../../values/bytes.ts";

export interface ServerPlace {
  /** Absolute; etcd keeps its data in it. */
  readonly directory: string;
  /** That of this host in its cluster. */
  readonly name: string;
  /** Where it listens for clients and for other servers, and where they are told to find it. */
  readonly clientUrls: readonly string[];
  readonly serverUrls: readonly string[];
  readonly advertiseClientUrls: readonly string[];
  readonly advertiseServerUrls: readonly string[];
  /** As it is at each start. */
  readonly tls?: () => ServerTls;
}

/** Files in PEM, by which servers and clients prove to each other who they are, wherever an address is `https://`. */
export interface ServerTls {
  readonly certificate: string;
  readonly key: string;
  readonly authorities: string;
  /** Certificates that are believed no more; absent: there is no such list. */
  readonly revoked?: string;
}

/** Who is there when a server without data begins. */
export interface FirstMembers {
  /** `new`: these found the cluster. `existing`: they have it already, and know this one. */
  readonly state: "new" | "existing";
  /** All of them, this one too. */
  readonly members: readonly { readonly name: string; readonly serverUrls: readonly string[] }[];
}

const oldest = [3, 4] as const;

/** Its version. Fails when it is not there, or too old. */
export async function etcdVersion(processes: Processes, signal: AbortSignal): Promise<string> {
  const output = await ask(processes, signal);
  const version = /^etcd Version: (\d+)\.(\d+)\.\S+/m.exec(output);
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  const isRecent = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  if (version !== null && isRecent) return version[0].replace("etcd Version: ", "");
  throw new Failure(`The etcd of this machine is too old: ${output.split("\n")[0] ?? ""}.`, {
    code: "unsupported",
    hint: `It must be ${oldest.join(".")} or later.`,
  });
}

async function ask(processes: Processes, signal: AbortSignal): Promise<string> {
  try {
    return textOf((await processes.run({ argv: ["etcd", "--version"] }, signal)).stdout);
  } catch (reason) {
    if (!(reason instanceof Failure)) throw reason;
    throw new Failure("This host is to keep the store for others, and etcd, which does that, is not installed.", {
      code: "unsupported",
      hint: "Install it (Debian: `apt-get install etcd-server`; Fedora: `dnf install etcd`), or join others with --seeds.",
      cause: reason,
    });
  }
}

/**
 * `setpriv` asks the kernel to kill etcd when we are gone, however we go: whatever etcd has said to be done is on the
 * disk. It then becomes etcd. Where it cannot do that, a server that was left over is ended by the next run.
 */
export async function tetherOf(processes: Processes, signal: AbortSignal): Promise<readonly string[]> {
  const tether = ["setpriv", "--pdeathsig", "KILL"] as const;
  try {
    const { status } = await processes.run({ argv: [...tether, "true"] }, signal);
    return status === 0 ? tether : [];
  } catch (reason) {
    if (reason instanceof Failure) return [];
    throw reason;
  }
}

export function etcdCommand(place: ServerPlace, first: FirstMembers): readonly [string, ...string[]] {
  const { directory, name } = place;
  const members = first.members.flatMap((member) => member.serverUrls.map((url) => `${member.name}=${url}`));
  return [
    ...(["etcd", "--name", name, "--data-dir", directory] as const),
    ...["--listen-client-urls", place.clientUrls.join(",")],
    ...["--advertise-client-urls", place.advertiseClientUrls.join(",")],
    ...["--listen-peer-urls", place.serverUrls.join(",")],
    ...["--initial-advertise-peer-urls", place.advertiseServerUrls.join(",")],
    ...(first.members.length === 0 ? [] : ["--initial-cluster", members.join(",")]),
    ...["--initial-cluster-state", first.state],
    // It would refuse a newcomer that is to replace a lost member. What may be changed is decided before it is asked.
    "--strict-reconfig-check=false",
    ...tlsArguments(place),
    // What happened stays known for long enough that a host which was away need not read everything again.
    ...["--auto-compaction-mode", "periodic", "--auto-compaction-retention", "1h"],
    ...["--logger", "zap", "--log-level", "warn"],
  ];
}

function tlsArguments({ tls, clientUrls, serverUrls }: ServerPlace): readonly string[] {
  if (tls === undefined) return [];
  const isSecret = (urls: readonly string[]): boolean => urls.some((url) => url.startsWith("https:"));
  const { certificate, key, authorities, revoked } = tls();
  const of = (peer: string, list: string): readonly string[] => [
    ...[`--${peer}cert-file`, certificate, `--${peer}key-file`, key],
    ...[`--${peer}client-cert-auth`, `--${peer}trusted-ca-file`, authorities],
    ...(revoked === undefined ? [] : [list, revoked]),
  ];
  return [
    ...(isSecret(clientUrls) ? of("", "--client-crl-file") : []),
    ...(isSecret(serverUrls) ? of("peer-", "--peer-crl-file") : []),
  ];
}
