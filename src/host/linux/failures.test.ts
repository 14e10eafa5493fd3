// SPDX-License-Identifier: Apache-2.0
// Which failure each error of the kernel becomes.

import assert from "node:assert/strict";
import os from "node:os";
import { describe, it } from "node:test";
import type { FailureCode } from "../../contract/failure.ts";
import { failureFrom, startFailureFrom, watchFailureFrom } from "./failures.ts";

const thrown = (code: string) => Object.assign(new Error(`${code}: as the runtime says it`), { code });

describe("errors of the kernel", () => {
  it("become failures that a program can decide on", () => {
    const codes: Readonly<Record<string, FailureCode>> = {
      ENOENT: "not-found",
      EEXIST: "exists",
      EACCES: "denied",
      EPERM: "denied",
      EBUSY: "busy",
      ETXTBSY: "busy",
      ENOSPC: "full",
      EDQUOT: "full",
      EROFS: "read-only",
      ENOTDIR: "not-a-directory",
      EISDIR: "is-a-directory",
      ENOTEMPTY: "not-empty",
      ELOOP: "invalid",
      ENAMETOOLONG: "invalid",
      EMFILE: "busy",
      ENFILE: "busy",
      ENOMEM: "busy",
      EXDEV: "unsupported",
      EFBIG: "too-large",
      ENOSYS: "unsupported",
      EIO: "unexpected",
      ESTALE: "unreachable",
      ETIMEDOUT: "timed-out",
      EHOSTUNREACH: "unreachable",
      EINVAL: "invalid",
    };
    for (const [name, code] of Object.entries(codes)) {
      const failure = failureFrom(thrown(name), { doing: "write", path: "/etc/motd" });
      assert.equal(failure.code, code, name);
      assert.match(failure.message, /^cannot write \/etc\/motd: [a-z]/);
      assert.doesNotMatch(failure.message, /\bE[A-Z]{3,}\b/, "nobody has to know the names of error numbers");
      assert.notEqual(failure.cause, undefined);
    }
  });

  it("that nobody has thought of keep what the kernel said", () => {
    const known = new Set(Object.keys(os.constants.errno));
    assert.ok(known.has("ENOTNAM") || known.has("EPROTO"));
    const failure = failureFrom(thrown("EPROTO"), { doing: "read", path: "/x" });
    assert.equal(failure.code, "unexpected");
    assert.match(failure.message, /^cannot read \/x: EPROTO/);
  });

  it("mean something else for a watch", () => {
    assert.equal(failureFrom(thrown("ENOSPC"), { doing: "watch", path: "/x" }).hint?.includes("df"), true);
    assert.match(watchFailureFrom(thrown("ENOSPC"), "/x").hint ?? "", /fs\.inotify\.max_user_watches/);
    assert.match(watchFailureFrom(thrown("EMFILE"), "/x").hint ?? "", /fs\.inotify\.max_user_instances/);
  });

  it("mean something else for a command that does not start", () => {
    const check = (name: string, code: FailureCode, text: RegExp) => {
      const failure = startFailureFrom(thrown(name), "tool", "/usr/bin/tool");
      assert.equal(failure.code, code);
      assert.match(failure.message, text);
    };
    check("ENOENT", "not-found", /interpreter/);
    check("EPERM", "denied", /only root/);
    check("EACCES", "denied", /permission denied for \/usr\/bin\/tool/);
    check("ENOEXEC", "invalid", /no program for this machine/);
    check("E2BIG", "too-large", /too long/);
    check("EAGAIN", "busy", /too many processes/);
  });
});
