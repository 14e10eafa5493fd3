// SPDX-License-Identifier: Apache-2.0
// Settings of users on a machine in memory, whose gsettings keeps them in a file of the user.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost, type ProgramCall } from "../../host/memory/index.ts";
import { root } from "../../host/memory/tree.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { gsettings } from "./gsettings.ts";
import { normalVariant } from "./gvariant.ts";

const schema = "org.example.desk";
const initial: Readonly<Record<string, string>> = { size: "uint32 24", font: "'Sans'", dark: "false", list: "@as []" };

interface Machine {
  readonly host: MemoryHost;
  readonly calls: ProgramCall[];
}

function machine(): Machine {
  const host = memoryHost({ environment: { PATH: "/usr/bin", HOME: "/root" } });
  const calls: ProgramCall[] = [];
  host.outside.makeDirectory("/root/.config/dconf");
  const program = (call: ProgramCall): number => {
    calls.push(call);
    const { argv, env, tree, print, complain } = call;
    const [, verb, given, key = "", value = ""] = argv[0] === "dbus-run-session" ? argv.slice(2) : argv;
    const place = `${env.get("HOME") ?? ""}/.config/dconf/user`;
    const known =
      tree.look(place, root, true) === undefined ? {} : (JSON.parse(textOf(tree.read(place, root))) as object);
    const settings: Record<string, string> = { ...initial, ...known };
    if (given !== schema || !(key in settings)) {
      complain(given === schema ? `No such key “${key}”\n` : `No such schema “${given}”\n`);
      return 1;
    }
    if (verb === "get") print(`${settings[key]}\n`);
    const hasBus = argv[0] === "dbus-run-session" || env.has("DBUS_SESSION_BUS_ADDRESS");
    const isLocked = key === "size" && value === "99";
    // Without a bus it says that all went well, and nobody keeps it.
    if (verb === "set" && hasBus && !isLocked) {
      tree.overwrite(place, bytesOf(JSON.stringify({ ...known, [key]: value })), root);
    }
    return 0;
  };
  host.outside.install("gsettings", program);
  host.outside.install("dbus-run-session", program);
  return { host, calls };
}

function addCarol(host: MemoryHost): void {
  host.outside.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\ncarol:x:1000:1000::/srv/carol:/bin/sh\n");
}

test("settings of every sort are set, and come back when somebody changes them", async () => {
  const { host } = machine();
  const check = async (key: string, value: unknown, step: string, more: AnyWant = {}) => {
    const resource = drive(gsettings, `${schema} ${key}`, { value, ...more }, host);
    assert.deepEqual(await resource.settle(), [`~ set ${schema} ${step}`]);
    assert.deepEqual(await resource.plan(), []);
  };
  await check("size", 32n, "size to 32 (was uint32 24)");
  await check("dark", true, "dark to true (was false)", { type: "bool" });
  await check("font", "it's", "font to 'it\\'s' (was 'Sans')");
  await check("list", "['a', 'b']", "list to ['a', 'b'] (was @as [])", { type: "custom" });
  const stop = new AbortController();
  const resource = drive(gsettings, "size", { schema, key: "size", value: 32n }, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  host.outside.write("/root/.config/dconf/user", "{}");
  await watch.next();
  assert.deepEqual(await resource.settle(), [`~ set ${schema} size to 32 (was uint32 24)`]);
  stop.abort();
});

test("a user gets the setting as that user, over the bus if there is one", async () => {
  const { host, calls } = machine();
  addCarol(host);
  host.outside.makeDirectory("/srv/carol/.config/dconf");
  const fields = { value: 48n, user: "carol" };
  await converge(gsettings, `${schema} size`, fields, host);
  assert.equal(host.outside.read("/srv/carol/.config/dconf/user"), '{"size":"48"}');
  assert.deepEqual(calls[1]?.argv.slice(0, 4), ["dbus-run-session", "--", "gsettings", "set"]);
  assert.deepEqual([calls[1]?.uid, calls[1]?.gid, calls[1]?.env.get("HOME")], [1000, 1000, "/srv/carol"]);
  host.outside.makeDirectory("/run/user/1000");
  host.outside.makeOther("/run/user/1000/bus");
  calls.length = 0;
  await converge(gsettings, `${schema} size`, { ...fields, value: 50n }, host);
  assert.equal(calls[1]?.argv[0], "gsettings");
  assert.equal(calls[1]?.env.get("DBUS_SESSION_BUS_ADDRESS"), "unix:path=/run/user/1000/bus");
});

test("a user who comes later is waited for", async () => {
  const { host } = machine();
  const stop = new AbortController();
  const resource = drive(gsettings, `${schema} size`, { value: 1n, user: "carol" }, host, { signal: stop.signal });
  assert.deepEqual((await resource.plan()).map(renderStep), ["! there is no user named carol"]);
  const watch = resource.watch();
  await watch.next();
  host.outside.makeDirectory("/srv/carol/.config/dconf");
  addCarol(host);
  await watch.next();
  await resource.settle();
  await watch.next();
  host.outside.write("/srv/carol/.config/dconf/user", "{}");
  await watch.next();
  assert.equal((await resource.settle()).length, 1);
  stop.abort();
});

test("what cannot be set is told", async () => {
  const { host } = machine();
  const settle = (name: string, fields: AnyWant) => drive(gsettings, name, fields, host).settle();
  await assert.rejects(settle("org.example.none size", { value: 1n }), {
    code: "not-found",
    message: /No such schema/,
  });
  await assert.rejects(settle(`${schema} none`, { value: 1n }), { code: "not-found", message: /No such key/ });
  await assert.rejects(settle(`${schema} size`, { value: 99n }), {
    code: "conflict",
    message: `${schema} size was set to 99, but is uint32 24`,
  });
  const ordinary = { ...host, identity: { ...host.identity, uid: 1000 } };
  await assert.rejects(drive(gsettings, `${schema} size`, { value: 1n, user: "root" }, ordinary).settle(), {
    code: "denied",
  });
});

test("mistakes are found before anything is touched", () => {
  const titles = (name: string, fields: AnyWant) => problemsOf(gsettings, name, fields);
  assert.deepEqual(titles(`${schema}:/a/b/ key`, { value: true }), []);
  assert.deepEqual(titles("x", { schema, key: "key", value: "v" }), []);
  assert.deepEqual(titles(schema, { value: 1n }), ["a setting needs a `key`"]);
  assert.deepEqual(titles("a/b c", { value: 1n }), ['"a/b" is no name of a schema']);
  assert.deepEqual(titles("a b=c", { value: 1n }), ['"b=c" is no name of a key']);
  assert.deepEqual(titles("a b", {}), ["a setting needs a `value`"]);
  assert.deepEqual(titles("a b", { type: "int", value: "1" }), ["the `value` is not a int"]);
  assert.deepEqual(titles("a b", { value: ["x"] }), ["the `value` is neither a bool, a str nor an int"]);
});

test("whatever it was, one pass settles it", async () => {
  const settings = fc.oneof(
    fc.record({ key: fc.constant("size"), value: fc.integer({ min: 0, max: 50 }).map(BigInt) }),
    fc.record({ key: fc.constant("font"), value: fc.string() }),
    fc.record({ key: fc.constant("dark"), value: fc.boolean() }),
    fc.record({
      key: fc.constant("list"),
      type: fc.constant("custom"),
      value: fc.constantFrom("[]", "['x']", '["x", "y z"]'),
    }),
  );
  const start = fc.record(
    { size: fc.constantFrom("1", "24"), list: fc.constantFrom("['x']", "@as []") },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(start, settings, async (before, { key, ...fields }) => {
      const { host } = machine();
      host.outside.write("/root/.config/dconf/user", JSON.stringify(before));
      await converge(gsettings, `${schema} ${key}`, fields, host);
      const kept = JSON.parse(host.outside.read("/root/.config/dconf/user") ?? "") as Record<string, string>;
      for (const [other, value] of Object.entries(before)) if (other !== key) assert.equal(kept[other], value);
      assert.ok(normalVariant(kept[key] ?? initial[key] ?? "") !== "");
    }),
    { numRuns: 300 },
  );
});

proves("gsettings", "twice", "outside change", "bad values", "random starts");

const own = "/root/.config/dconf/user";

eachField("gsettings", {
  machine: () => {
    const made = machine();
    addCarol(made.host);
    made.host.outside.makeDirectory("/srv/carol/.config/dconf");
    return made;
  },
  name: "size",
  fields: { schema, key: "size", value: 32n },
  changes: {
    schema: {
      outside: ({ host }) => host.outside.write(own, "{}"),
      repair: ["~ set org.example.desk size to 32 (was uint32 24)"],
    },
    key: {
      fields: { key: "font", value: "Serif" },
      outside: ({ host }) => host.outside.write(own, JSON.stringify({ font: "'Mono'" })),
      repair: ["~ set org.example.desk font to 'Serif' (was 'Mono')"],
    },
    type: {
      fields: { key: "list", type: "custom", value: "['a']" },
      outside: ({ host }) => host.outside.write(own, JSON.stringify({ list: "['b']" })),
      repair: ["~ set org.example.desk list to ['a'] (was ['b'])"],
    },
    value: {
      outside: ({ host }) => host.outside.write(own, JSON.stringify({ size: "33" })),
      repair: ["~ set org.example.desk size to 32 (was 33)"],
    },
    user: {
      fields: { user: "carol" },
      outside: ({ host }) => host.outside.write("/srv/carol/.config/dconf/user", JSON.stringify({ size: "33" })),
      repair: ["~ set org.example.desk size to 32 (was 33)"],
    },
  },
  parameters: { group: "it says as whom the program runs" },
});
