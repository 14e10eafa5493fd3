// SPDX-License-Identifier: Apache-2.0
// Settings of firmware, in a tree as the kernel has it, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { drive, type DrivenResource, problemsOf, repaired } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { fwattr } from "./fwattr.ts";

const root = "/sys/class/firmware-attributes";

const settings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  WakeOnLAN: { type: "enumeration", current_value: "Disable", possible_values: "Enable;Disable;Primary" },
  Delay: { type: "integer", current_value: "10", min_value: "0", max_value: "60", scalar_increment: "5" },
  Owner: { type: "string", current_value: "", min_length: "0", max_length: "8" },
  Order: { type: "ordered-list", current_value: "HDD;CD" },
};

function machine(...drivers: readonly string[]): MemoryHost {
  const host = memoryHost();
  for (const driver of drivers) {
    for (const [key, files] of Object.entries(settings)) {
      const path = `${root}/${driver}/attributes/${key}`;
      host.outside.makeDirectory(path);
      for (const [name, text] of Object.entries(files)) host.outside.write(`${path}/${name}`, `${text}\n`);
    }
  }
  return host;
}

function resourceOn(host: MemoryHost, key: string, fields: AnyWant): DrivenResource {
  return drive(fwattr, key, fields, host);
}

const valueOf = (host: MemoryHost, key: string) =>
  host.outside.read(`${root}/thinklmi/attributes/${key}/current_value`);

test("a setting is set, and left alone when it is right", async () => {
  const host = machine("thinklmi");
  const resource = resourceOn(host, "WakeOnLAN", { value: "Enable" });
  assert.deepEqual(await resource.settle(), ["~ set Enable (was Disable)"]);
  assert.equal(valueOf(host, "WakeOnLAN"), "Enable\n");
  assert.deepEqual(await resource.plan(), []);
  assert.deepEqual(await resourceOn(host, "x", { key: "Delay", driver: "thinklmi", value: "15" }).settle(), [
    "~ set 15 (was 10)",
  ]);
  assert.deepEqual(await resourceOn(host, "Owner", { value: "IT" }).settle(), ['~ set IT (was "")']);
});

test("a word stands for that of the firmware, unless it must be exact", async () => {
  const host = machine("thinklmi");
  for (const [word, value] of [
    ["enabled", "Enable"],
    ["off", "Disable"],
    ["primary", "Primary"],
    ["TRUE", "Enable"],
  ] as const) {
    const resource = resourceOn(host, "WakeOnLAN", { value: word });
    await resource.settle();
    assert.equal(valueOf(host, "WakeOnLAN"), `${value}\n`);
    assert.deepEqual(await resource.plan(), []);
  }
  await assert.rejects(resourceOn(host, "WakeOnLAN", { value: "enabled", strict: true }).settle(), {
    code: "invalid",
    message: "WakeOnLAN cannot be enabled: it takes Enable, Disable, Primary",
  });
});

test("a value that the firmware does not know is told, or set all the same", async () => {
  const host = machine("thinklmi");
  const cases: readonly (readonly [string, string, string])[] = [
    ["WakeOnLAN", "Sometimes", "cannot be Sometimes: it takes Enable, Disable, Primary"],
    ["Delay", "x", "cannot be x: it takes a number"],
    ["Delay", "-5", "cannot be -5: it is 0 at least"],
    ["Delay", "65", "cannot be 65: it is 60 at most"],
    ["Delay", "7", "cannot be 7: it goes from 0 in steps of 5"],
    ["Owner", "far too long", "cannot be that: it has 8 characters at most"],
    [
      "Order",
      "CD;HDD",
      "is of the type ordered-list, of which no value can be checked; `check => false` sets it anyway",
    ],
  ];
  for (const [key, value, why] of cases) {
    await assert.rejects(resourceOn(host, key, { value }).settle(), { code: "invalid", message: `${key} ${why}` });
    await resourceOn(host, key, { value, check: false }).settle();
    assert.equal(valueOf(host, key), `${value}\n`);
    assert.deepEqual(await resourceOn(host, key, { value, check: false }).plan(), []);
  }
});

test("a machine without the setting is told of, or left as it is", async () => {
  const cases: readonly (readonly [MemoryHost, string, RegExp])[] = [
    [machine(), "WakeOnLAN", /^this machine has no interface/],
    [machine("thinklmi"), "Nothing", /^the firmware of this machine has no setting Nothing$/],
    [machine("a", "b"), "WakeOnLAN", /^several drivers know settings of the firmware: a, b$/],
  ];
  for (const [host, key, message] of cases) {
    await assert.rejects(resourceOn(host, key, { value: "x" }).settle(), { code: "not-found", message });
    assert.deepEqual(await resourceOn(host, key, { value: "x", skip: true }).plan(), []);
  }
  const host = machine("thinklmi");
  host.outside.refuse(`${root}/thinklmi/attributes/Owner/current_value`, "permission");
  await assert.rejects(resourceOn(host, "Owner", { value: "x" }).plan(), { code: "denied" });
});

test("a change by others is told, also one that the kernel does not tell", async () => {
  const host = machine("thinklmi");
  const stop = new AbortController();
  const resource = drive(fwattr, "Owner", { value: "IT" }, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  for (const other of ["x", "", "y"]) {
    await repaired(resource, watch, host, () =>
      host.outside.write(`${root}/thinklmi/attributes/Owner/current_value`, `${other}\n`),
    );
    assert.equal(valueOf(host, "Owner"), "IT\n");
  }
  stop.abort();
});

test("mistakes are found before anything is touched", () => {
  assert.deepEqual(problemsOf(fwattr, "Wake On LAN", { value: "" }), []);
  assert.deepEqual(problemsOf(fwattr, "a/b", {}), ['"a/b" is no name of a setting']);
  assert.deepEqual(problemsOf(fwattr, "..", {}), ['".." is no name of a setting']);
  assert.deepEqual(problemsOf(fwattr, "a", { driver: "b/c" }), ['"b/c" is no name of a driver']);
  assert.deepEqual(problemsOf(fwattr, "a", { value: "b\nc" }), [
    "the value must be a single line, without control characters",
  ]);
});

test("whatever a setting is, one pass settles it", async () => {
  const value = fc.constantFrom("Enable", "Disable", "Primary", "on", "OFF");
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("Enable", "Disable", "Primary"), value, async (before, wanted) => {
      const host = machine("thinklmi");
      host.outside.write(`${root}/thinklmi/attributes/WakeOnLAN/current_value`, `${before}\n`);
      const resource = resourceOn(host, "WakeOnLAN", { value: wanted });
      await resource.settle();
      assert.deepEqual(await resource.plan(), []);
    }),
    { numRuns: 300 },
  );
});

proves("fwattr", "twice", "outside change", "bad values", "random starts");

const reading = "it says how `value` is understood";

eachField("fwattr", {
  machine: () => ({ host: machine("thinklmi", "other") }),
  name: "Owner",
  fields: { driver: "thinklmi", value: "IT" },
  changes: {
    driver: {
      fields: { driver: "other" },
      outside: ({ host }) => host.outside.write(`${root}/other/attributes/Owner/current_value`, "x\n"),
      repair: ["~ set IT (was x)"],
    },
    key: {
      fields: { key: "Delay", value: "15" },
      outside: ({ host }) => host.outside.write(`${root}/thinklmi/attributes/Delay/current_value`, "20\n"),
      repair: ["~ set 15 (was 20)"],
    },
    value: {
      outside: ({ host }) => host.outside.write(`${root}/thinklmi/attributes/Owner/current_value`, "x\n"),
      repair: ["~ set IT (was x)"],
    },
  },
  parameters: { check: reading, strict: reading, skip: "it says whether a machine may have no such setting" },
});
