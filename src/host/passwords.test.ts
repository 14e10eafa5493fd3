// SPDX-License-Identifier: Apache-2.0
// Hashes against the vectors of the specification, and against the programs of the machine.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { Failure } from "../contract/failure.ts";
import { bytesOf } from "../values/bytes.ts";
import { linuxHost } from "./linux/index.ts";
import { memoryHost } from "./memory/index.ts";
import { sha512Crypt } from "./sha512-crypt.ts";

const never = new AbortController().signal;

describe("hashes of passwords", () => {
  it("are those of the specification", async () => {
    for (const [setting, password, hash] of [
      [
        "$6$saltstring",
        "Hello world!",
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
      ],
      [
        "$6$rounds=10000$saltstringsaltstring",
        "Hello world!",
        "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
      ],
      [
        "$6$rounds=10$roundstoolow",
        "the minimum number is still observed",
        "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.",
      ],
    ] as const) {
      assert.equal(await sha512Crypt(bytesOf(password), setting, never), hash);
    }
    assert.equal(await sha512Crypt(bytesOf("x"), "$5$salt", never), undefined);
  });

  it("are those of openssl, whatever the length", async (context) => {
    const { passwords } = memoryHost();
    for (const length of [0, 1, 15, 63, 64, 65, 130]) {
      const password = "pä".repeat(length).slice(0, length);
      const hash = await passwords.hash(password, "sha512", 5000, never);
      const [, , salt = ""] = hash.split("$");
      const asked = spawnSync("openssl", ["passwd", "-6", "-salt", salt, "-stdin"], {
        input: `${password}\n`,
        encoding: "utf8",
      });
      if (asked.error !== undefined) return context.diagnostic("not tried: there is no openssl");
      if (length > 0) assert.equal(hash, asked.stdout.trim());
      assert.equal(await passwords.verify(password, hash, never), true);
      assert.equal(await passwords.verify(`${password}x`, hash, never), false);
    }
    return undefined;
  });

  it("are different each time, and cost what they are to", async () => {
    const { passwords } = memoryHost();
    const one = await passwords.hash("x", "sha512", 1000, never);
    assert.match(one, /^\$6\$rounds=1000\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/);
    assert.notEqual(await passwords.hash("x", "sha512", 1000, never), one);
    const stopping = AbortSignal.timeout(1);
    await assert.rejects(passwords.hash("x", "sha512", 999_999_999, stopping), { name: "TimeoutError" });
  });

  it("of yescrypt are made by the machine", async (context) => {
    const { passwords } = linuxHost();
    try {
      for (const [cost, mark] of [
        [1, "$y$j75$"],
        [5, "$y$j9T$"],
      ] as const) {
        const hash = await passwords.hash("correct horse", "yescrypt", cost, never);
        assert.ok(hash.startsWith(mark), hash);
        assert.equal(hash.split("$").length, 5);
        assert.equal(await passwords.verify("correct horse", hash, never), true);
        assert.equal(await passwords.verify("wrong horse", hash, never), false);
      }
    } catch (reason) {
      if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
      context.diagnostic(`not tried: ${reason.message}`);
    }
    await assert.rejects(memoryHost().passwords.hash("x", "yescrypt", 5, never), { code: "not-found" });
  });
});
