// SPDX-License-Identifier: Apache-2.0
// A web server with its members, as programs declare them, on a machine in memory with strangers who ask.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cameTrue, proves, shows } from "../../test/proofs.ts";
import { problemsOf } from "../../test/resource.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { memoryHost } from "../host/memory/index.ts";
import { httpServerFile } from "../resources/http/file.ts";
import { httpServerFlag } from "../resources/http/flag.ts";
import { httpServer } from "../resources/http/server.ts";
import { httpServerUiInput } from "../resources/http/ui-input.ts";
import { httpServerUi } from "../resources/http/ui.ts";
import { Trial } from "./trial.test-support.ts";

const form = { "content-type": "application/x-www-form-urlencoded" };

function asking(trial: Trial) {
  const { strangers } = trial.host.outside;
  return async (target: string, { method = "GET", headers = {}, body = "" } = {}): Promise<readonly unknown[]> => {
    const asked = strangers.ask(8080, { target, method, headers, body: bytesOf(body) });
    await trial.host.clock.settle();
    const answered = await asked;
    return answered === undefined ? ["nobody"] : [answered.status, textOf(answered.body), answered.headers];
  };
}

const statusOf = (answer: readonly unknown[]): unknown => answer[0];

test("a server serves texts, files, directories and its root, and nothing else", async () => {
  const trial = await Trial.start(`
file "/srv/" { state => "exists", }
file "/srv/a" { state => "exists", content => "from the root\\n", }
file "/pool/" { state => "exists", }
file "/pool/b.txt" { state => "exists", content => "from the pool\\n", }
file "/etc/motd" { state => "exists", content => "hello\\n", }
http:server ":8080" { root => "/srv/", }
http:server:file "/text" { data => "a text\\n", }
http:server:file "/motd" { path => "/etc/motd", }
http:server:file "/pool/" { path => "/pool/", }
`);
  const ask = asking(trial);
  trial.host.outside.link("/srv/out", "/etc/motd");
  trial.host.outside.link("/srv/in", "a");
  assert.deepEqual((await ask("/text")).slice(0, 2), [200, "a text\n"]);
  assert.deepEqual((await ask("/motd")).slice(0, 2), [200, "hello\n"]);
  assert.deepEqual((await ask("/pool/b.txt")).slice(0, 2), [200, "from the pool\n"]);
  assert.deepEqual((await ask("/a")).slice(0, 2), [200, "from the root\n"]);
  assert.deepEqual((await ask("//a")).slice(0, 2), [200, "from the root\n"]);
  assert.deepEqual((await ask("/in")).slice(0, 2), [200, "from the root\n"]);
  const refused = [
    "/out",
    "/b",
    "/pool/",
    "/pool/missing",
    "/pool/../srv/a",
    "/%2e%2e/etc/motd",
    "/pool",
    "//pool//missing",
  ];
  for (const target of refused) assert.ok([400, 404].includes(Number(statusOf(await ask(target)))), target);
  assert.deepEqual((await ask("/text", { method: "POST" })).slice(0, 1), [405]);
  assert.deepEqual((await ask("/text", { method: "HEAD" })).slice(0, 2), [200, ""]);
  await trial.stop();
  assert.deepEqual(await ask("/text"), ["nobody"]);
});

test("parts, conditions and types are those of HTTP", async () => {
  const trial = await Trial.start(`
http:server ":8080" {}
http:server:file "/page.html" { data => "<html>0123456789</html>", }
`);
  const ask = asking(trial);
  const [, , headers] = await ask("/page.html");
  const { "last-modified": modified = "", "content-type": type } = headers as Record<string, string>;
  assert.equal(type, "text/html; charset=utf-8");
  assert.deepEqual((await ask("/page.html", { headers: { range: "bytes=6-9" } })).slice(0, 2), [206, "0123"]);
  assert.equal(statusOf(await ask("/page.html", { headers: { range: "bytes=99-" } })), 416);
  assert.equal(statusOf(await ask("/page.html", { headers: { "if-modified-since": modified } })), 304);
  const [status, body] = await ask("/page.html", { headers: { range: "bytes=0-1, -2" } });
  assert.equal(status, 206);
  assert.match(
    String(body),
    /content-range: bytes 0-1\/23\r\n\r\n<h\r\n--[^]*content-range: bytes 21-22\/23\r\n\r\nl>\r\n--/,
  );
  await trial.stop();
});

test("a text that changes is served at once, and those who wait for it get it, without a new start", async () => {
  const program = (text: string, more = ""): string => `
http:server ":8080" {}
http:server:file "/text" { data => "${text}", longpoll => true, }
${more}`;
  const trial = await Trial.start(program("one"));
  const ask = asking(trial);
  const [, , headers] = await ask("/text");
  const { "last-modified": modified = "" } = headers as Record<string, string>;
  const waiting = trial.host.outside.strangers.ask(8080, {
    target: "/text",
    headers: { "if-modified-since": modified },
  });
  await trial.host.clock.settle();
  trial.news();
  await trial.edit(program("three", `http:server:file "/more" { data => "more", }\n`));
  assert.deepEqual(trial.news(), ["http:server:file[/text] ~ serve 5 other bytes at /text"]);
  const answered = await waiting;
  assert.deepEqual([answered?.status, textOf(answered?.body ?? new Uint8Array())], [200, "three"]);
  assert.deepEqual((await ask("/more")).slice(0, 2), [200, "more"]);
  await trial.stop();
});

test("who waits is told to come back when the server goes", async () => {
  const trial = await Trial.start(`
http:server ":8080" {}
http:server:file "/text" { data => "one", longpoll => true, }
`);
  const [, , headers] = await asking(trial)("/text");
  const { "last-modified": modified = "" } = headers as Record<string, string>;
  const waiting = trial.host.outside.strangers.ask(8080, {
    target: "/text",
    headers: { "if-modified-since": modified },
  });
  await trial.host.clock.settle();
  await trial.stop();
  assert.deepEqual([(await waiting)?.status, (await waiting)?.headers["retry-after"]], [503, "1"]);
});

test("what is posted goes to every flag of the path, and on to those who receive it", async () => {
  const trial = await Trial.start(`
http:server ":8080" {}
http:server:flag "state" { path => "/done", key => "state", }
http:server:flag "who" { path => "/done", key => "who", }
file "/state" { state => "exists", }
file "/who" { state => "exists", }
Http:Server:Flag["state"].value -> File["/state"].content
Http:Server:Flag["who"].value -> File["/who"].content
`);
  const ask = asking(trial);
  const { outside } = trial.host;
  assert.equal(outside.read("/state"), "");
  const posted = { method: "POST", headers: form, body: "state=ready&who=host+one" };
  assert.deepEqual((await ask("/done", posted)).slice(0, 2), [200, "taken\n"]);
  assert.deepEqual([outside.read("/state"), outside.read("/who")], ["ready", "host one"]);
  await ask("/done?state=again", { method: "POST" });
  assert.deepEqual([outside.read("/state"), outside.read("/who")], ["again", ""]);
  assert.equal(statusOf(await ask("/done")), 404);
  const large = { method: "POST", headers: form, body: `state=${"x".repeat(5 * 1024 * 1024)}` };
  assert.equal(statusOf(await ask("/done", large)), 413);
  assert.equal(outside.read("/state"), "again");
  await trial.stop();
});

test("what has no server to be a part of says so", async () => {
  const trial = await Trial.start(`http:server:file "/text" { data => "a", }
http:server ":8080" {}
http:server:flag "/f" { server => "other", }
`);
  const failed = trial.events.flatMap((event) => (event.type === "failed" ? [event.failure.message] : []));
  assert.deepEqual(failed, [
    'there is no `http:server` with the name "other" in the program that it could be a part of',
  ]);
  await trial.stop();
});

test("a port that somebody else has is told, and taken as soon as it is free", async () => {
  const host = memoryHost();
  host.outside.strangers.occupy(8080);
  const trial = await Trial.start(`http:server ":8080" {}\n`, host);
  const failed = trial.events.flatMap((event) => (event.type === "failed" ? [event.failure.message] : []));
  assert.deepEqual(failed, ["cannot listen on :8080 (TCP): another program does"]);
  await trial.stop();
});

const page = `
http:server ":8080" {}
http:server:ui "/ui/" { data => struct{title => "Some <form>", head => ""}, }
http:server:ui:input "count" { type => "range://?min=0&max=5&step=1", value => "3", sort => "b", }
http:server:ui:input "name" { store => "local://?key=who", sort => "a", }
file "/count" { state => "exists", }
file "/name" { state => "exists", }
Http:Server:Ui:Input["count"].value -> File["/count"].content
Http:Server:Ui:Input["name"].value -> File["/name"].content
`;

test("a form shows its elements, takes what is entered, and sends it on", async () => {
  const trial = await Trial.start(page);
  const ask = asking(trial);
  const { outside } = trial.host;
  const body = async (target: string): Promise<unknown> => JSON.parse(String((await ask(target))[1]));
  assert.equal(statusOf(await ask("/ui/")), 301);
  assert.match(String((await ask("/ui/index.html"))[1]), /<h1>Some &lt;form&gt;<\/h1>/);
  const elements = (await body("/ui/list/")) as readonly { readonly id: string }[];
  assert.deepEqual(
    elements.map(({ id }) => id),
    ["name", "count"],
  );
  assert.deepEqual(await body("/ui/list/count"), { value: "3" });
  assert.deepEqual([outside.read("/count"), outside.read("/name")], ["3", ""]);
  const enter = async (id: string, value: string) =>
    (await ask("/ui/save/", { method: "POST", headers: form, body: `id=${id}&value=${value}` })).slice(0, 2);
  assert.equal((await enter("count", "5"))[0], 200);
  assert.equal((await enter("name", "some+host"))[0], 200);
  assert.deepEqual([outside.read("/count"), outside.read("/name")], ["5", "some host"]);
  assert.deepEqual(await enter("count", "6"), [400, '{"error":"6 is more than 5"}\n']);
  assert.deepEqual(await enter("missing", "6"), [400, '{"error":"there is no element missing"}\n']);
  assert.equal(statusOf(await ask("/ui/list/missing")), 404);
  assert.equal(outside.read("/count"), "5");
  await trial.stop();
});

test("a page that waits for a value hears of it, whoever has changed it", async () => {
  const trial = await Trial.start(`${page}
value "who" { any => "first", }
Value["who"] -> Http:Server[":8080"]
`);
  const { strangers } = trial.host.outside;
  const wait = (target: string) => strangers.ask(8080, { target });
  assert.equal(trial.host.outside.read("/name"), "first");
  const waiting = [wait("/ui/watch/name?value=first"), wait("/ui/watch/count?value=3")];
  await trial.host.clock.settle();
  await trial.edit(`${page.replace('"3"', '"4"')}
value "who" { any => "second", }
Value["who"] -> Http:Server[":8080"]
`);
  const heard = (await Promise.all(waiting)).map((answered) => textOf(answered?.body ?? new Uint8Array()));
  assert.deepEqual(heard, ['{"value":"second"}\n', '{"value":"4"}\n']);
  assert.deepEqual([trial.host.outside.read("/count"), trial.host.outside.read("/name")], ["4", "second"]);
  await trial.stop();
});

interface Site {
  readonly hasRoot: boolean;
  readonly text: string | undefined;
  readonly disk: boolean;
  readonly flag: boolean;
  readonly input: string | undefined;
}

/** Most of them have most parts. */
const mostly = fc.integer({ min: 0, max: 9 }).map((number) => number > 0);
const site: fc.Arbitrary<Site> = fc.record({
  hasRoot: fc.boolean(),
  text: fc.option(fc.constantFrom("", "one", "two"), { nil: undefined }),
  disk: mostly,
  flag: mostly,
  input: fc.option(fc.constantFrom("1", "2"), { nil: undefined, freq: 9 }),
});

const sourceOf = ({ hasRoot, text, disk, flag, input }: Site): string =>
  [
    `http:server ":8080" { ${hasRoot ? 'root => "/srv/",' : ""} }`,
    ...(text === undefined ? [] : [`http:server:file "/text" { data => "${text}", }`]),
    ...(disk ? ['http:server:file "/motd" { path => "/etc/motd", }'] : []),
    ...(flag
      ? [
          'http:server:flag "/done" { key => "state", }',
          'file "/state" { state => "exists", }',
          'Http:Server:Flag["/done"].value -> File["/state"].content',
        ]
      : []),
    ...(input === undefined
      ? []
      : [
          'http:server:ui "/ui/" {}',
          `http:server:ui:input "count" { value => "${input}", }`,
          'file "/count" { state => "exists", }',
          'Http:Server:Ui:Input["count"].value -> File["/count"].content',
        ]),
    "",
  ].join("\n");

test("whatever was served, posted and entered before, what is declared now is served, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(
      site,
      fc.constantFrom(undefined, "in the root"),
      fc.boolean(),
      site,
      async (before, inRoot, isOneRun, after) => {
        const host = memoryHost();
        host.outside.makeDirectory("/srv");
        host.outside.write("/etc/motd", "hello");
        if (inRoot !== undefined) host.outside.write("/srv/text", inRoot);
        let trial = await Trial.start(sourceOf(before), host);
        await asking(trial)("/done", { method: "POST", headers: form, body: "state=former" });
        await asking(trial)("/ui/save/", { method: "POST", headers: form, body: "id=count&value=7" });
        if (isOneRun) await trial.edit(sourceOf(after));
        else {
          await trial.stop();
          trial = await Trial.start(sourceOf(after), host);
        }
        const ask = asking(trial);
        const text = after.text ?? (after.hasRoot ? inRoot : undefined);
        assert.deepEqual(
          (await ask("/text")).slice(0, text === undefined ? 1 : 2),
          text === undefined ? [404] : [200, text],
        );
        assert.equal(statusOf(await ask("/motd")), after.disk ? 200 : 404);
        const posted = await ask("/done", { method: "POST", headers: form, body: "state=now" });
        assert.equal(statusOf(posted) === 200, after.flag);
        if (after.flag) assert.equal(host.outside.read("/state"), "now");
        assert.equal(statusOf(await ask("/ui/index.html")), after.input === undefined ? 404 : 200);
        if (after.input !== undefined) {
          await ask("/ui/save/", { method: "POST", headers: form, body: "id=count&value=9" });
          assert.equal(host.outside.read("/count"), "9");
        }
        trial.news();
        // One more part makes the server look at all the others again.
        await trial.edit(`${sourceOf(after)}http:server:flag "/more" {}\n`);
        assert.deepEqual(trial.news(), []);
        await trial.stop();
        cameTrue("http:server", host);
        const parts = {
          "http:server:file": after.text !== undefined || after.disk,
          "http:server:flag": after.flag,
          "http:server:ui": after.input !== undefined,
          "http:server:ui:input": after.input !== undefined,
        };
        for (const [kind, isThere] of Object.entries(parts)) {
          if (!isThere) continue;
          cameTrue(kind, host);
          shows(kind, "twice");
        }
        shows("http:server", "twice");
        if (after.flag) shows("http:server:flag", "outside change");
        if (after.input !== undefined) shows("http:server:ui:input", "outside change");
      },
    ),
    { numRuns: 380 },
  );
});

test("mistakes are found before anything is touched", () => {
  assert.equal(problemsOf(httpServer, "8080", {}).length, 1);
  assert.equal(problemsOf(httpServerFile, "text", { path: "a", data: "b" }).length, 3);
  assert.equal(problemsOf(httpServerFlag, "done", {}).length, 1);
  assert.equal(problemsOf(httpServerUi, "ui", {}).length, 1);
  assert.deepEqual(problemsOf(httpServerUiInput, "", {}), ["an element of a form needs an `id`"]);
});

proves("http:server", "twice", "bad values", "random starts");
proves("http:server:file", "twice", "bad values", "random starts");
proves("http:server:flag", "twice", "outside change", "bad values", "random starts");
proves("http:server:ui", "twice", "bad values", "random starts");
proves("http:server:ui:input", "twice", "outside change", "bad values", "random starts");
