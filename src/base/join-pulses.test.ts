// SPDX-License-Identifier: Apache-2.0
// Several watches as one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { joinPulses } from "./join-pulses.ts";
import { Pulses } from "./pulse.ts";

/** A watch whose pulses the test makes; `ended` tells that it was left. */
function source() {
  let pulses: Pulses | undefined;
  const made = {
    ended: false,
    watch: (signal: AbortSignal) => {
      pulses = new Pulses(signal, () => {
        made.ended = true;
      });
      return pulses;
    },
    pulse: () => pulses?.pulse(),
    end: () => pulses?.end(),
    fail: (reason: unknown) => pulses?.fail(reason),
  };
  return made;
}

const soon = async () => {
  for (let count = 0; count < 20; count += 1) await Promise.resolve();
};

test("the first pulse comes when all are armed, then one for each that tells something", async () => {
  const over = new AbortController();
  const sources = [source(), source()] as const;
  const joined = joinPulses(
    over.signal,
    sources.map(({ watch }) => watch),
  );
  let told = 0;
  const reading = (async () => {
    for await (const _ of joined) told += 1;
  })();
  await soon();
  sources[0].pulse();
  await soon();
  sources[0].pulse();
  await soon();
  assert.equal(told, 0, "one is not armed yet");
  sources[1].pulse();
  await soon();
  assert.equal(told, 1);
  sources[0].pulse();
  await soon();
  assert.equal(told, 2);
  over.abort();
  await reading;
  assert.deepEqual(
    sources.map(({ ended }) => ended),
    [true, true],
  );
});

test("when one fails, the reader does, and the others are left", async () => {
  const sources = [source(), source()] as const;
  const joined = joinPulses(
    new AbortController().signal,
    sources.map(({ watch }) => watch),
  );
  const reading = joined.next();
  await soon();
  sources[1].fail(new Error("gone"));
  await assert.rejects(reading, { message: "gone" });
  assert.equal(sources[0].ended, true);
});

test("when one ends, so does the whole, and the others are left", async () => {
  const sources = [source(), source()] as const;
  const joined = joinPulses(
    new AbortController().signal,
    sources.map(({ watch }) => watch),
  );
  const reading = joined.next();
  await soon();
  sources[1].end();
  assert.equal((await reading).done, true);
  assert.equal(sources[0].ended, true);
});
