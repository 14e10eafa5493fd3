// SPDX-License-Identifier: Apache-2.0
// Users, mounts and network interfaces on a whole Debian, with systemd looking on.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { proves } from "../proofs.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { group } from "../../src/resources/accounts/group.ts";
import { password } from "../../src/resources/accounts/password.ts";
import { user } from "../../src/resources/accounts/user.ts";
import { net } from "../../src/resources/network/net.ts";
import { mount } from "../../src/resources/storage/mount.ts";
import { converge, drive } from "../resource.ts";
import { run, until } from "./inside.ts";

const host = linuxHost();
const never = new AbortController().signal;

test("a user with a generated password can be authenticated with it, by either form of hash", async () => {
  await converge(group, "crew", { gid: 3000 }, host);
  for (const format of ["sha512", "yescrypt"]) {
    const stateDirectory = `/var/lib/mgmt/test-${format}`;
    const generated = drive(password, format, { format, length: 20, saved: true }, host, { stateDirectory });
    await generated.settle();
    const { password: text, hash } = generated.sent.at(-1) ?? {};
    await converge(user, `with-${format}`, { group: "crew", password: hash, createhome: true }, host);
    assert.ok(existsSync(`/home/with-${format}/.profile`));
    // The machine's own check of a password, as for somebody who logs in.
    const script = "my ($n, $p) = @ARGV; my $h = (getpwnam($n))[1]; exit(crypt($p, $h) eq $h ? 0 : 1)";
    await run("perl", "-e", script, `with-${format}`, typeof text === "string" ? text : "");
    await assert.rejects(run("perl", "-e", script, `with-${format}`, "something else"));
  }
});

test("a user who is logged in is not removed, and who holds it is told", async () => {
  await converge(user, "busy-one", {}, host);
  await run("systemd-run", "--unit=held", "--uid=busy-one", "sleep", "1000");
  await assert.rejects(drive(user, "busy-one", { state: "absent" }, host).settle(), {
    code: "busy",
    message: /used by process/,
  });
  await run("systemctl", "stop", "held");
  await converge(user, "busy-one", { state: "absent" }, host);
});

test("systemd knows what is mounted at the next start", async () => {
  mkdirSync("/srv/cache");
  const fields = {
    device: "tmpfs",
    type: "tmpfs",
    options: new Map([
      ["size", "1m"],
      ["nosuid", ""],
    ]),
  };
  await converge(mount, "/srv/cache", fields, host);
  assert.equal(
    await run("systemctl", "show", "-P", "FragmentPath", "srv-cache.mount"),
    "/run/systemd/generator/srv-cache.mount",
  );
  assert.equal(await run("systemctl", "is-active", "srv-cache.mount"), "active");
  const stop = new AbortController();
  const resource = drive(mount, "/srv/cache", fields, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await watch.next(); // What may have changed before the listener had begun.
  const woken = watch.next();
  await run("systemctl", "stop", "srv-cache.mount");
  await woken;
  await until("it is gone", async () => !(await host.mounts.table(never)).some(({ place }) => place === "/srv/cache"));
  assert.deepEqual(await resource.settle(), ["+ mount tmpfs (tmpfs)"]);
  stop.abort();
  await converge(mount, "/srv/cache", { state: "absent" }, host);
  assert.doesNotMatch(readFileSync("/etc/fstab", "utf8"), /cache/);
});

test("systemd-networkd takes the file of an interface up at once", async () => {
  await run("ip", "link", "add", "d0", "type", "veth", "peer", "name", "d1");
  await run("ip", "link", "set", "d1", "up");
  await run("systemctl", "start", "systemd-networkd");
  const fields = { state: "up", addrs: ["192.0.2.5/24"], gateway: "192.0.2.1" };
  await converge(net, "d0", fields, host);
  const file = async () => (await run("sh", "-c", "networkctl status d0 || true")).includes("mgmt-d0.network");
  await until("it has been read", file);
  assert.deepEqual(await converge(net, "d0", fields, host), []);
  await converge(net, "d0", { state: "down" }, host);
});

proves("password", "real part");
