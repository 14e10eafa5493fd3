// SPDX-License-Identifier: Apache-2.0
// Lines in files of a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proves } from "../../../test/proofs.ts";
import { converge, drive, problemsOf, renderStep } from "../../../test/resource.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { line } from "./line.ts";

const path = "/etc/app.conf";

/** From what is in the file, by these steps, to what is in it then. */
async function check(
  fields: AnyWant,
  before: string | undefined,
  steps: readonly string[],
  after: string | undefined,
): Promise<void> {
  const host = memoryHost();
  if (before !== undefined) host.outside.write(path, before);
  assert.deepEqual(await converge(line, "l", { file: path, ...fields }, host), steps);
  assert.equal(host.outside.read(path), after);
}

test("a line that is missing is added, in a new file if need be", async () => {
  const fields = { state: "exists", content: "x = 1" };
  await check(fields, "a\n", ['+ add the line "x = 1"'], "a\nx = 1\n");
  await check(fields, "a", ['+ add the line "x = 1"'], "a\nx = 1\n");
  await check(fields, undefined, ['+ add the line "x = 1" to a new file'], "x = 1\n");
  await check(fields, "x = 1\na\n", [], "x = 1\na\n");
  await check(fields, "a\r\nx = 1\r\n", [], "a\r\nx = 1\r\n");
});

test("a line that must not be there is removed every time", async () => {
  const fields = { state: "absent", content: "x" };
  await check(fields, "x\na\nx\nb", ['- remove the line "x" (there 2 times)'], "a\nb");
  await check(fields, "x", ['- remove the line "x"'], "");
  await check(fields, "xx\n", [], "xx\n");
  await check(fields, undefined, [], undefined);
});

test("several lines are one block, and white space around them goes with `trim`", async () => {
  await check({ state: "exists", content: "x\ny" }, "x\nz\n", ["+ add 2 lines"], "x\nz\nx\ny\n");
  await check({ state: "exists", content: "\n  x  \n\n", trim: true }, "", ['+ add the line "x"'], "x\n");
  await check({ state: "exists", content: "  x" }, "x\n", ['+ add the line "  x"'], "x\n  x\n");
  await check({ state: "exists" }, undefined, [], undefined);
  const gone = ["- remove 2 lines (there 2 times)"];
  await check({ state: "absent", content: "x\ny" }, "x\nx\ny\ny\nz", gone, "z");
});

test("bytes that are no text stay as they are", async () => {
  const host = memoryHost();
  host.outside.write(path, Uint8Array.of(0xff, 0x0a, 0x80));
  await converge(line, "l", { file: path, state: "exists", content: "x" }, host);
  const bytes = await host.files.read(path, 100, new AbortController().signal);
  assert.deepEqual([...bytes], [0xff, 0x0a, 0x80, 0x0a, 0x78, 0x0a]);
});

test("a new file is for its owner alone, an old one keeps its mode and its symbolic link", async () => {
  const host = memoryHost();
  const { signal } = new AbortController();
  await converge(line, "l", { file: "/etc/new", state: "exists", content: "x" }, host);
  assert.equal((await host.files.inspect("/etc/new", signal))?.mode, 0o600);
  host.outside.write("/etc/real", "a\n");
  host.outside.setMode("/etc/real", 0o640);
  host.outside.link("/etc/link", "real");
  await converge(line, "l", { file: "/etc/link", state: "exists", content: "x" }, host);
  assert.equal(host.outside.read("/etc/real"), "a\nx\n");
  assert.equal((await host.files.inspect("/etc/real", signal))?.mode, 0o640);
  assert.equal((await host.files.inspect("/etc/link", signal))?.kind, "symlink");
});

test("a home directory is that of its user", async () => {
  const host = memoryHost();
  host.outside.write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/srv/alice:/bin/sh\n");
  host.outside.makeDirectory("/srv/alice");
  await converge(line, "l", { file: "~alice/.profile", state: "exists", content: "x" }, host);
  assert.equal(host.outside.read("/srv/alice/.profile"), "x\n");
  await converge(line, "l", { file: "~/.profile", state: "exists", content: "y" }, host);
  assert.equal(host.outside.read("/root/.profile"), "y\n");
});

test("a user who does not exist is told by the plan, and awaited", async () => {
  const host = memoryHost();
  const stop = new AbortController();
  const fields = { file: "~bob/.profile", state: "exists", content: "x" };
  const resource = drive(line, "l", fields, host, { signal: stop.signal });
  assert.deepEqual((await resource.plan()).map(renderStep), ["! the user bob does not exist or has no home directory"]);
  await assert.rejects(resource.settle(), { code: "not-found" });
  const watch = resource.watch();
  await watch.next();
  host.outside.write("/etc/passwd", "bob:x:1001:1001::/srv/bob:/bin/sh\n");
  await watch.next();
  assert.equal((await resource.plan()).length, 1);
  host.outside.makeDirectory("/srv/bob");
  await resource.settle();
  await watch.next();
  host.outside.remove("/srv/bob/.profile");
  await watch.next();
  assert.deepEqual(await resource.settle(), ['+ add the line "x" to a new file']);
  stop.abort();
});

test("lines that many resources add to one file at the same time all arrive", async () => {
  const host = memoryHost();
  const names = ["a", "b", "c", "d", "e"];
  await Promise.all(
    names.map((name) => drive(line, name, { file: path, state: "exists", content: name }, host).settle()),
  );
  assert.deepEqual(host.outside.read(path)?.trimEnd().split("\n").toSorted(), names);
});

test("a file, given as a file, and a state are needed", () => {
  const wrong = (file: string) => problemsOf(line, "l", { file, state: "exists" });
  assert.deepEqual(wrong("/etc/hosts"), []);
  assert.deepEqual(wrong("~/x"), []);
  assert.deepEqual(wrong(""), ["there is no path of a file"]);
  assert.deepEqual(wrong("etc/hosts"), ['the path "etc/hosts" is neither absolute nor in a home directory']);
  assert.deepEqual(wrong("~"), ['the path "~" is neither absolute nor in a home directory']);
  assert.deepEqual(wrong("/etc/"), ['the path "/etc/" is that of a directory: it ends with a slash']);
  assert.deepEqual(problemsOf(line, "l", { file: "/x" }), ["a line needs a `state`"]);
});

test("whatever is in the file, one pass settles it, and leaves the other lines", async () => {
  const piece = fc.constantFrom("x", "y", " x ", "", "x y");
  const text = fc.option(fc.tuple(fc.array(piece, { maxLength: 6 }), fc.boolean()), { nil: undefined });
  const content = fc.constantFrom("x", " x ", "x\ny", "y");
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.constantFrom("exists", "absent"),
      content,
      fc.boolean(),
      async (there, state, lines, trim) => {
        const host = memoryHost();
        const before = there === undefined ? undefined : there[0].join("\n") + (there[1] ? "\n" : "");
        if (before !== undefined) host.outside.write(path, before);
        await converge(line, "l", { file: path, state, content: lines, trim }, host);
        const after = host.outside.read(path) ?? "";
        const wanted = trim ? lines.trim() : lines;
        assert.equal(`\n${after.replace(/\n$/, "")}\n`.includes(`\n${wanted}\n`), state === "exists");
        if (state === "exists") assert.ok(after.startsWith((before ?? "").replace(/\n$/, "")));
        const others = (all: string) =>
          all.split("\n").filter((each) => !wanted.split("\n").includes(each) && each !== "");
        assert.deepEqual(others(after), others(before ?? ""));
      },
    ),
    { numRuns: 300 },
  );
});

proves("line", "twice", "outside change", "bad values", "random starts");
