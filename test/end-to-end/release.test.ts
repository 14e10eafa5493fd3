// SPDX-License-Identifier: Apache-2.0
// A release from a server to its place: resources that say nothing of order, on real files and a real server.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { serve } from "../../src/host/linux/serve.test-support.ts";
import { testPrograms } from "./program.ts";

testPrograms("a release is downloaded, checked and extracted, and what is spoilt comes back", async (world) => {
  mkdirSync(world.path("app-1/bin"), { recursive: true });
  world.write("app-1/config.json", '{"debug": true}');
  world.write("app-1/bin/app", "#!/bin/sh\n");
  const packed = spawnSync("tar", ["-C", world.directory, "-cz", "app-1"]).stdout;
  rmSync(world.path("app-1"), { recursive: true });
  const asked: string[] = [];
  const served = await serve(({ method, path }) => {
    asked.push(`${method} ${path}`);
    return { status: 200, headers: { ETag: '"1"' }, body: new Uint8Array(packed) };
  });
  try {
    const sha256 = createHash("sha256").update(packed).digest("hex");
    world.write(
      "main.mcl",
      `tar "${world.path("copy.tar")}" {
	inputs => ["${world.path("opt/bin/")}"],
}

archive "${world.path("opt/")}" {
	source => "${world.path("app.tar.gz")}",
	strip => 1,
}

http:client "${world.path("app.tar.gz")}" {
	url => "${served.origin}/app.tar.gz",
	sha256 => "${sha256}",
}
`,
    );
    const run = () =>
      world.run(["run", "--once", "--prefix", world.path("state"), "main.mcl"], {
        env: { TMPDIR: world.directory, HOME: world.directory },
      });
    const first = await run();
    assert.equal(first.status, 0, first.stderr);
    assert.equal(readFileSync(world.path("opt/config.json"), "utf8"), '{"debug": true}');
    assert.equal(spawnSync("tar", ["-tf", world.path("copy.tar")], { encoding: "utf8" }).stdout, "app\n");
    assert.deepEqual(asked, ["GET /app.tar.gz"]);
    const second = await run();
    assert.equal(second.status, 0, second.stderr);
    assert.deepEqual(asked, ["GET /app.tar.gz"]);
    writeFileSync(world.path("opt/bin/app"), "spoilt");
    assert.equal((await run()).status, 0);
    assert.equal(readFileSync(world.path("opt/bin/app"), "utf8"), "#!/bin/sh\n");
  } finally {
    await served.close();
  }
});
