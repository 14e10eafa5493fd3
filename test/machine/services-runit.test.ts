// SPDX-License-Identifier: Apache-2.0
// The services of a real runit that supervises a directory of its own; and `svc` where runsvdir is process 1, as in a container.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { linuxHost } from "../../src/host/linux/index.ts";
import { type RunitPlaces, runitServices } from "../../src/host/linux/runit.ts";
import {
  type ServicesBench,
  type ServiceShape,
  servicesContract,
} from "../../src/host/services.contract.test-support.ts";
import { svc } from "../../src/resources/services/svc.ts";
import { notTried } from "../proofs.ts";
import { drive, repairedSoon } from "../resource.ts";

const isInside = process.env["INSIDE_RUNIT"] !== undefined;
const isThere = spawnSync("sv", ["status"]).error === undefined;

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

function define(definitions: string, name: string, { ends, reloads }: ServiceShape): void {
  const home = `${definitions}/${name}`;
  mkdirSync(home, { recursive: true });
  const program = ends === undefined ? "sleep 1000" : ends === "well" ? "true" : "false";
  script(`${home}/run`, `exec ${program}`);
  if (reloads !== true) return;
  mkdirSync(`${home}/control`, { recursive: true });
  script(`${home}/control/h`, `echo x >> ${home}/reloads`);
}

function processOf(home: string): string {
  return readFileSync(`${home}/supervise/pid`, "utf8").trim();
}

/** A runsvdir for each case: what it supervises goes with it. */
async function makeBench(): Promise<ServicesBench> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-runit-"));
  const places: RunitPlaces = { definitions: `${directory}/sv`, supervised: `${directory}/service` };
  for (const place of Object.values(places)) mkdirSync(place as string);
  const runsvdir = spawn("runsvdir", ["-P", places.supervised], { stdio: "ignore" });
  const at = (name: string) => `${places.supervised}/${name}`;
  const sv = (...argv: readonly string[]) =>
    assert.equal(spawnSync("sv", ["-w", "60", ...argv]).status, 0, argv.join(" "));
  const link = async (name: string) => {
    if (!existsSync(at(name))) symlinkSync(`${places.definitions}/${name}`, at(name));
    for (const start = Date.now(); spawnSync("sv", ["status", at(name)]).status !== 0; ) {
      assert.ok(Date.now() - start < 60_000, "it is supervised");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return {
    manager: runitServices(linuxHost(), places),
    define: async (name, shape) => define(places.definitions, name, shape),
    kill: async (name) => void process.kill(Number(processOf(at(name))), "SIGKILL"),
    async others(verb, name) {
      if (verb === "disable") return rmSync(at(name));
      await link(name);
      if (verb === "enable") rmSync(`${at(name)}/down`, { force: true });
      else sv(verb, at(name));
    },
    async reloads(name) {
      const log = `${places.definitions}/${name}/reloads`;
      return existsSync(log) ? readFileSync(log, "utf8").length / 2 : 0;
    },
    async close() {
      const ended = new Promise((resolve) => runsvdir.once("exit", resolve));
      runsvdir.kill("SIGHUP"); // It ends all that it supervises.
      await ended;
      rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

if (!isThere) {
  test("runit keeps services as systemd does", (context) => notTried(context, "runit is not installed"));
} else if (isInside) {
  test("svc keeps a service, which it finds by who process 1 is", async () => {
    const host = linuxHost();
    assert.equal(await host.services.system.kind(new AbortController().signal), "runit");
    define("/etc/sv", "kept", {});
    const stop = new AbortController();
    const resource = drive(svc, "kept", { state: "running", startup: "enabled" }, host, { signal: stop.signal });
    assert.deepEqual(await resource.settle(), [
      "~ let kept.service start with the machine (was disabled)",
      "+ start kept.service (was stopped)",
    ]);
    assert.deepEqual(await resource.plan(), []);
    const watch = resource.watch();
    await watch.next();
    assert.equal(spawnSync("sv", ["stop", "/etc/service/kept"]).status, 0);
    assert.deepEqual(await repairedSoon(resource, watch), ["+ start kept.service (was stopped)"]);
    writeFileSync("/etc/service/kept/down", "");
    assert.deepEqual(await repairedSoon(resource, watch), ["~ let kept.service start with the machine (was disabled)"]);
    stop.abort();
    const off = drive(svc, "kept", { state: "stopped", startup: "disabled" }, host);
    assert.equal((await off.settle()).length, 2);
    assert.deepEqual(await off.plan(), []);
    const session = drive(svc, "kept", { state: "running", session: true }, host);
    await assert.rejects(session.settle(), { code: "unsupported", message: "runit keeps no services of users" });
  });
} else {
  servicesContract("runit", { masks: false, hasFixed: false, noticesNewDefinitions: false, revives: true }, makeBench);
  test("there is nothing like a mask", async () => {
    const bench = await makeBench();
    await assert.rejects(bench.manager.mask("one.service", new AbortController().signal), { code: "unsupported" });
    await bench.close();
  });
  test("svc on a machine whose process 1 is runsvdir", (context) => {
    const flags = ["--mount", "--pid", "--fork", "--mount-proc"];
    if (spawnSync("unshare", [...flags, "true"]).status !== 0)
      return notTried(context, "this user may make no namespaces");
    const begin = [
      "mount -t tmpfs tmpfs /etc/sv; mount -t tmpfs tmpfs /etc/service; mount -t tmpfs tmpfs /run",
      '("$0" --test-reporter=spec --test-force-exit "$1" > "$2" 2>&1; echo $? > "$2.status") &',
      "exec runsvdir -P /etc/service",
    ];
    const directory = mkdtempSync(join(tmpdir(), "mgmt-runit-"));
    const output = join(directory, "output");
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const inside = spawn(
      "unshare",
      [...flags, "--kill-child", "sh", "-c", begin.join("\n"), process.execPath, import.meta.filename, output],
      { env: { ...env, INSIDE_RUNIT: "yes" }, stdio: "ignore" },
    );
    return (async () => {
      try {
        for (const start = Date.now(); !existsSync(`${output}.status`); ) {
          assert.ok(Date.now() - start < 120_000, "it ends");
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        const said = readFileSync(output, "utf8");
        assert.equal(readFileSync(`${output}.status`, "utf8"), "0\n", said);
        assert.match(said, /pass 1/);
      } finally {
        inside.kill("SIGKILL");
        rmSync(directory, { recursive: true });
      }
    })();
  });
}
