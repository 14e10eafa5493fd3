// SPDX-License-Identifier: Apache-2.0
// Why another machine could not be had over SSH, worded for a person. Both hosts use it. Nothing here names a password.

import { Failure } from "../../contract/failure.ts";
import type { SshPlace, TunnelAddress } from "../../contract/ssh.ts";
import { fingerprintOf, typeOfKey } from "./known-hosts.ts";

type Place = Pick<SshPlace, "host" | "port">;

/** `web1`, or `web1:2222`. */
export function shownPlace({ host, port }: Place): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === 22 ? host : `${name}:${port}`;
}

export function nobodyThere(place: Place, why: string, cause?: unknown): Failure {
  return new Failure(`${shownPlace(place)} cannot be reached over SSH: ${why}`, {
    code: "unreachable",
    retry: "backoff",
    hint: "Does the machine run, are its name and port right, and is there a server for SSH (sshd) on it?",
    cause,
  });
}

export function tooSlow(place: Place, withinMs: number): Failure {
  return new Failure(`${shownPlace(place)} did not let us in over SSH within ${withinMs / 1000} s`, {
    code: "timed-out",
    retry: "backoff",
    hint: "Does the machine run, and is its port one of SSH?",
  });
}

export function brokenOff(place: Place, why: string): Failure {
  return new Failure(`the SSH connection to ${shownPlace(place)} broke off: ${why}`, {
    code: "unreachable",
    retry: "backoff",
    hint: "Look at the network between, and at the log of sshd there.",
  });
}

export function unknownHost(place: Place, shown: string): Failure {
  return new Failure(`nothing says that ${shownPlace(place)} is who it says: ${describe(shown)} is not known`, {
    code: "denied",
    hint: `Compare it with \`ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub\` there; if it is the same, connect with \`ssh${portOption(place)} ${place.host}\` once, or give it as the host key.`,
  });
}

/** `at`: where another key stands. */
export function otherHost(place: Place, shown: string, at: string): Failure {
  return new Failure(
    `${shownPlace(place)} is another machine than is known: it shows ${describe(shown)}, which is not the key ${at}`,
    {
      code: "denied",
      hint: "Somebody may be in between. Nothing was told to it. If it was installed anew, put its new key there.",
    },
  );
}

export function revokedKey(place: Place, at: string): Failure {
  return new Failure(`the key that ${shownPlace(place)} shows must not be believed any more: it is revoked in ${at}`, {
    code: "denied",
    hint: "Somebody may be in between. Nothing was told to it.",
  });
}

export function notLetIn(place: SshPlace, tried: readonly string[]): Failure {
  const what = tried.length === 0 ? "there is no key and no password to try" : `it was refused with ${listed(tried)}`;
  return new Failure(`${place.user} is not let in on ${shownPlace(place)}: ${what}`, {
    code: "denied",
    hint: "Put a public key of this machine into `~/.ssh/authorized_keys` of that user, or say which key or password to use.",
  });
}

export function badKeyFile(path: string, why: string): Failure {
  return new Failure(`the private key ${path} cannot be used: ${why}`, {
    code: "invalid",
    hint: "A key in a file must have no passphrase; one with a passphrase can be given to an agent (`ssh-add`).",
  });
}

export function badHostKey(place: Place): Failure {
  return new Failure(`the host key that was given for ${shownPlace(place)} is none`, {
    code: "invalid",
    hint: "It is the long text in a line of `ssh-keyscan`, which begins with AAAA.",
  });
}

export function portTaken(place: Place, { host, port }: TunnelAddress): Failure {
  return new Failure(`${shownPlace(place)} does not listen at ${host}:${port} for a tunnel`, {
    code: "busy",
    hint: "Another program may listen there (`ss -ltnp`): choose another port, or 0 for any. Or sshd is told not to (`AllowTcpForwarding`).",
    retry: "backoff",
  });
}

function describe(key: string): string {
  return `${typeOfKey(key) ?? "a key"} ${fingerprintOf(key)}`;
}

function portOption({ port }: Place): string {
  return port === 22 ? "" : ` -p ${port}`;
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
