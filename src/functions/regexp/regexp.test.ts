// SPDX-License-Identifier: Apache-2.0
// The RE2 dialect, and its linear time.

import { test } from "node:test";
import { check, checkFails } from "../check.test-support.ts";

test("a pattern matches somewhere in the text", () => {
  check("regexp.match", ["^web[0-9]+$", "web12"], true);
  check("regexp.match", ["b+", "abbc"], true);
  check("regexp.match", ["^b", "abbc"], false);
  check("regexp.match", ["(?i)WEB", "web"], true);
  check("regexp.match", ["(?P<n>a)(?<m>b)", "ab"], true);
  check("regexp.match", ["^\\pL+\\z", "äé"], true);
  check("regexp.match", ["[[:digit:]]", "7"], true);
});

test("a pattern of another dialect ends the program", () => {
  checkFails("regexp.match", ["(", "a"], "fatal", /"\(" is no regular expression: .*missing closing/);
  checkFails("regexp.match", ["(a)\\1", "aa"], "fatal", /no regular expression/);
  checkFails("regexp.match", ["(?=a)", "a"], "fatal", /no regular expression/);
});

test("a pattern takes no more than linear time", () => {
  check("regexp.match", ["(a*)*b$", "a".repeat(5000)], false);
});
