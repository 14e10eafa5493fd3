// SPDX-License-Identifier: Apache-2.0
// Run in a namespace of its own: what `remote` starts, watches, ends and leaves behind on other machines, over a real sshd. What is
// copied there is perl in the place of mgmt: its arguments are `version` and `run`, and those are files there that say what it does.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Exchange, StoreDoor } from "../../src/contract/exchange.ts";
import type { Host } from "../../src/contract/host.ts";
import type { AnyWant } from "../../src/contract/resource.ts";
import { exchangeAlone } from "../../src/exchange/alone.test-support.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { remote } from "../../src/resources/remote/remote.ts";
import { type DrivenResource, drive, repairedSoon } from "../resource.ts";
import { type RemoteMachine, startRemoteMachine } from "./remote-machine.test-support.ts";

const real = linuxHost();
const host: Host = {
  ...real,
  system: { ...real.system, process: { ...real.system.process, executable: "/usr/bin/perl" } },
};
const directory = mkdtempSync(join(tmpdir(), "remote-"));
const machines: RemoteMachine[] = [];

const polite = '$| = 1; $SIG{INT} = sub { print "told to end\\n"; exit 0 }; print "begun\\n"; sleep 1 while 1;\n';
const stubborn = '$| = 1; $SIG{INT} = "IGNORE"; print "begun\\n"; sleep 1 while 1;\n';

before(async () => {
  execFileSync("ip", ["link", "set", "lo", "up"]);
  for (const number of [1, 2, 3, 4]) {
    const more = ["SetEnv PATH=/root/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
    const machine = await startRemoteMachine(`web${number}`, number, join(directory, `web${number}`), more);
    machine.write("/root/version", "exit 0;\n");
    machines.push(machine);
  }
});

after(async () => {
  for (const machine of machines) await machine.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Site {
  readonly machine: RemoteMachine;
  readonly place: string;
  readonly door: { urls: readonly string[] };
  readonly resource: (fields: AnyWant, signal?: AbortSignal) => DrivenResource;
}

/** A machine of its own for each test; `run` is what runs there. */
function site(number: number, run: string, isKept = true): Site {
  const machine = machines[number - 1];
  assert.ok(machine !== undefined);
  const name = `root@${machine.address}`;
  const id = createHash("sha256").update(`remote:${name}`).digest("hex").slice(0, 10);
  const place = `${isKept ? "/var/lib/mgmt" : "/root/.mgmt"}/remote/${id}`;
  machine.write(`${place}/run`, run);
  const door = {
    here: { host: "127.0.0.1", port: 9 },
    urls: ["http://10.9.0.1:2379"],
    isSecure: false,
  } satisfies StoreDoor;
  const alone = exchangeAlone(host.clock, "laptop");
  const changing: { urls: readonly string[] } = door;
  const exchange: Exchange = {
    ...alone,
    doors: { ...alone.doors, now: () => ({ ...door, ...changing }), changes: (signal) => alone.doors.changes(signal) },
  };
  const { hostKey: hostkey, keyFile: ssh_id } = machine;
  const resource: Site["resource"] = (fields, signal) =>
    drive(remote, name, { hostkey, ssh_id, tunnel_addr: "127.0.0.1:0", ...fields }, host, {
      exchange,
      ...(signal === undefined ? {} : { signal }),
    });
  return { machine, place, door: changing, resource };
}

async function until(what: string, isSo: () => boolean, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  for (; !isSo(); await sleep(50)) assert.ok(performance.now() < end, `after ${limitMs} ms still not so: ${what}`);
}

const texts = async (resource: DrivenResource): Promise<readonly string[]> =>
  (await resource.plan()).map(({ mark, text }) => `${mark} ${text.replace(/\d+\)$/, "N)")}`);

describe("remote on machines with sshd", { concurrency: true, timeout: 160_000 }, () => {
  it("what is to leave nothing behind ends with the run and leaves nothing", async () => {
    const { machine, place, resource } = site(1, polite, false);
    const ending = new AbortController();
    const lasting = resource({ caching: false }, ending.signal);
    const settling = assert.rejects(lasting.settle());
    await until("it runs", () => machine.agents().length === 1 && lasting.said.includes("begun"));
    assert.notEqual(machine.read(`${place}/run`), undefined);
    ending.abort(new DOMException("stopped", "AbortError"));
    await settling;
    await until("nobody runs", () => machine.agents().length === 0, 10_000);
    assert.equal(machine.read(`${place}/run`), undefined);
    assert.equal(machine.read("/var/lib/mgmt/remote"), undefined);

    // What is kept does not end when it is told to: it is killed after 30 s.
    const kept = site(1, stubborn);
    const second = new AbortController();
    const deaf = kept.resource({}, second.signal);
    const given = assert.rejects(deaf.settle());
    await until("it runs", () => machine.agents().length === 1 && deaf.said.includes("begun"));
    const toldMs = performance.now();
    second.abort(new DOMException("stopped", "AbortError"));
    await given;
    await until("nobody runs", () => machine.agents().length === 0, 10_000);
    const tookMs = performance.now() - toldMs;
    assert.ok(tookMs > 28_000, `it had its 30 s: ${tookMs} ms`);
    assert.notEqual(machine.read(`${kept.place}/run`), undefined);
  });

  it("what is left running goes on, is seen again, and is started again when it has ended or the store has moved", async () => {
    const { machine, resource, door } = site(2, polite);
    const fields = { transient: false, tunnelled: false, hostname: "front" };
    const first = new AbortController();
    const started = resource(fields, first.signal);
    assert.deepEqual(await started.settle(), ["+ copy mgmt to 10.9.2.2", "+ start mgmt on 10.9.2.2 as front"]);
    first.abort();
    const [pid] = machine.agents();
    assert.ok(pid !== undefined);
    const over = new AbortController();
    const again = resource(fields, over.signal);
    const watch = again.watch();
    await watch.next();
    assert.deepEqual(await again.settle(), []);
    assert.deepEqual(machine.agents(), [pid]);
    process.kill(pid, "SIGKILL");
    assert.deepEqual(await repairedSoon(again, watch), ["+ start mgmt on 10.9.2.2 as front"]);
    // Somebody starts another in its place.
    await resource({ ...fields, hostname: "back" }).settle();
    assert.deepEqual(
      (await repairedSoon(again, watch)).map((step) => step.replace(/\d+\)$/, "N)")),
      ["- end the mgmt that runs on 10.9.2.2 (was process N)", "+ start mgmt on 10.9.2.2 as front"],
    );
    assert.deepEqual(await again.plan(), []);
    door.urls = ["http://10.9.0.2:2379"];
    assert.deepEqual(await texts(again), [
      "- end the mgmt that runs on 10.9.2.2 (was process N)",
      "+ start mgmt on 10.9.2.2 as front",
    ]);
    await again.settle();
    assert.deepEqual(await again.plan(), []);
    over.abort();
    await watch.return?.();
    assert.equal(machine.agents().length, 1);
    const stopped = resource({ ...fields, state: "stopped" });
    assert.equal((await stopped.settle()).length, 1);
    assert.deepEqual([machine.agents(), await stopped.plan()], [[], []]);
  });

  it("whoever has not heard of the run for a minute ends", async () => {
    const { machine, resource } = site(3, polite);
    const ending = new AbortController();
    const lasting = resource({}, ending.signal);
    const settling = assert.rejects(lasting.settle());
    await until("it runs", () => machine.agents().length === 1 && lasting.said.includes("begun"));
    machine.setCable(false);
    const cutMs = performance.now();
    await settling;
    await until("nobody runs", () => machine.agents().length === 0, 110_000);
    const tookMs = performance.now() - cutMs;
    assert.ok(tookMs > 40_000, `a short silence is nothing: ${tookMs} ms`);
    ending.abort();
  });

  it("what it needs is installed only if that is wanted, and only if it does not start", async () => {
    const { machine, resource } = site(4, "exit 0;\n");
    machine.write("/root/version", 'die "libstdc++.so.6: cannot open shared object file\\n";\n');
    for (const manager of ["dnf", "yum", "apt-get"]) {
      machine.write(
        `/root/bin/${manager}`,
        `#!/bin/sh\necho "$0 $*" >> /root/asked\ncase "$*" in *install*) echo 'exit 0;' > /root/version ;; esac\n`,
      );
    }
    await assert.rejects(resource({}).settle(), /cannot run mgmt.*libstdc\+\+\.so\.6.*/);
    assert.equal(machine.read("/root/asked"), undefined);
    await resource({ install_deps: true }).settle();
    assert.equal(machine.read("/root/asked"), "/root/bin/dnf -y install libstdc++\n");
    await resource({ install_deps: true }).settle();
    assert.equal(machine.read("/root/asked"), "/root/bin/dnf -y install libstdc++\n");
  });
});
