// SPDX-License-Identifier: Apache-2.0
// The life of one server, with an etcd that does what the test says.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Failure } from "../../../contract/failure.ts";
import { memoryHost } from "../../../host/memory/index.ts";
import { etcdServer } from "./index.ts";

test("a server that cannot begin again is asked whether it answers as often as one that can, however long it takes", async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "mgmt-etcd-server-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  const host = memoryHost();
  const { clock } = host;
  host.outside.makeDirectory(directory); // There, too, as etcd runs in it.
  let end: ((status: number) => void) | undefined;
  let begins = true;
  let lives = 0;
  host.outside.install("etcd", ({ argv, print, signal }) => {
    if (argv.includes("--version")) {
      print("etcd Version: 3.5.16\n");
      return 0;
    }
    lives += 1;
    if (!begins) return 1;
    const { promise, resolve } = Promise.withResolvers<number>();
    end = resolve;
    signal.addEventListener("abort", () => resolve(0), { once: true });
    return promise.finally(() => (end = undefined));
  });
  host.outside.install("setpriv", () => 1);
  let probes = 0;
  let together = 0;
  let most = 0;
  const server = etcdServer({
    directory: join(directory, "server"),
    name: "a",
    clientUrls: ["unix:client.sock"],
    advertiseClientUrls: ["unix:client.sock"],
    serverUrls: ["unix:server.sock"],
    advertiseServerUrls: ["unix:server.sock"],
    processes: host.processes,
    clock,
    // As a server that is not there: the question takes a moment.
    async probe(signal) {
      probes += 1;
      together += 1;
      most = Math.max(most, together);
      try {
        await clock.sleep(5, signal);
      } finally {
        together -= 1;
      }
      if (end === undefined) throw new Failure("nobody listens", { code: "unreachable" });
    },
    onLog() {},
    onTrouble() {},
    onState() {},
  });
  const started = server.start({ members: [], state: "new" }, new AbortController().signal);
  while (server.state !== "ready") {
    await new Promise((resolve) => setTimeout(resolve, 1)); // Directories are real.
    await clock.advance(25);
  }
  await started;

  begins = false;
  probes = 0;
  end?.(1);
  await clock.advance(600_000);
  assert.equal(server.state, "starting again");
  assert.ok(lives > 30, `${lives} lives`);
  assert.equal(most, 1, "one question at a time");
  // Each life ends at once, and there is no sense in asking one that is over.
  assert.ok(probes <= lives, `${probes} questions for ${lives} lives`);

  begins = true;
  await clock.advance(20_000);
  assert.equal(server.state, "ready");
  await server.stop();
});
