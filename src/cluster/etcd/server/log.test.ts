// SPDX-License-Identifier: Apache-2.0
// Lines of etcd, as sentences and as reasons.

import assert from "node:assert/strict";
import { test } from "node:test";
import { endFailure, sentenceOf } from "./log.ts";

test("a line of etcd is a sentence with its facts", () => {
  assert.equal(
    sentenceOf(
      '{"level":"warn","ts":"2026-01-01T00:00:00Z","caller":"x.go:1","msg":"slow","error":"late","took":"2s","n":3}',
    ),
    "warn: slow; late; took=2s; n=3",
  );
  assert.equal(sentenceOf("panic: what"), "panic: what");
  assert.equal(sentenceOf(""), undefined);
  assert.equal(sentenceOf('{"level":"warn","msg":"simple token is not cryptographically signed"}'), undefined);
});

test("its last words tell why it ended", () => {
  const check = (lines: readonly string[], expected: RegExp): void =>
    assert.match(endFailure(lines, "/x", "status 1").message, expected);
  const fatal = (error: string): string => JSON.stringify({ level: "fatal", msg: "discovery failed", error });
  check(
    [fatal("listen tcp 127.0.0.1:2380: bind: address already in use"), ""],
    /listen on 127.0.0.1:2380: somebody else/,
  );
  check([fatal("listen tcp 192.0.2.1:2380: bind: cannot assign requested address")], /cannot listen there/);
  check([fatal("walpb: crc mismatch")], /is damaged: walpb: crc mismatch/);
  check(["panic: write: no space left on device"], /disk of \/x is full/);
  check([JSON.stringify({ level: "warn", msg: "the member has been permanently removed from the cluster" })], /does not belong/); // biome-ignore format: one line
  check([JSON.stringify({ level: "warn", msg: "something else" })], /^etcd has ended \(status 1\)\.$/);
  check(["flag provided but not defined: -x"], /^etcd has ended \(status 1\): flag provided but not defined: -x\.$/);
});
