// SPDX-License-Identifier: Apache-2.0
// Devices, remotes and the whole machine, with an fwupd in memory that tells what the real one tells.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, repaired } from "../../../test/resource.ts";
import { BusRefusal } from "../../contract/bus.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { fwupdDevice } from "./device.ts";
import { fwupdRemote } from "./remote.ts";
import { fwupdSystem } from "./system.ts";

const destination = "org.freedesktop.fwupd";
const [webcam, dock] = ["08d460be0f1f9f128413f816022a6439e0078018", "18d460be0f1f9f128413f816022a6439e0078018"];
const guid = "b585990a-003e-5270-89d5-3705a17f9a43";

class Twin {
  readonly host: MemoryHost = memoryHost();
  versions = new Map([
    [webcam, "1.2.3"],
    [dock, "5"],
  ]);
  readonly offered = new Map([
    [webcam, ["1.2.4", "1.2.3", "1.2.2"]],
    [dock, ["6"]],
  ]);
  readonly waiting = new Set<string>();
  isEnabled = true;
  fetchedMs: number | undefined;
  metadata = "";

  constructor() {
    const { host } = this;
    host.outside.buses.system.serve(destination, ({ method, arguments: given }) => {
      const [first, key, value] = given.map(String);
      if (method === "GetDevices") return { signature: "aa{sv}", values: [this.#devices()] };
      if (method === "GetReleases") return { signature: "aa{sv}", values: [this.#releases(first ?? "")] };
      if (method === "GetRemotes") return { signature: "aa{sv}", values: [this.#remotes()] };
      if (method === "ModifyRemote" && key === "Enabled") {
        this.isEnabled = value === "true";
        this.tell();
        return { signature: "", values: [] };
      }
      throw new BusRefusal("org.freedesktop.DBus.Error.UnknownMethod", method);
    });
    host.outside.install("fwupdmgr", ({ argv, complain, print }) => {
      const [, verb, first = "", second = ""] = argv;
      if (verb === "refresh") {
        this.metadata = `${host.outside.read(first)} ${host.outside.read(second)}`;
        this.fetchedMs = host.clock.now();
        this.tell();
        return 0;
      }
      print("Writing…: 50%\n");
      if (this.offered.get(first)?.includes(second) !== true) {
        complain("Unable to locate release\n");
        return 1;
      }
      this.versions.set(first, second);
      this.tell();
      return 0;
    });
    host.outside.serve("https://cdn.example", () => ({ status: 200, body: "signature" }));
    host.outside.serve("https://fw.example", ({ path }) => {
      if (path.endsWith(".jcat")) return { status: 302, headers: { Location: "https://cdn.example/moved.jcat" } };
      return path === "/firmware.xml.zst" ? { status: 200, body: "data" } : { status: 404 };
    });
  }

  #devices(): unknown {
    return [webcam, dock].map((id) => ({
      DeviceId: text(id),
      Guid: { type: "as", value: id === webcam ? [guid] : [] },
      Name: text(id === webcam ? "Webcam" : "Dock"),
      Version: text(this.versions.get(id) ?? ""),
      Flags: { type: "t", value: 2n | (this.waiting.has(id) ? 256n : 0n) },
      UpdateState: { type: "u", value: 2 },
    }));
  }

  #releases(id: string): unknown {
    const own = this.versions.get(id) ?? "";
    return (this.offered.get(id) ?? []).map((version) => ({
      Version: text(version),
      TrustFlags: { type: "t", value: 3n | (version > own ? 4n : 0n) | (version < own ? 8n : 0n) },
    }));
  }

  #remotes(): unknown {
    const time = this.fetchedMs === undefined ? 2n ** 64n - 1n : BigInt(Math.floor(this.fetchedMs / 1000));
    return [
      {
        RemoteId: text("lvfs"),
        Enabled: { type: "b", value: this.isEnabled },
        Type: { type: "u", value: 1 },
        Uri: text("https://fw.example/firmware.xml.zst"),
        ModificationTime: { type: "t", value: time },
      },
    ];
  }

  tell(): void {
    this.host.outside.buses.system.emit({ sender: destination, path: "/", interface: destination, member: "Changed" });
  }
}

function text(value: string): unknown {
  return { type: "s", value };
}

test("a device gets the version that it is to have, by its number or a GUID", async () => {
  const { host, versions, waiting } = new Twin();
  assert.deepEqual(await converge(fwupdDevice, guid.toUpperCase(), { version: "1.2.4" }, host), [
    "~ install 1.2.4 (was 1.2.3)",
  ]);
  assert.equal(versions.get(webcam), "1.2.4");
  await assert.rejects(drive(fwupdDevice, webcam, { version: "1.2.2" }, host).settle(), {
    code: "conflict",
    message: "Webcam has the newer version 1.2.4",
  });
  await converge(fwupdDevice, "webcam", { device: webcam, version: "1.2.2", allow_downgrade: true }, host);
  waiting.add(webcam);
  assert.deepEqual(await drive(fwupdDevice, webcam, { version: "1.2.4" }, host).plan(), []);
});

test("what fwupd does not have is told", async () => {
  const { host } = new Twin();
  await assert.rejects(drive(fwupdDevice, webcam, { version: "9" }, host).settle(), {
    code: "not-found",
    message: "there is no version 9 for Webcam",
    hint: "There are 1.2.4, 1.2.3, 1.2.2.",
  });
  await assert.rejects(drive(fwupdDevice, "a".repeat(40), { version: "9" }, host).settle(), { code: "not-found" });
  await assert.rejects(drive(fwupdRemote, "none", { enabled: true }, host).settle(), {
    code: "not-found",
    message: "fwupd has no remote none",
  });
  host.outside.buses.system.serve(destination, undefined);
  await assert.rejects(drive(fwupdSystem, "all", { state: "newest" }, host).plan(), /fwupd is not installed/);
});

test("the whole machine gets the newest, but what is excluded or waits for the next start", async () => {
  const twin = new Twin();
  const { host } = twin;
  assert.deepEqual(await converge(fwupdSystem, "all", { state: "newest", exclude: [dock] }, host), [
    "~ install 1.2.4 on Webcam (was 1.2.3)",
  ]);
  twin.waiting.add(dock);
  assert.deepEqual(await converge(fwupdSystem, "all", { state: "newest" }, host), []);
  twin.waiting.clear();
  assert.deepEqual(await converge(fwupdSystem, "all", { state: "newest" }, host), ["~ install 6 on Dock (was 5)"]);
});

test("a remote is used or not, and its metadata is fetched when it is too old", async () => {
  const twin = new Twin();
  const { host } = twin;
  assert.deepEqual(await converge(fwupdRemote, "lvfs", { enabled: false }, host), ["~ use it no longer"]);
  assert.deepEqual(await converge(fwupdRemote, "lvfs", { refresh_age: "1h" }, host), []);
  assert.deepEqual(await converge(fwupdRemote, "lvfs", { enabled: true, refresh_age: "1h" }, host), [
    "~ use it",
    "~ fetch its metadata (was never fetched)",
  ]);
  assert.equal(twin.metadata, "data signature");
  const stop = new AbortController();
  const resource = drive(fwupdRemote, "lvfs", { refresh_age: "1h" }, host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  const ticking = watch.next();
  await host.clock.advance(2 * 3_600_000);
  await ticking;
  assert.deepEqual(await resource.settle(), ["~ fetch its metadata (was 2 h old)"]);
  stop.abort();
});

test("each change by others is told and mended", async () => {
  const twin = new Twin();
  const stop = new AbortController();
  const resource = drive(fwupdDevice, webcam, { version: "1.2.4" }, twin.host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  await watch.next();
  twin.versions.set(webcam, "1.2.3");
  twin.tell();
  await watch.next();
  assert.deepEqual(await resource.settle(), ["~ install 1.2.4 (was 1.2.3)"]);
  stop.abort();
});

test("mistakes are found before anything is touched", () => {
  const device = (name: string, fields: AnyWant) => problemsOf(fwupdDevice, name, fields);
  assert.deepEqual(device("webcam", { version: "1" }), ['"webcam" is neither the number of a device nor a GUID']);
  assert.deepEqual(device(guid, {}), ["a device needs a `version`"]);
  assert.deepEqual(device(guid, { version: "-y" }), ['"-y" cannot be a version']);
  const remote = (fields: AnyWant) => problemsOf(fwupdRemote, "lvfs", fields);
  assert.deepEqual(remote({ enabled: true, refresh_age: "24h" }), []);
  assert.deepEqual(remote({}), ["without `enabled` and `refresh_age` there is nothing to do"]);
  assert.deepEqual(remote({ enabled: false, refresh_age: "1h" }), ["what is not used need not be fetched"]);
  assert.deepEqual(remote({ refresh_age: "1 day" }), ['"1 day" is no age']);
  assert.deepEqual(problemsOf(fwupdRemote, "a b", { enabled: true }), ['"a b" cannot be the name of a remote']);
  assert.deepEqual(problemsOf(fwupdSystem, "x", {}), ['the firmware of a machine needs `state => "newest"`']);
  assert.deepEqual(problemsOf(fwupdSystem, "x", { state: "newest", exclude: ["x"] }), [
    '"x" is neither the number of a device nor a GUID',
  ]);
});

test("whatever a device and a remote are, one pass settles them", async () => {
  const version = fc.constantFrom("1.2.2", "1.2.3", "1.2.4");
  await fc.assert(
    fc.asyncProperty(version, version, fc.boolean(), fc.boolean(), async (before, after, was, enabled) => {
      const twin = new Twin();
      twin.versions.set(webcam, before);
      twin.isEnabled = was;
      await converge(fwupdDevice, webcam, { version: after, allow_downgrade: true }, twin.host);
      await converge(fwupdRemote, "lvfs", { enabled, ...(enabled ? { refresh_age: "1h" } : {}) }, twin.host);
      assert.deepEqual([twin.versions.get(webcam), twin.isEnabled], [after, enabled]);
    }),
    { numRuns: 300 },
  );
});

test("a device that gets an older version behind its back is brought to the newest at once", async () => {
  const twin = new Twin();
  const stop = new AbortController();
  const resource = drive(fwupdSystem, "all", { state: "newest" }, twin.host, { signal: stop.signal });
  const watch = resource.watch();
  await watch.next();
  await resource.settle();
  const done = await repaired(resource, watch, twin.host, () => {
    twin.versions.set(webcam, "1.2.2");
    twin.tell();
  });
  assert.deepEqual(done, ["~ install 1.2.4 on Webcam (was 1.2.2)"]);
  stop.abort();
});

test("whatever versions the devices have, one pass brings the newest to those that can have it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("1.2.2", "1.2.3", "1.2.4"),
      fc.constantFrom("5", "6"),
      fc.boolean(),
      fc.subarray([webcam, dock]),
      async (version, other, waits, exclude) => {
        const twin = new Twin();
        twin.versions.set(webcam, version);
        twin.versions.set(dock, other);
        if (waits) twin.waiting.add(dock);
        await converge(fwupdSystem, "all", { state: "newest", exclude }, twin.host);
        const expected = [exclude.includes(webcam) ? version : "1.2.4", exclude.includes(dock) || waits ? other : "6"];
        assert.deepEqual([twin.versions.get(webcam), twin.versions.get(dock)], expected);
      },
    ),
    { numRuns: 300 },
  );
});

proves("fwupd:device", "twice", "outside change", "bad values", "random starts");
proves("fwupd:remote", "twice", "outside change", "bad values", "random starts");
proves("fwupd:system", "twice", "outside change", "bad values", "random starts");

eachField("fwupd:device", {
  machine: () => new Twin(),
  name: webcam,
  fields: { version: "1.2.4" },
  changes: {
    device: {
      name: "camera",
      fields: { device: webcam },
      outside: (twin) => {
        twin.versions.set(webcam, "1.2.3");
        twin.tell();
      },
      repair: ["~ install 1.2.4 (was 1.2.3)"],
    },
    version: {
      outside: (twin) => {
        twin.versions.set(webcam, "1.2.2");
        twin.tell();
      },
      repair: ["~ install 1.2.4 (was 1.2.2)"],
    },
  },
  parameters: { allow_downgrade: "it says whether a version may go back" },
});

eachField("fwupd:remote", {
  machine: () => new Twin(),
  name: "lvfs",
  changes: {
    enabled: {
      fields: { enabled: false },
      outside: (twin) => {
        twin.isEnabled = true;
        twin.tell();
      },
      repair: ["~ use it no longer"],
    },
    refresh_age: {
      fields: { refresh_age: "1h" },
      outside: ({ host }) => host.clock.advance(2 * 3_600_000),
      repair: ["~ fetch its metadata (was 2 h old)"],
    },
  },
});

eachField("fwupd:system", {
  machine: () => new Twin(),
  name: "all",
  fields: { state: "newest" },
  changes: {
    state: {
      outside: (twin) => {
        twin.versions.set(webcam, "1.2.2");
        twin.tell();
      },
      repair: ["~ install 1.2.4 on Webcam (was 1.2.2)"],
    },
  },
  parameters: { exclude: "it says which devices are left alone" },
});
