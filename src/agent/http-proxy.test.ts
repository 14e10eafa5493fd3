// SPDX-License-Identifier: Apache-2.0
// A caching proxy, as programs declare it, on a machine in memory with a mirror that does what it likes.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cameTrue, proves } from "../../test/proofs.ts";
import { problemsOf } from "../../test/resource.ts";
import { memoryHost, type MemoryHost } from "../host/memory/index.ts";
import type { ServedAnswer, ServedRequest } from "../host/memory/http.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { httpServerProxy } from "../resources/http/proxy.ts";
import { Trial } from "./trial.test-support.ts";

const origin = "http://mirror.example";
const program = (more = ""): string => `
http:server ":8080" {}
http:server:proxy "/debian/" { sub => "/debian/", head => "${origin}/debian/", cache => "/cache/", ${more} }
`;

/** Status, text, and where it came from. */
type Got = readonly [number | string, string, string];

class Bench {
  readonly trial: Trial;
  /** What the mirror was asked since the last look, with what it was told of versions and parts. */
  readonly #asked: string[];
  /** What the mirror does from now on. */
  readonly #mirror: { answer: (request: ServedRequest) => ServedAnswer | Promise<ServedAnswer> };

  private constructor(trial: Trial, asked: string[], mirror: { answer: () => ServedAnswer }) {
    this.trial = trial;
    this.#asked = asked;
    this.#mirror = mirror;
  }

  static async start(text = program(), host = memoryHost()): Promise<Bench> {
    const asked: string[] = [];
    const mirror: { answer: (request: ServedRequest) => ServedAnswer | Promise<ServedAnswer> } = {
      answer: () => ({ status: 404 }),
    };
    host.outside.serve(origin, (request) => {
      const told = ["range", "if-range", "if-none-match", "if-modified-since"].flatMap((name) => {
        const value = request.headers.get(name);
        return value === undefined ? [] : [`${name} ${value}`];
      });
      asked.push([request.method, request.path, ...told].join(" "));
      return mirror.answer(request);
    });
    const bench = new Bench(await Trial.start(text, host), asked, mirror as { answer: () => ServedAnswer });
    bench.trial.news();
    return bench;
  }

  get host(): MemoryHost {
    return this.trial.host;
  }

  mirror(answer: ServedAnswer | ((request: ServedRequest) => ServedAnswer | Promise<ServedAnswer>)): void {
    this.#mirror.answer = typeof answer === "function" ? answer : () => answer;
  }

  mirrorIsGone(): void {
    this.mirror(() => {
      throw new Error("the mirror is gone");
    });
  }

  asked(): readonly string[] {
    return this.#asked.splice(0);
  }

  /** Not waited for. */
  ask(target: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Got> {
    return this.host.outside.strangers.ask(8080, { target, headers, method }).then(
      (answer) => [answer?.status ?? 0, textOf(answer?.body ?? new Uint8Array()), answer?.headers["x-cache"] ?? "-"],
      (reason: unknown) => ["broken off", reason instanceof Error ? reason.message : "?", "-"],
    );
  }

  async get(target: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Got> {
    const answer = this.ask(target, headers, method);
    await this.host.clock.settle();
    return answer;
  }

  read(path: string): string | undefined {
    return this.host.outside.read(path);
  }
}

const pool = "/debian/pool/main/a/a_1_all.deb";
const index = "/debian/dists/stable/InRelease";
const modified = "Sun, 06 Nov 1994 08:49:37 GMT";
const later = "Mon, 07 Nov 1994 08:49:37 GMT";

function content(text: string, headers: Readonly<Record<string, string>> = {}): ServedAnswer {
  return { status: 200, headers: { "content-length": String(text.length), ...headers }, body: text };
}

/** Some bytes, and then nothing more before `rest` is called. */
function slow(first: string, rest: string, headers: Readonly<Record<string, string>> = {}) {
  const gate = Promise.withResolvers<void>();
  const answer = (): ServedAnswer => ({
    status: 200,
    headers: { "content-length": String(first.length + rest.length), ...headers },
    body: (async function* () {
      yield bytesOf(first);
      await gate.promise;
      yield bytesOf(rest);
    })(),
  });
  return { answer, goOn: gate.resolve, breakOff: () => gate.reject(new Error("it breaks off")) };
}

test("a package is fetched once, kept under its name, and served from then on without the mirror", async () => {
  const bench = await Bench.start();
  bench.mirror(content("a package", { "last-modified": modified, "content-type": "application/x-debian" }));
  assert.deepEqual(await bench.get(pool), [200, "a package", "miss"]);
  assert.equal(bench.read("/cache/pool/main/a/a_1_all.deb"), "a package");
  bench.mirrorIsGone();
  assert.deepEqual(await bench.get(pool), [200, "a package", "hit"]);
  assert.deepEqual(await bench.get(pool, { range: "bytes=2-3" }), [206, "pa", "hit"]);
  assert.deepEqual(await bench.get(pool, { "if-modified-since": modified }), [304, "", "hit"]);
  assert.deepEqual(await bench.get(pool, {}, "HEAD"), [200, "", "hit"]);
  assert.deepEqual(bench.asked(), [`GET ${pool}`]);
  await bench.trial.stop();
  const again = await Bench.start(program(), bench.host);
  assert.deepEqual(await again.get(pool), [200, "a package", "hit"]);
  assert.deepEqual(again.asked(), []);
  await again.trial.stop();
});

test("an index file is asked for again when it is old, or a client insists, and only what is new is sent", async () => {
  const bench = await Bench.start();
  bench.mirror(content("one", { etag: '"1"', "last-modified": modified }));
  assert.deepEqual(await bench.get(index), [200, "one", "miss"]);
  await bench.host.clock.advance(59_000);
  assert.deepEqual(await bench.get(index), [200, "one", "hit"]);
  assert.deepEqual(bench.asked(), [`GET ${index}`]);
  await bench.host.clock.advance(1000);
  bench.mirror({ status: 304 });
  assert.deepEqual(await bench.get(index), [200, "one", "checked"]);
  assert.deepEqual(bench.asked(), [`GET ${index} if-none-match "1" if-modified-since ${modified}`]);
  assert.deepEqual(await bench.get(index), [200, "one", "hit"]);
  bench.mirror(content("three", { etag: '"2"', "last-modified": later }));
  assert.deepEqual(await bench.get(index, { "cache-control": "no-cache" }), [200, "three", "miss"]);
  assert.deepEqual(await bench.get(index), [200, "three", "hit"]);
  assert.equal(bench.read("/cache/dists/stable/InRelease"), "three");
  await bench.trial.stop();
});

test("from a mirror that names no versions an old index file is fetched anew", async () => {
  const bench = await Bench.start(program("age => 5,"));
  bench.mirror(content("one"));
  await bench.get(index);
  await bench.host.clock.advance(5000);
  bench.mirror(content("two"));
  assert.deepEqual(await bench.get(index), [200, "two", "miss"]);
  assert.deepEqual(bench.asked(), [`GET ${index}`, `GET ${index}`]);
  await bench.trial.stop();
});

test("many who ask at once get one fetch, follow it as it comes, and hold up nobody", async () => {
  const bench = await Bench.start();
  const large = slow("one ", "two");
  bench.mirror(({ path }) => (path === pool ? large.answer() : content("another")));
  const answers = Array.from({ length: 20 }, () => bench.ask(pool));
  const part = bench.ask(pool, { range: "bytes=0-2" });
  const last = bench.ask(pool, { range: "bytes=-2" });
  await bench.host.clock.settle();
  assert.deepEqual(await part, [206, "one", "miss"]);
  assert.deepEqual(await bench.get("/debian/pool/b.deb"), [200, "another", "miss"]);
  assert.equal(bench.read("/cache/pool/main/a/a_1_all.deb"), undefined);
  large.goOn();
  await bench.host.clock.settle();
  for (const answer of answers) assert.deepEqual(await answer, [200, "one two", "miss"]);
  assert.deepEqual(await last, [206, "wo", "miss"]);
  assert.deepEqual(bench.asked(), [`GET ${pool}`, "GET /debian/pool/b.deb"]);
  await bench.trial.stop();
});

test("what breaks off is an error and no short success, and is gone on with by the next who asks", async () => {
  const bench = await Bench.start();
  // So large that it is answered as it comes.
  const [first, size] = ["one ".repeat(25_000), 100_003];
  const half = slow(first, "two", { etag: '"1"' });
  bench.mirror(half.answer);
  const broken = bench.ask(pool);
  await bench.host.clock.settle();
  bench.mirrorIsGone();
  half.breakOff();
  await bench.host.clock.settle();
  assert.equal((await broken)[0], "broken off");
  assert.equal(bench.read("/cache/pool/main/a/a_1_all.deb"), undefined);
  // It has tried to go on at once, which did not help.
  assert.deepEqual(bench.asked(), [`GET ${pool}`, `GET ${pool} range bytes=100000- if-range "1"`]);
  const rest = { "content-range": `bytes 100000-100002/${size}`, "content-length": "3", etag: '"1"' };
  bench.mirror({ status: 206, headers: rest, body: "two" });
  assert.deepEqual(await bench.get(pool), [200, `${first}two`, "miss"]);
  assert.deepEqual(bench.asked(), [`GET ${pool} range bytes=100000- if-range "1"`]);
  assert.equal(bench.read("/cache/pool/main/a/a_1_all.deb"), `${first}two`);
  await bench.trial.stop();
});

test("a connection that breaks off once is not seen by those who wait", async () => {
  const bench = await Bench.start();
  const half = slow("one ", "two");
  bench.mirror(({ headers }) =>
    headers.has("range") ? { status: 206, headers: { "content-range": "bytes 4-6/7" }, body: "two" } : half.answer(),
  );
  const answer = bench.ask(pool);
  await bench.host.clock.settle();
  half.breakOff();
  await bench.host.clock.settle();
  assert.deepEqual(await answer, [200, "one two", "miss"]);
  await bench.trial.stop();
});

test("a part outlives a restart, and is given up when the mirror has another version", async () => {
  const bench = await Bench.start();
  const half = slow("one ", "two", { etag: '"1"' });
  bench.mirror(half.answer);
  const broken = bench.ask(pool);
  await bench.host.clock.settle();
  await bench.trial.stop();
  await broken;
  const again = await Bench.start(program(), bench.host);
  again.mirror(content("another", { etag: '"2"' }));
  assert.deepEqual(await again.get(pool), [200, "another", "miss"]);
  assert.deepEqual(again.asked(), [`GET ${pool} range bytes=4- if-range "1"`]);
  assert.equal(again.read("/cache/pool/main/a/a_1_all.deb"), "another");
  await again.trial.stop();
});

test("a mirror that cannot go on, or has not what it says, is begun anew", async () => {
  const bench = await Bench.start();
  const half = slow("one ", "two");
  bench.mirror(half.answer);
  const broken = bench.ask(pool);
  await bench.host.clock.settle();
  bench.mirrorIsGone();
  half.breakOff();
  await bench.host.clock.settle();
  await broken;
  bench.asked();
  bench.mirror(({ headers }) => (headers.has("range") ? { status: 416 } : content("one two")));
  assert.deepEqual(await bench.get(pool), [200, "one two", "miss"]);
  assert.deepEqual(bench.asked(), [`GET ${pool} range bytes=4-`, `GET ${pool}`]);
  bench.mirror({ ...content("short"), headers: { "content-length": "100" } });
  assert.equal((await bench.get("/debian/pool/c.deb"))[0], 502);
  assert.equal(bench.read("/cache/pool/c.deb"), undefined);
  await bench.trial.stop();
});

test("without the mirror the cache is served, also what is old, which is told once", async () => {
  const bench = await Bench.start();
  bench.mirror(content("one"));
  await bench.get(index);
  await bench.host.clock.advance(3_600_000);
  bench.mirrorIsGone();
  bench.trial.news();
  assert.deepEqual(await bench.get(index), [200, "one", "stale"]);
  assert.equal((await bench.get("/debian/pool/new.deb"))[0], 502);
  assert.deepEqual(bench.trial.news(), [
    "http:server:proxy[/debian/] says the mirror cannot be had: cannot reach http://mirror.example/debian/dists/stable/InRelease: the connection broke off",
  ]);
  bench.asked();
  await bench.get(index);
  assert.deepEqual(bench.asked(), []); // A mirror that is gone is not waited for each time.
  await bench.host.clock.advance(15_000);
  bench.mirror({ status: 503 });
  assert.deepEqual(await bench.get(index), [200, "one", "stale"]);
  bench.mirror({ status: 404 });
  assert.equal((await bench.get(index))[0], 404);
  await bench.trial.stop();
});

test("what the mirror refuses is refused, and is not kept", async () => {
  const bench = await Bench.start();
  for (const [theirs, ours] of [
    [404, 404],
    [410, 404],
    [403, 403],
    [500, 502],
    [204, 502],
  ] as const) {
    bench.mirror({ status: theirs });
    assert.equal((await bench.get(pool, { "cache-control": "no-cache" }))[0], ours);
  }
  bench.asked();
  bench.mirror({ status: 404 });
  for (let times = 0; times < 3; times += 1) assert.equal((await bench.get("/debian/pool/no.deb"))[0], 404);
  assert.deepEqual(bench.asked(), ["GET /debian/pool/no.deb"]);
  await bench.host.clock.advance(60_000);
  bench.mirrorIsGone();
  assert.equal((await bench.get("/debian/pool/no.deb"))[0], 404);
  bench.mirror(({ path }) =>
    path === pool ? { status: 302, headers: { location: "/elsewhere?x" } } : content("moved"),
  );
  assert.deepEqual(await bench.get(pool), [200, "moved", "miss"]);
  await bench.trial.stop();
});

test("on a full disk everybody is served all the same, which is told, and nothing half is left", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/cache");
  const disk = host.outside.mount("/cache", 1000);
  const bench = await Bench.start(program(), host);
  const large = "0123456789".repeat(200);
  bench.mirror(({ headers }) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.get("range") ?? "")?.[1] ?? 0);
    if (from === 0) return content(large);
    return { status: 206, headers: { "content-range": `bytes ${from}-1999/2000` }, body: large.slice(from) };
  });
  assert.equal((await bench.get(pool))[1], large);
  assert.match(bench.trial.news().join("\n"), /the cache cannot be written: .*\/cache\/.*no space is left/);
  assert.ok(disk.usedBytes < 1000); // What was begun does not hold the little room that there was.
  assert.equal(bench.read("/cache/pool/main/a/a_1_all.deb"), undefined);
  disk.capacityBytes = 100_000;
  assert.equal((await bench.get(pool))[1], large);
  assert.equal(bench.read("/cache/pool/main/a/a_1_all.deb"), large);
  disk.readOnly = true;
  assert.deepEqual(await bench.get(pool), [200, large, "hit"]);
  assert.deepEqual(await bench.get("/debian/pool/b.deb"), [200, large, "pass"]);
  await bench.trial.stop();
});

test("what was not asked for the longest makes room, and what is too large is not kept", async () => {
  const host = memoryHost();
  const bench = await Bench.start(program(`limit => "1KiB",`), host);
  bench.mirror(({ path }) => content("x".repeat(path.endsWith("large.deb") ? 2000 : 400)));
  host.outside.makeDirectory("/cache");
  host.outside.write("/cache/theirs", "y".repeat(5000));
  const kept = () => ["a", "b", "c"].filter((name) => bench.read(`/cache/pool/${name}.deb`) !== undefined).join("");
  await bench.get("/debian/pool/a.deb");
  await host.clock.advance(3_600_000);
  await bench.get("/debian/pool/b.deb");
  await host.clock.advance(3_600_000);
  await bench.get("/debian/pool/a.deb");
  await bench.get("/debian/pool/c.deb");
  assert.equal(kept(), "ac");
  assert.deepEqual((await bench.get("/debian/pool/large.deb")).slice(2), ["pass"]);
  assert.equal(kept(), "ac");
  await bench.trial.stop();
  // What was there before counts as well.
  const again = await Bench.start(program(`limit => "1KiB",`), host);
  again.mirror(content("x".repeat(400)));
  await again.get("/debian/pool/b.deb");
  assert.match(kept(), /^(?:ab|bc)$/);
  assert.equal(again.read("/cache/theirs")?.length, 5000);
  await again.trial.stop();
});

test("nobody gets out of the cache, nor at what is remembered in it", async () => {
  const host = memoryHost();
  host.outside.write("/etc/secret", "secret");
  const bench = await Bench.start(program(), host);
  bench.mirror(content("from the mirror"));
  await bench.get(pool);
  host.outside.link("/cache/pool/out", "/etc");
  host.outside.link("/cache/pool/secret.deb", "/etc/secret");
  bench.asked();
  for (const target of [
    "/debian/../etc/secret",
    "/debian/pool/%2e%2e/%2e%2e/etc/secret",
    "/debian/pool%2f..%2f..%2fetc%2fsecret",
    "/debian//.mgmt-proxy//x.json",
    "/debian/.mgmt-proxy/x.json",
    "/debian/pool/a%00b",
    "/other",
  ]) {
    assert.ok([400, 404].includes(Number((await bench.get(target))[0])), target);
  }
  assert.deepEqual(bench.asked(), []);
  assert.equal((await bench.get("/debian/pool/out/secret"))[1], "from the mirror");
  assert.equal((await bench.get("/debian/pool/secret.deb"))[1], "from the mirror");
  assert.equal(host.outside.read("/etc/secret"), "secret");
  assert.equal((await bench.get(pool, {}, "POST"))[0], 405);
  await bench.trial.stop();
});

test("the head of what is not there, pages of directories and questions are passed on and not kept", async () => {
  const bench = await Bench.start();
  bench.mirror(content("a page", { "content-type": "text/html", etag: '"1"' }));
  assert.deepEqual(await bench.get(pool, {}, "HEAD"), [200, "", "pass"]);
  assert.deepEqual(await bench.get("/debian/pool/", { "if-none-match": '"0"' }), [200, "a page", "pass"]);
  assert.deepEqual(await bench.get("/debian/find?a=b%20c"), [200, "a page", "pass"]);
  assert.deepEqual(bench.asked(), [`HEAD ${pool}`, 'GET /debian/pool/ if-none-match "0"', "GET /debian/find?a=b%20c"]);
  assert.equal(bench.read("/cache/find"), undefined);
  await bench.trial.stop();
});

test("`sub` and `head` make the URL, `path` and `cache` the file; without a mirror there is the cache", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/own");
  host.outside.write("/own/seeded", "put here");
  const bench = await Bench.start(
    `
http:server ":8080" {}
http:server:proxy "/a/b/" { sub => "/a/", head => "${origin}/x/", cache => "/cache/", immutable => ["deep/*.img"], }
http:server:proxy "/exact" { head => "${origin}/", cache => "/cache/", }
http:server:proxy "/none/" { head => "${origin}/", }
http:server:proxy "/own/" { cache => "/own/", }
`,
    host,
  );
  bench.mirror(content("x"));
  await bench.get("/a/b/deep/c%2b%20d.img");
  await host.clock.advance(100_000);
  await bench.get("/a/b/deep/c+%20d.img");
  assert.deepEqual(bench.asked(), ["GET /x/b/deep/c%2B%20d.img"]);
  assert.equal(bench.read("/cache/deep/c+ d.img"), "x");
  assert.deepEqual(await bench.get("/exact"), [200, "x", "miss"]);
  assert.equal(bench.read("/cache/exact"), "x");
  assert.equal((await bench.get("/exactly"))[0], 404);
  assert.deepEqual(await bench.get("/none/y"), [200, "x", "pass"]);
  assert.deepEqual(bench.asked(), ["GET /exact", "GET /none/y"]);
  assert.deepEqual(await bench.get("/own/seeded"), [200, "put here", "hit"]);
  assert.equal((await bench.get("/own/missing"))[0], 404);
  assert.deepEqual(bench.asked(), []);
  await bench.trial.stop();
});

test("a file that others have put into the cache is asked about with its time; one that is damaged is fetched anew", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/cache/dists/stable");
  host.outside.write("/cache/dists/stable/InRelease", "seeded");
  const bench = await Bench.start(program(), host);
  bench.mirror({ status: 304 });
  assert.deepEqual(await bench.get(index), [200, "seeded", "checked"]);
  assert.match(bench.asked()[0] ?? "", /if-modified-since /);
  assert.deepEqual(await bench.get(index), [200, "seeded", "hit"]);
  bench.mirror(content("whole"));
  await bench.get(pool);
  host.outside.write("/cache/pool/main/a/a_1_all.deb", "who");
  assert.deepEqual(await bench.get(pool), [200, "whole", "miss"]);
  await bench.trial.stop();
});

test("an edit of the proxy lets those finish who are being served by the server, and goes on with what was begun", async () => {
  const bench = await Bench.start();
  const half = slow("one ", "two", { etag: '"1"' });
  bench.mirror(half.answer);
  const cut = bench.ask(pool);
  await bench.host.clock.settle();
  await bench.trial.edit(program("age => 5,"));
  bench.mirror({ status: 206, headers: { "content-range": "bytes 4-6/7" }, body: "two" });
  assert.deepEqual(await bench.get(pool), [200, "one two", "miss"]);
  assert.equal((await cut)[0], 502);
  await bench.trial.stop();
});

test("whatever is in the cache, who asks gets what the mirror has, and it is kept", async () => {
  const old = fc.constantFrom("former", "a package", "");
  await fc.assert(
    fc.asyncProperty(
      fc.option(old, { nil: undefined }),
      fc.option(old, { nil: undefined }),
      fc.constantFrom<"one run" | "restart">("one run", "restart"),
      fc.boolean(),
      async (fetched, byOthers, how, knowsVersions) => {
        const host = memoryHost();
        let bench = await Bench.start(program(), host);
        const version = (text: string) => (knowsVersions ? { etag: `"${text}"` } : {});
        if (fetched !== undefined) {
          bench.mirror(content(fetched, version(fetched)));
          await bench.get(index);
        }
        host.outside.makeDirectory("/cache/dists/stable");
        if (byOthers !== undefined) host.outside.write("/cache/dists/stable/InRelease", byOthers);
        if (how === "restart") {
          await bench.trial.stop();
          bench = await Bench.start(program(), host);
        }
        bench.mirror((request) =>
          knowsVersions && request.headers.get("if-none-match") === '"now"'
            ? { status: 304 }
            : content("now", version("now")),
        );
        const insists = { "cache-control": "no-cache" };
        assert.deepEqual((await bench.get(index, insists)).slice(0, 2), [200, "now"]);
        assert.equal(bench.read("/cache/dists/stable/InRelease"), "now");
        bench.mirrorIsGone();
        assert.deepEqual((await bench.get(index)).slice(0, 2), [200, "now"]);
        await bench.trial.stop();
        cameTrue("http:server:proxy", host);
      },
    ),
    { numRuns: 300 },
  );
});

test("mistakes are found before anything is touched", () => {
  assert.deepEqual(problemsOf(httpServerProxy, "/", {}), ["a proxy needs a mirror (`head`) or a `cache`"]);
});

proves("http:server:proxy", "bad values", "random starts");
