// SPDX-License-Identifier: Apache-2.0
// The services of a real systemd: the contract of every keeper of services, and the words of a failed one.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Failure } from "../../src/contract/failure.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { type ServicesBench, servicesContract } from "../../src/host/services.contract.test-support.ts";
import { run } from "./inside.ts";

const never = () => new AbortController().signal;

async function makeBench(): Promise<ServicesBench> {
  return {
    manager: linuxHost().services.system,
    async define(name, { ends, reloads, isFixed }) {
      const program = ends === undefined ? "/bin/sleep 1000" : ends === "well" ? "/bin/true" : "/bin/false";
      const place = name.startsWith("lib/") ? "/usr/lib/systemd/system" : "/etc/systemd/system";
      const bare = name.replace("lib/", "");
      const install = isFixed === true ? "" : "[Install]\nWantedBy=multi-user.target\n";
      const reload = reloads === true ? `ExecReload=/bin/sh -c 'echo x >> /run/${bare}.reloads'\n` : "";
      mkdirSync(place, { recursive: true });
      writeFileSync(`${place}/${bare}.service`, `[Service]\nExecStart=${program}\n${reload}${install}`);
    },
    async link(name, to) {
      const place = name.startsWith("lib/") ? "/usr/lib/systemd/system" : "/etc/systemd/system";
      const target = to === undefined ? "/dev/null" : `/usr/lib/systemd/system/${to}.service`;
      await run("ln", "-sfn", target, `${place}/${name.replace("lib/", "")}.service`);
    },
    kill: async (name) => void (await run("systemctl", "kill", "--signal=KILL", name)),
    others: async (verb, name) => void (await run("systemctl", verb, name)),
    reloads: async (name) => Number(await run("sh", "-c", `cat /run/${name}.reloads 2>/dev/null | wc -l`)),
    async close() {
      await run("sh", "-c", "rm -f /run/*.reloads /etc/systemd/system/masked.service");
    },
  };
}

servicesContract("systemd", { masks: true, hasFixed: true, noticesNewDefinitions: true }, makeBench);

test("a service that fails is told with its last words", async () => {
  const script = "echo reading /etc/thing.conf; echo line 3: no such word >&2; exit 4";
  writeFileSync("/etc/systemd/system/talks.service", `[Service]\nExecStart=/bin/sh -c '${script}'\n`);
  const { system } = linuxHost().services;
  const failure = (await system.start("talks.service", never()).catch((reason: unknown) => reason)) as Failure;
  assert.equal(failure.message, "could not start talks.service: its program ended with an error");
  assert.match(failure.hint ?? "", /^its last words:\n(?:.*\n)*  reading \/etc\/thing\.conf\n  line 3: no such word/);
});

test("a definition that is wrong says why", async () => {
  writeFileSync("/etc/systemd/system/wrong.service", "[Service]\nType=simple\n");
  const { system } = linuxHost().services;
  const state = await system.inspect("wrong.service", never());
  assert.match(state?.wrong ?? "", /bad unit file setting/);
  await assert.rejects(system.start("wrong.service", never()), {
    code: "invalid",
    message: /definition of wrong\.service/,
  });
});

test("a service that has another name as well is enabled, and one that only enables others cannot be", async () => {
  const { system } = linuxHost().services;
  writeFileSync(
    "/usr/lib/systemd/system/named.service",
    "[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n",
  );
  await run("ln", "-s", "/usr/lib/systemd/system/named.service", "/etc/systemd/system/nick.service");
  await run("systemctl", "daemon-reload");
  assert.equal(await run("sh", "-c", "systemctl is-enabled named || true"), "indirect");
  await system.enable("nick.service", never());
  for (const name of ["named.service", "nick.service"])
    assert.equal((await system.inspect(name, never()))?.enablement, "enabled");
  writeFileSync(
    "/etc/systemd/system/leads.service",
    "[Service]\nExecStart=/bin/sleep 1000\n[Install]\nAlso=named.service\n",
  );
  assert.equal((await system.inspect("leads.service", never()))?.enablement, "disabled");
  await assert.rejects(system.enable("leads.service", never()), {
    code: "unsupported",
    message: /leads\.service cannot be enabled: it is indirect/,
  });
});

test("an instance is one of its template", async () => {
  writeFileSync(
    "/etc/systemd/system/worker@.service",
    "[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n",
  );
  const { system } = linuxHost().services;
  await system.enable("worker@a.b.service", never());
  await system.start("worker@a.b.service", never());
  const { activity, enablement } = (await system.inspect("worker@a.b.service", never())) ?? {};
  assert.deepEqual([activity, enablement], ["active", "enabled"]);
  assert.equal((await system.inspect("worker@c.service", never()))?.enablement, "disabled");
});

test("looking at a unit is no news about it", async () => {
  const { system } = linuxHost().services;
  const over = new AbortController();
  const pulses = system.watch("worker@idle.service", over.signal);
  await pulses.next();
  for (let count = 0; count < 20; count += 1) await system.inspect("worker@idle.service", never());
  const next = pulses.next();
  setTimeout(() => over.abort(), 300);
  assert.equal((await next).done, true);
});
