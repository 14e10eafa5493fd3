// SPDX-License-Identifier: Apache-2.0
// What every host must do with the packet filter, as cases that run on each. The real machine runs them in a network of
// its own.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Host } from "../contract/host.ts";
import { fails, never } from "./bench.test-support.ts";

const web = { family: "inet", name: "web" } as const;
const content = `
	set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 } }
	chain input {
		type filter hook input priority 0; policy accept;
		ip saddr @blocked drop # somebody
		tcp dport { 22, 80 } counter accept
	}
`;

/** `makeBench` gives a host without any table. */
export function filterContract(name: string, makeBench: () => Host): void {
  describe(`the packet filter of ${name}`, () => {
    const check = (title: string, task: (host: Host) => Promise<void>) => {
      it(title, { timeout: 30_000 }, async () => task(makeBench()));
    };

    check("what is tried is what is there when it is loaded", async ({ packetFilter }) => {
      assert.equal(await packetFilter.table(web, never()), undefined);
      const tried = await packetFilter.tried(web, content, never());
      assert.equal(await packetFilter.table(web, never()), undefined);
      await packetFilter.load(web, content, never());
      const loaded = await packetFilter.table(web, never());
      assert.equal(loaded?.form, tried?.form);
      assert.match(loaded?.text ?? "", /chain input \{[^]*tcp dport \{ 22, 80 \}/);
      await packetFilter.load(web, content, never());
      assert.deepEqual(await packetFilter.table(web, never()), loaded);
      await packetFilter.remove(web, never());
      assert.equal(await packetFilter.table(web, never()), undefined);
      await fails("not-found", packetFilter.remove(web, never()), "there is no table inet web");
    });

    check("the same in other words has the same form, something else another", async ({ packetFilter }) => {
      const form = async (text: string) => (await packetFilter.tried(web, text, never()))?.form;
      const chain = "chain a { ip saddr 192.0.2.1 drop; tcp dport 22 accept; }";
      assert.equal(
        await form(chain),
        await form("chain a {\n ip saddr 192.0.2.1 drop # why\n\n tcp dport 22 accept\n}"),
      );
      assert.notEqual(await form(chain), await form("chain a { tcp dport 22 accept; ip saddr 192.0.2.1 drop; }"));
      assert.notEqual(await form(chain), await form(""));
    });

    check("a table that cannot be leaves the old one as it is", async ({ packetFilter }) => {
      await packetFilter.load(web, content, never());
      const before = await packetFilter.table(web, never());
      const wrong = "chain a {\n\tnonsense here\n}";
      await fails("invalid", packetFilter.tried(web, wrong, never()), "line 2: ");
      await fails("invalid", packetFilter.load(web, wrong, never()), "line 2: ");
      assert.deepEqual(await packetFilter.table(web, never()), before);
      await packetFilter.remove(web, never());
    });

    check("what depends on an interface cannot be tried, but loaded", async ({ packetFilter }) => {
      const named = 'chain a { iif "d0" accept; }';
      assert.equal(await packetFilter.tried(web, named, never()), undefined);
      await packetFilter.load(web, named, never());
      await packetFilter.remove(web, never());
    });

    check("changes are told", async ({ packetFilter }) => {
      const stopping = new AbortController();
      const changes = packetFilter.changes(stopping.signal);
      await changes.next();
      await packetFilter.load(web, content, never());
      await changes.next();
      await packetFilter.remove(web, never());
      await changes.next();
      stopping.abort();
      let last: IteratorResult<void> = await changes.next();
      while (last.done !== true) last = await changes.next();
    });
  });
}
