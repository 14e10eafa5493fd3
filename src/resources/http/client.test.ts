// SPDX-License-Identifier: Apache-2.0
// Downloads from servers that are functions of the machine in memory.

import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { type DrivenResource, drive, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import type { ServedAnswer, ServedRequest } from "../../host/memory/http.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { bytesOf } from "../../values/bytes.ts";
import { httpClient } from "./client.ts";

const url = "http://server/file";
const file = "/var/file";
const never = new AbortController().signal;

/** A server with one file of many versions. What it was asked is noted. */
class FileServer {
  readonly asked: ServedRequest[] = [];
  content = "one";
  etag: string | undefined = '"1"';
  lastModified: string | undefined;
  /** Answers in the place of the file, first to last. */
  readonly answers: (ServedAnswer | Error)[] = [];

  become(content: string): void {
    this.content = content;
    this.etag = `"${hash("sha256", content).slice(0, 6)}"`;
  }

  readonly serve = (request: ServedRequest): ServedAnswer => {
    this.asked.push(request);
    const answer = this.answers.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? this.usual(request);
  };

  usual({ headers, method }: ServedRequest): ServedAnswer {
    const version = {
      ...(this.etag === undefined ? {} : { ETag: this.etag }),
      ...(this.lastModified === undefined ? {} : { "Last-Modified": this.lastModified }),
    };
    const known = headers.get("if-none-match");
    const since = headers.get("if-modified-since");
    if (known !== undefined ? known === this.etag : since !== undefined && since === this.lastModified) {
      return { status: 304, headers: version };
    }
    const range = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "")?.[1];
    if (range !== undefined && headers.get("if-range") === this.etag) {
      if (Number(range) >= this.content.length) return { status: 416 };
      const part = this.content.slice(Number(range));
      const place = `bytes ${range}-${this.content.length - 1}/${this.content.length}`;
      return { status: 206, headers: { ...version, "Content-Range": place }, body: part };
    }
    return { status: 200, headers: version, body: method === "HEAD" ? "" : this.content };
  }
}

interface Machine {
  readonly host: MemoryHost;
  readonly server: FileServer;
  readonly client: (fields?: AnyWant, signal?: AbortSignal) => DrivenResource;
}

function machine(): Machine {
  const host = memoryHost();
  const server = new FileServer();
  host.outside.serve("http://server", server.serve);
  return {
    host,
    server,
    client: (fields = {}, signal) =>
      drive(httpClient, file, { url, ...fields }, host, signal === undefined ? {} : { signal }),
  };
}

test("a file is downloaded, sent on, and not downloaded again", async () => {
  const { host, server, client } = machine();
  const resource = client();
  assert.deepEqual(resource.check(), []);
  assert.deepEqual(await resource.settle(), ["+ download http://server/file"]);
  assert.equal(host.outside.read(file), "one");
  assert.deepEqual(resource.sent, [{ content: "one" }]);
  assert.deepEqual(await resource.plan(), []);
  assert.equal(server.asked.at(-1)?.headers.get("if-none-match"), '"1"');
  assert.deepEqual(resource.env.local.responses.get(file), { status: 200, path: file });
  assert.equal((await host.files.inspect(file, never))?.mode, 0o644);
});

test("a new version takes the place of the old one, and what somebody changed is put right", async () => {
  const { host, server, client } = machine();
  const resource = client();
  await resource.settle();
  server.become("version two");
  assert.deepEqual(await resource.settle(), ["~ put 11 downloaded bytes in place (was 3)"]);
  assert.deepEqual(await resource.plan(), []);
  host.outside.write(file, "VERSION TWO");
  assert.deepEqual(await resource.settle(), ["~ download http://server/file"]);
  assert.equal(host.outside.read(file), "version two");
  host.outside.remove(file);
  assert.deepEqual(await resource.settle(), ["+ download http://server/file"]);
  assert.deepEqual(await resource.plan(), []);
  assert.deepEqual(
    resource.sent.map(({ content }) => content),
    ["one", "version two", "version two", "version two"],
  );
});

test("a file that was there before counts by its time, unless that is not wanted", async () => {
  const { host, server, client } = machine();
  server.etag = undefined;
  server.lastModified = "Sun, 06 Nov 1994 08:49:37 GMT";
  host.outside.write(file, "older");
  host.outside.setModified(file, 784_111_777_000);
  assert.deepEqual(await client().plan(), []);
  assert.equal(server.asked[0]?.headers.get("if-modified-since"), server.lastModified);
  assert.deepEqual(await client({ mtime_check: false }).settle(), ["~ put 3 downloaded bytes in place (was 5)"]);
  assert.equal((await host.files.inspect(file, never))?.modifiedNs, 784_111_777_000_000_000n);
});

test("a checksum that is right is worth more than asking; a wrong one never gets near the file", async () => {
  const { host, server, client } = machine();
  const right = hash("sha256", "one");
  await client({ sha256: right }).settle();
  server.asked.length = 0;
  assert.deepEqual(await client({ sha256: right }).plan(), []);
  assert.equal(server.asked.length, 0);
  const wrong = client({ sha256: hash("sha256", "another") });
  await assert.rejects(wrong.settle(), {
    code: "conflict",
    message: `what was downloaded has the SHA-256 ${right}, not ${hash("sha256", "another")}`,
  });
  assert.equal(host.outside.read(file), "one");
  const refreshed = client({ sha256: right });
  assert.deepEqual((await refreshed.plan({ refresh: true })).map(renderStep), ["~ download http://server/file"]);
});

test("a download that breaks off is continued where it was, if it is still the same version", async () => {
  const { host, server, client } = machine();
  server.become("0123456789".repeat(500));
  const broken = (bytes: number): ServedAnswer => ({
    status: 200,
    headers: { ETag: server.etag ?? "" },
    body: (async function* () {
      yield bytesOf(server.content.slice(0, bytes));
      throw new Error("broken off");
    })(),
  });
  server.answers.push(broken(1_234));
  const resource = client();
  await assert.rejects(resource.settle(), { code: "unreachable" });
  assert.equal(host.outside.exists(file), false);
  assert.deepEqual(await resource.settle(), ["+ download http://server/file"]);
  assert.equal(server.asked.at(-1)?.headers.get("range"), "bytes=1234-");
  assert.equal(host.outside.read(file), server.content);
  host.outside.remove(file);
  server.answers.push(broken(1_000));
  await assert.rejects(resource.settle());
  server.become("something shorter");
  await resource.settle();
  assert.equal(host.outside.read(file), "something shorter");
  // All of it was there already, and the server says that there is no more.
  host.outside.remove(file);
  server.answers.push(broken(17));
  await assert.rejects(resource.settle());
  await resource.settle();
  assert.equal(host.outside.read(file), "something shorter");
  assert.deepEqual(await host.files.list("/var/lib/mgmt/test", never), ["placed.json"]);
});

test("redirects are followed, a password goes only to its own server", async () => {
  const { host, server } = machine();
  const seen: (string | undefined)[] = [];
  host.outside.serve("http://front", ({ path, headers }) => {
    seen.push(headers.get("authorization"));
    const there = path === "/start" ? "/next" : url;
    return { status: 302, headers: { Location: there } };
  });
  await drive(httpClient, file, { url: "http://me:secret@front/start" }, host).settle();
  assert.equal(host.outside.read(file), "one");
  assert.deepEqual(seen, [`Basic ${btoa("me:secret")}`, `Basic ${btoa("me:secret")}`]);
  assert.equal(server.asked.at(-1)?.headers.get("authorization"), undefined);
  host.outside.serve("http://loop", () => ({ status: 301, headers: { Location: "http://loop/" } }));
  await assert.rejects(drive(httpClient, "/var/x", { url: "http://loop/" }, host).settle(), {
    message: /more than 10 times/,
  });
});

test("an answer that is none is a failure with its status, and the file stays", async () => {
  const { host, server, client } = machine();
  const resource = client();
  await resource.settle();
  const rejects = async (answer: ServedAnswer | Error, expected: object, status: number) => {
    server.answers.push(answer);
    await assert.rejects(resource.settle(), expected);
    assert.equal(resource.env.local.responses.get(file)?.status, status);
    assert.equal(host.outside.read(file), "one");
  };
  await rejects({ status: 404 }, { code: "not-found", message: "the server answers GET with status 404" }, 404);
  await rejects({ status: 403 }, { code: "denied" }, 403);
  await rejects({ status: 500 }, { code: "unreachable", retry: "backoff" }, 500);
  await rejects({ status: 503, headers: { "Retry-After": "7" } }, { code: "busy", retry: { afterMs: 7_000 } }, 503);
  await rejects(new Error("gone"), { code: "unreachable" }, -1);
  await resource.plan();
  assert.equal(resource.env.local.responses.get(file)?.status, -1);
  host.outside.makeDirectory("/var/directory");
  await assert.rejects(drive(httpClient, "x", { url, file: "/var/directory" }, host).settle(), { code: "conflict" });
});

test("without a place for it the content is only sent", async () => {
  const { host } = machine();
  const resource = drive(httpClient, "motd", { url }, host);
  await resource.settle();
  assert.deepEqual(resource.sent, [{ content: "one" }]);
  assert.equal(host.outside.read("/var/lib/mgmt/test/dst"), "one");
});

test("a request that may change something there is only made when it is carried out", async () => {
  const { host, server } = machine();
  const stop = new AbortController();
  const fields = { url, method: "POST", body: "a=1" };
  const resource = drive(httpClient, file, fields, host, { signal: stop.signal });
  assert.deepEqual((await resource.plan()).map(renderStep), ["! ask with POST http://server/file"]);
  assert.equal(server.asked.length, 0);
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  assert.equal(server.asked.length, 1);
  assert.equal(new TextDecoder().decode(server.asked[0]?.body), "a=1");
  assert.equal(host.outside.read(file), "one");
  assert.deepEqual(await resource.plan(), []);
  assert.deepEqual(await resource.plan({ refresh: true }), [{ mark: "!", text: "ask with POST http://server/file" }]);
  assert.equal(server.asked.length, 1);
  stop.abort();
});

test("without a poll the server is asked once, and the file is watched", async () => {
  const { host, server, client } = machine();
  const stop = new AbortController();
  const resource = client({}, stop.signal);
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  await watch.next();
  const before = server.asked.length;
  for (const _ of [1, 2, 3]) assert.deepEqual(await resource.plan(), []);
  assert.equal(server.asked.length, before);
  host.outside.write(file, "spoilt");
  await watch.next();
  await resource.settle();
  assert.equal(host.outside.read(file), "one");
  stop.abort();
});

/** Holds conditional requests until the file becomes another one, as a server with long polls does. */
class PollServer extends FileServer {
  wake: () => void = () => {};

  override become(content: string): void {
    super.become(content);
    this.wake();
  }

  readonly servePoll = async (request: ServedRequest): Promise<ServedAnswer> => {
    this.asked.push(request);
    const next = this.answers.shift();
    if (next instanceof Error) throw next;
    if (next !== undefined) return next;
    if (request.path === "/file" && request.headers.has("if-none-match") && !request.headers.has("prefer")) {
      return { status: 307, headers: { Location: "/wait" } };
    }
    const waits = request.path === "/wait" || request.headers.has("prefer");
    if (waits && request.headers.get("if-none-match") === this.etag) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        request.signal.addEventListener("abort", () => resolve());
      });
    }
    return this.usual(request);
  };
}

for (const mode of ["longpoll_redirect", "longpoll_conditional"] as const) {
  test(`a long poll (${mode}) brings each version when it comes`, async () => {
    const host = memoryHost();
    const server = new PollServer();
    host.outside.serve(
      "http://server",
      mode === "longpoll_redirect"
        ? server.servePoll
        : (request) => {
            if (request.headers.has("if-none-match") && !request.headers.has("prefer")) return server.serve(request);
            return server.servePoll(request);
          },
    );
    const stop = new AbortController();
    const resource = drive(httpClient, file, { url, longpoll: true, [mode]: true }, host, { signal: stop.signal });
    const watch = resource.watch();
    await watch.next();
    assert.deepEqual(await resource.settle(), ["+ put 3 downloaded bytes in place"]);
    for (const content of ["second", "third one"]) {
      assert.deepEqual(await resource.plan(), []);
      for (let turn = 0; turn < 20; turn += 1) await host.clock.settle();
      server.become(content);
      await untilPlanned(resource, watch);
      assert.equal((await resource.settle()).length, 1);
      assert.equal(host.outside.read(file), content);
    }
    assert.ok(
      server.asked.some(({ path, headers }) =>
        mode === "longpoll_redirect" ? path === "/wait" : headers.get("prefer") === "wait=60",
      ),
    );
    host.outside.write(file, "spoilt");
    await untilPlanned(resource, watch);
    assert.deepEqual(await resource.settle(), ["~ download http://server/file"]);
    assert.equal(host.outside.read(file), "third one");
    stop.abort();
  });
}

/** Events may come more often than there is something to do. */
async function untilPlanned(resource: DrivenResource, watch: AsyncIterator<void>): Promise<void> {
  while ((await resource.plan()).length === 0) await watch.next();
}

test("a long poll waits as long as the server says, and then for a moment more; else its end is a failure", async () => {
  const host = memoryHost();
  const server = new PollServer();
  host.outside.serve("http://server", server.servePoll);
  const stop = new AbortController();
  server.answers.push({ status: 503, headers: { "Retry-After": "30" } }, new Error("down"), new Error("still down"));
  const fields = { url, longpoll: true, longpoll_redirect: true };
  const resource = drive(httpClient, file, fields, host, { signal: stop.signal });
  const watch = resource.watch();
  const armed = watch.next();
  for (const ms of [29_000, 1_500, 1_500, 2_500]) {
    for (let turn = 0; turn < 20; turn += 1) await host.clock.settle();
    await host.clock.advance(ms);
  }
  await armed;
  await resource.settle();
  assert.equal(host.outside.read(file), "one");
  const failed = (async () => {
    for (;;) await watch.next();
  })();
  const rejected = assert.rejects(failed, { code: "unreachable" });
  host.outside.serve("http://server", undefined);
  for (let turn = 0; turn < 20; turn += 1) await host.clock.settle();
  server.become("two");
  for (let turn = 0; turn < 50; turn += 1) await host.clock.settle();
  await resource.settle();
  // The moment more is over.
  for (let turn = 0; turn < 10; turn += 1) await host.clock.advance(10_000);
  await rejected;
  stop.abort();
});

test("mistakes are found before anything is touched", () => {
  const titles = (name: string, fields: AnyWant) => problemsOf(httpClient, name, fields);
  assert.deepEqual(titles("x", { url, longpoll: true, longpoll_redirect: true }), []);
  assert.deepEqual(titles("x", {}), ["there is no `url` to ask"]);
  assert.deepEqual(titles("x", { url: "ftp://x/" }), ['"ftp://x/" is no URL with http or https and a host']);
  assert.deepEqual(titles("x", { url, file: "y" }), ['`file` must be the absolute path of a file, not "y"']);
  assert.deepEqual(titles("x", { url, method: "get" }), ['"get" is no method']);
  assert.deepEqual(titles("x", { url, sha256: "AB" }), ['"AB" is no SHA-256']);
  assert.deepEqual(titles("x", { url, longpoll: true }), [
    "`longpoll` needs exactly one of `longpoll_redirect` and `longpoll_conditional`",
  ]);
  assert.deepEqual(titles("x", { url, longpoll_redirect: true }), ["`longpoll_redirect` needs `longpoll => true`"]);
});

test("whatever is at the place and whatever the server does, one pass settles it or leaves what was there", async () => {
  const start = fc.constantFrom("nothing", "same", "other", "link", "placed");
  const answer = fc.constantFrom("usual", "404", "broken", "redirect");
  await fc.assert(
    fc.asyncProperty(start, answer, fc.boolean(), fc.boolean(), async (begin, how, hasEtag, checked) => {
      const { host, server, client } = machine();
      if (!hasEtag) server.etag = undefined;
      if (begin === "placed") await client().settle();
      if (begin === "same") host.outside.write(file, "two");
      if (begin === "other") host.outside.write(file, "other");
      if (begin === "link") host.outside.link(file, "/var/elsewhere");
      server.content = "two";
      if (hasEtag) server.etag = '"2"';
      const before = host.outside.read(file);
      const answers: Readonly<Record<string, ServedAnswer | Error>> = {
        404: { status: 404 },
        broken: new Error("broken"),
        redirect: { status: 302, headers: { Location: "http://server/other" } },
      };
      const first = answers[how];
      if (first !== undefined) server.answers.push(first);
      const resource = client(checked ? { sha256: hash("sha256", "two") } : {});
      try {
        await resource.settle();
      } catch {
        assert.equal(host.outside.read(file), before);
        await resource.settle();
      }
      assert.equal(host.outside.read(file), "two");
      assert.deepEqual(await resource.plan(), []);
    }),
    { numRuns: 300 },
  );
});

proves("http:client", "twice", "outside change", "bad values", "random starts");

const asks = "it says how the server is asked";

eachField("http:client", {
  machine: () => ({ ...machine(), polled: new PollServer() }),
  name: file,
  fields: { url },
  changes: {
    file: [
      { outside: ({ host }) => host.outside.remove(file), repair: ["+ download http://server/file"] },
      { outside: ({ host }) => host.outside.write(file, "spoilt"), repair: ["~ download http://server/file"] },
    ],
    sha256: {
      fields: { sha256: hash("sha256", "one") },
      outside: ({ host }) => host.outside.write(file, "two"),
      repair: ["~ download http://server/file"],
    },
    longpoll: {
      fields: { longpoll: true, longpoll_redirect: true },
      before: ({ host, polled }) => host.outside.serve("http://server", polled.servePoll),
      outside: async ({ host, polled }) => {
        for (let turn = 0; turn < 20; turn += 1) await host.clock.settle();
        polled.become("second");
      },
      repair: ["~ put 6 downloaded bytes in place (was 3)"],
    },
  },
  parameters: {
    url: "a server tells of nothing by itself, so a program must poll it, or wait with `longpoll`",
    ...{ method: asks, body: asks, mtime_check: asks, longpoll_redirect: asks, longpoll_conditional: asks },
  },
});
