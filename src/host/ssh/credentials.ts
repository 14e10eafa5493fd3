// SPDX-License-Identifier: Apache-2.0
// What we show to be let in, one after the other: keys, the agent, the password that was given, and what a person says. The next
// is only made when the one before was refused, so nobody is asked in vain.

import type { SshPlace } from "../../contract/ssh.ts";
import { shownPlace } from "./failures.ts";
import type { SshWorld } from "./judge.ts";
import { type KeyFile, keyFilesFor } from "./key-files.ts";

export type Credential =
  | { readonly kind: "key"; readonly file: KeyFile }
  | { readonly kind: "agent"; readonly socketPath: string }
  | { readonly kind: "password"; readonly password: string; readonly label: string };

const usualTries = 3;

/** `waiting` is true while a person is asked. */
export async function* credentialsFor(
  place: SshPlace,
  world: SshWorld,
  waiting: (isWaiting: boolean) => void,
  signal: AbortSignal,
): AsyncGenerator<Credential, void, undefined> {
  for (const file of await keyFilesFor(place, world, signal)) yield { kind: "key", file };
  const socketPath = world.system.environment("SSH_AUTH_SOCK");
  if (place.keyFile === undefined && socketPath !== undefined && socketPath !== "") yield { kind: "agent", socketPath };
  if (place.password !== undefined)
    yield { kind: "password", password: place.password, label: "the password that was given" };
  const { askPassword } = place;
  if (askPassword === undefined) return;
  for (let left = place.passwordTries ?? usualTries; left > 0; left -= 1) {
    waiting(true);
    const password = await askPassword(`Password of ${place.user} on ${shownPlace(place)}: `, signal);
    waiting(false);
    if (password === undefined) return;
    yield { kind: "password", password, label: "a password that was typed" };
  }
}

export function labelOf(credential: Credential): string {
  switch (credential.kind) {
    case "key":
      return credential.file.path;
    case "agent":
      return "the keys of the SSH agent";
    case "password":
      return credential.label;
  }
}
