// SPDX-License-Identifier: Apache-2.0
// A directory becomes what another one is, whatever was in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "./bench.test-support.ts";
import { type MemoryHost, memoryHost } from "./memory/index.ts";
import { mirrorDirectory } from "./mirror-directory.ts";

function hostWith(...directories: readonly string[]): MemoryHost {
  const host = memoryHost();
  for (const directory of ["/from", "/to", ...directories]) host.outside.makeDirectory(directory);
  return host;
}

const mirror = (host: MemoryHost) => mirrorDirectory("/from", "/to", host, never());

async function listing(host: MemoryHost, directory: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const name of await host.files.list(directory, never())) {
    const path = `${directory}/${name}`;
    const state = await host.files.inspect(path, never());
    const mode = state?.mode.toString(8);
    if (state?.kind === "directory") lines.push(`${name}/ ${mode}`, ...(await listing(host, path)));
    else lines.push(`${name} ${mode} ${host.outside.read(path)}`);
  }
  return lines;
}

test("files and directories come with their modes, and links as what they lead to", async () => {
  const host = hostWith("/from/d/empty");
  host.outside.write("/from/d/script", "#!/bin/sh");
  host.outside.setMode("/from/d/script", 0o755);
  host.outside.write("/from/a", "a");
  host.outside.link("/from/link", "a");
  host.outside.link("/from/dangling", "none");
  await mirror(host);
  assert.deepEqual(await listing(host, "/to"), [
    "a 644 a",
    "d/ 755",
    "empty/ 755",
    "script 755 #!/bin/sh",
    "link 644 a",
  ]);
});

test("what is too much goes, what is of another kind is replaced, what is another content is written", async () => {
  const host = hostWith("/from/d", "/to/a/deep", "/to/old/deep");
  host.outside.write("/from/a", "a");
  host.outside.write("/from/same", "same");
  host.outside.write("/from/other", "new");
  host.outside.write("/to/d", "a file");
  host.outside.write("/to/same", "same");
  host.outside.setMode("/to/same", 0o600);
  host.outside.write("/to/other", "old");
  host.outside.write("/to/old/deep/x", "x");
  await mirror(host);
  assert.deepEqual(await listing(host, "/to"), ["a 644 a", "d/ 755", "other 644 new", "same 644 same"]);
});

test("what is equal is not written again", async () => {
  const host = hostWith();
  host.outside.write("/from/a", "a");
  await mirror(host);
  const before = await host.files.inspect("/to/a", never());
  await mirror(host);
  assert.deepEqual(await host.files.inspect("/to/a", never()), before);
});
