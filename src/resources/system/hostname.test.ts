// SPDX-License-Identifier: Apache-2.0
// The names of a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { hostname } from "./hostname.ts";
import { prettyNameIn, staticNameIn, withPrettyName } from "./name-files.ts";

test("one name becomes all three", async () => {
  const host = memoryHost({ hostname: "old" });
  host.outside.write("/etc/hostname", "# by hand\nold\n");
  assert.deepEqual(await converge(hostname, "web1", {}, host), [
    '~ set the static name "web1" (was "old")',
    '~ set the transient name "web1" (was "old")',
    '+ set the pretty name "web1"',
  ]);
  assert.equal(host.outside.read("/etc/hostname"), "web1\n");
  assert.equal(host.outside.read("/etc/machine-info"), 'PRETTY_HOSTNAME="web1"\n');
  assert.equal(await host.identity.hostname(new AbortController().signal), "web1");
});

test("each name can be another one, or be left alone", async () => {
  const host = memoryHost({ hostname: "old" });
  const fields = { static_hostname: "", transient_hostname: "", pretty_hostname: 'The "front" door, $5' };
  assert.deepEqual(await converge(hostname, "web1", fields, host), [
    '+ set the pretty name "The \\"front\\" door, $5"',
  ]);
  assert.equal(host.outside.exists("/etc/hostname"), false);
  assert.deepEqual(await converge(hostname, "x", { hostname: "", static_hostname: "web2" }, host), [
    '+ set the static name "web2"',
  ]);
});

test("a change of each name behind its back is seen", async () => {
  const host = memoryHost({ hostname: "web1" });
  const stop = new AbortController();
  const resource = drive(hostname, "web1", {}, host, { signal: stop.signal });
  await resource.settle();
  const watch = resource.watch();
  await watch.next();
  for (const [change, step] of [
    [() => host.outside.write("/etc/hostname", "x\n"), '~ set the static name "web1" (was "x")'],
    [() => host.outside.remove("/etc/machine-info"), '+ set the pretty name "web1"'],
  ] as const) {
    change();
    await watch.next();
    assert.deepEqual(await resource.settle(), [step]);
    await watch.next();
  }
  const next = watch.next();
  host.outside.setHostname("x");
  await host.clock.advance(5_000);
  await next;
  assert.deepEqual(await resource.settle(), ['~ set the transient name "web1" (was "x")']);
  stop.abort();
});

test("a file that is mounted from outside is overwritten", async () => {
  const host = memoryHost({ hostname: "web1" });
  host.outside.write("/etc/hostname", "old\n");
  const { files } = host;
  const mounted = {
    ...host,
    files: {
      ...files,
      write: async (...args: Parameters<typeof files.write>) => {
        host.outside.refuse("/etc/hostname", args[0] === "/etc/hostname" ? "in-use" : undefined);
        try {
          await files.write(...args);
        } finally {
          host.outside.refuse("/etc/hostname", undefined);
        }
      },
    },
  };
  await converge(hostname, "web1", {}, mounted);
  assert.equal(host.outside.read("/etc/hostname"), "web1\n");
});

test("what cannot be a name is found before anything is touched", () => {
  const check = (name: string, fields: AnyWant, ...titles: readonly string[]) =>
    assert.deepEqual(problemsOf(hostname, name, fields), titles);
  check("web1.example.com", {});
  check("web 1", {}, '"web 1" cannot be the name of a machine: it may have letters, digits, hyphens and dots');
  check("Front door", { static_hostname: "door", transient_hostname: "door" });
  check("a..b", {}, '"a..b" cannot be the name of a machine: there is nothing before, between or after its dots');
  check(
    "x",
    { static_hostname: "-a" },
    '"-a" cannot be the name of a machine: no part of it may begin or end with a hyphen',
  );
  const long = "a".repeat(65);
  check(long, {}, `"${long}" cannot be the name of a machine: it has 65 characters, 64 are allowed`);
  check("x", { pretty_hostname: "a\nb" }, "the name for people must be a single line, without control characters");
});

test("the files of the names are read as the system reads them", () => {
  assert.equal(staticNameIn("# x\n\n  web1  \nother\n"), "web1");
  assert.equal(staticNameIn(""), undefined);
  assert.equal(prettyNameIn("A=b\nPRETTY_HOSTNAME=web\n"), "web");
  assert.equal(prettyNameIn("PRETTY_HOSTNAME='a \"b\"'\n"), 'a "b"');
  assert.equal(prettyNameIn("PRETTY_HOSTNAME=\n"), undefined);
  for (const name of ['a"b', "a\\b", "$HOME `x`", "d'oh", "ü"]) {
    assert.equal(prettyNameIn(withPrettyName("A=b\nPRETTY_HOSTNAME=old\nC=d", name)), name);
    assert.equal(withPrettyName("A=b\nPRETTY_HOSTNAME=old\nC=d", name).split("\n").length, 3);
  }
  assert.equal(withPrettyName("A=b", "x"), 'A=b\nPRETTY_HOSTNAME="x"\n');
});

test("whatever names a machine has, one pass settles them", async () => {
  const label = fc.constantFrom("web1", "web2.example.com", "a");
  const field = fc.option(fc.constantFrom("web1", "b", ""), { nil: undefined });
  const before = fc.option(fc.string());
  const fields = fc.record({ pretty_hostname: field, static_hostname: field, transient_hostname: field });
  await fc.assert(
    fc.asyncProperty(label, label, before, before, fields, async (was, name, names, facts, given) => {
      const host = memoryHost({ hostname: was });
      if (names !== null) host.outside.write("/etc/hostname", names);
      if (facts !== null) host.outside.write("/etc/machine-info", facts);
      await converge(hostname, name, given, host);
    }),
    { numRuns: 300 },
  );
});

proves("hostname", "twice", "outside change", "bad values", "random starts");
