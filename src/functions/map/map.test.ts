// SPDX-License-Identifier: Apache-2.0
// Keys and values.

import { test } from "node:test";
import { MapValue } from "../../values/value.ts";
import { check, checkRefused } from "../check.test-support.ts";

const ports = new MapValue([
  ["ssh", 22n],
  ["http", 80n],
]);

test("keys are sorted, and values stand in the order of their keys", () => {
  check("map.keys", [ports], ["http", "ssh"]);
  check("map.values", [ports], [80n, 22n]);
  check("map.keys", [new MapValue()], [], { types: ["map{int: str}"] });
  checkRefused("map.keys", [["a"]], /\[\]str stands where map/);
  checkRefused("map.values", ["a"], /str stands where map/);
});
