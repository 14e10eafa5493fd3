// SPDX-License-Identifier: Apache-2.0
// `docker:container` and `docker:image` with a real engine: Podman, which has the interface of Docker, with a store and a
// socket of its own and an image of one program. It sees a tree of control groups as a machine of today has it.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Host } from "../../src/contract/host.ts";
import type { AnyWant } from "../../src/contract/resource.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { dockerContainer } from "../../src/resources/docker/container.ts";
import { dockerImage } from "../../src/resources/docker/image.ts";
import { notTried, proves } from "../proofs.ts";
import { drive, repairedSoon } from "../resource.ts";

const image = "localhost/tiny";
const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));

/** No control groups, no network of its own, and no limits that only a whole root may set. */
const settings = `[containers]
cgroups="disabled"
netns="host"
default_ulimits=["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager="cgroupfs"
events_logger="file"
`;

/** Networks and what is remembered of them are its own too. */
const prepare = [
  "mount --make-rprivate /",
  "umount -R /sys/fs/cgroup",
  "mount -t cgroup2 none /sys/fs/cgroup",
  "mount -t tmpfs tmpfs /run",
  "mkdir -p /var/lib/cni",
  "mount -t tmpfs tmpfs /var/lib/cni",
  'exec "$0" "$@"',
].join(" && ");

test("Podman keeps containers and images as declared", { timeout: 150_000 }, async (context) => {
  if (busybox === undefined || spawnSync("podman", ["--version"]).error !== undefined) {
    return notTried(context, "podman and busybox are not both installed");
  }
  const directory = mkdtempSync(join(tmpdir(), "mgmt-podman-"));
  const env = { ...process.env, CONTAINERS_CONF: join(directory, "containers.conf") };
  const podman = ["podman", `--root=${directory}/store`, `--runroot=${directory}/run`, "--storage-driver=vfs"];
  const inside = (...argv: readonly string[]) => ["--mount", "--net", "sh", "-c", prepare, ...podman, ...argv];
  const tool = (...argv: readonly string[]) =>
    spawnSync("unshare", inside(...argv), { env, encoding: "utf8", timeout: 60_000 });
  mkdirSync(join(directory, "root/bin"), { recursive: true });
  copyFileSync(busybox, join(directory, "root/bin/busybox"));
  symlinkSync("busybox", join(directory, "root/bin/sleep"));
  writeFileSync(join(directory, "containers.conf"), settings);
  spawnSync("tar", ["-C", join(directory, "root"), "-cf", join(directory, "image.tar"), "."]);
  const bring = () => tool("import", join(directory, "image.tar"), `${image}:latest`);
  const socket = join(directory, "socket");
  /** Somebody else asks the same service. */
  const others = (...argv: readonly string[]) =>
    assert.equal(spawnSync("podman", ["--url", `unix://${socket}`, ...argv], { env, timeout: 60_000 }).status, 0);
  const stop = new AbortController();
  const tried = [bring(), tool("run", "--rm", image, "/bin/busybox", "true")].find(({ status }) => status !== 0);
  const service = spawn("unshare", inside("system", "service", "--time=0", `unix://${socket}`), {
    env,
    stdio: "ignore",
  });
  try {
    if (tried !== undefined) return notTried(context, `podman can run nothing here: ${tried.stderr.trim()}`);
    for (const start = Date.now(); !existsSync(socket); ) {
      assert.ok(Date.now() - start < 60_000, "it listens");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const real = linuxHost();
    const environment = (name: string) => (name === "DOCKER_HOST" ? `unix://${socket}` : real.system.environment(name));
    const host: Host = { ...real, system: { ...real.system, environment } };
    const container = (fields: AnyWant) =>
      drive(dockerContainer, "web", { image, cmd: ["/bin/busybox", "sleep", "1000"], ...fields }, host, {
        signal: stop.signal,
      });
    const running = container({ env: ["A=1"] });
    assert.deepEqual(await running.settle(), [`+ make the container from ${image}`, "~ start it"]);
    assert.deepEqual(await running.plan(), []);
    const watch = running.watch();
    await watch.next();
    others("kill", "web");
    assert.deepEqual(await repairedSoon(running, watch), ["~ start it"]);
    others("rm", "--force", "web");
    assert.deepEqual(await repairedSoon(running, watch), [`+ make the container from ${image}`, "~ start it"]);
    await assert.rejects(container({ env: ["A=2"] }).settle(), { code: "conflict", message: /its A is another one/ });
    const anew = container({ env: ["A=2"], force: true });
    assert.equal((await anew.settle()).at(-1), "~ start it");
    assert.deepEqual(await anew.plan(), []);
    const own = drive(dockerImage, image, { state: "absent" }, host);
    await assert.rejects(own.settle(), { code: "conflict" });
    assert.deepEqual(await container({ state: "removed" }).settle(), ["- remove the container"]);
    assert.deepEqual(await own.settle(), [`- remove the image ${image}:latest`]);
    assert.deepEqual(await own.plan(), []);
    const missing = drive(dockerImage, "localhost/missing", {}, host);
    await assert.rejects(missing.settle(), /localhost\/missing:latest cannot be pulled/);
  } finally {
    stop.abort();
    spawnSync("podman", ["--url", `unix://${socket}`, "rm", "--all", "--force"], { env, timeout: 60_000 });
    const ended = new Promise((resolve) => service.once("exit", resolve));
    service.kill("SIGTERM");
    await ended;
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
});

proves("docker:container", "real part");
proves("docker:image", "real part");
