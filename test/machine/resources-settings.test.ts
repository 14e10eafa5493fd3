// SPDX-License-Identifier: Apache-2.0
// `json:edit`, `augeas` and `gsettings` on a real machine, with the real programs where they are installed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { notTried, proves } from "../proofs.ts";
import type { Host } from "../../src/contract/host.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { jsonEdit } from "../../src/resources/json/json-edit.ts";
import { gsettings } from "../../src/resources/settings/gsettings.ts";
import { augeas } from "../../src/resources/text/augeas.ts";
import { StructValue } from "../../src/values/value.ts";
import { converge, drive, renderStep } from "../resource.ts";

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-settings-"));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

test("a JSON document is edited in its place, behind a link too, and mended on the event", () =>
  inDirectory(async (directory) => {
    const file = join(directory, "real.json");
    writeFileSync(file, '{"keep": 1.50, "a": {"b": 1}}');
    chmodSync(file, 0o640);
    symlinkSync("real.json", join(directory, "link.json"));
    const stop = new AbortController();
    const fields = { store: `file://${join(directory, "link.json")}`, edits: [".a.b = 2", 'del(.a["x y"])'] };
    const resource = drive(jsonEdit, "j", fields, linuxHost(), { signal: stop.signal });
    await resource.settle();
    assert.equal(readFileSync(file, "utf8"), '{\n\t"keep": 1.50,\n\t"a": {\n\t\t"b": 2\n\t}\n}\n');
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.deepEqual(await resource.plan(), []);
    const watch = resource.watch();
    await watch.next();
    writeFileSync(file, '{"a": {"b": 2, "x y": 0}}');
    await watch.next();
    while ((await resource.plan()).length === 0) await watch.next();
    assert.deepEqual(await resource.settle(), ['~ remove .a["x y"] (was 0)']);
    stop.abort();
  }));

function sets(settings: Readonly<Record<string, string>>): readonly StructValue[] {
  return Object.entries(settings).map(([path, value]) => new StructValue(["path", "value"], [path, value]));
}

test("settings in files of several forms are set by the real augtool", (context) =>
  inDirectory(async (directory) => {
    if (!has("augtool")) {
      notTried(context, "augtool is not installed");
      return;
    }
    const options = { stateDirectory: join(directory, "state") };
    const settle = (file: string, lens: string, settings: Readonly<Record<string, string>>) =>
      converge(augeas, "x", { file, lens, sets: sets(settings) }, linuxHost(), options);
    const sshd = join(directory, "sshd config");
    writeFileSync(
      sshd,
      "# a comment\nPort 22\nX11Forwarding yes\nBanner none\nMatch User git\n  AllowTcpForwarding yes\n",
    );
    chmodSync(sshd, 0o600);
    await settle(sshd, "Sshd.lns", {
      X11Forwarding: "no",
      Banner: '/etc/a"b\\c',
      "Match[Condition/User = 'git']/Settings/AllowTcpForwarding": "no",
    });
    const text = readFileSync(sshd, "utf8");
    assert.match(text, /^# a comment\nPort 22\nX11Forwarding no\n/);
    assert.match(text, /AllowTcpForwarding no/);
    assert.ok(text.includes('Banner /etc/a"b\\c\n'));
    assert.equal(statSync(sshd).mode & 0o777, 0o600);
    const hosts = join(directory, "hosts");
    await settle(hosts, "Hosts", { "1/ipaddr": "192.0.2.7", "1/canonical": "db1" });
    assert.equal(readFileSync(hosts, "utf8"), "192.0.2.7\tdb1\n");
    await assert.rejects(settle(hosts, "Hosts", { "01/ipaddr": "192.0.2.8", "01/canonical": "db2" }), {
      message: /would never come to rest/,
    });
    await assert.rejects(settle(hosts, "Nosuch.lns", { a: "b" }), { message: /Nosuch\.lns/, code: "invalid" });
    writeFileSync(join(directory, "bad"), "no such line");
    await assert.rejects(settle(join(directory, "bad"), "Json.lns", { a: "b" }), { message: /parse_failed/ });
    await assert.rejects(settle(hosts, "Hosts.lns", { nonsense: "b" }), { code: "invalid" });
    await assert.rejects(
      drive(augeas, "x", { sets: sets({ [`/files${hosts}/01/canonical`]: "x" }) }, linuxHost(), options).settle(),
      { message: `Augeas has no lens for ${hosts}: give it one with \`lens\`` },
    );
    const plan = await drive(
      augeas,
      "x",
      { sets: sets({ "/files/etc/hosts/1/canonical": "x" }) },
      linuxHost(),
      options,
    ).plan();
    assert.match(plan.map(renderStep).join(), /^~ set \/files\/etc\/hosts\/1\/canonical/);
  }));

test("a setting of the desktop is kept by the real gsettings, and mended on the event", (context) =>
  inDirectory(async (directory) => {
    const schema = "org.gnome.desktop.interface";
    const lacks = ["gsettings", "dbus-run-session"].find((program) => !has(program));
    if (lacks !== undefined || spawnSync("gsettings", ["list-keys", schema]).status !== 0) {
      notTried(context, `${lacks ?? `the schema ${schema}`} is not installed`);
      return;
    }
    // The settings of whoever runs the tests are none of our business.
    const real = linuxHost();
    const own = new Map([...real.system.environmentVariables(), ["HOME", directory], ["GSETTINGS_BACKEND", "dconf"]]);
    for (const name of ["DBUS_SESSION_BUS_ADDRESS", "XDG_CONFIG_HOME"]) own.delete(name);
    own.set("XDG_RUNTIME_DIR", directory);
    const host: Host = { ...real, system: { ...real.system, environmentVariables: () => own } };
    mkdirSync(join(directory, ".config"));
    const stop = new AbortController();
    const resource = drive(gsettings, `${schema} cursor-size`, { value: 33n }, host, { signal: stop.signal });
    try {
      await resource.settle();
    } catch (reason) {
      const probe = spawnSync("dbus-run-session", ["--", "true"]);
      if (probe.status === 0 && has("/usr/libexec/dconf-service")) throw reason;
      notTried(context, `no bus, or no dconf, is to be had here: ${String(reason)}`);
      return;
    }
    assert.deepEqual(await resource.plan(), []);
    for (const [key, value, type] of [
      ["font-name", 'It\'s "Sans" 11', "str"],
      ["clock-show-date", false, "bool"],
    ] as const) {
      await converge(gsettings, `${schema} ${key}`, { value, type }, host);
    }
    await converge(
      gsettings,
      "org.gnome.desktop.input-sources sources",
      { value: '[("xkb","de")]', type: "custom" },
      host,
    );
    const watch = resource.watch();
    await watch.next();
    spawnSync("dbus-run-session", ["--", "gsettings", "set", schema, "cursor-size", "40"], {
      env: Object.fromEntries(own),
    });
    await watch.next();
    while ((await resource.plan()).length === 0) await watch.next();
    assert.deepEqual(await resource.settle(), [`~ set ${schema} cursor-size to 33 (was 40)`]);
    await assert.rejects(drive(gsettings, "org.gnome.nosuch x", { value: 1n }, host).settle(), { code: "not-found" });
    await assert.rejects(drive(gsettings, `${schema} cursor-size`, { value: "text" }, host).settle(), {
      code: "command-failed",
    });
    stop.abort();
  }));

proves("augeas", "real part");
proves("gsettings", "real part");
proves("json:edit", "real part");
