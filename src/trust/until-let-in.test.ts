// SPDX-License-Identifier: Apache-2.0
// How long a host asks to be let in.

import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { Failure, type FailureCode } from "../contract/failure.ts";
import type { Random } from "../contract/host.ts";
import type { DrivenClock } from "../host/memory/clock.ts";
import { memoryHost } from "../host/memory/index.ts";
import { linuxHost } from "../host/linux/index.ts";
import { joinCluster } from "./join.ts";
import { TrustFiles } from "./files.ts";
import { untilLetIn } from "./until-let-in.ts";

const never = new AbortController().signal;

interface Patient {
  readonly clock: DrivenClock;
  readonly random: Random;
  readonly onBusy: (message: string) => void;
  readonly told: string[];
}

function patient(): Patient {
  const { clock, random } = memoryHost();
  const told: string[] = [];
  return { clock, random, onBusy: (message) => told.push(message), told };
}

/** How often is asked when this is what comes, and what it ends with. */
async function check(
  outcomes: (FailureCode | undefined)[],
  asked: number,
  end: FailureCode | undefined,
): Promise<void> {
  const host = patient();
  let count = 0;
  const asking = untilLetIn(
    () => {
      const code = outcomes[Math.min(count, outcomes.length - 1)];
      count += 1;
      return code === undefined ? Promise.resolve() : Promise.reject(new Failure("no", { code }));
    },
    host,
    never,
  ).then(
    () => undefined,
    (reason: unknown) => (reason as Failure).code,
  );
  await host.clock.advance(600_000);
  assert.equal(await asking, end);
  assert.equal(count, asked);
  assert.equal(host.told.length, asked > 1 ? 1 : 0);
}

test("who is there and has no time is asked again, for five minutes", async () => {
  await check(["busy", "timed-out", "busy", undefined], 4, undefined);
  await check([undefined], 1, undefined);
  const host = patient();
  let last = 0;
  const began = host.clock.monotonicMs();
  const asking = untilLetIn(
    () => {
      last = host.clock.monotonicMs() - began;
      return Promise.reject(new Failure("no", { code: "busy" }));
    },
    host,
    never,
  );
  const refused = assert.rejects(asking, /no/);
  await host.clock.advance(600_000);
  await refused;
  assert.ok(last > 280_000 && last <= 304_000, String(last));
});

test("who is not there, or refuses, is not asked again", async () => {
  await check(["unreachable"], 1, "unreachable");
  await check(["denied"], 1, "denied");
  await check(["busy", "denied"], 2, "denied");
});

test("whoever closes the connection before anything was said is there, and has no time", async () => {
  const server = createServer((socket: Socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const files = new TrustFiles(linuxHost(), "/nowhere", never);
  const token = `${"A".repeat(22)}.${"A".repeat(43)}`;
  const join = (): Promise<void> => joinCluster(`${token}@127.0.0.1:${port}`, "web1", files);
  await assert.rejects(join(), (reason) => reason instanceof Failure && reason.code === "busy");
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(join(), (reason) => reason instanceof Failure && reason.code === "unreachable");
});
