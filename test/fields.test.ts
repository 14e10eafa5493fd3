// SPDX-License-Identifier: Apache-2.0
// Each kind has a table of what others can do to each of its fields, next to its tests, or a reason why it has none. The tables
// are found by the calls of `eachField`, and each of them fails by itself when it is not complete.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { kinds } from "../src/resources/index.ts";

const root = join(import.meta.dirname, "..");

const reasons: readonly { readonly why: string; readonly kinds: readonly string[] }[] = [
  {
    why: "nothing outside of the run has a part in it",
    kinds: ["exit", "msg", "noop", "print", "test", "value", "timer"],
  },
  {
    why: "`mgmt test` reads it, and in a run it does nothing",
    kinds: ["test:command", "test:expect", "test:machine", "test:package", "test:refusal"],
  },
  {
    why: "it is what others ask or tell: it answers as its fields say, and looks at what it serves when it is asked",
    kinds: [
      ...["dhcp:host", "dhcp:range", "tftp:file", "tftp:server", "http:server", "http:server:file"],
      ...["http:server:flag", "http:server:invitation", "http:server:proxy", "http:server:report"],
      ...["http:server:ui", "http:server:ui:input", "syslog:server"],
    ],
  },
];

test("each kind has a table of its fields, or a reason", (context) => {
  const tables = new Map<string, string>();
  for (const file of globSync("src/**/*.test.ts", { cwd: root }).toSorted()) {
    for (const [, kind = ""] of readFileSync(join(root, file), "utf8").matchAll(/^eachField\("([^"]+)", \{$/gm)) {
      assert.equal(tables.get(kind), undefined, `${kind} has one table: ${file}`);
      tables.set(kind, file);
    }
  }
  const advice = "call `eachField` of test/fields.ts next to the tests of the kind";
  for (const { kind } of kinds) {
    const own = reasons.filter((reason) => reason.kinds.includes(kind));
    const count = own.length + Number(tables.has(kind));
    assert.equal(
      count,
      1,
      `${kind}: ${count === 0 ? `no table of what others can do to its fields: ${advice}` : "twice"}`,
    );
  }
  const known = new Set(kinds.map(({ kind }) => kind));
  for (const named of [...tables.keys(), ...reasons.flatMap((reason) => reason.kinds)])
    assert.ok(known.has(named), `${named} is a kind`);
  for (const { why, kinds: named } of reasons)
    context.diagnostic(`not tried: what others do to the fields of ${named.join(", ")}: ${why}`);
});
