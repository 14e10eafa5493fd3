// SPDX-License-Identifier: Apache-2.0
// mgmt on the other machine, from its start to its end: the tunnels that it needs, what it says, and how it is ended with this run.

import type { StoreDoor } from "../../contract/exchange.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import type { SshConnection, TunnelAddress } from "../../contract/ssh.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { parseTunnelAddress, type RemoteWant } from "./fields.ts";
import { lineOf } from "./line.ts";
import { noteFinished, runScript, scriptFailure, scriptPlace, shownPlace } from "./look.ts";
import { beatMs, scriptLine } from "./scripts.ts";

export interface ChildStart {
  readonly hostname: string;
  readonly directory: string;
  readonly isMember: boolean;
  readonly convergedSeconds: number | undefined;
  readonly door: StoreDoor;
}

/** It has 30 seconds to end in order; then it is killed there, and the rest is for the way. */
const endWithinMs = 45_000;
/** So long it may take until we know that what is not heard of any more has ended. */
const lastWordMs = 10_000;

/** Lasts until it has ended. */
export async function attendChild(start: ChildStart, want: RemoteWant, env: ResourceEnv): Promise<void> {
  await lineOf(env).use(want, env, async (connection) => {
    const seeds = want.tunnelled ? [await openTunnel(start, want, env, connection)] : start.door.urls;
    await admit(start, want, env, connection);
    await prepare(connection, want, env);
    const args = childArguments(start, seeds);
    const done = new AbortController();
    const resting = followRest(start.hostname, env, done.signal);
    try {
      await attend(connection, args, want, env);
    } finally {
      done.abort();
      await resting;
    }
    noteFinished(want, env);
  });
}

/** Leaves it running. */
export async function startChild(start: ChildStart, want: RemoteWant, env: ResourceEnv): Promise<void> {
  await lineOf(env).use(want, env, async (connection) => {
    await admit(start, want, env, connection);
    await prepare(connection, want, env);
    await runScript("start", connection, want, env, { args: childArguments(start, start.door.urls) });
  });
}

export function childArguments(
  { hostname, directory, convergedSeconds }: Omit<ChildStart, "door" | "isMember">,
  seeds: readonly string[],
): readonly string[] {
  const ends = convergedSeconds === undefined ? [] : [`--converged-timeout=${convergedSeconds}`];
  const isTunnel = seeds.length === 1 && /^https?:\/\/(?:127\.|localhost|\[::1\])/.test(seeds[0] ?? "");
  return [
    "run",
    `--hostname=${hostname}`,
    `--prefix=${directory}/state`,
    `--seeds=${seeds.join(",")}`,
    isTunnel ? "--only-seeds" : "--no-server",
    ...ends,
    "empty",
  ];
}

/** As a whole number: of seconds there are no parts. */
async function attend(
  connection: SshConnection,
  args: readonly string[],
  want: RemoteWant,
  env: ResourceEnv,
): Promise<void> {
  const { host, signal } = env;
  const patience = new AbortController();
  let cancel = (): void => {};
  const limit = (): void => {
    cancel = host.clock.after(endWithinMs, () => patience.abort(new Failure(`mgmt on ${shownPlace(want)} does not end`, { code: "timed-out" }))); // biome-ignore format: one line
  };
  signal.addEventListener("abort", limit, { once: true });
  const over = new AbortController();
  const say = new Said(env);
  try {
    const outcome = await connection.run(
      {
        line: scriptLine("attend", scriptPlace(want, env), args),
        // The end of what comes in tells it to end.
        input: beats(host.clock, AbortSignal.any([signal, over.signal])),
        onOutput: (stream, bytes) => {
          if (stream === "stdout") say.add(bytes);
        },
      },
      patience.signal,
    );
    signal.throwIfAborted();
    if (outcome.status !== 0) throw scriptFailure("attend", outcome, shownPlace(want));
  } finally {
    over.abort();
    say.rest();
    cancel();
    signal.removeEventListener("abort", limit);
  }
}

async function* beats(clock: Clock, over: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  while (!over.aborted) {
    yield bytesOf(".");
    await clock.sleep(beatMs, over).catch(() => {});
  }
}

/** What it prints, line by line. */
class Said {
  readonly #env: ResourceEnv;
  #begun = "";

  constructor(env: ResourceEnv) {
    this.#env = env;
  }

  add(bytes: Uint8Array): void {
    const lines = `${this.#begun}${textOf(bytes)}`.split("\n");
    this.#begun = lines.pop() ?? "";
    for (const line of lines) this.#env.say(line);
  }

  rest(): void {
    if (this.#begun !== "") this.#env.say(this.#begun);
    this.#begun = "";
  }
}

/**
 * While it is as declared there, we only wait. Of a former run of it there may still be a word: what counts begins with "no".
 * What has ended is not heard of any more, and its last word holds until its end is known here: it ends because it has been as
 * declared for so long, and that time must not begin once more.
 */
async function followRest(hostname: string, env: ResourceEnv, signal: AbortSignal): Promise<void> {
  const over = AbortSignal.any([signal, env.signal]);
  let hasBegun = false;
  let cancel = (): void => {};
  const tell = (isAtRest: boolean): void => {
    if (hasBegun && !over.aborted) env.rest(isAtRest);
  };
  try {
    for await (const isConverged of env.exchange.hosts.followConverged(hostname, over)) {
      cancel();
      hasBegun ||= isConverged !== true;
      if (isConverged === undefined) cancel = env.host.clock.after(lastWordMs, () => tell(false));
      else tell(isConverged);
    }
  } catch (reason) {
    if (!(reason instanceof Failure) && !isAbort(reason, over)) throw reason; // Then it counts as work.
  } finally {
    cancel();
  }
}

// ---- What it needs ----

/** The address at which it finds the store. */
async function openTunnel(
  { door }: ChildStart,
  { tunnel_addr }: RemoteWant,
  { signal }: ResourceEnv,
  connection: SshConnection,
): Promise<string> {
  const address = expectAddress(tunnel_addr);
  const port = await connection.offer(address, door.here, signal);
  return `${door.isSecure ? "https" : "http"}://${shown({ ...address, port })}`;
}

/** With an invitation when the store lets only hosts of the cluster in, and it is none yet. */
async function admit(
  { door, isMember, hostname }: ChildStart,
  want: RemoteWant,
  env: ResourceEnv,
  connection: SshConnection,
): Promise<void> {
  if (!door.isSecure || isMember) return;
  const { token, entrance } = await env.exchange.doors.invite(hostname, env.signal);
  let address = entrance;
  if (want.tunnelled) {
    const { host, port } = expectAddress(want.tunnel_addr);
    // It renews its certificate at the same place, so this is one that does not change from run to run.
    const own = { host, port: port === 0 ? 0 : port + 2 };
    address = { host, port: await connection.offer(own, entrance, env.signal) };
  } else if (/^(?:127\.|::1$)/.test(entrance.host)) {
    throw new Failure("the place where hosts are let into the cluster has no address that other machines could reach", {
      code: "unsupported",
      hint: "Give one of the network with --accept-joins.",
    });
  }
  const input = (async function* () {
    yield bytesOf(`${token}@${shown(address)}`);
  })();
  await runScript("keepInvitation", connection, want, env, { input });
}

async function prepare(connection: SshConnection, want: RemoteWant, env: ResourceEnv): Promise<void> {
  await runScript("prepare", connection, want, env, { args: [want.install_deps ? "1" : "0"] });
}

function expectAddress(text: string): TunnelAddress {
  const address = parseTunnelAddress(text);
  if (address === undefined) throw new Failure(`${text} is no address with a port`, { code: "invalid" });
  return { ...address, host: address.host === "localhost" ? "127.0.0.1" : address.host };
}

function shown({ host, port }: TunnelAddress): string {
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}
