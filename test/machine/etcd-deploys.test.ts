// SPDX-License-Identifier: Apache-2.0
// Deploys, rollouts and the cluster's own certificates on real etcd servers, some of which are killed.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { RolloutPlan } from "../../src/exchange/deploy-record.ts";
import type { HostReport } from "../../src/exchange/rollout.ts";
import { createExchange, type OwnExchange } from "../../src/exchange/index.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { fails } from "../../src/cluster/contract.test-support.ts";
import { certify, makeAuthority, makeKey } from "../../src/trust/certificate.ts";
import { EtcdLab, missing } from "./etcd.test-support.ts";

const waitMs = 60_000;
const never = (): AbortSignal => new AbortController().signal;

function tried(title: string, run: () => Promise<void>): void {
  if (missing === undefined) test(title, run);
  else test(`${title}: not tried`, (context) => context.diagnostic(missing ?? ""));
}

/** A host that takes what it is to run. */
class Agent {
  readonly exchange: OwnExchange;
  readonly runs: number[] = [];
  readonly #living = new AbortController();
  #following: Promise<unknown>;

  constructor(lab: EtcdLab, name: string, fares: (deploy: number) => HostReport["state"] = () => "well") {
    const { clock } = linuxHost();
    this.exchange = createExchange({ cluster: lab.open(), hostname: name, clock, onTrouble: () => {} });
    this.exchange.announce();
    const { signal } = this.#living;
    const { rollouts } = this.exchange;
    const follow = async (): Promise<void> => {
      for await (const { chosen } of rollouts.follow(signal)) {
        const deploy = chosen?.record.id ?? 0;
        if (deploy === (this.runs.at(-1) ?? 0)) continue;
        this.runs.push(deploy);
        for (;;) {
          try {
            await rollouts.report({ deploy, state: fares(deploy) }, signal);
            break;
          } catch (reason) {
            if (signal.aborted) throw reason;
            await clock.sleep(100, signal);
          }
        }
      }
    };
    this.#following = Promise.allSettled([follow(), rollouts.judge(signal)]);
  }

  async stop(): Promise<void> {
    this.#living.abort();
    await this.#following;
    await this.exchange.close();
  }
}

async function eventually(what: string, probe: () => boolean): Promise<void> {
  const started = performance.now();
  while (!probe()) {
    if (performance.now() - started > waitMs) throw new Error(`not within ${waitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function publish({ exchange }: Agent, text: string, rollout?: RolloutPlan): Promise<number> {
  const content = Buffer.from(text.repeat(700_000)); // More than fits into one request of etcd.
  const hash = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
  const manifest = `${JSON.stringify({ path: "/files/x", sha256: hash(content), size: content.length })}\n`;
  const settings = { noop: false, autoedges: true, autogroups: true };
  const plan = rollout === undefined ? {} : { rollout };
  const { record } = await exchange.deploys.publish(
    {
      record: { bundle: hash(manifest), frontend: "mcl", name: "site", settings, atMs: 0, by: "you", ...plan },
      manifest,
      contents: new Map([[hash(content), content]]),
      checksParent: false,
    },
    never(),
  );
  const found = await exchange.deploys.content(hash(content), never());
  assert.equal(found && hash(found), hash(content));
  return record.id;
}

const plan: RolloutPlan = { waves: [{ hosts: 1 }], first: [], splayMs: 0, soakMs: 300, patienceMs: 60_000, mayFail: 0 };

tried("hosts go through deploys and rollouts, and the store may lose its leader on the way", async () => {
  const lab = await EtcdLab.start({ members: 3 });
  const agents: Agent[] = [];
  try {
    for (const name of ["a", "b", "c"])
      agents.push(new Agent(lab, name, (deploy) => (deploy === 3 ? "unwell" : "well")));
    const [first] = agents as [Agent];
    const all = (id: number) => eventually(`all run ${id}`, () => agents.every(({ runs }) => runs.at(-1) === id));
    assert.equal(await publish(first, "1"), 1);
    await all(1);
    assert.equal(await publish(first, "2", plan), 2);
    await lab.kill(await lab.leader());
    await all(2);
    assert.equal(await publish(first, "3", plan), 3);
    await eventually("one has tried it", () => agents.some(({ runs }) => runs.includes(3)));
    await all(2);
    assert.equal(agents.filter(({ runs }) => runs.includes(3)).length, 1);
    assert.deepEqual(await first.exchange.deploys.prune(2, new Set(), never()), [1]);
  } finally {
    for (const agent of agents) await agent.stop();
    await lab.stop();
  }
});

tried("a store with certificates of the cluster lets in its hosts, and nobody else", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mgmt-trust-"));
  const validity = { fromMs: Date.now(), untilMs: Date.now() + 3_600_000 };
  const authorityOf = (name: string) => makeAuthority(name, validity, linuxHost().random.bytes(15));
  const authority = authorityOf("mgmt cluster 1");
  const own = (by: typeof authority, name: string, addresses: readonly string[]) => {
    const { key, publicKey } = makeKey();
    return { key, certificate: certify(by, { name, addresses }, publicKey, validity, linuxHost().random.bytes(15)) };
  };
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  const lab = await EtcdLab.start({
    scheme: "https",
    prepare: (address) => {
      const server = own(authority, "first", [address]);
      const paths = [
        ...["--cert-file", file("host.crt", server.certificate), "--key-file", file("host.key", server.key)],
        ...["--trusted-ca-file", file("authorities.crt", authority.certificate), "--client-cert-auth"],
      ];
      return { arguments: paths, tls: { ca: authority.certificate, ...own(authority, "web1", []) } };
    },
  });
  try {
    const agent = new Agent(lab, "web1");
    assert.equal(await publish(agent, "1"), 1);
    await agent.stop();
    const ca = authority.certificate;
    await fails("unreachable", lab.open({ tls: { ca } }).read({ key: "/k" }, never()));
    const stranger = own(authorityOf("mgmt cluster 2"), "web1", []);
    await fails("unreachable", lab.open({ tls: { ca, ...stranger } }).read({ key: "/k" }, never()));
  } finally {
    await lab.stop();
    rmSync(directory, { recursive: true });
  }
});
