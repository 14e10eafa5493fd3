// SPDX-License-Identifier: Apache-2.0
// Where a run keeps what must survive a restart.

import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { temporaryPath } from "../resources/files/temporary-path.ts";

export interface PrefixOptions {
  /** Absolute; wins over everything but `temporary`. */
  readonly given: string | undefined;
  /** A new directory that nothing else uses. */
  readonly temporary: boolean;
}

/**
 * The given directory, else `$MGMT_PREFIX`, else `$STATE_DIRECTORY` (set by systemd), else `/var/lib/mgmt` for root and
 * `$XDG_STATE_HOME/mgmt` or `~/.local/state/mgmt` for others. Made when first needed, except the temporary one.
 */
export async function statePrefix(options: PrefixOptions, host: Host, signal: AbortSignal): Promise<string> {
  if (options.temporary) {
    if (options.given !== undefined) {
      throw new Failure("--prefix and --tmp-prefix cannot both be given.", { code: "invalid" });
    }
    return temporaryDirectory(host, signal);
  }
  return options.given?.replace(/\/+$/, "") ?? stateDirectoryFor("mgmt", host);
}

/** Where the environment says, else that of a program of this name. */
export function stateDirectoryFor(name: string, { system, identity }: Host): string {
  const named = system.environment("MGMT_PREFIX") ?? system.environment("STATE_DIRECTORY");
  if (named !== undefined) return named.replace(/\/+$/, "");
  if (identity.uid === 0) return `/var/lib/${name}`;
  const home = system.environment("HOME") ?? "/tmp";
  return `${system.environment("XDG_STATE_HOME") ?? `${home}/.local/state`}/${name}`;
}

/** Its name cannot be foreseen, and only this user can look into it. Left behind at the end, as the original does. */
async function temporaryDirectory(host: Host, signal: AbortSignal): Promise<string> {
  const path = temporaryPath(host);
  await host.files.createDirectory(path, { mode: 0o700 }, signal);
  return path;
}
