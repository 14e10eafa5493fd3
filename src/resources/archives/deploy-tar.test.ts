// SPDX-License-Identifier: Apache-2.0
// An archive of a program, on a machine in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { drive, type DrivenResource, problemsOf } from "../../../test/resource.ts";
import { Pulses } from "../../base/pulse.ts";
import type { DeployFile, LocalStore } from "../../contract/local-store.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { Failure } from "../../contract/failure.ts";
import { createLocalStore } from "../../host/local-store.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import { bytesOf } from "../../values/bytes.ts";
import { deployTar } from "./deploy-tar.ts";

const path = "/srv/program.tar";

interface Machine {
  readonly host: MemoryHost;
  files: readonly DeployFile[];
  readonly news: (() => void)[];
  readonly settle: (fields?: AnyWant) => Promise<readonly string[]>;
  readonly resource: DrivenResource;
}

function file(at: string, text: string, executable = false): DeployFile {
  return { path: at, content: bytesOf(text), executable };
}

function machine(signal?: AbortSignal): Machine {
  const host = memoryHost();
  host.outside.makeDirectory("/srv");
  const news: (() => void)[] = [];
  const found = { files: [file("/files/a/run.sh", "#!/bin/sh\n", true), file("/main.mcl", "print {}\n")] };
  const deploy: LocalStore["deploy"] = {
    files: async () => found.files,
    changes(until) {
      const pulses = new Pulses(until);
      news.push(pulses.pulse);
      pulses.pulse();
      return pulses;
    },
  };
  const local = { ...createLocalStore(host, "/var/lib/mgmt"), deploy };
  const resource = drive(deployTar, path, {}, host, signal === undefined ? { local } : { signal, local });
  const settle = async (fields: AnyWant = {}) => {
    const changed = drive(deployTar, path, fields, host, { local });
    const done = await changed.settle();
    assert.deepEqual(await changed.plan(), []);
    return done;
  };
  return {
    host,
    get files() {
      return found.files;
    },
    set files(files) {
      found.files = files;
    },
    news,
    settle,
    resource,
  };
}

test("the program is packed, and again when it or the archive is another one", async () => {
  const stop = new AbortController();
  const made = machine(stop.signal);
  const { host, news, resource } = made;
  const settle = () => resource.settle();
  const watch = made.resource.watch();
  await watch.next();
  assert.deepEqual(await settle(), ["+ pack 2 files of the program, 4096 bytes"]);
  await watch.next();
  const text = host.outside.read(path) ?? "";
  const names = [0, 512, 1024, 2048].map((at) => text.slice(at, text.indexOf("\0", at)));
  assert.deepEqual(names, ["files/", "files/a/", "files/a/run.sh", "main.mcl"]);
  host.outside.write(path, "x");
  await watch.next();
  assert.deepEqual(await settle(), ["~ pack 2 files of the program, 4096 bytes"]);
  await watch.next();
  made.files = [file("/main.mcl", "print {}\n")];
  for (const tell of news) tell();
  await watch.next();
  assert.deepEqual(await settle(), ["~ pack 1 file of the program, 2048 bytes"]);
  stop.abort();
});

test("a program without files, and mistakes, are told", async () => {
  const { env, want } = machine().resource;
  const refusal = new Failure("this program has no files", { code: "unsupported" });
  const deploy = { ...env.local.deploy, files: () => Promise.reject(refusal) };
  await assert.rejects(deployTar.observe(want, { ...env, local: { ...env.local, deploy } }), refusal);
  assert.deepEqual(problemsOf(deployTar, path, {}), []);
  assert.deepEqual(problemsOf(deployTar, "a", {}), ['`path` must be the absolute path of a file, not "a"']);
  assert.deepEqual(problemsOf(deployTar, path, { format: 3 }), ["there is no format 3"]);
});

test("whatever is at the place, one pass settles it", async () => {
  const before = fc.option(fc.string());
  await fc.assert(
    fc.asyncProperty(
      before,
      fc.constantFrom(0, 2, 4, 8),
      fc.string({ maxLength: 700 }),
      async (there, format, text) => {
        const made = machine();
        if (there !== null) made.host.outside.write(path, there);
        made.files = [file("/main.mcl", text)];
        await made.settle({ format });
      },
    ),
    { numRuns: 300 },
  );
});

proves("deploy:tar", "twice", "outside change", "bad values", "random starts");

eachField("deploy:tar", {
  machine: (signal) => {
    const made = machine(signal);
    return { ...made, made, options: { local: made.resource.env.local } };
  },
  name: path,
  changes: {
    path: [
      { outside: ({ host }) => host.outside.remove(path), repair: ["+ pack 2 files of the program, 4096 bytes"] },
      {
        outside: ({ made }) => {
          made.files = [file("/main.mcl", "print {} # more\n")];
          for (const tell of made.news) tell();
        },
        repair: ["~ pack 1 file of the program, 2048 bytes"],
      },
    ],
    format: {
      fields: { format: 4 },
      outside: ({ host }) => host.outside.write(path, "an archive of another form"),
      repair: ["~ pack 2 files of the program, 4096 bytes"],
    },
  },
});
