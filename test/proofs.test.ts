// SPDX-License-Identifier: Apache-2.0
// Each kind has each proof, or a reason why there is none that is worth one. Which proofs there are is read from the calls of
// `proves` in the tests, and each of those fails by itself when it is not so.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ResourceKind } from "../src/contract/resource.ts";
import { kinds } from "../src/resources/index.ts";
import { type Proof, proofs } from "./proofs.ts";

const root = join(import.meta.dirname, "..");

interface Reason {
  readonly proof: Proof;
  readonly why: string;
  readonly kinds: readonly string[];
  /** Where the code can tell whether it is so. */
  readonly isSo?: (kind: ResourceKind) => boolean;
}

const servers = ["dhcp:server", "tftp:server", "http:server"];
const parts = [
  "dhcp:host",
  "dhcp:range",
  "tftp:file",
  "http:server:file",
  "http:server:invitation",
  "http:server:proxy",
  "http:server:ui",
];
const inside = ["exit", "noop", "print", "test", "timer", "value"];
/** They tell `mgmt test` something. */
const told = ["test:command", "test:expect", "test:machine", "test:package", "test:refusal"];

const reasons: readonly Reason[] = [
  {
    proof: "twice",
    why: "it has no steps: it answers as long as it is watched",
    kinds: [
      "dhcp:host",
      "dhcp:range",
      "dhcp:server",
      "http:server:invitation",
      "http:server:proxy",
      "syslog:server",
      "tftp:file",
      "tftp:server",
    ],
    isSo: (kind) => kind.plan({}, { steps: [] }, { refresh: true, received: new Set() }, []).length === 0,
  },
  {
    proof: "twice",
    why: "`mgmt test` reads it, and in a run it does nothing",
    kinds: told,
    isSo: (kind) => kind.plan({}, {}, { refresh: true, received: new Set() }, []).length === 0,
  },
  { proof: "twice", why: "its only step is to fail, when a program asks for that", kinds: ["test"] },
  {
    proof: "outside change",
    why: "nothing outside of the run has a part in it",
    kinds: ["exit", "msg", "noop", "print", "test", "value", ...told],
    isSo: ({ watchedFields }) => watchedFields?.length === 0,
  },
  {
    proof: "outside change",
    why: "its world tells of nothing by itself, so a program must poll it",
    kinds: ["bmc:firmware", "bmc:power"],
    isSo: ({ traits }) => traits.polling === "needed",
  },
  {
    proof: "outside change",
    why: "it is polled: the interface of this cloud tells of nothing",
    kinds: ["hetzner:vm"],
  },
  {
    proof: "outside change",
    why: "it is what others ask, and it looks when it is asked",
    kinds: [...servers.filter((kind) => kind !== "dhcp:server"), ...parts],
    isSo: (kind) => kind.grouping?.run === "together",
  },
  {
    proof: "outside change",
    why: "it is what others tell, and it writes when it is told; its directory is that of another resource",
    kinds: ["syslog:server"],
    isSo: (kind) => kind.plan({}, {}, { refresh: true, received: new Set() }, []).length === 0,
  },
  {
    proof: "bad values",
    why: "the types of its fields are all that there is to be said",
    kinds: ["noop", "print", "test:refusal"],
    isSo: (kind) => kind.check === undefined,
  },
  { proof: "random starts", why: "it keeps nothing, so it has but one start", kinds: ["noop", "test", ...told] },
  { proof: "real part", why: "it has no part outside of the run", kinds: [...inside, ...told] },
  {
    proof: "real part",
    why: "it needs a computer with a controller or a firmware that no virtual machine has: a twin that speaks as the documents of its makers say, for bmc:power over a real connection",
    kinds: ["bmc:firmware", "bmc:power", "fwattr"],
  },
  {
    proof: "real part",
    why: "it is a cloud that costs money: a twin that speaks as its documents say",
    kinds: ["aws:ec2", "hetzner:vm"],
  },
  {
    proof: "real part",
    why: "no Debian of today has its program: a twin that speaks as its documents say",
    kinds: ["consul:kv"],
  },
  {
    proof: "real part",
    why: "virt-builder fetches whole systems from a server of its own: a program that does what it does, in memory",
    kinds: ["virt:builder"],
  },
];

/** `kind proof` to the files that prove it. */
function proven(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const files = globSync(["src/**/*.test.ts", "test/**/*.test.ts", "test/machine/*.test-support.ts"], { cwd: root });
  for (const file of files.toSorted()) {
    for (const [, names = ""] of readFileSync(join(root, file), "utf8").matchAll(/^ {0,2}proves\(([^)]*)\);$/gm)) {
      const [kind = "", ...claimed] = [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name);
      assert.ok(
        kinds.some((each) => each.kind === kind),
        `${file} proves something of ${kind}, which is no kind`,
      );
      for (const proof of claimed) {
        assert.ok((proofs as readonly string[]).includes(proof), `${file}: there is no proof "${proof}"`);
        found.set(`${kind} ${proof}`, [...(found.get(`${kind} ${proof}`) ?? []), file]);
      }
    }
  }
  return found;
}

test("each kind has each proof, or a reason", (context) => {
  const found = proven();
  const missing: string[] = [];
  for (const { kind } of kinds) {
    for (const proof of proofs) {
      const own = reasons.filter((reason) => reason.proof === proof && reason.kinds.includes(kind));
      if (found.has(`${kind} ${proof}`))
        assert.equal(own.length, 0, `${kind}: ${proof} is proven and has a reason too`);
      else if (own.length !== 1) missing.push(`${kind}: ${proof}`);
    }
  }
  assert.deepEqual(missing, [], "neither proven nor with a reason why not");
  for (const { proof, why, kinds: named, isSo } of reasons) {
    for (const name of named) {
      const kind = kinds.find((each) => each.kind === name);
      assert.ok(kind !== undefined, `${name} is a kind`);
      assert.ok(isSo?.(kind) !== false, `${name}: ${why}`);
    }
    context.diagnostic(`not tried: ${proof}: ${named.join(", ")}: ${why}`);
  }
});
