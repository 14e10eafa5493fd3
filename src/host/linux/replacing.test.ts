// SPDX-License-Identifier: Apache-2.0
// What a process that was killed in the middle of a write has left behind.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import { after, describe, it } from "node:test";
import { never } from "../bench.test-support.ts";
import { smallBytes, temporaryPath, writeFile } from "./replacing.ts";

const directory = mkdtempSync(`${os.tmpdir()}/mgmt-test-`);
after(() => rmSync(directory, { recursive: true }));

describe("files that are not whole yet", () => {
  it("lie beside the one they will be, under a name that nobody can foretell", () => {
    assert.match(temporaryPath("/etc/motd").toString(), /^\/etc\/\.motd\.mgmt-[0-9a-f]{12}$/);
    assert.notEqual(temporaryPath("/etc/motd"), temporaryPath("/etc/motd"));
    const longest = temporaryPath(`/etc/${"n".repeat(255)}`).toString();
    assert.ok(longest.length < 5 + 255);
  });

  it("are removed by the next big write of that file, when nobody has written to them for long", async () => {
    const leave = (name: string, minutesAgo: number) => {
      writeFileSync(`${directory}/${name}`, "part");
      const time = new Date(Date.now() - minutesAgo * 60_000);
      utimesSync(`${directory}/${name}`, time, time);
    };
    leave(".image.mgmt-0123456789ab", 20);
    leave(".image.mgmt-ba9876543210", 10);
    leave(".other.mgmt-0123456789ab", 20);
    leave(".image.mgmt-mine", 20);
    await writeFile(`${directory}/image`, new Uint8Array(smallBytes + 1), {}, never());
    assert.deepEqual(readdirSync(directory).sort(), [
      ".image.mgmt-ba9876543210",
      ".image.mgmt-mine",
      ".other.mgmt-0123456789ab",
      "image",
    ]);
  });
});
