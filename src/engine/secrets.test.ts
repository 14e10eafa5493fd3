// SPDX-License-Identifier: Apache-2.0
// What a kind declares secret, and what comes of it, is shown nowhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent } from "../contract/event.ts";
import { Failure } from "../contract/failure.ts";
import { field } from "../contract/field.ts";
import { defineResource, type StepText } from "../contract/resource.ts";
import { MapValue, StructValue } from "../values/value.ts";
import type { Part } from "./part.ts";
import { isSecretSend, Secrets, shownValues } from "./secrets.ts";

const kind = defineResource({
  kind: "vault",
  summary: "Holds a secret.",
  fields: { token: field.str({ doc: "Secret.", secret: true }), text: field.str({ doc: "Not." }) },
  traits: { sends: { key: { kind: "str" }, id: { kind: "str" } }, secretSends: ["key"] },
  observe: async () => undefined,
  plan: () => [],
  explain: () => ({ mark: "~", text: "" }),
  apply: async () => {},
  async *watch() {},
});

/** As much of a part as is looked at. */
function part(want: Record<string, string>, secrets: readonly string[] = []): Part {
  const sent = new Map([
    ["key", "sent-secret"],
    ["id", "7"],
  ]);
  return { vertex: { kind, want }, inputs: undefined, secrets: new Set(secrets), sent } as unknown as Part;
}

function step(text: string, content?: StepText["content"]): StepText {
  return { mark: "~", text, ...(content === undefined ? {} : { content }) };
}

test("a secret field is in no text of its resource, however short, and nothing tells what was there", () => {
  const secrets = new Secrets();
  const holder = part({ token: "ab", text: "" });
  const shown = secrets.step(step('set "ab" (was "ac")', { before: "ac", after: "ab" }), [holder]);
  assert.deepEqual(shown, step('set "<secret>" (was <secret>)'));
  assert.deepEqual(secrets.step(step("write 2 bytes (was 3)"), [holder]), step("write 2 bytes (was 3)"));
});

test("a field that was received from a secret is one too", () => {
  const secrets = new Secrets();
  const holder = part({ token: "", text: "a received one" }, ["text"]);
  const content = { before: "what was received before", after: "a received one" };
  assert.deepEqual(secrets.step(step("write a received one", content), [holder]), step("write <secret>"));
  assert.equal(isSecretSend(holder, "id"), true, "whatever it sends may come of it");
  assert.deepEqual(shownValues(holder), { key: "<secret>", id: "<secret>" });
});

test("what is known to be secret is in no event of any resource", () => {
  const secrets = new Secrets();
  secrets.keepFieldsOf(part({ token: "hidden-token", text: "plain-text" }));
  secrets.keep([
    new MapValue([["a", "in-a-map"]]),
    new StructValue(["a"], ["in-a-struct"]),
    new Map([["a", "as-text"]]),
  ]);
  secrets.keep('a "quoted" one\nwith two lines');
  const events: EngineEvent[] = [];
  const emit = secrets.listener((event) => events.push(event));
  const say = (line: string) => emit({ type: "said", resource: "a[b]", stream: "stdout", line });
  say("hidden-token plain-text in-a-map in-a-struct as-text");
  say('a \\"quoted\\" one\\nwith two lines');
  say("with two lines");
  const failure = new Failure("no hidden-token", { code: "denied", hint: "see hidden-token", cause: "hidden-token" });
  const at = { file: { path: "", text: "" }, start: 0, end: 0 };
  emit({ type: "failed", resource: "a[b]", failure, at, retryInMs: undefined, repeated: false });
  emit({ type: "mistake", of: "a[b]", message: "hidden-token" });
  const lines = events.map((event) => ("line" in event ? event.line : "message" in event ? event.message : ""));
  assert.deepEqual(lines, ["<secret> plain-text <secret> <secret> <secret>", "<secret>", "<secret>", "", "<secret>"]);
  const told = events.flatMap((event) => (event.type === "failed" ? [event.failure] : []))[0];
  assert.deepEqual(
    [told?.message, told?.hint, told?.cause, told?.code],
    ["no <secret>", "see <secret>", undefined, "denied"],
  );
  const untouched = part({ token: "", text: "" });
  const content = { before: "x", after: "token=hidden-token" };
  assert.deepEqual(secrets.step(step("write", content), [untouched]).content, { before: "x", after: "token=<secret>" });
  assert.deepEqual(shownValues(untouched), { key: "<secret>", id: "7" });
});
