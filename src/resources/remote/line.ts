// SPDX-License-Identifier: Apache-2.0
// The connection of one resource to its machine: made when it is first needed, one for all that is done, closed when nobody
// holds it any more.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import type { SshConnection, SshPlace } from "../../contract/ssh.ts";
import { expandHome } from "../files/home-path.ts";
import type { RemoteWant } from "./fields.ts";
import { parseSshUrl } from "./ssh-url.ts";

const lines = new WeakMap<object, Line>();

/** That of the resource, as long as it is in the graph. */
export function lineOf({ memory }: ResourceEnv): Line {
  const known = lines.get(memory) ?? new Line();
  lines.set(memory, known);
  return known;
}

export class Line {
  #holders = 0;
  #open: { readonly mark: string; readonly connection: Promise<SshConnection> } | undefined;

  /** It may stay open until the returned function is called. */
  hold(): () => Promise<void> {
    this.#holders += 1;
    let isHeld = true;
    return async () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holders -= 1;
      if (this.#holders === 0) await this.#close();
    };
  }

  async use<Result>(
    want: RemoteWant,
    env: ResourceEnv,
    task: (connection: SshConnection) => Promise<Result>,
  ): Promise<Result> {
    const release = this.hold();
    try {
      return await task(await this.#connect(want, env));
    } finally {
      await release();
    }
  }

  async #connect(want: RemoteWant, env: ResourceEnv): Promise<SshConnection> {
    const place = await placeOf(want, env);
    const mark = JSON.stringify(place);
    const known = this.#open;
    if (known !== undefined) {
      const connection = await known.connection.catch(() => undefined);
      if (known.mark === mark && connection?.over.aborted === false) return connection;
      if (this.#open === known) await this.#close();
    }
    const connection = env.host.ssh.connect(place, env.signal);
    const open = { mark, connection };
    this.#open = open;
    connection.catch(() => {
      if (this.#open === open) this.#open = undefined;
    });
    return connection;
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    const connection = await open?.connection.catch(() => undefined);
    await connection?.close();
  }
}

async function placeOf(want: RemoteWant, env: ResourceEnv): Promise<SshPlace> {
  const url = parseSshUrl(want.remote);
  if (url === undefined) throw new Failure("this is no other machine", { code: "invalid" });
  const { user, host, port, password } = url;
  const hostKey = want.hostkey === "" ? url.hostKey : want.hostkey;
  return {
    user,
    host,
    port,
    ...(password === undefined ? {} : { password }),
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(want.ssh_id === undefined ? {} : { keyFile: await expanded(want.ssh_id, env) }),
    ...(want.interactive ? { askPassword: (question, signal) => ask(question, want, env, signal) } : {}),
    ...(want.max_password_tries > 0 ? { passwordTries: want.max_password_tries } : {}),
  };
}

async function expanded(path: string, { host, signal }: ResourceEnv): Promise<string> {
  if (path === "") return "";
  const place = await expandHome(path, host, signal);
  if ("path" in place) return place.path;
  throw new Failure(`there is no key ${path}: ${place.unknown}`, { code: "not-found" });
}

async function ask(
  question: string,
  { interactive_timeout: seconds }: RemoteWant,
  { host }: ResourceEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (seconds === 0) return host.prompt.secret(question, signal);
  const late = new AbortController();
  const cancel = host.clock.after(seconds * 1000, () => late.abort());
  try {
    return await host.prompt.secret(question, AbortSignal.any([signal, late.signal]));
  } catch (reason) {
    if (late.signal.aborted && !signal.aborted) return undefined;
    throw reason;
  } finally {
    cancel();
  }
}
