// SPDX-License-Identifier: Apache-2.0
// `docker:container` and `docker:image` over a real socket: against an engine of our own, and against the real one of
// this machine if it answers and has an image to try with.

import assert from "node:assert/strict";
import { existsSync, renameSync } from "node:fs";
import { test } from "node:test";
import type { Host } from "../../src/contract/host.ts";
import type { AnyWant } from "../../src/contract/resource.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { serve } from "../../src/host/linux/serve.test-support.ts";
import { dockerContainer } from "../../src/resources/docker/container.ts";
import { textsMember } from "../../src/resources/asking/members.ts";
import { engineOf } from "../../src/resources/docker/engine.ts";
import { TwinEngine } from "../../src/resources/docker/engine.test-support.ts";
import { MapValue } from "../../src/values/value.ts";
import { drive } from "../resource.ts";

/** This machine, with the engine at another place. */
function hostWith(socketPath: string): Host {
  const real = linuxHost();
  const environment = (name: string) =>
    name === "DOCKER_HOST" ? `unix://${socketPath}` : real.system.environment(name);
  return { ...real, system: { ...real.system, environment } };
}

test("a container is made, mended on the event, and removed over a socket", async () => {
  const engine = new TwinEngine();
  const served = await serve(engine.serve);
  const stop = new AbortController();
  try {
    const host = hostWith(served.socketPath);
    const ports = new MapValue([["tcp", new MapValue([[18_080n, 80n]])]]);
    const fields = { image: "nginx", ports };
    const resource = drive(dockerContainer, "web", fields, host, { signal: stop.signal });
    assert.deepEqual(await resource.settle(), ["+ pull nginx:latest", "+ make the container from nginx", "~ start it"]);
    assert.deepEqual(await resource.plan(), []);
    const watch = resource.watch();
    await watch.next();
    engine.containers.delete("web");
    engine.tell();
    while ((await resource.plan()).length === 0) await watch.next();
    await resource.settle();
    assert.equal(engine.containers.get("web")?.State.Running, true);
    // The engine goes away and comes back, as when it is updated.
    renameSync(served.socketPath, `${served.socketPath}.away`);
    await assert.rejects(resource.plan(), { code: "unreachable" });
    renameSync(`${served.socketPath}.away`, served.socketPath);
    assert.deepEqual(await resource.plan(), []);
    await drive(dockerContainer, "web", { ...fields, state: "removed" }, host).settle();
    assert.equal(engine.containers.size, 0);
  } finally {
    stop.abort();
    await served.close();
  }
});

test("the real engine keeps a container as declared", async (context) => {
  const host = linuxHost();
  const probe = drive(dockerContainer, "mgmt-test-probe", { image: "none", state: "removed" }, host);
  let images: unknown;
  try {
    images = await engineOf("", probe.env).look("/images/json");
  } catch (reason) {
    context.diagnostic(`not tried: ${reason instanceof Error ? reason.message : String(reason)}`);
    return;
  }
  const image = Array.isArray(images) ? images.flatMap((one) => textsMember(one, "RepoTags"))[0] : undefined;
  if (image === undefined || !existsSync("/var/run/docker.sock")) {
    context.diagnostic("not tried: the engine of this machine has no image");
    return;
  }
  const name = `mgmt-test-${process.pid}`;
  const settle = async (fields: AnyWant) => {
    const resource = drive(dockerContainer, name, { image, cmd: ["sleep", "600"], ...fields }, host);
    const done = await resource.settle();
    assert.deepEqual(await resource.plan(), []);
    return done.length;
  };
  try {
    assert.ok((await settle({ state: "stopped", env: ["A=1"] })) > 0);
    await settle({ state: "stopped", env: ["A=2"], force: true });
  } finally {
    await settle({ state: "removed" });
  }
});
