// SPDX-License-Identifier: Apache-2.0
// Invitations that a web server gives, on a machine in memory with strangers who ask: to whom, how often, and for whom.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cameTrue, proves } from "../../test/proofs.ts";
import { problemsOf } from "../../test/resource.ts";
import type { StoreDoors } from "../contract/exchange.ts";
import { noDoors } from "../exchange/doors.ts";
import { memoryHost } from "../host/memory/index.ts";
import { httpServerInvitation } from "../resources/http/invitation.ts";
import { textOf } from "../values/bytes.ts";
import { Trial } from "./trial.test-support.ts";

const token = "0123456789abcdef";

const program = (hostname: string, uses: number, more = ""): string => `http:server ":8080" {}
http:server:invitation "/invitation" { hostname => "${hostname}", token => "${token}", uses => ${uses}, ${more} }
`;

class Doors {
  readonly invited: string[] = [];

  get own(): StoreDoors {
    return {
      ...noDoors,
      invite: async (hostname, _signal, validMs) => {
        this.invited.push(`${hostname} for ${(validMs ?? 0) / 60_000} minutes`);
        return { token: `secret${this.invited.length}.authority`, entrance: { host: "192.0.2.1", port: 4000 } };
      },
    };
  }
}

async function ask(trial: Trial, query = `?token=${token}`, method = "GET"): Promise<readonly unknown[]> {
  const { strangers } = trial.host.outside;
  const asked = strangers.ask(8080, { target: `/invitation${query}`, method });
  await trial.host.clock.settle();
  const answered = await asked;
  return [answered?.status, textOf(answered?.body ?? new Uint8Array())];
}

test("who has the token is given an invitation for one host, and nobody else is", async () => {
  const doors = new Doors();
  const trial = await Trial.start(program("web1", 1), memoryHost(), { doors: doors.own });
  assert.equal((await ask(trial, ""))[0], 401);
  assert.equal((await ask(trial, "?token=0123456789abcdee"))[0], 403);
  assert.equal((await ask(trial, undefined, "POST"))[0], 405);
  assert.deepEqual(doors.invited, []);
  assert.deepEqual(await ask(trial), [200, "secret1.authority@192.0.2.1:4000\n"]);
  assert.equal((await ask(trial))[0], 403);
  assert.deepEqual(doors.invited, ["web1 for 1440 minutes"]);
  await trial.stop();
});

test("the machine is told the address by which it finds this host", async () => {
  const more = 'entrance => "192.168.42.1", valid => 60,';
  const doors = new Doors();
  const trial = await Trial.start(program("web1", 0, more), memoryHost(), { doors: doors.own });
  assert.deepEqual(await ask(trial), [200, "secret1.authority@192.168.42.1\n"]);
  assert.deepEqual(doors.invited, ["web1 for 60 minutes"]);
  await trial.stop();
});

test("where nobody is let in the machine is told to come back, and the person why", async () => {
  const trial = await Trial.start(program("web1", 1), memoryHost(), {});
  assert.equal((await ask(trial))[0], 503);
  assert.match(trial.news().join("\n"), /web1 was not invited: this host lets nobody into the cluster/);
  assert.equal((await ask(trial))[0], 503); // The token was not used up by that.
  await trial.stop();
});

test("mistakes are told before anything is served", () => {
  const right = { hostname: "web1", token };
  const titles = (fields: Readonly<Record<string, unknown>>) =>
    problemsOf(httpServerInvitation, "/invitation", { ...right, ...fields });
  assert.deepEqual(titles({}), []);
  assert.deepEqual(titles({ path: "a" }), ['"a" does not begin with `/`']);
  assert.deepEqual(titles({ hostname: "a b" }), ['"a b" is no name of a host']);
  assert.deepEqual(titles({ token: "" }), ["an invitation needs a `token`, so that nobody else takes it"]);
  assert.deepEqual(titles({ entrance: "a b" }), ['"a b" is no address']);
  assert.deepEqual(titles({ valid: 0n }), ["`valid` must be from 1 to 10080 minutes, but is 0"]);
});

test("however often it was asked before, there are as many invitations as the token is good for", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }), async (uses, before, after) => {
      const host = memoryHost();
      const doors = new Doors();
      const former = await Trial.start(program("web1", uses), host, { doors: doors.own });
      for (let each = 0; each < before; each += 1) await ask(former);
      await former.stop();
      const trial = await Trial.start(program("web1", uses), host, { doors: doors.own });
      for (let each = 0; each < after; each += 1) await ask(trial);
      const wanted = before + after;
      assert.equal(doors.invited.length, uses === 0 ? wanted : Math.min(uses, wanted));
      await trial.stop();
      cameTrue("http:server:invitation", host);
    }),
    { numRuns: 300 },
  );
});

proves("http:server:invitation", "bad values", "random starts");
