// SPDX-License-Identifier: Apache-2.0
// Words of commands in units, which systemd takes as they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { firstBootUnit, quoteForUnit, serviceUnit } from "./unit-texts.ts";

test("systemd replaces nothing in the words of a command", () => {
  for (const [word, written] of [
    ["--seeds=https://db1:2379", "--seeds=https://db1:2379"],
    ["/a b", '"/a b"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["50%", "50%%"],
    ["$HOME", "$$HOME"],
    ["", '""'],
    ["a;b", '"a;b"'],
  ] as const) {
    assert.equal(quoteForUnit(word), written);
  }
});

test("units run what was asked for", () => {
  const service = serviceUnit({ executable: "/usr/bin/mgmt", args: ["--seeds=http://a:1", "empty"] });
  assert.match(service, /\nExecStart=\/usr\/bin\/mgmt run --seeds=http:\/\/a:1 empty \$OPTS\n/);
  const first = firstBootUnit({ executable: "/opt/m g", args: ["--done-dir=/d/"] });
  assert.match(first, /\nExecStart="\/opt\/m g" firstboot start --done-dir=\/d\/\n/);
});
