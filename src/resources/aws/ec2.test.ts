// SPDX-License-Identifier: Apache-2.0
// Machines of Amazon EC2, from a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { type DrivenResource, drive, problemsOf } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { converge, settle } from "../asking/waiting.test-support.ts";
import { bytesOf } from "../../values/bytes.ts";
import { TwinAmazon, type TwinInstance } from "./amazon.test-support.ts";
import { awsEc2 } from "./ec2.ts";

const imageid = "ami-0123456789abcdef0";
const fields = { state: "running", region: "eu-central-1", type: "t3.micro", imageid };

interface Machine {
  readonly host: MemoryHost;
  readonly amazon: TwinAmazon;
  readonly ec2: (fields?: AnyWant, signal?: AbortSignal) => DrivenResource;
  readonly instance: () => TwinInstance;
}

function machine(environment?: Readonly<Record<string, string>>): Machine {
  const amazon = new TwinAmazon();
  const host = memoryHost({
    environment: environment ?? {
      AWS_ACCESS_KEY_ID: amazon.id,
      AWS_SECRET_ACCESS_KEY: amazon.secret,
      AWS_ENDPOINT_URL: "https://aws.example/",
    },
  });
  host.outside.serve("https://aws.example", amazon.serve);
  host.outside.serve("https://ec2.eu-central-1.amazonaws.com", (request) =>
    amazon.serve({ ...request, headers: new Map([...request.headers, ["host", "ec2.eu-central-1.amazonaws.com"]]) }),
  );
  const ec2 = (more: AnyWant = {}, signal?: AbortSignal) =>
    drive(awsEc2, "web1", { ...fields, ...more }, host, signal === undefined ? {} : { signal });
  const instance = () => {
    const found = amazon.instances.find(({ state }) => state !== "terminated");
    assert.ok(found !== undefined);
    return found;
  };
  return { host, amazon, ec2, instance };
}

test("a machine is made, stopped, started and removed", async () => {
  const { host, amazon, ec2, instance } = machine();
  assert.deepEqual(await converge(host, ec2({ userdata: "#!/bin/sh\nx ä" })), ["+ make the machine"]);
  assert.equal(instance().name, "mgmt:web1");
  assert.equal(Buffer.from(instance().userData ?? "", "base64").toString(), "#!/bin/sh\nx ä");
  assert.deepEqual(await converge(host, ec2({ state: "stopped" })), ["~ stop it"]);
  assert.deepEqual(await converge(host, ec2({ state: "stopped", type: "t3.small" })), [
    "~ make it a t3.small (was t3.micro)",
  ]);
  assert.deepEqual(await converge(host, ec2()), ["~ make it a t3.micro (was t3.small)", "~ start it"]);
  assert.deepEqual(await converge(host, ec2({ state: "terminated" })), ["- remove the machine with all that is on it"]);
  assert.equal(amazon.instances[0]?.state, "terminated");
  assert.deepEqual(await converge(host, ec2({ state: "stopped" })), ["+ make the machine", "~ stop it"]);
});

test("what cannot be changed is told", async () => {
  const { host, amazon, ec2, instance } = machine();
  await converge(host, ec2());
  await assert.rejects(settle(host, ec2({ type: "t3.small" })), {
    code: "conflict",
    message: "the machine mgmt:web1 is a t3.micro, not a t3.small, and runs",
  });
  await assert.rejects(settle(host, ec2({ imageid: "ami-00000000" })), {
    code: "conflict",
    message: `the machine mgmt:web1 was made from ${imageid}, not from ami-00000000`,
  });
  amazon.instances.push({ ...instance(), id: "i-2" });
  await assert.rejects(ec2().plan(), {
    code: "conflict",
    message: /^several machines have the name mgmt:web1: i-0.*, i-2/,
  });
});

test("credentials come from the environment, the file of the user, or the machine itself", async () => {
  const { secret } = new TwinAmazon();
  const file = `[other]\naws_access_key_id = x\n[work]\n# mine\naws_access_key_id=AKIDEXAMPLE\naws_secret_access_key = ${secret}\n`;
  const fromFile = machine({ HOME: "/users/carol", AWS_PROFILE: "work" });
  fromFile.host.outside.makeDirectory("/users/carol/.aws");
  fromFile.host.outside.write("/users/carol/.aws/credentials", file);
  await converge(fromFile.host, fromFile.ec2());
  const elsewhere = machine({ AWS_SHARED_CREDENTIALS_FILE: "/c", HOME: "/users/carol" });
  elsewhere.host.outside.write("/c", file);
  await assert.rejects(elsewhere.ec2().plan(), { code: "denied", message: "/c has no key for the profile default" });
  const ofMachine = machine({});
  await assert.rejects(ofMachine.ec2().plan(), { code: "denied", message: /no credentials for Amazon/ });
  ofMachine.host.outside.serve("http://169.254.169.254", ({ method, path, headers }) => {
    if (method === "PUT" && path === "/latest/api/token") return { status: 200, body: "TOKEN" };
    if (headers.get("x-aws-ec2-metadata-token") !== "TOKEN") return { status: 401 };
    if (path === "/latest/meta-data/iam/security-credentials/") return { status: 200, body: "role" };
    const body = JSON.stringify({ AccessKeyId: "AKIDEXAMPLE", SecretAccessKey: secret, Token: "t" });
    return { status: 200, body };
  });
  await converge(ofMachine.host, ofMachine.ec2());
});

test("what Amazon says against it is told, without the key", async () => {
  const { host, amazon, ec2 } = machine();
  const refusal = (status: number, code: string, message: string) => ({
    status,
    body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors></Response>`,
  });
  amazon.refusal = refusal(503, "RequestLimitExceeded", "Too fast");
  await assert.rejects(ec2().plan(), { code: "busy", retry: "backoff", message: /RequestLimitExceeded: Too fast$/ });
  amazon.refusal = refusal(403, "UnauthorizedOperation", "No");
  await assert.rejects(ec2().plan(), { code: "denied" });
  amazon.refusal = { status: 502, body: "<html>" };
  await assert.rejects(ec2().plan(), { code: "unreachable", message: /status 502$/ });
  const wrong = machine({
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "wr0ng-s3cret",
    AWS_ENDPOINT_URL: "https://aws.example",
  });
  await assert.rejects(wrong.ec2().plan(), (reason: Error) => !reason.message.includes("wr0ng"));
  host.outside.serve("https://aws.example", undefined);
  await assert.rejects(ec2().plan(), { code: "unreachable", retry: "backoff" });
});

test("it is looked at again and again, and what others change is mended", async () => {
  const { host, amazon, ec2, instance } = machine();
  await converge(host, ec2());
  const stop = new AbortController();
  const resource = ec2({}, stop.signal);
  const watch = resource.watch();
  await watch.next();
  amazon.change(instance(), "stopped");
  const told = watch.next();
  await host.clock.advance(16_000);
  await told;
  assert.deepEqual(await settle(host, resource), ["~ start it"]);
  stop.abort();
});

test("Amazon tells by itself when it can reach us, and what is set up for that is taken back", async () => {
  const { host, amazon, ec2, instance } = machine();
  await converge(host, ec2());
  const send = (body: string) => host.outside.strangers.ask(8080, { method: "POST", target: "/", body: bytesOf(body) });
  amazon.deliver = (endpoint, body) => {
    assert.equal(endpoint, "http://me.example:8080/");
    send(body).catch(() => {});
  };
  const stop = new AbortController();
  const push = { watchendpoint: "http://me.example:8080/", watchlistenaddr: ":8080" };
  const resource = ec2(push, stop.signal);
  assert.deepEqual(resource.check(), []);
  const watch = resource.watch();
  await watch.next();
  amazon.change(instance(), "stopped");
  await watch.next();
  assert.deepEqual(await settle(host, resource), ["~ start it"]);
  assert.equal((await send("no JSON"))?.status, 400);
  assert.equal((await send(JSON.stringify({ Type: "Notification", TopicArn: "another" })))?.status, 400);
  assert.deepEqual([amazon.topics.size, amazon.rules.size], [1, 1]);
  stop.abort();
  while ((await watch.next()).done !== true);
  assert.deepEqual([amazon.topics.size, amazon.rules.size], [0, 0]);

  const strict = ec2({ ...push, erroronmalformedpost: true });
  const watching = strict.watch();
  await watching.next();
  await send("no JSON");
  await assert.rejects(
    async () => {
      for (;;) await watching.next();
    },
    { code: "invalid", message: /something else than a notice of Amazon/ },
  );
});

test("mistakes are found before anything is touched", () => {
  const titles = (more: AnyWant) => problemsOf(awsEc2, "web1", { ...fields, ...more });
  assert.deepEqual(titles({ watchendpoint: "https://a/b", watchlistenaddr: "[::1]:80" }), []);
  assert.deepEqual(titles({ state: "terminated", type: "", imageid: "" }), []);
  assert.deepEqual(titles({ state: "" }), ["a machine needs a `state`"]);
  assert.deepEqual(titles({ region: "" }), ["a machine needs a `region`"]);
  assert.deepEqual(titles({ type: "big" }), ['"big" is no type of a machine']);
  assert.deepEqual(titles({ imageid: "" }), ["a machine needs an `imageid`"]);
  const together = "`watchendpoint` and `watchlistenaddr` belong together";
  assert.deepEqual(titles({ watchendpoint: "http://a" }), [together]);
  assert.deepEqual(titles({ watchendpoint: "a", watchlistenaddr: ":1" }), ['"a" is no URL for http or https']);
  assert.deepEqual(titles({ watchendpoint: "http://a", watchlistenaddr: "1" }), ['"1" is no address with a port']);
  assert.deepEqual(titles({ erroronmalformedpost: true }), ["`erroronmalformedpost` needs a `watchlistenaddr`"]);
  assert.deepEqual(titles({ userdata: "x".repeat(16_385) }), ["`userdata` may have 16 KiB, but has 16385 bytes"]);
});

test("whatever machine is there, one pass settles it, or says why not", async () => {
  const type = fc.constantFrom("t3.micro", "t3.small");
  const image = fc.constantFrom(imageid, "ami-00000000");
  const there = fc.option(fc.record({ type, image, state: fc.constantFrom("running", "stopped", "terminated") }));
  const wanted = fc.record({ type, imageid: image, state: fc.constantFrom("running", "stopped", "terminated") });
  await fc.assert(
    fc.asyncProperty(there, wanted, async (before, want) => {
      const { host, amazon, ec2 } = machine();
      amazon.delay = 1;
      if (before !== null) amazon.instances.push({ id: "i-9", name: "mgmt:web1", userData: undefined, ...before });
      const planned = await ec2(want).plan();
      if (planned.some(({ mark }) => mark === "!")) await assert.rejects(settle(host, ec2(want)), { code: "conflict" });
      else await converge(host, ec2(want));
    }),
    { numRuns: 420 },
  );
});

proves("aws:ec2", "twice", "outside change", "bad values", "random starts");

const making = "it says how a machine is made";
const telling = "it says by which way Amazon tells of changes";

/** Others do it, and it is time for the next look. */
async function later({ host }: Machine, change: () => void): Promise<void> {
  change();
  await host.clock.advance(16_000);
}

eachField("aws:ec2", {
  machine: () => machine(),
  settle: ({ host }, resource) => settle(host, resource),
  name: "web1",
  fields,
  changes: {
    state: [
      { outside: (made) => later(made, () => made.amazon.change(made.instance(), "stopped")), repair: ["~ start it"] },
      {
        outside: (made) => later(made, () => made.amazon.change(made.instance(), "terminated")),
        repair: ["+ make the machine"],
      },
      {
        fields: { state: "stopped" },
        outside: (made) => later(made, () => made.amazon.change(made.instance(), "running")),
        repair: ["~ stop it"],
      },
    ],
    type: {
      fields: { state: "stopped" },
      outside: (made) =>
        later(made, () => {
          made.instance().type = "t3.small";
        }),
      repair: ["~ make it a t3.micro (was t3.small)"],
    },
  },
  parameters: {
    region: "it says where the machine is, and no machine can leave it",
    imageid: "no machine can be given another one",
    userdata: making,
    ...{ watchendpoint: telling, watchlistenaddr: telling, erroronmalformedpost: telling },
  },
});
