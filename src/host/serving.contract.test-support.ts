// SPDX-License-Identifier: Apache-2.0
// What every host must do that lets others ask it something: HTTP and datagrams.

import assert from "node:assert/strict";
import { it } from "node:test";
import type { Host } from "../contract/host.ts";
import type { IncomingRequest, SocketAddress } from "../contract/serving.ts";
import { bytesOf, textOf } from "../values/bytes.ts";

/** A host, and a stranger on its network. */
export interface ServingBench {
  readonly host: Host;
  readonly ask: (port: number, question: Asked) => Promise<Heard | undefined>;
  /** Sends a datagram and gives the first one that comes back. */
  readonly exchange: (port: number, text: string) => Promise<string>;
  /** Connects and says these pieces; then it goes, or stays until the result is called. Undefined when nobody listens there. */
  readonly tell: (port: number, pieces: readonly string[], stay?: "stay") => Promise<(() => void) | undefined>;
}

interface Asked {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const here = "127.0.0.1";
const listen = { host: here, port: 0, shutdownMs: 0 } as const;
const streams = { host: here, mostConnections: 2, silentMs: 60_000 } as const;

export function servingContract(make: () => ServingBench): void {
  const served = (
    title: string,
    task: (bench: ServingBench, signal: AbortSignal, end: () => void) => Promise<void>,
  ) => {
    it(title, { timeout: 20_000 }, async () => {
      const end = new AbortController();
      try {
        await task(make(), end.signal, () => end.abort());
      } finally {
        end.abort();
      }
    });
  };

  served("a request is told as it was asked, and gets the answer that was given", async ({ host, ask }, signal) => {
    const seen: IncomingRequest[] = [];
    const answer = async (request: IncomingRequest) => {
      seen.push(request);
      const body = textOf(await request.body(100));
      return { status: 201, headers: { "X-Made": "yes" }, body: bytesOf(`got ${body}`) };
    };
    const { port } = await host.serving.http(listen, answer, signal);
    const answered = await ask(port, {
      method: "POST",
      target: "/a%20b?c",
      headers: { "X-Some": "Thing" },
      body: "hello",
    });
    assert.equal(answered?.status, 201);
    assert.equal(answered.headers["x-made"], "yes");
    assert.equal(answered.body, "got hello");
    const [request] = seen;
    assert.deepEqual([request?.method, request?.target, request?.headers.get("x-some")], ["POST", "/a%20b?c", "Thing"]);
  });

  served("a body comes in pieces, and not at all after HEAD", async ({ host, ask }, signal) => {
    let released = 0;
    async function* pieces() {
      try {
        yield bytesOf("one ");
        yield bytesOf("two");
      } finally {
        released += 1;
      }
    }
    const answer = async () => ({ status: 200, headers: { "content-length": "7" }, body: pieces() });
    const { port } = await host.serving.http(listen, answer, signal);
    assert.equal((await ask(port, { target: "/" }))?.body, "one two");
    const head = await ask(port, { method: "HEAD", target: "/" });
    assert.deepEqual([head?.body, head?.headers["content-length"]], ["", "7"]);
    assert.equal(released, 1); // A generator that never began has nothing to let go.
  });

  served("a body that is too large, and an answer that goes wrong, are told", async ({ host, ask }, signal) => {
    const errors: unknown[] = [];
    const options = { ...listen, onError: (reason: unknown) => errors.push(reason) };
    const { port } = await host.serving.http(
      options,
      async (request) => ({ status: 200, body: await request.body(3) }),
      signal,
    );
    assert.equal((await ask(port, { method: "POST", target: "/", body: "1234" }))?.status, 500);
    assert.match(String(errors[0]), /the body of a request has more than 3 bytes/);
    assert.equal((await ask(port, { method: "POST", target: "/", body: "123" }))?.body, "123");
  });

  served("two cannot listen in one place, and a place is free again after the end", async ({ host, ask }, signal) => {
    const end = new AbortController();
    const answer = async () => ({ status: 204 });
    const first = await host.serving.http(listen, answer, end.signal);
    const again = { ...listen, port: first.port };
    await assert.rejects(
      host.serving.http(again, answer, signal),
      (reason: { readonly code?: string; readonly hint?: string }) => {
        assert.equal(reason.code, "busy");
        assert.match(reason.hint ?? "", /ss -ltnp/);
        return true;
      },
    );
    end.abort();
    await first.closed;
    assert.equal(await ask(first.port, { target: "/" }), undefined);
    await host.serving.http(again, answer, signal);
    assert.equal((await ask(first.port, { target: "/" }))?.status, 204);
  });

  served("an answer under way is cut off by the end", async ({ host, ask }, signal, end) => {
    const begun = Promise.withResolvers<void>();
    const answer = async (request: IncomingRequest) => {
      begun.resolve();
      await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
      return { status: 503 };
    };
    const { port, closed } = await host.serving.http(listen, answer, signal);
    const asked = ask(port, { target: "/" }).catch(() => undefined);
    await begun.promise;
    end();
    await closed;
    await Promise.race([asked, closed]);
  });

  served("datagrams come with who sent them, and go back there", async ({ host, exchange }, signal) => {
    const socket = await host.serving.datagrams(
      { host: here, port: 0 },
      (bytes: Uint8Array, from: SocketAddress) => socket.send(bytesOf(`${textOf(bytes)} too`), from),
      signal,
    );
    assert.equal(await exchange(socket.port, "hello"), "hello too");
    await assert.rejects(
      host.serving.datagrams({ host: here, port: socket.port }, () => {}, signal),
      { code: "busy" },
    );
    socket.close();
    await socket.closed;
    socket.send(bytesOf("too late"), { host: here, port: 9 });
  });

  served("bytes go out in pieces, and what is short goes as it is", async ({ host, exchange }, signal) => {
    const socket = await host.serving.datagrams(
      { host: here, port: 0 },
      (bytes: Uint8Array, from: SocketAddress) => socket.sendPieces(bytesOf(`${textOf(bytes)} too`), 7, from),
      signal,
    );
    assert.equal(await exchange(socket.port, "hello"), "hello t");
    assert.equal(await exchange(socket.port, "me"), "me too");
    socket.close();
    await socket.closed;
    socket.sendPieces(bytesOf("too late"), 3, { host: here, port: 9 });
  });

  served("what a stream says is heard in its order, with who says it, and its end", async ({ host, tell }, signal) => {
    const heard: string[] = [];
    const ended = Promise.withResolvers<void>();
    const options = { ...streams, port: 0 };
    const { port } = await host.serving.streams(
      options,
      (from) => {
        assert.match(from.host, /^\d+(?:\.\d+){3}$/);
        return { receive: (bytes) => heard.push(textOf(bytes)), end: ended.resolve };
      },
      signal,
    );
    await assert.rejects(
      host.serving.streams({ ...streams, port }, () => ({ receive: () => {}, end: () => {} }), signal),
      { code: "busy" },
    );
    await tell(port, ["one ", "two"]);
    await ended.promise;
    assert.equal(heard.join(""), "one two");
  });

  served(
    "one stream too many ends one that is silent, and the signal ends all",
    async ({ host, tell }, signal, end) => {
      const heard = new Set<string>();
      const ends = new Set<string>();
      const hear = () => {
        let name = "";
        return {
          receive: (bytes: Uint8Array) => {
            name += textOf(bytes);
            heard.add(name);
          },
          end: () => ends.add(name),
        };
      };
      const until = async (isSo: () => boolean): Promise<void> => {
        while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
      };
      const { port, closed } = await host.serving.streams({ ...streams, port: 0 }, hear, signal);
      // When the third comes, both others have spoken since they came; when the fourth does, both were silent.
      for (const name of ["first", "second", "third", "fourth"]) {
        assert.ok(await tell(port, [name], "stay"));
        if (name !== "third") await until(() => heard.has(name));
      }
      await until(() => ends.has("first"));
      assert.ok(!ends.has("second") && !ends.has("fourth"));
      end();
      await closed;
      await until(() => ["second", "fourth"].every((name) => ends.has(name)));
      assert.equal(await tell(port, ["late"]), undefined);
    },
  );
}
