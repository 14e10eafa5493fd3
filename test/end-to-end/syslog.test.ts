// SPDX-License-Identifier: Apache-2.0
// A program that keeps what others say to the log, and logger of util-linux saying it in each of its forms, on loopback.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { freePort } from "../free-port.ts";
import { proves, shows } from "../proofs.ts";
import { eventually, testPrograms } from "./program.ts";

const run = promisify(execFile);

testPrograms("what logger says over UDP and TCP, in the old form and in the new one, is kept", async (world) => {
  const port = await freePort();
  world.write(
    "main.mcl",
    `file "${world.path("logs/")}" { state => "exists", mode => "0700", }
syslog:server "127.0.0.1:${port}" { directory => "${world.path("logs/")}", }
`,
  );
  const running = world.start(["run", "main.mcl"], { env: { MGMT_PREFIX: world.path("prefix") } });
  await eventually("it listens", () => existsSync(world.path("logs")) && running.stdout !== "");
  const log = world.path("logs/127.0.0.1.log");
  const has = (line: string): boolean => existsSync(log) && readFileSync(log, "utf8").includes(line);
  const forms = [
    ["--udp", "--rfc3164"],
    ["--udp", "--rfc5424"],
    ["--tcp", "--rfc3164"],
    ["--tcp", "--rfc5424"],
    ["--tcp", "--rfc5424", "--octet-count"],
  ];
  for (const [index, form] of forms.entries()) {
    const line = `err its-tag: what number ${index} says: [a] <b> ü`;
    const to = ["--server", "127.0.0.1", "--port", String(port), ...form];
    // Until it listens, what is sent over UDP is lost.
    await eventually(line, async () => {
      await run("logger", [...to, "--tag", "its-tag", "--priority", "user.err", line.slice(13)]).catch(() => {});
      return has(line);
    });
  }
  running.signal("SIGTERM");
  assert.equal((await running.ended).status, 0);
  shows("syslog:server", "real part");
});

proves("syslog:server", "real part");
