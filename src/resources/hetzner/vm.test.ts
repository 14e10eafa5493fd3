// SPDX-License-Identifier: Apache-2.0
// Servers of Hetzner Cloud, from a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { type DrivenResource, drive, problemsOf } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { converge, settle } from "../asking/waiting.test-support.ts";
import { TwinCloud, type TwinServer } from "./cloud.test-support.ts";
import { hetznerVm } from "./vm.ts";

const fields = { state: "running", servertype: "cx22", image: "debian-12", datacenter: "fsn1" };

interface Machine {
  readonly host: MemoryHost;
  readonly cloud: TwinCloud;
  readonly vm: (fields?: AnyWant) => DrivenResource;
  readonly server: () => TwinServer;
}

function machine(): Machine {
  const host = memoryHost();
  const cloud = new TwinCloud();
  host.outside.serve("https://api.hetzner.cloud", cloud.serve);
  const server = () => {
    const found = cloud.servers.get("web1");
    assert.ok(found !== undefined);
    return found;
  };
  return {
    host,
    cloud,
    server,
    vm: (more = {}) => drive(hetznerVm, "web1", { apitoken: cloud.token, ...fields, ...more }, host),
  };
}

test("a server is made, switched off and on, and removed", async () => {
  const { host, cloud, vm, server } = machine();
  assert.deepEqual(await converge(host, vm({ userdata: "#cloud-config\n" })), ["+ make the server"]);
  const { type, image, place, userData, status } = server();
  assert.deepEqual(
    [type, image, place, userData, status],
    ["cx22", "debian-12", "fsn1-dc1", "#cloud-config\n", "running"],
  );
  assert.deepEqual(await converge(host, vm({ state: "exists" })), []);
  assert.deepEqual(await converge(host, vm({ state: "off" })), ["~ switch it off"]);
  assert.deepEqual(await converge(host, vm({ state: "exists" })), []);
  assert.deepEqual(await converge(host, vm({ state: "" })), []);
  assert.deepEqual(await converge(host, vm()), ["~ start it"]);
  assert.deepEqual(await converge(host, vm({ state: "absent" })), ["- remove the server with all that is on it"]);
  assert.equal(cloud.servers.size, 0);
  assert.deepEqual(await converge(host, vm({ state: "" })), []);
  assert.deepEqual(await converge(host, vm({ state: "off", datacenter: "fsn1-dc14" })), ["+ make the server"]);
  assert.equal(server().place, "fsn1-dc14");
});

test("what cannot be changed is told, left, or made anew, as allowed", async () => {
  const { host, cloud, vm, server } = machine();
  await converge(host, vm());
  await assert.rejects(settle(host, vm({ servertype: "cx32" })), {
    code: "conflict",
    message: "the server web1 is another one than declared: its type is cx22",
  });
  await converge(host, vm({ servertype: "cx32", image: "other", datacenter: "hel1", allowrebuild: "ignore" }));
  assert.equal(server().type, "cx22");
  const { id } = server();
  assert.deepEqual(await converge(host, vm({ servertype: "cx32", allowrebuild: "ifneeded" })), [
    "~ switch it off",
    "~ make it a cx32 (was cx22)",
    "~ start it",
  ]);
  const image = "fedora-42";
  const installed = { servertype: "cx32", image, allowrebuild: "ifneeded" };
  assert.deepEqual(await converge(host, vm(installed)), ["~ install fedora-42 anew (was debian-12)"]);
  assert.deepEqual([server().id, server().type, server().image], [id, "cx32", image]);
  server().image = undefined;
  assert.deepEqual(await converge(host, vm({ ...installed, state: "off" })), [
    "~ install fedora-42 anew (was gone)",
    "~ switch it off",
  ]);
  assert.deepEqual(await converge(host, vm({ ...installed, datacenter: "hel1" })), [
    "- remove the server with all that is on it",
    "+ make the server",
  ]);
  assert.notEqual(server().id, id);
  assert.equal(cloud.servers.size, 1);
});

test("a server starts a rescue system with keys, and its own system again", async () => {
  const { host, cloud, vm, server } = machine();
  const rescue = { serverrescuemode: "linux64", serverrescuekeys: ["admin", "7"], state: "off" };
  assert.deepEqual(await converge(host, vm(rescue)), [
    "+ make the server",
    "~ let it start the rescue system linux64 the next time",
  ]);
  assert.deepEqual(server().rescueKeys, [42, 7]);
  assert.deepEqual(await converge(host, vm({ state: "off" })), ["~ let it start its own system the next time"]);
  await assert.rejects(settle(host, vm({ ...rescue, serverrescuekeys: ["nobody"] })), { code: "not-found" });
  await converge(host, vm({ state: "absent" }));
  cloud.asked.length = 0;
  const again = "~ let it start the rescue system linux64 the next time";
  const running = vm({ ...rescue, state: "running" });
  assert.deepEqual(await converge(host, running), ["+ make the server", again, "~ start it", again]);
  assert.match(cloud.asked.join("\n"), /"start_after_create":false[^]*enable_rescue[^]*poweron[^]*enable_rescue/);
  assert.deepEqual(await settle(host, running), [], "the start has not used it up");
});

test("what is under way is waited for, and what takes too long is told", async () => {
  const { host, cloud, vm, server } = machine();
  await converge(host, vm());
  server().status = "migrating";
  const waiting = settle(host, vm({ state: "off" }));
  await host.clock.advance(12_000);
  server().status = "running";
  assert.deepEqual(await waiting, ["! wait until it is not migrating any more"]);
  assert.equal(server().status, "off");
  cloud.delay = 1_000_000;
  await assert.rejects(settle(host, vm({ waittimeout: 30 })), {
    code: "timed-out",
    message: "the server web1 is starting after 30 s of waiting",
  });
  cloud.finish();
  cloud.servers.delete("web1");
  await assert.rejects(settle(host, vm({ waittimeout: 30 })), { code: "timed-out" });
});

test("what the cloud says against it is told, without the token", async () => {
  const { host, cloud, vm } = machine();
  const message = "Hetzner Cloud refuses to GET /servers: unable to authenticate";
  await assert.rejects(vm({ apitoken: "wr0ng" }).plan(), { code: "denied", message });
  cloud.refusal = { status: 429, body: JSON.stringify({ error: { message: "limit of 3600 requests per hour" } }) };
  await assert.rejects(vm().plan(), { code: "busy", retry: "backoff", message: /limit of 3600/ });
  cloud.refusal = { status: 500, body: "<html>" };
  await assert.rejects(vm().plan(), { code: "command-failed", message: /status 500$/ });
  host.outside.serve("https://api.hetzner.cloud", undefined);
  await assert.rejects(vm().plan(), { code: "unreachable", retry: "backoff" });
  assert.equal(hetznerVm.fields["apitoken"]?.secret, true);
  assert.equal(hetznerVm.fields["userdata"]?.secret, true);
});

test("mistakes are found before anything is touched", () => {
  const titles = (more: AnyWant, name = "web1") => problemsOf(hetznerVm, name, { apitoken: "t", ...fields, ...more });
  assert.deepEqual(titles({}), []);
  assert.deepEqual(titles({ state: "absent", servertype: "", image: "" }), []);
  assert.deepEqual(titles({}, "a_b"), ['"a_b" is no name of a server']);
  assert.deepEqual(titles({ apitoken: "" }), ["Hetzner Cloud needs an `apitoken`"]);
  assert.deepEqual(titles({ apitoken: "a\nb" }), ["`apitoken` has characters that no token has"]);
  assert.deepEqual(titles({ servertype: "" }), ["a server needs a `servertype`"]);
  assert.deepEqual(titles({ image: "" }), ["a server needs an `image`"]);
  assert.deepEqual(titles({ userdata: "x".repeat(32_769) }), ["`userdata` may have 32 KiB, but has 32769 bytes"]);
  assert.deepEqual(titles({ serverrescuekeys: ["a"] }), ["`serverrescuekeys` needs a `serverrescuemode`"]);
  assert.deepEqual(titles({ waitinterval: 0 }), ["`waitinterval` is one second at least, not 0"]);
  assert.deepEqual(titles({ waittimeout: 1 }), ["`waittimeout` is 1, less than `waitinterval`, 5"]);
});

test("whatever server is there, one pass settles it", async () => {
  const type = fc.constantFrom("cx22", "cx32");
  const image = fc.constantFrom("debian-12", "fedora-42");
  const place = fc.constantFrom("fsn1", "hel1");
  const there = fc.option(
    fc.record({ type, image, place, status: fc.constantFrom("running", "off", "starting"), rescue: fc.boolean() }),
  );
  const state = fc.constantFrom("exists", "running", "off", "absent", "");
  const wanted = fc.record({ servertype: type, image, datacenter: place, state });
  await fc.assert(
    fc.asyncProperty(there, wanted, async (before, want) => {
      const { host, cloud, vm } = machine();
      cloud.delay = 1;
      if (before !== null) {
        const { rescue, place: at, ...rest } = before;
        const server: TwinServer = {
          id: 5,
          name: "web1",
          userData: undefined,
          rescueKeys: [],
          ...rest,
          place: `${at}-dc1`,
          rescue: rescue ? "linux64" : undefined,
        };
        cloud.servers.set("web1", server);
        if (server.status === "starting") {
          host.clock.after(7_000, () => {
            if (server.status === "starting") server.status = "running";
          });
        }
      }
      await converge(host, vm({ ...want, allowrebuild: "ifneeded" }));
    }),
    { numRuns: 300 },
  );
});

proves("hetzner:vm", "twice", "bad values", "random starts");

const making = "it says how a server is made";
const waiting = "it says how long is waited";

eachField("hetzner:vm", {
  machine,
  isPolled: true,
  settle: ({ host }, resource) => settle(host, resource),
  name: "web1",
  fields: { ...fields, apitoken: new TwinCloud().token, allowrebuild: "ifneeded" },
  changes: {
    state: [
      {
        outside: ({ server }) => {
          server().status = "off";
        },
        repair: ["~ start it"],
      },
      {
        outside: ({ cloud }) => {
          cloud.servers.delete("web1");
        },
        repair: ["+ make the server"],
      },
    ],
    servertype: {
      outside: ({ server }) => {
        server().type = "cx32";
      },
      repair: ["~ switch it off", "~ make it a cx22 (was cx32)", "~ start it"],
    },
    image: {
      outside: ({ server }) => {
        server().image = "debian-11";
      },
      repair: ["~ install debian-12 anew (was debian-11)"],
    },
    serverrescuemode: {
      fields: { state: "off", serverrescuemode: "linux64", serverrescuekeys: ["admin"] },
      outside: ({ server }) => {
        server().rescue = undefined;
      },
      repair: ["~ let it start the rescue system linux64 the next time"],
    },
  },
  parameters: {
    apitoken: "it says who asks",
    allowrebuild: "it says what may be done about the others",
    datacenter: "it says where a server is, and none can leave it",
    userdata: making,
    serverrescuekeys: "what keys a rescue system has is said to nobody",
    ...{ waitinterval: waiting, waittimeout: waiting },
  },
});
