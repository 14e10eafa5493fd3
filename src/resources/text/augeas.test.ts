// SPDX-License-Identifier: Apache-2.0
// Settings on a machine in memory, whose augtool knows files of lines such as "Port 22".

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { augeas } from "./augeas.ts";
import { augtool, sets } from "./augeas.test-support.ts";

const file = "/etc/sshd_config";

function machine(text?: string): MemoryHost {
  const host = memoryHost();
  host.outside.install("augtool", augtool);
  if (text !== undefined) host.outside.write(file, text);
  return host;
}

const sshd = { file, lens: "Sshd.lns" };

test("settings are set and come back, and the rest stays", async () => {
  const host = machine("Port 22\nX11 yes\n");
  host.outside.setMode(file, 0o600);
  const stop = new AbortController();
  const fields = { ...sshd, sets: sets({ X11: "no", Banner: 'a "b" \\ c' }) };
  const resource = drive(augeas, "sshd", fields, host, { signal: stop.signal });
  const told = `set /files${file}/X11 to "no", /files${file}/Banner to "a \\"b\\" \\\\ c"`;
  assert.deepEqual(await resource.settle(), [`~ ${told}`]);
  assert.equal(host.outside.read(file), 'Port 22\nX11 no\nBanner a "b" \\ c\n');
  assert.equal((await host.files.inspect(file, stop.signal))?.mode, 0o600);
  assert.deepEqual(await resource.plan(), []);
  const watch = resource.watch();
  await watch.next();
  host.outside.write(file, "Port 23\nX11 yes\n");
  await watch.next();
  assert.deepEqual(await resource.settle(), [`~ ${told}`]);
  assert.equal(host.outside.read(file), 'Port 23\nX11 no\nBanner a "b" \\ c\n');
  stop.abort();
  assert.deepEqual(await host.files.list("/tmp", new AbortController().signal), []);
});

test("a file is made when there is none, and paths alone find theirs", async () => {
  const host = machine();
  await converge(augeas, "new", { ...sshd, sets: sets({ Port: "22" }) }, host);
  assert.equal(host.outside.read(file), "Port 22\n");
  await converge(augeas, "paths", { sets: sets({ [`/files${file}/Port`]: "23" }) }, host);
  assert.equal(host.outside.read(file), "Port 23\n");
  const lost = drive(augeas, "lost", { sets: sets({ "/files/etc/none/Port": "23" }) }, host);
  assert.deepEqual((await lost.plan()).map(renderStep), [
    "! no part of /files/etc/none/Port is a file; a new one needs `file` and `lens`",
  ]);
});

test("a file at rest does not start a program", async () => {
  const host = machine("Port 22\n");
  let started = 0;
  host.outside.install("augtool", (call) => {
    started += 1;
    return augtool(call);
  });
  const resource = drive(augeas, "sshd", { ...sshd, sets: sets({ Port: "22" }) }, host);
  await host.clock.advance(1_000);
  for (const _ of [1, 2, 3]) assert.deepEqual(await resource.plan(), []);
  assert.equal(started, 1);
});

test("what augtool says against it is told, and the file stays", async () => {
  const told = async (fields: AnyWant, text: string) => {
    const host = machine(text);
    const resource = drive(augeas, "x", fields, host);
    const [step] = await resource.plan();
    await assert.rejects(resource.settle(), { code: "invalid" });
    assert.equal(host.outside.read(file), text);
    return step?.text;
  };
  const port = { sets: sets({ Port: "22" }) };
  assert.equal(
    await told({ file, lens: "Nosuch.lns", ...port }, "Port 22\n"),
    "augtool says: Error in Mgmt (Can not find lens Nosuch.lns)",
  );
  assert.equal(
    await told({ ...sshd, ...port }, "garbage\n"),
    `augtool says: Error in ${file}:1.0 (parse_failed) / Syntax error`,
  );
  const without = memoryHost();
  without.outside.write(file, "Port 22\n");
  await assert.rejects(drive(augeas, "x", { ...sshd, ...port }, without).settle(), {
    code: "not-found",
    message: /augtool is not installed/,
  });
});

test("mistakes are found before anything is touched", () => {
  const titles = (fields: AnyWant) => problemsOf(augeas, "x", fields);
  assert.deepEqual(titles({ ...sshd, sets: sets({ Port: "1", "/files/etc/x/y": "" }) }), []);
  assert.deepEqual(titles({ file }), ["`file` goes together with `lens`"]);
  assert.deepEqual(titles({ lens: "Sshd" }), ["`lens` goes together with `file`"]);
  assert.deepEqual(titles({ file: "etc/", lens: "Sshd" }), ['`file` must be the absolute path of a file, not "etc/"']);
  assert.deepEqual(titles({ file, lens: "a b" }), ['"a b" is no name of a lens']);
  assert.deepEqual(titles({ sets: sets({ Port: "1" }) }), ['"Port" is no path of a setting']);
  assert.deepEqual(titles({ sets: sets({ "": "1" }) }), ["a path in `sets` is empty"]);
  assert.deepEqual(titles({ ...sshd, sets: sets({ Port: "1\n2" }) }), [
    "a path or value in `sets` has a line end or a null byte in it",
  ]);
});

test("whatever is in the file, one pass settles it", async () => {
  const name = fc.constantFrom("Port", "X11", "Banner");
  const value = fc.constantFrom("1", "yes", "a b", 'q"\\');
  await fc.assert(
    fc.asyncProperty(fc.option(fc.dictionary(name, value)), fc.dictionary(name, value), async (before, wanted) => {
      const host = machine(
        before === null
          ? undefined
          : Object.entries(before)
              .map(([k, v]) => `${k} ${v}\n`)
              .join(""),
      );
      await converge(augeas, "x", { ...sshd, sets: sets(wanted) }, host);
      const lines = (host.outside.read(file) ?? "").split("\n").filter((line) => line !== "");
      const after = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
      );
      assert.deepEqual(after, { ...before, ...wanted });
    }),
    { numRuns: 300 },
  );
});

proves("augeas", "twice", "outside change", "bad values", "random starts");
