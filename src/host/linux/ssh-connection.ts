// SPDX-License-Identifier: Apache-2.0
// What is done on a connection over SSH: commands, and tunnels in both directions. How it came about is not known here.

import { createServer, connect, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import type { Failure } from "../../contract/failure.ts";
import type { Outcome } from "../../contract/host.ts";
import type { SshCommand, SshConnection, TunnelTarget } from "../../contract/ssh.ts";
import { Tail } from "../output.ts";
import { portTaken } from "../ssh/failures.ts";
import { failureFrom } from "./failures.ts";

const defaultKeepBytes = 1024 * 1024;
/** So long a connection has to end in order before it is cut. */
const endWithinMs = 2000;

export function connectionOn(
  client: Client,
  socket: Socket,
  place: { readonly host: string; readonly port: number },
  broken: (why: string) => Failure,
): SshConnection {
  const over = new AbortController();
  const closed = Promise.withResolvers<void>();
  const targets = new Map<string, TunnelTarget>();
  const streams = new Set<Duplex>();
  const servers = new Set<Server>();
  let why = "it ended";
  client.removeAllListeners("error").removeAllListeners("close");
  client.on("error", (reason) => {
    why = /Keepalive/.test(reason.message) ? "nothing was heard for 45 s" : reason.message;
    over.abort(broken(why));
  });
  client.on("close", () => {
    for (const server of servers) server.close();
    for (const stream of streams) stream.destroy();
    if (!over.signal.aborted) over.abort(broken(why));
    closed.resolve();
  });
  client.on("tcp connection", ({ destIP, destPort }, accept, reject) => {
    const target = targets.get(`${destIP}:${destPort}`);
    if (target === undefined) return reject();
    const there = connect("socketPath" in target ? { path: target.socketPath } : { ...target, noDelay: true });
    there.once("connect", () => join(accept(), there, streams));
    there.once("error", () => reject());
  });
  const isOver = (): never => {
    throw over.signal.reason;
  };

  return {
    over: over.signal,

    run(command, signal) {
      signal.throwIfAborted();
      return over.signal.aborted ? isOver() : run(client, command, over.signal, signal);
    },

    async offer(address, target, signal) {
      signal.throwIfAborted();
      if (over.signal.aborted) isOver();
      const listening = Promise.withResolvers<number>();
      const { host, port } = address;
      client.forwardIn(host, port, (reason, given) => {
        if (reason === undefined || reason === null) listening.resolve(given);
        else listening.reject(over.signal.aborted ? (over.signal.reason as Error) : portTaken(place, address));
      });
      const given = await untilStopped(listening.promise, signal);
      targets.set(`${host}:${given}`, target);
      return given;
    },

    async reach(socketPath, { host, port }, signal) {
      signal.throwIfAborted();
      if (over.signal.aborted) isOver();
      const server = createServer((here) => {
        here.on("error", () => here.destroy());
        if (over.signal.aborted) return here.destroy();
        client.forwardOut("127.0.0.1", 0, host, port, (reason, there) => {
          if (reason === undefined || reason === null) join(there, here, streams);
          else here.destroy();
        });
      });
      servers.add(server);
      const listening = Promise.withResolvers<void>();
      server.once("error", (reason) => listening.reject(failureFrom(reason, { doing: "listen on", path: socketPath })));
      server.listen(socketPath, listening.resolve);
      await untilStopped(listening.promise, signal);
    },

    async close() {
      if (!over.signal.aborted) over.abort(new DOMException("the connection was closed", "AbortError"));
      const cut = setTimeout(() => socket.destroy(), endWithinMs);
      client.end();
      if (socket.destroyed) closed.resolve();
      await closed.promise;
      clearTimeout(cut);
    },
  };
}

function run(client: Client, command: SshCommand, over: AbortSignal, signal: AbortSignal): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const keep = command.keepBytes ?? defaultKeepBytes;
  const tails = { stdout: new Tail(keep), stderr: new Tail(keep), output: new Tail(2 * keep) };
  let status: number | undefined;
  let endedBy: string | undefined;
  let isEnded = false;
  const take = (stream: "stdout" | "stderr", bytes: Uint8Array): void => {
    tails[stream].add(bytes);
    tails.output.add(bytes);
    command.onOutput?.(stream, bytes);
  };
  client.exec(command.line, (refusal, channel) => {
    if (refusal !== undefined && refusal !== null) return reject(over.aborted ? (over.reason as Error) : refusal);
    const giveUp = (): void => {
      channel.signal("TERM");
      channel.close();
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    channel.on("data", (bytes: Buffer) => take("stdout", bytes));
    channel.stderr.on("data", (bytes: Buffer) => take("stderr", bytes));
    channel.on("exit", (code: number | null, name?: string) => {
      isEnded = true;
      status = code ?? undefined;
      endedBy = name;
    });
    channel.on("error", () => {}); // The end tells.
    channel.on("close", () => {
      signal.removeEventListener("abort", giveUp);
      if (signal.aborted) return reject(signal.reason as Error);
      if (!isEnded && over.aborted) return reject(over.reason as Error);
      const [stdout, stderr, output] = [tails.stdout.bytes(), tails.stderr.bytes(), tails.output.bytes()];
      resolve({ status, endedBy: isEnded ? endedBy : "SIGHUP", stdout, stderr, output });
    });
    if (signal.aborted) return giveUp();
    feed(channel, command.input).catch((reason: unknown) => {
      signal.removeEventListener("abort", giveUp);
      channel.close();
      reject(reason);
    });
  });
  return promise;
}

/** Whoever does not read any more gets no more: how the command has ended tells. */
async function feed(channel: ClientChannel, input: SshCommand["input"]): Promise<void> {
  let goOn = (): void => {};
  const wake = (): void => goOn();
  channel.on("drain", wake).on("close", wake);
  for await (const piece of input ?? []) {
    if (!channel.writable) return;
    // It may wait for the other side longer than the piece is ours.
    if (channel.write(Buffer.from(piece))) continue;
    await new Promise<void>((resolve) => {
      goOn = resolve;
      if (!channel.writable) resolve();
    });
  }
  channel.end();
}

function join(there: Duplex, here: Duplex, streams: Set<Duplex>): void {
  for (const [one, other] of [
    [there, here],
    [here, there],
  ] as const) {
    streams.add(one);
    one.pipe(other);
    one.on("error", () => one.destroy());
    one.on("close", () => {
      streams.delete(one);
      other.destroy();
    });
  }
}

async function untilStopped<Result>(event: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([event, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
