// SPDX-License-Identifier: Apache-2.0
// The order of versions, in the forms of each manager. Expectations were taken from the managers' own programs, for apk
// from its documentation.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareApkVersions } from "./compare-apk.ts";
import { compareDebianVersions } from "./compare-debian.ts";
import { comparePacmanVersions, compareRpmVersions } from "./compare-rpm.ts";

type Compare = (left: string, right: string) => number;

/** Each is older than the next. */
function ascends(compare: Compare, ...versions: readonly string[]): void {
  for (const [at, left] of versions.entries()) {
    for (const [other, right] of versions.entries()) {
      assert.equal(Math.sign(compare(left, right)), Math.sign(at - other), `${left} and ${right}`);
    }
  }
}

test("Debian's versions are in order", () => {
  const compare = compareDebianVersions;
  ascends(compare, "1.0~~", "1.0~~a", "1.0~rc1", "1.0", "1.0a", "1.0+b1", "1.0.1", "1.9", "1.10", "2", "1:0.1", "2:0");
  ascends(compare, "1.0-1", "1.0-1+deb12u1", "1.0-1.1", "1.0-2~bpo", "1.0-2", "1.0-10");
  for (const [left, right] of [
    ["1.0", "1.0-0"],
    ["0:1", "1"],
    ["1.00", "1.0"],
    ["1.", "1.0"],
  ] as const) {
    assert.equal(compare(left, right), 0, `${left} equals ${right}`);
  }
  assert.equal(compare("99999999999999999999999", "99999999999999999999998"), 1);
});

test("versions of rpm are in order", () => {
  const compare = compareRpmVersions;
  ascends(compare, "1.0~rc1-1", "1.0-1", "1.0^git1-1", "1.0.1-1", "1.9-1", "1.10-1", "1:0-1");
  ascends(compare, "1.0-1.fc38", "1.0-1.fc39", "1.0-2.fc38");
  ascends(compare, "a", "1");
  for (const [left, right] of [
    ["1.0-1", "1.0"],
    ["0:1-1", "1-1"],
    ["1_0", "1.0"],
    ["1.05", "1.5"],
  ] as const) {
    assert.equal(compare(left, right), 0, `${left} equals ${right}`);
  }
});

test("versions of pacman are in order", () => {
  const compare = comparePacmanVersions;
  ascends(compare, "1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1", "1:0.5");
  ascends(compare, "1", "1.0", "1.1", "1.1.1", "1.2", "2.0", "3.0.0");
  assert.equal(compare("1.0-1", "1.0"), 0);
});

test("versions of apk are in order", () => {
  const compare = compareApkVersions;
  ascends(compare, "1.0_alpha", "1.0_alpha2", "1.0_beta", "1.0_pre", "1.0_rc1", "1.0", "1.0-r1", "1.0_cvs", "1.0_git");
  ascends(
    compare,
    "1.0_git20230424",
    "1.0_hg",
    "1.0_p",
    "1.0_p1",
    "1.0_p10",
    "1.0a",
    "1.0b",
    "1.0.1",
    "1.9",
    "1.10",
    "2",
  );
  ascends(compare, "1.0_alpha1", "1.0_alpha1-r1", "1.0_alpha1_p1", "1.0_alpha2");
  ascends(compare, "1.01", "1.02", "1.1");
  ascends(compare, "1.2-r0", "1.2~0abc-r0", "1.2~0abd-r0");
  ascends(compare, "1.0-r2", "1.0-r10", "no version", "other");
  assert.equal(compare("01.0", "1.0"), 0);
});

test("each order is one: equal to itself, the same from both sides, and without circles", () => {
  const version = fc.stringMatching(/^(?:[01]:)?[0-9ab.~^+_-]{0,6}$/);
  for (const compare of [compareDebianVersions, compareRpmVersions, comparePacmanVersions, compareApkVersions]) {
    fc.assert(
      fc.property(version, version, (left, right) => {
        assert.equal(compare(left, left), 0);
        assert.equal(Math.sign(compare(left, right)), -Math.sign(compare(right, left)) || 0);
      }),
    );
  }
  fc.assert(
    fc.property(fc.array(version, { minLength: 3, maxLength: 3 }), (some) => {
      const [low = "", middle = "", high = ""] = some.sort(compareDebianVersions);
      assert.ok(compareDebianVersions(low, middle) <= 0 && compareDebianVersions(low, high) <= 0);
    }),
  );
});
