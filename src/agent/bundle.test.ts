// SPDX-License-Identifier: Apache-2.0
// Programs and their bundles, on a machine in memory: what runs from the bundle is what was bundled.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Problems } from "../base/problem.ts";
import { Failure } from "../contract/failure.ts";
import { type MemoryHost, memoryHost } from "../host/memory/index.ts";
import { compileLoaded } from "../program/compile.ts";
import { loadProgram } from "../program/modules/load.ts";
import { type Bundle, bundleProgram, loadingOfBundle, unpackBundle } from "./bundle.ts";
import { catalogFor } from "./catalog.ts";
import { compileProgram } from "./compile-program.ts";
import { evaluateProgram } from "./evaluate-program.ts";
import type { Program } from "./live-program.ts";
import { shippedModules } from "./modules/shipped.ts";

const { signal } = new AbortController();
const catalog = catalogFor("web1");

const site: Readonly<Record<string, string>> = {
  "/srv/site/metadata.yaml": "main: code/site.mcl\npath: vendor/\n",
  "/srv/site/code/site.mcl": [
    'import "near.mcl"',
    'import "../lib/"',
    'import "git://example.org/a/"',
    'import "git://example.org/b/"',
    'import "misc"',
    "test [$near.x, $lib.x, $a.x, $b.x] {}",
    'include misc.network_rename("00:11:22:33:44:55", "lan0")',
    "",
  ].join("\n"),
  "/srv/site/code/near.mcl": '$x = "near"\n',
  "/srv/site/lib/main.mcl": '$x = "lib"\n',
  "/srv/site/files/motd": "welcome\n",
  "/srv/site/files/deep/script": "#!/bin/sh\n",
  "/srv/site/not-of-the-program": "secret\n",
  "/srv/site/vendor/example.org/a/metadata.yaml": "",
  "/srv/site/vendor/example.org/a/main.mcl": '$x = "a"\n',
  "/srv/site/vendor/example.org/a/files/of-a": "a\n",
  "/opt/modules/example.org/b/metadata.yaml": 'files: ""\n',
  "/opt/modules/example.org/b/main.mcl": 'import "git://example.org/c/"\n$x = "b, ${c.x}"\n',
  "/opt/modules/example.org/b/files/unused": "b\n",
  "/opt/modules/example.org/c/metadata.yaml": "",
  "/opt/modules/example.org/c/main.mcl": '$x = "c"\n',
};

function hostWith(files: Readonly<Record<string, string>>): MemoryHost {
  const host = memoryHost();
  for (const [path, text] of Object.entries(files)) {
    host.outside.makeDirectory(path.slice(0, path.lastIndexOf("/")));
    host.outside.write(path, text);
  }
  return host;
}

async function bundleOf(host: MemoryHost, path: string): Promise<{ bundle: Bundle; program: Program }> {
  const modules = { directory: "/opt/modules", download: false, update: false };
  const reading = { host, signal, workingDirectory: "/", readStandardInput: () => Promise.resolve(""), modules };
  const { loaded, program, problems } = await compileProgram(path, catalog, reading);
  assert.deepEqual(problems, []);
  assert.ok(program !== undefined && loaded?.main.kind === "file");
  const options = { host, moduleDirectory: "/opt/modules/", show: (shown: string) => shown };
  return { bundle: await bundleProgram(loaded.main.module, loaded, options, signal), program };
}

async function programIn(bundle: Bundle): Promise<Program> {
  const options = { ...loadingOfBundle(bundle, unpackedAt), shipped: shippedModules };
  const { main } = await loadProgram({ kind: "directory", directory: "/" }, options);
  assert.ok(main.kind === "file");
  const problems = new Problems();
  const program = compileLoaded(main.module, catalog, problems);
  assert.deepEqual(problems.all, []);
  assert.ok(program !== undefined);
  return program;
}

const unpackedAt = "/var/lib/mgmt/deploy/";

async function graphOf(program: Program, host = memoryHost()): Promise<string> {
  const options = { program, name: "x", catalog, host, hostname: "web1", timeoutMs: 1000 };
  let isDone = false;
  const evaluating = evaluateProgram(options, signal).finally(() => {
    isDone = true;
  });
  // Streams come to rest when time passes.
  for (await host.clock.settle(); !isDone; await host.clock.settle()) {
    await host.clock.advance(host.clock.nextTimerInMs ?? 0);
  }
  const { graph } = await evaluating;
  assert.ok(graph !== undefined);
  return graph.text;
}

test("a program that is run from its bundle gives the same graph", async () => {
  const { bundle, program } = await bundleOf(hostWith(site), "/srv/site");
  const text = await graphOf(await programIn(bundle));
  assert.match(text, /test\[b, c\]/);
  assert.equal(text, await graphOf(program));
});

test("a bundle has the program's files, those of its modules, and no others", async () => {
  const { bundle } = await bundleOf(hostWith(site), "/srv/site");
  assert.deepEqual(
    bundle.files.map(({ path }) => path),
    [
      "/code/near.mcl",
      "/code/site.mcl",
      "/files/deep/script",
      "/files/motd",
      "/lib/main.mcl",
      "/metadata.yaml",
      "/modules/example.org/b/main.mcl",
      "/modules/example.org/b/metadata.yaml",
      "/modules/example.org/c/main.mcl",
      "/modules/example.org/c/metadata.yaml",
      "/vendor/example.org/a/files/of-a",
      "/vendor/example.org/a/main.mcl",
      "/vendor/example.org/a/metadata.yaml",
    ],
  );
});

test("the same files have the same bundle wherever they lie; a changed byte or mode has another", async () => {
  const { bundle } = await bundleOf(hostWith(site), "/srv/site");
  const moved = Object.fromEntries(
    Object.entries(site).map(([path, text]) => [path.replace("/srv/", "/var/x/"), text]),
  );
  assert.equal((await bundleOf(hostWith(moved), "/var/x/site/metadata.yaml")).bundle.manifest, bundle.manifest);

  const edited = hostWith({ ...site, "/srv/site/files/motd": "welcomf\n" });
  assert.notEqual((await bundleOf(edited, "/srv/site")).bundle.id, bundle.id);
  const executable = hostWith(site);
  executable.outside.setMode("/srv/site/files/motd", 0o755);
  assert.notEqual((await bundleOf(executable, "/srv/site")).bundle.id, bundle.id);
});

test("a program without metadata.yaml gets one in its bundle, which names its file and no others", async () => {
  const files = { "/srv/web.mcl": 'import "lib.mcl"\ntest $lib.x {}\n', "/srv/lib.mcl": '$x = "lib"\n' };
  const { bundle, program } = await bundleOf(hostWith({ ...files, "/srv/files/other": "" }), "/srv/web.mcl");
  assert.deepEqual(
    bundle.files.map(({ path }) => path),
    ["/lib.mcl", "/metadata.yaml", "/web.mcl"],
  );
  assert.equal(await graphOf(await programIn(bundle)), await graphOf(program));
});

test("a module outside of the program and of the modules cannot be bundled", async () => {
  const files = { "/srv/site/main.mcl": 'import "../lib.mcl"\ntest $lib.x {}\n', "/srv/lib.mcl": '$x = "lib"\n' };
  await assert.rejects(bundleOf(hostWith(files), "/srv/site"), (reason) => {
    assert.ok(reason instanceof Failure);
    assert.match(reason.message, /^\/srv\/lib\.mcl is neither below \/srv\/site\/ nor/);
    return true;
  });
});

test("a program and its modules find their files from a bundle as they do from their directories", async () => {
  const files = {
    "/srv/site/main.mcl": [
      'import "deploy"',
      'import "git://example.org/b/"',
      'test [deploy.readfile("/files/motd"), deploy.readfileabs("${b.place}"), "${b.text}", "${b.place}"] {}',
      "",
    ].join("\n"),
    "/srv/site/metadata.yaml": "",
    "/srv/site/files/motd": "of the program",
    "/opt/modules/example.org/b/metadata.yaml": "",
    "/opt/modules/example.org/b/main.mcl":
      'import "deploy"\n$place = deploy.abspath("/files/other")\n$text = deploy.readfile("/files/motd")\n',
    "/opt/modules/example.org/b/files/motd": "of the module",
    "/opt/modules/example.org/b/files/other": "another",
  };
  const host = hostWith(files);
  const { bundle, program } = await bundleOf(host, "/srv/site");
  const text = await graphOf(program, host);
  for (const name of ["of the program", "of the module", "another", "/modules/example.org/b/files/other"]) {
    assert.ok(text.includes(`test[${name}]`), text);
  }
  const elsewhere = memoryHost();
  await unpackBundle(bundle, unpackedAt, elsewhere, signal);
  assert.equal(await graphOf(await programIn(bundle), elsewhere), text);
});

test("an unpacked bundle is the program again, and unpacking it once more writes nothing", async () => {
  const { bundle } = await bundleOf(hostWith(site), "/srv/site");
  const host = memoryHost();
  await unpackBundle(bundle, "/var/lib/mgmt/deploy/", host, signal);
  assert.equal(host.outside.read("/var/lib/mgmt/deploy/files/motd"), "welcome\n");
  const before = await host.files.inspect("/var/lib/mgmt/deploy/files/motd", signal);
  await unpackBundle(bundle, "/var/lib/mgmt/deploy/", host, signal);
  assert.deepEqual(await host.files.inspect("/var/lib/mgmt/deploy/files/motd", signal), before);
});
