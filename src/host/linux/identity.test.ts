// SPDX-License-Identifier: Apache-2.0
// Users from the file of a machine and from its directory service.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { after, describe, it } from "node:test";
import { fails, never } from "../bench.test-support.ts";
import { memoryHost } from "../memory/index.ts";
import { linuxIdentity } from "./identity.ts";

const directory = mkdtempSync(`${os.tmpdir()}/mgmt-test-`);
after(() => rmSync(directory, { recursive: true }));

/** Users of a file, and a `getent` that knows more. */
function identityWith(passwd: string, getent?: (key: string) => string | number) {
  const host = memoryHost();
  const asked: string[] = [];
  if (getent !== undefined) {
    host.outside.install("getent", ({ argv: [, database = "", key = ""], print }) => {
      asked.push(`${database} ${key}`);
      const answer = getent(key);
      if (typeof answer === "number") return answer;
      print(answer);
      return 0;
    });
  }
  const passwdFile = `${directory}/passwd`;
  writeFileSync(passwdFile, passwd);
  const identity = linuxIdentity({ processes: host.processes, clock: host.clock, passwdFile });
  return { host, identity, asked, passwdFile };
}

describe("users of a real machine", () => {
  it("are those of the file, at once when it changes", async () => {
    const { identity, passwdFile } = identityWith("web:x:33:33::/:/bin/sh\n");
    assert.equal(await identity.userId("web", never()), 33);
    assert.equal(await identity.userId("new", never()), undefined);
    writeFileSync(passwdFile, "web:x:34:33::/:/bin/sh\nnew:x:1001:1001::/:/bin/sh\n");
    assert.equal(await identity.userId("web", never()), 34);
    assert.equal(await identity.userName(1001, never()), "new");
    rmSync(passwdFile);
    assert.equal(await identity.userId("web", never()), undefined);
  });

  it("are asked for elsewhere when the file does not know them, and remembered for a minute", async () => {
    const { host, identity, asked } = identityWith("", (key) =>
      key === "ada" || key === "5000" ? "ada:*:5000:5000::/home/ada:/bin/sh\n" : 2,
    );
    assert.equal(await identity.userId("ada", never()), 5000);
    assert.equal(await identity.userId("ada", never()), 5000);
    assert.equal(await identity.userName(5000, never()), "ada");
    assert.deepEqual(asked, ["passwd ada", "passwd 5000"]);
    assert.equal(await identity.userId("bob", never()), undefined);
    assert.equal(await identity.userId("bob", never()), undefined);
    assert.equal(asked.length, 4, "that there is no such user is never remembered");
    await host.clock.advance(60_001);
    assert.equal(await identity.userId("ada", never()), 5000);
    assert.equal(asked.length, 5);
  });

  it("cannot be told when the directory service does not answer", async () => {
    const { identity } = identityWith("", () => 3);
    await fails("unreachable", identity.userId("ada", never()), "getent ended with status 3");
  });
});
