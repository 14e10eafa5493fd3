// SPDX-License-Identifier: Apache-2.0
// How a refusal and a path are worded for people.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refused, renderPath } from "./refusal.ts";

describe("what a machine refuses", () => {
  it("is told with what was tried, on what, why, and what to do", () => {
    const failure = refused("disk-full", { doing: "write", path: "/etc/motd" });
    assert.equal(failure.message, "cannot write /etc/motd: no space is left on the file system");
    assert.equal(failure.code, "full");
    assert.equal(failure.retry, "backoff");
    assert.match(failure.hint ?? "", /df -h/);
  });

  it("shows a path as it is, and quotes one that would garble the line", () => {
    const check = (path: string, shown: string) => assert.equal(renderPath(path), shown);
    check("/etc/motd", "/etc/motd");
    check("/home/zoë/a b", "/home/zoë/a b");
    check("/a\nb", '"/a\\nb"');
    check("/a\x1b[31m", '"/a\\x1b[31m"');
    check("/\udcff", '"/\\xff"');
    check('/a"b\\c', '"/a\\"b\\\\c"');
    check("", '""');
  });
});
