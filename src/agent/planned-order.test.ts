// SPDX-License-Identifier: Apache-2.0
// What a plan says of resources that come after others that change: on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Host } from "../contract/host.ts";
import { memoryHost } from "../host/memory/index.ts";
import { catalogFor } from "./catalog.ts";
import { approvalOf, type Plan, planProgram } from "./plan-program.ts";
import { Trial } from "./trial.test-support.ts";

async function planOf(text: string, host: Host): Promise<Plan> {
  const { plan, problems } = await planProgram({
    path: text,
    reading: { workingDirectory: "/", readStandardInput: () => Promise.resolve("") },
    catalog: catalogFor("memory"),
    hostname: "memory",
    prefix: "/state",
    maxRuntimeMs: 60_000,
    host,
  });
  assert.deepEqual(problems, []);
  assert.ok(plan !== undefined);
  return plan;
}

/** `file[/a]: + write 1 byte`, `file[/b]: ? after user[x]`, `svc[c]: the message of its failure`. */
function linesOf({ resources }: Plan): readonly string[] {
  return resources.map(({ resource, steps, failure, waitsFor, after }) => {
    const what = steps.map(({ mark, text }) => `${mark} ${text}`).join(", ");
    const known = failure?.message ?? (waitsFor === undefined ? what : `waits for ${waitsFor}`);
    return `${resource}: ${known === "" ? `? after ${after?.join(", ")}` : known}`;
  });
}

const program = `
user "app" {}
file "/srv/app/" { state => "exists", owner => "app", Depend => User["app"], }
file "/srv/app/a" { state => "exists", owner => "app", content => "a", }
file "/srv/app/b" { state => "exists", owner => "nobody-knows", content => "a", }
`;

test("what cannot be done yet follows from what is done before, and is no failure", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/srv");
  assert.deepEqual(linesOf(await planOf(program.replace(/file "\/srv\/app\/b".*\n/, ""), host)), [
    "file[/srv/app/]: ? after user[app]",
    "file[/srv/app/a]: ? after file[/srv/app/], user[app]",
    "user[app]: + add the user",
  ]);
});

test("what nothing before it can help is told as it is", async () => {
  const host = memoryHost();
  host.outside.makeDirectory("/srv/app");
  const alone = 'file "/srv/app/b" { state => "exists", owner => "nobody-knows", content => "a", }\n';
  assert.deepEqual(linesOf(await planOf(alone, host)), ["file[/srv/app/b]: ! there is no user named nobody-knows"]);
});

test("each package has its own steps, and a run may do behind them what it must, but nothing else", async () => {
  const host = memoryHost();
  const packages = 'pkg ["one", "two"] {}\n';
  host.outside.packages.publish("one", "1.0");
  host.outside.packages.publish("two", "2.0");
  const text = `${packages}file "/etc/one.conf" { state => "exists", content => "x", Depend => Pkg["one"], }
file "/etc/other" { state => "exists", content => "x", }
`;
  const plan = await planOf(text, host);
  assert.deepEqual(linesOf(plan), [
    "file[/etc/one.conf]: + write 1 byte",
    "file[/etc/other]: + write 1 byte",
    "pkg[one]: + install 1.0",
    "pkg[two]: + install 2.0",
  ]);
  const approve = approvalOf(plan);
  const other = [{ mark: "~", text: "write 1 byte (was 3)" }] as const;
  assert.equal(approve("file[/etc/one.conf]", other), undefined);
  assert.match(approve("file[/etc/other]", other)?.message ?? "", /others than the plan says/);
  assert.match(approve("file[/etc/third]", other)?.message ?? "", /not in the plan/);
  const trial = await Trial.start(text, host, { approve });
  assert.equal(trial.events.filter(({ type }) => type === "failed").length, 0);
  assert.equal(trial.events.filter(({ type }) => type === "step-applied").length, 4);
  await trial.stop();
});
