// SPDX-License-Identifier: Apache-2.0
// All stores are held to the same.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drivenClock } from "../host/memory/clock.ts";
import { seededRandom } from "../host/memory/random.ts";
import { contract } from "./contract.test-support.ts";
import { embeddedCluster } from "./embedded/index.ts";
import { memoryCluster } from "./memory/index.ts";
import { sharedFileCluster } from "./shared-file/index.ts";

contract("in memory", async () => {
  const clock = drivenClock();
  const whole = memoryCluster(clock);
  const cluster = whole.door();
  const forget = async () => {
    whole.compact();
    return whole.door();
  };
  return { cluster, pass: (ms) => clock.advance(ms), forget, close: () => cluster.close() };
});

contract("in a file", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-store-"));
  const clock = drivenClock();
  const random = seededRandom(1);
  const open = () =>
    embeddedCluster({ path: join(directory, "cluster.db"), clock, random, readOnly: false, onTrouble: () => {} });
  let cluster = open();
  const first = cluster;
  const forget = async () => {
    await cluster.close();
    cluster = open();
    return cluster;
  };
  const close = async () => {
    await cluster.close();
    rmSync(directory, { recursive: true });
  };
  return { cluster: first, pass: (ms) => clock.advance(ms), forget, close };
});

contract("in a file of several processes", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-store-"));
  const clock = drivenClock();
  const random = seededRandom(1);
  const path = join(directory, "cluster.db");
  const cluster = sharedFileCluster({ path, clock, random, readOnly: false, onTrouble: () => {} });
  const forget = async () => {
    cluster.forget();
    return cluster;
  };
  const close = async () => {
    await cluster.close();
    rmSync(directory, { recursive: true });
  };
  return { cluster, pass: (ms) => clock.advance(ms), forget, close };
});
