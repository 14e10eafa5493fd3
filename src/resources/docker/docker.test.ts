// SPDX-License-Identifier: Apache-2.0
// Containers and images of an engine on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, type DrivenResource, problemsOf, renderStep, repaired } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { MapValue } from "../../values/value.ts";
import { dockerContainer } from "./container.ts";
import { type TwinContainer, TwinEngine } from "./engine.test-support.ts";
import { dockerImage } from "./image.ts";
import { isImageName, wholeName } from "./images.ts";

interface Machine {
  readonly host: MemoryHost;
  readonly engine: TwinEngine;
  readonly container: (fields?: AnyWant, signal?: AbortSignal) => DrivenResource;
}

const socket = "/var/run/docker.sock";

function machine(): Machine {
  const host = memoryHost();
  const engine = new TwinEngine();
  host.outside.serve(socket, engine.serve);
  return {
    host,
    engine,
    container: (fields = {}, signal) =>
      drive(dockerContainer, "web", { image: "nginx", ...fields }, host, signal === undefined ? {} : { signal }),
  };
}

function tcp(...pairs: readonly (readonly [number, number])[]): MapValue {
  return new MapValue([
    ["tcp", new MapValue(pairs.map(([outside, inside]) => [BigInt(outside), BigInt(inside)] as const))],
  ]);
}

test("a container is made from an image that is pulled, started, stopped and removed", async () => {
  const { engine, container } = machine();
  const fields = { cmd: ["run", "it"], env: ["A=b"], ports: tcp([8080, 80]) };
  const running = container(fields);
  assert.deepEqual(running.check(), []);
  assert.deepEqual(await running.settle(), ["+ pull nginx:latest", "+ make the container from nginx", "~ start it"]);
  assert.deepEqual(running.said, ["Pulling from nginx:latest", "Downloaded nginx:latest"]);
  assert.deepEqual(await running.plan(), []);
  const made = engine.containers.get("web");
  assert.deepEqual(made?.Config, { Image: "nginx:latest", Cmd: ["run", "it"], Env: ["A=b", "PATH=/usr/bin"] });
  assert.deepEqual(made?.HostConfig.PortBindings, { "80/tcp": [{ HostPort: "8080" }] });
  assert.equal(made?.State.Running, true);
  const stopped = container({ ...fields, state: "stopped" });
  assert.deepEqual(await stopped.settle(), ["~ stop it"]);
  assert.deepEqual(await stopped.plan(), []);
  const removed = container({ state: "removed" });
  assert.deepEqual(await removed.settle(), ["- remove the container"]);
  assert.deepEqual(await removed.plan(), []);
});

test("what cannot be changed is told, or made anew by force, and values of the environment are shown nowhere", async () => {
  const { engine, container } = machine();
  const fields = { cmd: ["a"], env: ["SECRET=x"], ports: tcp([1, 1]) };
  await container(fields).settle();
  const others: readonly (readonly [AnyWant, string])[] = [
    [{ ...fields, image: "nginx:1.27" }, "its image is nginx:latest, not nginx:1.27"],
    [{ ...fields, cmd: ["b"] }, "it runs a"],
    [{ ...fields, env: ["SECRET=y"] }, "its SECRET is another one"],
    [{ ...fields, ports: tcp([2, 1]) }, "its ports are 1:1/tcp"],
  ];
  for (const [other, why] of others) {
    await assert.rejects(container(other).settle(), {
      code: "conflict",
      message: `the container web was made in another way: ${why}`,
    });
    const forced = container({ ...other, force: true });
    const done = await forced.settle();
    assert.ok(done.includes("- remove the container") && done.includes("~ start it"));
    assert.deepEqual(await forced.plan(), []);
    await container({ ...fields, force: true }).settle();
  }
  assert.equal(engine.containers.size, 1);
});

test("each change by others is told by the engine and mended", async () => {
  const { host, engine, container } = machine();
  const stop = new AbortController();
  const resource = container({ force: true }, stop.signal);
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  const web = () => {
    const found = engine.containers.get("web");
    assert.ok(found !== undefined);
    return found;
  };
  const changes: readonly (readonly [() => void, string])[] = [
    [() => (web().State.Running = false), "~ start it"],
    [() => (web().State.Paused = true), "~ let it go on (was paused)"],
    [() => engine.containers.delete("web"), "+ make the container from nginx"],
    [
      () => engine.containers.set("web", { ...web(), Config: { ...web().Config, Image: "other:1" } }),
      "- remove the container",
    ],
  ];
  for (const [change, step] of changes) {
    const done = await repaired(resource, watch, host, () => {
      change();
      engine.tell();
    });
    assert.equal(done[0], step);
    assert.deepEqual(await resource.plan(), []);
  }
  stop.abort();
});

test("an engine that is not there yet is waited for", async () => {
  const { host, engine, container } = machine();
  host.outside.serve(socket, undefined);
  host.outside.makeDirectory("/var/run");
  const stop = new AbortController();
  const resource = container({}, stop.signal);
  const watch = resource.watch();
  await watch.next();
  await assert.rejects(resource.plan(), { code: "unreachable", retry: "backoff" });
  host.outside.serve(socket, engine.serve);
  host.outside.makeOther(socket);
  await watch.next();
  await resource.settle();
  assert.equal(engine.containers.get("web")?.State.Running, true);
  stop.abort();
});

test("an image is pulled and removed, and what the engine says against it is told", async () => {
  const { host, engine } = machine();
  const image = (name: string, fields: AnyWant = {}) => drive(dockerImage, name, fields, host);
  assert.deepEqual(await image("nginx:1.27").settle(), ["+ pull nginx:1.27"]);
  assert.deepEqual(await image("nginx:1.27").plan(), []);
  await image("nginx").settle();
  await assert.rejects(image("no/such:1").settle(), { code: "not-found", message: /no\/such:1 cannot be pulled/ });
  await drive(dockerContainer, "web", { image: "nginx" }, host).settle();
  await assert.rejects(image("nginx", { state: "absent" }).settle(), {
    code: "conflict",
    message: /container web uses it/,
  });
  await drive(dockerContainer, "web", { image: "nginx", state: "removed" }, host).settle();
  assert.deepEqual(await image("nginx", { state: "absent" }).settle(), ["- remove the image nginx:latest"]);
  assert.deepEqual(await image("nginx", { state: "absent" }).plan(), []);
  await image("busybox", { apiversion: "v1.41" }).settle();
  assert.ok(engine.asked.includes("GET /v1.41/images/busybox:latest/json"));
});

test("the engine may be elsewhere", async () => {
  const engine = new TwinEngine();
  const host = memoryHost({ environment: { DOCKER_HOST: "tcp://engine.example:2375" } });
  host.outside.serve("http://engine.example:2375", engine.serve);
  await drive(dockerImage, "nginx", {}, host).settle();
  assert.ok(engine.images.has("nginx:latest"));
  const odd = memoryHost({ environment: { DOCKER_HOST: "ssh://x" } });
  await assert.rejects(drive(dockerImage, "nginx", {}, odd).plan(), { code: "unsupported" });
});

test("a container comes after its image, and goes before it", () => {
  const wishes = (state: string) =>
    [...(dockerContainer.edges?.wishes({ image: "nginx", state }, "web", new Map()) ?? [])].map(({ order, anyOf }) => [
      order,
      [...anyOf],
    ]);
  assert.deepEqual(wishes("running"), [["before", [{ space: "container image", id: "nginx:latest" }]]]);
  assert.deepEqual(wishes("removed"), [["after", [{ space: "container image", id: "nginx:latest" }]]]);
  assert.deepEqual(dockerImage.edges?.offers({}, "nginx", new Map()), [
    { space: "container image", id: "nginx:latest" },
  ]);
});

test("mistakes are found before anything is touched", () => {
  const titles = (name: string, fields: AnyWant) => problemsOf(dockerContainer, name, fields);
  const image = "nginx";
  assert.deepEqual(titles("web", { image, env: ["A="], ports: tcp([1, 65_535]), apiversion: "v1.41" }), []);
  assert.deepEqual(titles("web", {}), ["a container needs an `image`"]);
  assert.deepEqual(titles("w/b", { image }), ['"w/b" is no name of a container']);
  assert.deepEqual(titles("web", { image: "Bad Name" }), ['"Bad Name" is no name of an image']);
  assert.deepEqual(titles("web", { image, env: ["x"] }), ['"x" is no variable of an environment']);
  assert.deepEqual(titles("web", { image, ports: tcp([0, 80]) }), ["there is no port 0"]);
  assert.deepEqual(titles("web", { image, ports: new MapValue([["icmp", new MapValue([[1n, 1n]])]]) }), [
    '"icmp" is neither tcp, udp nor sctp',
  ]);
  assert.deepEqual(titles("web", { image, apiversion: "1.41" }), ['"1.41" is no version of an interface']);
  assert.deepEqual(problemsOf(dockerImage, "Bad Name", {}), ['"Bad Name" is no name of an image']);
});

test("names of images are whole with their tags", () => {
  assert.equal(wholeName("nginx"), "nginx:latest");
  assert.equal(wholeName("host:5000/team/app"), "host:5000/team/app:latest");
  assert.equal(wholeName("host:5000/team/app:2"), "host:5000/team/app:2");
  const digest = `app@sha256:${"a".repeat(64)}`;
  assert.equal(wholeName(digest), digest);
  assert.ok(["nginx", "host:5000/team/app:2.1", digest].every(isImageName));
  assert.ok(!["", "UPPER", "a b", "../x", "x:", "x?y"].some(isImageName));
});

test("whatever the engine has, one pass settles it, or says why not and leaves it", async () => {
  const made = fc.record({
    image: fc.constantFrom("nginx", "busybox"),
    cmd: fc.constantFrom<readonly string[]>([], ["a"]),
    env: fc.constantFrom<readonly string[]>([], ["A=1"]),
    ports: fc.constantFrom(tcp(), tcp([80, 80])),
  });
  const state = fc.constantFrom("running", "stopped", "removed");
  await fc.assert(
    fc.asyncProperty(
      fc.option(made),
      state,
      fc.boolean(),
      made,
      state,
      fc.boolean(),
      async (before, was, pauses, after, becomes, force) => {
        const { engine, container } = machine();
        if (before !== null) await container({ ...before, state: was }).settle();
        const there = engine.containers.get("web");
        if (there !== undefined && pauses) there.State.Paused = there.State.Running;
        const resource = container({ ...after, state: becomes, force });
        const planned = (await resource.plan()).map(renderStep);
        if (planned.some((step) => step.startsWith("!"))) {
          assert.equal(force, false);
          await assert.rejects(resource.settle(), { code: "conflict" });
          assert.equal(engine.containers.get("web"), there);
          return;
        }
        await resource.settle();
        assert.deepEqual(await resource.plan(), []);
        const now = engine.containers.get("web");
        assert.equal(now === undefined, becomes === "removed");
        assert.equal(now?.State.Running ?? false, becomes === "running");
        if (now !== undefined) assert.equal(now.Config.Image, wholeName(after.image));
      },
    ),
    { numRuns: 440 },
  );
});

test("an image that others remove is pulled again at once", async () => {
  const { host, engine } = machine();
  const stop = new AbortController();
  const resource = drive(dockerImage, "nginx", {}, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  const done = await repaired(resource, watch, host, () => {
    engine.images.delete("nginx:latest");
    engine.tell();
  });
  assert.deepEqual(done, ["+ pull nginx:latest"]);
  stop.abort();
});

test("whatever images the engine has, one pass settles it", async () => {
  const names = ["nginx", "nginx:1.27", "busybox"] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.subarray([...names]),
      fc.constantFrom(...names),
      fc.constantFrom("exists", "absent"),
      async (there, name, state) => {
        const { host, engine } = machine();
        for (const each of there) engine.images.add(wholeName(each));
        await converge(dockerImage, name, { state }, host);
        const wanted = new Set(there.map(wholeName));
        if (state === "exists") wanted.add(wholeName(name));
        else wanted.delete(wholeName(name));
        assert.deepEqual(engine.images, wanted);
      },
    ),
    { numRuns: 300 },
  );
});

proves("docker:container", "twice", "outside change", "bad values", "random starts");
proves("docker:image", "twice", "outside change", "bad values", "random starts");

/** Others make it anew, in another way. */
function remake({ engine }: Machine, config: Partial<TwinContainer["Config"]>, outside = "8080"): void {
  const found = engine.containers.get("web");
  assert.ok(found !== undefined);
  const HostConfig = { PortBindings: { "80/tcp": [{ HostPort: outside }] } };
  engine.containers.set("web", { ...found, HostConfig, Config: { ...found.Config, ...config } });
  engine.tell();
}

eachField("docker:container", {
  machine,
  name: "web",
  fields: { image: "nginx", cmd: ["run"], env: ["A=b"], ports: tcp([8080, 80]), force: true },
  changes: {
    state: [
      {
        outside: ({ engine }) => {
          engine.containers.delete("web");
          engine.tell();
        },
        repair: ["+ make the container from nginx", "~ start it"],
      },
      {
        fields: { state: "stopped" },
        outside: ({ engine }) => {
          const found = engine.containers.get("web");
          if (found !== undefined) found.State.Running = true;
          engine.tell();
        },
        repair: ["~ stop it"],
      },
      {
        fields: { state: "removed" },
        outside: async ({ container, engine }) => {
          await container().settle();
          engine.tell();
        },
        repair: ["- remove the container"],
      },
    ],
    image: {
      outside: (made) => remake(made, { Image: "nginx:1.27" }),
      repair: ["- remove the container", "+ make the container from nginx", "~ start it"],
    },
    cmd: {
      outside: (made) => remake(made, { Cmd: ["other"] }),
      repair: ["- remove the container", "+ make the container from nginx", "~ start it"],
    },
    env: {
      outside: (made) => remake(made, { Env: ["A=c"] }),
      repair: ["- remove the container", "+ make the container from nginx", "~ start it"],
    },
    ports: {
      outside: (made) => remake(made, {}, "8081"),
      repair: ["- remove the container", "+ make the container from nginx", "~ start it"],
    },
  },
  parameters: {
    apiversion: "it says how the engine is spoken to",
    force: "it says whether a container may be made anew",
  },
});

eachField("docker:image", {
  machine,
  name: "nginx",
  changes: {
    state: [
      {
        outside: ({ engine }) => {
          engine.images.delete("nginx:latest");
          engine.tell();
        },
        repair: ["+ pull nginx:latest"],
      },
      {
        fields: { state: "absent" },
        outside: ({ engine }) => {
          engine.images.add("nginx:latest");
          engine.tell();
        },
        repair: ["- remove the image nginx:latest"],
      },
    ],
  },
  parameters: { apiversion: "it says how the engine is spoken to" },
});
