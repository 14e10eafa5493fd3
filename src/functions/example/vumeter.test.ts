// SPDX-License-Identifier: Apache-2.0
// Programs that stand in for a microphone and a firmware daemon.

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryHost } from "../../host/memory/index.ts";
import { follow } from "../stream.test-support.ts";

test("vumeter draws how loud it is", async () => {
  const host = memoryHost();
  let amplitude = "0.25";
  host.outside.install("rec", () => 0);
  host.outside.install("sox", ({ complain }) => {
    complain(`Samples read: 1\nMaximum amplitude:     ${amplitude}\nMinimum amplitude:    -0.5\n`);
    return 0;
  });
  const meter = follow(host, "example.vumeter", ["#", 8n, 0.5]);
  assert.deepEqual(await meter.take(), ["(0.25):\n##\n##"]);
  amplitude = "0.75";
  await host.clock.advance(1000);
  assert.deepEqual(await meter.take(), ["(0.75):\n###### PEAK!!!\n###### PEAK!!!"]);
  amplitude = "0.0";
  await host.clock.advance(1000);
  assert.deepEqual(await meter.take(), ["(0):\n#\n#"]);
  amplitude = "loud";
  await host.clock.advance(1000);
  await meter.take();
  assert.match(String(meter.end), /should tell the maximum amplitude/);
});

test("vumeter needs its programs", async () => {
  const host = memoryHost();
  const missing = follow(host, "example.vumeter", ["#", 8n, 0.5]);
  await missing.take();
  assert.match(String(missing.end), /rec/);
  host.outside.install("rec", ({ complain }) => {
    complain("no microphone\n");
    return 2;
  });
  const broken = follow(host, "example.vumeter", ["#", 8n, 0.5]);
  await broken.take();
  assert.match(String(broken.end), /no microphone/);
});
