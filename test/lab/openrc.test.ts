// SPDX-License-Identifier: Apache-2.0
// The services of a real OpenRC, in a part of the lab host that has a /run of its own in which OpenRC has started.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { linuxHost } from "../../src/host/linux/index.ts";
import { type ServicesBench, servicesContract } from "../../src/host/services.contract.test-support.ts";
import { cron } from "../../src/resources/services/cron.ts";
import { svc } from "../../src/resources/services/svc.ts";
import { converge, drive } from "../resource.ts";
import { install, run, until } from "./inside.ts";

const isInside = process.env["INSIDE_OPENRC"] !== undefined;

async function makeBench(): Promise<ServicesBench> {
  return {
    manager: linuxHost().services.system,
    async define(name, { ends, reloads }) {
      const program = ends === undefined ? "/bin/sleep" : ends === "well" ? "/bin/true" : "/bin/false";
      const script = `/etc/init.d/${name}`;
      writeFileSync(script, `#!/sbin/openrc-run\ncommand=${program}\ncommand_args=1000\ncommand_background=yes\n`);
      appendFileSync(script, `pidfile=/run/${name}.pid\n`);
      if (reloads === true) {
        appendFileSync(script, `extra_started_commands=reload\nreload() { echo x >> /run/${name}.reloads; }\n`);
      }
      chmodSync(script, 0o755);
    },
    kill: async (name) => void (await run("kill", "-KILL", readFileSync(`/run/${name}.pid`, "utf8").trim())),
    async others(verb, name) {
      if (verb === "start" || verb === "stop") await run("rc-service", name, verb);
      else await run("rc-update", verb === "enable" ? "add" : "del", name, "default");
    },
    async reloads(name) {
      const log = `/run/${name}.reloads`;
      return existsSync(log) ? readFileSync(log, "utf8").length / 2 : 0;
    },
    async close() {
      for (const name of ["one", "three", "reloading", "plain"]) rmSync(`/run/${name}.reloads`, { force: true });
    },
  };
}

if (isInside) {
  servicesContract("OpenRC", { masks: false, hasFixed: false, noticesNewDefinitions: false }, makeBench);
  test("there is nothing like a mask", async () => {
    const { system } = linuxHost().services;
    assert.equal(await system.kind(new AbortController().signal), "openrc");
    await assert.rejects(system.mask("one.service", new AbortController().signal), { code: "unsupported" });
  });
  test("cron starts a service", async () => {
    writeFileSync("/etc/init.d/job", "#!/sbin/openrc-run\nstart() { date > /run/job.started; }\n");
    chmodSync("/etc/init.d/job", 0o755);
    const fields = { trigger: "OnBootSec", time: "0s" };
    assert.deepEqual(await converge(cron, "job", fields, linuxHost()), ["+ write /etc/cron.d/job"]);
    await run("sh", "-c", "/usr/sbin/cron >/dev/null 2>&1");
    try {
      await until("the service was started", () => existsSync("/run/job.started"));
    } finally {
      await run("kill", readFileSync("/run/crond.pid", "utf8").trim());
    }
    assert.deepEqual(await converge(cron, "job", { state: "absent" }, linuxHost()), ["- remove /etc/cron.d/job"]);
  });
  test("svc keeps a service", async () => {
    const bench = await makeBench();
    await bench.define("kept", {});
    const stop = new AbortController();
    const resource = drive(svc, "kept", { state: "running", startup: "enabled" }, linuxHost(), { signal: stop.signal });
    assert.deepEqual(await resource.settle(), [
      "~ let kept.service start with the machine (was in no runlevel)",
      "+ start kept.service (was stopped)",
    ]);
    assert.deepEqual(await resource.plan(), []);
    const watch = resource.watch();
    await watch.next();
    await bench.kill("kept");
    await watch.next();
    assert.deepEqual(await resource.settle(), ["+ start kept.service (it had failed)"]);
    stop.abort();
    while ((await watch.next()).done !== true);
  });
} else {
  test("OpenRC keeps services as systemd does", async () => {
    await install("openrc", "cron");
    const begin = "mount -t tmpfs tmpfs /run && openrc sysinit >/dev/null 2>&1; touch /run/openrc/softlevel";
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const inside = [
      "--mount",
      "--fork",
      "sh",
      "-c",
      `${begin}; exec "$0" "$@"`,
      process.execPath,
      import.meta.filename,
    ];
    const { status, stdout, stderr } = spawnSync("unshare", inside, {
      encoding: "utf8",
      env: { ...env, INSIDE_OPENRC: "yes" },
      timeout: 60_000,
    });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /pass 10/);
  });
}
