// SPDX-License-Identifier: Apache-2.0
// Reports of clients that nobody knows, on a machine in memory with strangers who ask: what is kept of them, and what is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cameTrue, proves, shows } from "../../test/proofs.ts";
import { problemsOf } from "../../test/resource.ts";
import { memoryHost } from "../host/memory/index.ts";
import { httpServerReport } from "../resources/http/report.ts";
import { readReport } from "../resources/http/server/report-member.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { Trial } from "./trial.test-support.ts";

const kind = "http:server:report";
const form = { "content-type": "application/x-www-form-urlencoded" };

const program = (fields: string): string => `import "value"
http:server ":8080" {}
http:server:report "/hello" { key_is => "mac", fields => ["vendor", "memory"], ${fields === "" ? "" : `${fields},`} }
value "seen" {}
Http:Server:Report["/hello"].reports -> Value["seen"].any
$seen struct{value []map{str: str}; ready bool} = value.get("seen")
for $index, $report in $seen->value {
	file ["/seen/" + ($report["mac"] <|> "")] { state => "exists", content => $report["vendor"] <|> "?", }
}
`;

function asking(trial: Trial) {
  return async (query: string, { method = "GET", headers = {}, body = "" } = {}) => {
    const asked = trial.host.outside.strangers.ask(8080, {
      target: `/hello${query}`,
      method,
      headers,
      body: bytesOf(body),
    });
    await trial.host.clock.settle();
    const answered = await asked;
    return [answered?.status, textOf(answered?.body ?? new Uint8Array())] as const;
  };
}

const mac = (number: number): string => `52:54:00:00:00:${number.toString(16).padStart(2, "0")}`;

async function started(fields = "", host = memoryHost()): Promise<Trial> {
  host.outside.makeDirectory("/seen");
  return Trial.start(program(fields), host);
}

test("who tells of itself is listed, once, and with what it has told last", async () => {
  const trial = await started('data => "#!ipxe\\nsleep 10\\n"');
  const ask = asking(trial);
  const { outside } = trial.host;
  trial.news();
  assert.deepEqual(await ask(`?mac=52-54-00-00-00-0A&vendor=Acme+%26+Sons`), [200, "#!ipxe\nsleep 10\n"]);
  assert.deepEqual(trial.news().slice(0, 1), [`http:server:report[/hello] ~ list ${mac(10)}`]);
  assert.equal(outside.read(`/seen/${mac(10)}`), "Acme & Sons");
  await ask(`?mac=${mac(10)}&vendor=Acme+%26+Sons`);
  assert.deepEqual(trial.news(), []);
  await ask("", { method: "POST", headers: form, body: `mac=${mac(10)}&vendor=Other` });
  assert.equal(outside.read(`/seen/${mac(10)}`), "Other");
  await trial.stop();
});

test("who is silent is forgotten, and begins anew", async () => {
  const trial = await started("forget => 30");
  const ask = asking(trial);
  const listed = () => trial.news().filter((line) => line.startsWith(`${kind}[`));
  await ask(`?mac=${mac(1)}`);
  await trial.host.clock.advance(20_000);
  await ask(`?mac=${mac(2)}`);
  listed();
  await trial.host.clock.advance(10_000);
  assert.deepEqual(listed(), [`${kind}[/hello] ~ forget ${mac(1)}`]);
  await trial.host.clock.advance(20_000);
  assert.deepEqual(listed(), [`${kind}[/hello] ~ forget ${mac(2)}`]);
  await trial.host.clock.advance(600_000);
  assert.deepEqual(listed(), []);
  await trial.stop();
});

test("there are never more than as many as are wanted, and those who are listed stay", async () => {
  const trial = await started("most => 2, forget => 30");
  const ask = asking(trial);
  assert.deepEqual(
    [(await ask(`?mac=${mac(1)}`))[0], (await ask(`?mac=${mac(2)}`))[0], (await ask(`?mac=${mac(3)}`))[0]],
    [200, 200, 503],
  );
  assert.equal((await ask(`?mac=${mac(1)}&vendor=new`))[0], 200);
  await trial.host.clock.advance(30_000);
  assert.equal((await ask(`?mac=${mac(3)}`))[0], 200);
  await trial.stop();
});

test("what is no report is refused, and nothing of it is kept", async () => {
  const trial = await started();
  const ask = asking(trial);
  trial.news();
  for (const query of ["", "?", "?mac=", "?mac=52:54:00", `?mac=${mac(1)}%0a`.replace("%0a", "x"), "?vendor=Acme"])
    assert.equal((await ask(query))[0], 400, query);
  const large = `mac=${mac(1)}&vendor=${"x".repeat(20_000)}`;
  assert.equal((await ask(`?${large}`))[0], 400);
  assert.equal((await ask("", { method: "POST", headers: form, body: large }))[0], 413);
  assert.equal((await ask("", { method: "PUT", headers: form, body: `mac=${mac(1)}` }))[0], 404);
  assert.deepEqual(trial.news(), []);
  await trial.stop();
});

const want = { key: "mac", key_is: "mac", fields: ["vendor"], longest: 8n } as const;

test("whatever is told, a value is short and has nothing that moves the cursor or turns the writing", () => {
  const read = (vendor: string) =>
    readReport(
      new Map([
        ["mac", mac(1)],
        ["vendor", vendor],
      ]),
      want,
    )?.[1]["vendor"];
  assert.equal(read("\u001b[2J\u0007a\r\nb"), "[2J a b");
  assert.equal(read("a\u202eb\u2028c\u0000"), "a b c");
  assert.equal(read("  😀😀😀😀😀😀😀😀😀😀"), "😀".repeat(8));
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const value = read(text) ?? "";
      assert.ok([...value].length <= 8 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(value), JSON.stringify(value));
      assert.equal(value, value.trim());
    }),
  );
});

test("mistakes are told before anything is served", () => {
  const titles = (fields: Readonly<Record<string, unknown>>) => problemsOf(httpServerReport, "/hello", fields);
  assert.deepEqual(titles({}), []);
  assert.deepEqual(titles({ path: "hello" }), ['"hello" does not begin with `/`']);
  assert.deepEqual(titles({ key: "" }), ["without a `key` clients cannot be told apart"]);
  assert.deepEqual(titles({ fields: ["a", "mac"] }), ['the field "mac" is named twice']);
  assert.deepEqual(titles({ fields: ["a", "a"] }), ['the field "a" is named twice']);
  assert.deepEqual(titles({ most: 0n }), ["`most` must be from 1 to 10000, but is 0"]);
  assert.deepEqual(titles({ longest: 5000n }), ["`longest` must be from 1 to 1024 characters, but is 5000"]);
  assert.deepEqual(titles({ forget: 0n }), ["`forget` must be from 1 to 86400 seconds, but is 0"]);
  shows(kind, "bad values");
});

test("whatever was told before, those who tell of themselves now are listed, and nobody else", async () => {
  const some = fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(some, some, fc.boolean(), async (before, after, isOneRun) => {
      const host = memoryHost();
      let trial = await started("forget => 30", host);
      for (const each of before) await asking(trial)(`?mac=${mac(each)}&vendor=old`);
      if (isOneRun) await host.clock.advance(30_000);
      else {
        await trial.stop();
        trial = await started("forget => 30", host);
      }
      for (const each of after) await asking(trial)(`?mac=${mac(each)}&vendor=new`);
      for (let each = 0; each <= 5; each += 1) {
        if (after.includes(each)) assert.equal(host.outside.read(`/seen/${mac(each)}`), "new");
      }
      trial.news();
      for (const each of after) await asking(trial)(`?mac=${mac(each)}&vendor=new`);
      assert.deepEqual(trial.news(), []);
      await trial.stop();
      cameTrue(kind, host);
      shows(kind, "twice");
      shows(kind, "outside change");
    }),
    { numRuns: 300 },
  );
});

proves("http:server:report", "twice", "outside change", "bad values", "random starts");
