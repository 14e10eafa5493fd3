// SPDX-License-Identifier: Apache-2.0
// SSH by the library ssh2, which is loaded with the first connection. Its own check of host keys is ours, its messages are not shown.

import { connect as connectSocket, type Socket } from "node:net";
import type { AnyAuthMethod, AuthenticationType, Client, NextAuthHandler, ServerHostKeyAlgorithm } from "ssh2";
import { Failure } from "../../contract/failure.ts";
import type { Clock } from "../../contract/host.ts";
import type { Ssh, SshConnection, SshPlace } from "../../contract/ssh.ts";
import { type Credential, credentialsFor, labelOf } from "../ssh/credentials.ts";
import { badKeyFile, brokenOff, nobodyThere, notLetIn, tooSlow } from "../ssh/failures.ts";
import { type HostJudge, judgeOf, type SshWorld } from "../ssh/judge.ts";
import { errorName } from "./failures.ts";
import { connectionOn } from "./ssh-connection.ts";

type Library = typeof import("ssh2");

/** For the network and the other side, without the time in which a person is asked. */
const withinMs = 15_000;
/** A connection of which nothing is heard for three of these is lost. */
const lifeSignMs = 15_000;

const whys: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "there is no machine of that name",
  EAI_AGAIN: "its name cannot be looked up now",
  ECONNRESET: "it ended the connection",
  EPIPE: "it ended the connection",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
};

export function linuxSsh(world: SshWorld & { readonly clock: Clock }): Ssh {
  return {
    async connect(place, signal) {
      signal.throwIfAborted();
      const judge = await judgeOf(place, world, signal);
      const library = (await import("ssh2")) as Library & { readonly default?: Library };
      return new Connecting(place, world, judge, library.default ?? library, signal).done;
    },
  };
}

/** One attempt to connect, with all that must be cleared away when it fails. */
class Connecting {
  readonly done: Promise<SshConnection>;
  readonly #place: SshPlace;
  readonly #clock: Clock;
  readonly #judge: HostJudge;
  readonly #library: Library;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #credentials: AsyncGenerator<Credential, void, undefined>;
  readonly #tried: string[] = [];
  readonly #ready = Promise.withResolvers<void>();
  #cancelLimit = (): void => {};

  constructor(
    place: SshPlace,
    world: SshWorld & { readonly clock: Clock },
    judge: HostJudge,
    library: Library,
    signal: AbortSignal,
  ) {
    this.#place = place;
    this.#clock = world.clock;
    this.#judge = judge;
    this.#library = library;
    this.#client = new library.Client();
    this.#socket = connectSocket({ host: place.host, port: place.port, noDelay: true });
    const over = new AbortController();
    const isWaiting = (waits: boolean): void => (waits ? this.#cancelLimit() : this.#limit());
    this.#credentials = credentialsFor(place, world, isWaiting, AbortSignal.any([signal, over.signal]));
    this.done = this.#connect(signal).finally(() => over.abort());
  }

  async #connect(signal: AbortSignal): Promise<SshConnection> {
    const stop = (): void => this.#ready.reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    const { promise, reject } = this.#ready;
    this.#limit();
    this.#socket.once("error", (reason) =>
      reject(nobodyThere(this.#place, whys[errorName(reason) ?? ""] ?? reason.message, reason)),
    );
    this.#socket.once("connect", () => this.#begin());
    try {
      await promise;
      return connectionOn(this.#client, this.#socket, this.#place, (why) => brokenOff(this.#place, why));
    } catch (reason) {
      this.#client.on("error", () => {});
      this.#socket.on("error", () => {});
      this.#socket.destroy();
      throw reason;
    } finally {
      this.#cancelLimit();
      signal.removeEventListener("abort", stop);
    }
  }

  #limit(): void {
    this.#cancelLimit();
    this.#cancelLimit = this.#clock.after(withinMs, () => this.#ready.reject(tooSlow(this.#place, withinMs)));
  }

  #begin(): void {
    const { resolve, reject } = this.#ready;
    const place = this.#place;
    this.#client.on("ready", resolve);
    this.#client.on("error", (reason) => reject(this.#failureFrom(reason)));
    this.#client.on("close", () => reject(this.#tried.length > 0 ? notLetIn(place, this.#tried) : nobodyThere(place, "it ended the connection"))); // biome-ignore format: one line
    this.#client.connect({
      sock: this.#socket,
      username: place.user,
      readyTimeout: 0,
      keepaliveInterval: lifeSignMs,
      keepaliveCountMax: 3,
      algorithms: { serverHostKey: this.#hostKeyTypes() },
      hostVerifier: (key: Buffer) => {
        const refusal = this.#judge.refusal(key.toString("base64"));
        if (refusal !== undefined) reject(refusal);
        return refusal === undefined;
      },
      authHandler: (methods: AuthenticationType[] | null, _partial: boolean | null, next: NextAuthHandler) => {
        // False, of which its types do not know, means that there is nothing more to try.
        const nothing = false as never;
        this.#nextAuth(methods).then(
          (auth) => next(auth ?? nothing),
          (reason: unknown) => {
            reject(reason);
            next(nothing);
          },
        );
      },
    });
  }

  /** Undefined asks who may come in how, without showing anything. */
  async #nextAuth(methods: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | undefined> {
    const username = this.#place.user;
    if (methods === null) return { type: "none", username };
    for (;;) {
      const { value: credential } = await this.#credentials.next();
      if (credential === undefined) return undefined;
      const auth = this.#authWith(credential, methods);
      if (auth === undefined) continue;
      this.#tried.push(labelOf(credential));
      return auth;
    }
  }

  /** Undefined when the other side does not take such. */
  #authWith(credential: Credential, methods: readonly AuthenticationType[]): AnyAuthMethod | undefined {
    const username = this.#place.user;
    switch (credential.kind) {
      case "key": {
        if (!methods.includes("publickey")) return undefined;
        const { path, content } = credential.file;
        const key = this.#library.utils.parseKey(Buffer.from(content));
        if (!(key instanceof Error)) return { type: "publickey", username, key: Buffer.from(content) };
        if (this.#place.keyFile === undefined) return undefined;
        throw badKeyFile(
          path,
          /passphrase/.test(key.message) ? "it has a passphrase" : "it is in no form that is known",
        );
      }
      case "agent":
        return methods.includes("publickey") ? { type: "agent", username, agent: credential.socketPath } : undefined;
      case "password": {
        const { password } = credential;
        if (methods.includes("password")) return { type: "password", username, password };
        if (!methods.includes("keyboard-interactive")) return undefined;
        return {
          type: "keyboard-interactive",
          username,
          prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
        };
      }
    }
  }

  /** Those by which it is known in front, so that a host which has several shows one that can be compared. */
  #hostKeyTypes(): ServerHostKeyAlgorithm[] {
    const known = this.#judge.types.flatMap((type) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type]));
    return [
      ...new Set([...known.filter((type) => hostKeyTypes.includes(type)), ...hostKeyTypes]),
    ] as ServerHostKeyAlgorithm[];
  }

  #failureFrom(reason: Error & { readonly level?: string }): Failure {
    const place = this.#place;
    if (reason instanceof Failure) return reason;
    const isRefused = reason.level === "client-authentication" || /authentication/i.test(reason.message);
    if (isRefused) return notLetIn(place, this.#tried);
    const why = whys[errorName(reason) ?? ""];
    if (reason.level === "client-socket" && why !== undefined) return nobodyThere(place, why, reason);
    if (/handshake|Connection lost|identification/i.test(reason.message))
      return nobodyThere(place, "what answers there is no SSH", reason);
    return nobodyThere(place, reason.message, reason);
  }
}

const hostKeyTypes = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256"]; // biome-ignore format: one line
