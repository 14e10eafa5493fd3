// SPDX-License-Identifier: Apache-2.0
// `ssh:authorized_key` on a real disk, with keys that `ssh-keygen` makes and reads, where it is installed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { notTried, proves } from "../proofs.ts";
import type { Host } from "../../src/contract/host.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { authorizedKey } from "../../src/resources/ssh/authorized-key.ts";
import { converge, drive } from "../resource.ts";

const sample = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH alice";
const isRoot = process.geteuid?.() === 0;
/** Somebody else where this user may give files away. */
const uid = isRoot ? 54_321 : (process.geteuid?.() ?? 0);

/** The real machine, on which alice has her home in the directory. */
async function withAlice(run: (home: string, host: Host) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-keys-"));
  try {
    const home = join(directory, "alice");
    mkdirSync(home);
    if (isRoot) chownSync(home, uid, uid);
    const real = linuxHost();
    // With the prototype, because the ids of the process are getters.
    const identity = Object.assign(Object.create(real.identity) as Host["identity"], {
      userId: async () => uid,
      homeDirectory: async () => home,
    });
    await run(home, { ...real, identity });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test("a key that ssh-keygen made is added, and ssh-keygen reads it", (context) =>
  withAlice(async (home, host) => {
    const made = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", join(home, "key")]);
    const content = made.status === 0 ? readFileSync(join(home, "key.pub"), "utf8") : sample;
    await converge(authorizedKey, "alice", { state: "exists", user: "alice", content }, host);
    const file = join(home, ".ssh/authorized_keys");
    assert.equal(readFileSync(file, "utf8"), `${content.trim()}\n`);
    assert.deepEqual(
      [lstatSync(join(home, ".ssh")), lstatSync(file)].map((state) => [state.mode & 0o777, state.uid]),
      [
        [0o700, uid],
        [0o600, uid],
      ],
    );
    if (made.status === 0) assert.equal(spawnSync("ssh-keygen", ["-l", "-f", file]).status, 0);
    else context.diagnostic("not tried with ssh-keygen: it is not installed");
  }));

test("a directory that its owner exchanges for a symbolic link at the last moment is not entered", (context) =>
  withAlice(async (home, host) => {
    // Nobody else's home can be had, so there is no guard.
    if (!isRoot) return notTried(context, "only root manages the home of another user");
    const elsewhere = join(home, "../elsewhere");
    mkdirSync(elsewhere);
    mkdirSync(join(home, ".ssh"));
    const resource = drive(authorizedKey, sample, { state: "exists", user: "alice" }, host);
    const have = await authorizedKey.observe(resource.want, resource.env);
    const [step] = authorizedKey.plan(resource.want, have, { refresh: false, received: new Set() }, []);
    assert.ok(step !== undefined);
    renameSync(join(home, ".ssh"), join(home, "real"));
    symlinkSync(elsewhere, join(home, ".ssh"));
    await assert.rejects(authorizedKey.apply(step, resource.want, resource.env), { code: "conflict" });
    rmSync(join(home, ".ssh"));
    renameSync(join(home, "real"), join(home, ".ssh"));
    writeFileSync(join(elsewhere, "secret"), "secret\n");
    symlinkSync(join(elsewhere, "secret"), join(home, ".ssh/authorized_keys"));
    await assert.rejects(authorizedKey.apply(step, resource.want, resource.env), { code: "conflict" });
    assert.deepEqual(readdirSync(elsewhere), ["secret"]);
    assert.equal(readFileSync(join(elsewhere, "secret"), "utf8"), "secret\n");
  }));

proves("ssh:authorized_key", "real part");
