// SPDX-License-Identifier: Apache-2.0
// The modules for the machine itself, by their examples: SSH, the time, the firewall, people, upgrades. What they declare
// is so, a second run has nothing to do, what others change is repaired, and a mistake in a setting locks nobody out.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { comesToGoodEnd, run, until, withoutRecommended } from "./inside.ts";
import { LabProgram } from "./program.ts";

before(withoutRecommended);

test("people log in with the keys of a data file, and with no password", async () => {
  const program = new LabProgram("people");
  const ssh = new LabProgram("ssh-server");
  mkdirSync("/root/.ssh", { recursive: true, mode: 0o700 });
  await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/.ssh/id_ed25519");
  const key = readFileSync("/root/.ssh/id_ed25519.pub", "utf8").trim();
  program.edit(/ssh-ed25519 .* alice@laptop/, key, "people.yaml");
  await run("useradd", "mallory");
  await program.once();
  await ssh.once();
  const settings = await run("sshd", "-T");
  for (const line of ["passwordauthentication no", "maxauthtries 4", "x11forwarding no", "banner /etc/issue.net"])
    assert.match(settings, new RegExp(`^${line}$`, "m"));
  const options = ["-oStrictHostKeyChecking=no", "-oBatchMode=yes", "-oConnectTimeout=5", "-oLogLevel=ERROR"];
  const comesIn = (user: string) => run("ssh", ...options, `${user}@127.0.0.1`, "id -un");
  assert.equal(await comesIn("alice"), "alice");
  await assert.rejects(comesIn("bob"), /Permission denied \(publickey\)/);
  assert.match(await run("id", "-Gn", "alice"), /sudo/);
  await assert.rejects(run("id", "mallory"));
  await program.isSettled();
  await ssh.isSettled();
  await program.whileRunning(async () => {
    rmSync(join("/home", "alice", ".ssh/authorized_keys"));
    await until("the key lets in again", () => comesToGoodEnd(() => comesIn("alice")), 30_000);
    // Whom the data knows from now on can log in at once.
    const people = `${program.directory}/people.yaml`;
    writeFileSync(people, `${readFileSync(people, "utf8")}- name: carol\n  keys:\n    - ${key}\n`);
    await until("carol comes in", () => comesToGoodEnd(() => comesIn("carol")), 30_000);
    program.edit(`- ${key}`, "[]", "people.yaml");
    await until("alice does not", async () => !(await comesToGoodEnd(() => comesIn("alice"))), 30_000);
  });
  const file = "/etc/ssh/sshd_config.d/00-mgmt.conf";
  await ssh.whileRunning(async () => {
    const text = readFileSync(file, "utf8");
    writeFileSync(file, "PasswordAuthentication yes\n");
    await until("the settings are back", () => readFileSync(file, "utf8") === text);
    await ssh.says(/was not accepted.*Bad configuration option.*nosuchsetting/i, () =>
      ssh.edit("max_auth_tries => 4,", 'extra => "NoSuchSetting yes",'),
    );
    assert.equal(readFileSync(file, "utf8"), text);
    assert.equal(await comesIn("carol"), "carol");
  });
});

test("the time comes from chosen servers", async () => {
  const program = new LabProgram("right-time");
  program.edit("ntp1.example.com", "192.0.2.1");
  program.edit("ntp2.example.com", "192.0.2.2");
  await program.once();
  const sources = () => run("chronyc", "-n", "sources");
  await until("it has them", async () => /192\.0\.2\.1.*192\.0\.2\.2/s.test(await sources().catch(() => "")), 30_000);
  await program.isSettled();
  await program.whileRunning(async () => {
    writeFileSync("/etc/chrony/chrony.conf", "server 203.0.113.9\n");
    await run("systemctl", "restart", "chrony");
    await until("it asks its own again", async () => !/203/.test(await sources().catch(() => "203")), 30_000);
    await program.says(/was not accepted.*Invalid directive/, () =>
      program.edit("allow =>", 'extra => "nonsense 1",\n\tallow =>'),
    );
    assert.match(await sources(), /192\.0\.2\.1/);
  });
});

test("what is not let in stays out, now and after the next start", async () => {
  const program = new LabProgram("firewall");
  await program.once();
  const rules = () => run("nft", "list", "table", "inet", "mgmt_host");
  assert.match(await rules(), /policy drop;[^]*tcp dport 22 accept[^]*tcp dport \{ 80, 443 \} accept/);
  const declared = await rules();
  assert.equal(await run("systemctl", "is-enabled", "nftables"), "enabled");
  // What the machine does when it starts gives the same table.
  await run("nft", "flush", "ruleset");
  await run("nft", "-f", "/etc/nftables.conf");
  assert.equal(await rules(), declared);
  await program.isSettled();
  await program.whileRunning(async () => {
    await run("nft", "add", "rule", "inet", "mgmt_host", "input", "tcp", "dport", "23", "accept");
    await until("the hole is closed", async () => (await rules()) === declared);
    await run("nft", "flush", "ruleset");
    await until("the table is back", async () => (await rules().catch(() => "")) === declared);
    await program.says(/syntax error/, () => program.edit("tcp =>", 'rules => ["no such rule"],\n\ttcp =>'));
    assert.equal(await rules(), declared);
  });
});

test("upgrades come by themselves", async () => {
  const program = new LabProgram("upgrades");
  await program.once();
  const settings = await run("apt-config", "dump");
  for (const line of [
    'APT::Periodic::Unattended-Upgrade "1";',
    'Unattended-Upgrade::Origins-Pattern:: "origin=Debian,codename=${distro_codename}-security,label=Debian-Security";',
    'Unattended-Upgrade::Package-Blacklist:: "^postgresql-15$";',
    'Unattended-Upgrade::Automatic-Reboot-Time "04:30";',
  ])
    assert.ok(settings.includes(line), settings);
  assert.doesNotMatch(settings, /Origins-Pattern:: ".*label=Debian";/);
  // Its status is that of the mirror, too, which may list packages that it does not have.
  const told = await run("sh", "-c", "unattended-upgrade --dry-run --debug || true");
  assert.match(told, /Allowed origins are: origin=Debian,codename=bookworm-security/);
  assert.match(told, /Initial blacklist: \^postgresql-15\$/);
  assert.equal(await run("systemctl", "is-active", "apt-daily-upgrade.timer"), "active");
  await program.isSettled();
  const file = "/etc/apt/apt.conf.d/52mgmt-unattended-upgrades";
  await program.whileRunning(async () => {
    rmSync(file);
    await until("it is back", () => existsSync(file));
    await run("systemctl", "stop", "apt-daily-upgrade.timer");
    const isActive = () => run("systemctl", "is-active", "apt-daily-upgrade.timer");
    await until("the timer runs again", () => comesToGoodEnd(isActive), 30_000);
  });
});
