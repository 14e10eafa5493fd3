// SPDX-License-Identifier: Apache-2.0
// Other machines, over SSH: commands there, and tunnels in both directions, all on one connection. What a command means is
// known to whoever runs it. Host keys are checked before anything is told to the other side, and there is no way around it.
//
// Failures: `unreachable` nobody answers, or the connection broke off; `timed-out` nothing came in time; `denied` the host
// is not known, is another one, or does not let us in; `invalid` what was given makes no sense.

import type { Outcome } from "./host.ts";

export interface Ssh {
  /** Resolves when we are let in. */
  connect(place: SshPlace, signal: AbortSignal): Promise<SshConnection>;
}

export interface SshPlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Base64, as in `known_hosts`: the only key that the host may have. Absent: what is known of it on this machine. */
  readonly hostKey?: string;
  /** A file with a private key. Absent: all that are in `~/.ssh`, and those of the agent; empty: none. */
  readonly keyFile?: string;
  readonly password?: string;
  /** Asks a person, after everything else was refused. Undefined: there is no answer. */
  readonly askPassword?: (question: string, signal: AbortSignal) => Promise<string | undefined>;
  /** How often a person is asked; three times, if absent. */
  readonly passwordTries?: number;
}

export interface SshCommand {
  /** For the shell of the user there. */
  readonly line: string;
  /** Its standard input, which ends with it; absent: none. Each piece may be gone when the next is asked for. */
  readonly input?: AsyncIterable<Uint8Array>;
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  /** Output kept for the result beyond this many bytes is cut from its front. Default 1 MiB for each stream. */
  readonly keepBytes?: number;
}

export interface SshConnection {
  /** A status other than 0 is no failure. A command that is given up is told to end, which it may ignore. */
  run(command: SshCommand, signal: AbortSignal): Promise<Outcome>;
  /**
   * Programs of the other machine that connect to this address of it get to `target`. Port 0: any that is free. Returns the
   * port. Ends with the connection. Fails with `busy` when somebody else listens there.
   */
  offer(address: TunnelAddress, target: TunnelTarget, signal: AbortSignal): Promise<number>;
  /** Programs of this machine that connect to this new socket get to `target`, as the other machine sees it. */
  reach(socketPath: string, target: TunnelAddress, signal: AbortSignal): Promise<void>;
  /** Aborts when the connection is over, with a `Failure` as its reason unless it was closed. */
  readonly over: AbortSignal;
  /** Everything on it ends. */
  close(): Promise<void>;
}

export interface TunnelAddress {
  readonly host: string;
  readonly port: number;
}

/** Somewhere that this machine reaches. */
export type TunnelTarget = TunnelAddress | { readonly socketPath: string };
