// SPDX-License-Identifier: Apache-2.0
// What a web server takes and hands out for tokens, as programs declare it, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { statePath } from "../engine/state-directory.ts";
import { memoryHost } from "../host/memory/index.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { Trial } from "./trial.test-support.ts";

const form = { "content-type": "application/x-www-form-urlencoded" };
const [first, second, other] = ["first-0123456789abcdef", "second-0123456789abcdef", "other-0123456789abcdef"];

function asking(trial: Trial) {
  const { strangers } = trial.host.outside;
  return async (target: string, { method = "GET", headers = {}, body = "" } = {}): Promise<string> => {
    const asked = strangers.ask(8080, { target, method, headers, body: bytesOf(body) });
    await trial.host.clock.settle();
    const answered = await asked;
    return answered === undefined ? "nobody" : `${answered.status} ${textOf(answered.body)}`.trim();
  };
}

const flags = (token: string, more = ""): string => `
http:server ":8080" {}
http:server:flag "a" { path => "/done", key => "state", token => "${token}", ${more} }
http:server:flag "b" { path => "/done", key => "state", token => "${second}", }
file "/a" { state => "exists", }
file "/b" { state => "exists", }
Http:Server:Flag["a"].value -> File["/a"].content
Http:Server:Flag["b"].value -> File["/b"].content
`;

test("a token is good once, for the flags that have it alone, and what it told outlives a restart", async () => {
  const host = memoryHost();
  const trial = await Trial.start(flags(first), host);
  const post = (text: string, headers: Readonly<Record<string, string>> = {}) =>
    asking(trial)("/done", { method: "POST", headers: { ...form, ...headers }, body: text });
  assert.equal(await post("state=stolen"), "401 a token is needed here");
  assert.equal(await post(`state=stolen&token=${other}`), "403 this token is not good here");
  assert.equal(await post(`state=stolen&token=${first.slice(0, -1)}`), "403 this token is not good here");
  assert.equal(await post(`state=ready&token=${first}`), "200 taken");
  assert.deepEqual([host.outside.read("/a"), host.outside.read("/b")], ["ready", ""]);
  assert.equal(await post(`state=replayed&token=${first}`), "403 this token was used already");
  assert.equal(await post("state=too", { authorization: `Bearer ${second}` }), "200 taken");
  assert.deepEqual([host.outside.read("/a"), host.outside.read("/b")], ["ready", "too"]);
  await trial.stop();
  host.outside.write("/a", "lost");
  const again = await Trial.start(flags(first), host);
  const replay = await asking(again)(`/done?token=${first}`, { method: "POST" });
  assert.equal(replay, "403 this token was used already");
  assert.equal(host.outside.read("/a"), "ready");
  await again.stop();
});

test("another token begins anew, and `uses` says how often one is good", async () => {
  const host = memoryHost();
  const trial = await Trial.start(flags(first), host);
  const post = (token: string, text: string) =>
    asking(trial)("/done", { method: "POST", headers: form, body: `state=${text}&token=${token}` });
  assert.equal(await post(first, "one"), "200 taken");
  await trial.edit(flags(other, "uses => 2,"));
  assert.equal(await post(first, "old"), "403 this token is not good here");
  assert.equal(await post(other, "two"), "200 taken");
  assert.equal(await post(other, "three"), "200 taken");
  assert.equal(await post(other, "four"), "403 this token was used already");
  assert.equal(host.outside.read("/a"), "three");
  await trial.edit(flags(first, "uses => 0,"));
  for (const text of ["five", "six", "seven"]) assert.equal(await post(first, text), "200 taken");
  assert.equal(host.outside.read("/a"), "seven");
  await trial.stop();
});

test("of many who show a token at the same time one is let in", async () => {
  const trial = await Trial.start(flags(first));
  const { strangers } = trial.host.outside;
  const body = bytesOf(`state=x&token=${first}`);
  const all = Array.from({ length: 20 }, () =>
    strangers.ask(8080, { target: "/done", method: "POST", headers: form, body }),
  );
  await trial.host.clock.settle();
  const statuses = (await Promise.all(all)).map((answer) => answer?.status);
  assert.equal(statuses.filter((status) => status === 200).length, 1);
  assert.equal(statuses.filter((status) => status === 403).length, 19);
  await trial.stop();
});

test("a file with a token is handed out as often as it says; asking about it uses nothing", async () => {
  const text = (uses: number): string => `
http:server ":8080" {}
http:server:file "/preseed" { data => "secret answers", token => "${first}", uses => ${uses}, }
`;
  const trial = await Trial.start(text(1));
  const ask = asking(trial);
  assert.equal(await ask("/preseed"), "401 a token is needed here");
  assert.equal(await ask(`/preseed?token=${other}`), "403 this token is not good here");
  assert.equal(await ask(`/preseed?token=${first}`, { method: "HEAD" }), "200");
  assert.equal(await ask(`/preseed?token=${first}`), "200 secret answers");
  assert.equal(await ask(`/preseed?token=${first}`), "403 this token was used already");
  await trial.edit(text(0));
  for (let times = 0; times < 3; times += 1) assert.equal(await ask(`/preseed?token=${first}`), "200 secret answers");
  await trial.stop();
});

test("a token is shown nowhere, and is not on the disk", async () => {
  const host = memoryHost();
  const trial = await Trial.start(flags(first), host);
  await asking(trial)("/done", { method: "POST", headers: form, body: `state=x&token=${first}` });
  // The places in the program are not a text that anybody is shown.
  const shown = JSON.stringify(trial.events, (key, value: unknown) => (key === "at" ? "" : value));
  assert.match(shown, /http:server:flag/);
  assert.doesNotMatch(shown, /first-0123/);
  const kept = host.outside.read(`${statePath("/state/engine/state", "http:server:flag", "a")}/token.json`);
  assert.match(kept ?? "", /"used":1/);
  assert.doesNotMatch(kept ?? "", /first/);
  await trial.stop();
});
