// SPDX-License-Identifier: Apache-2.0
// What Go 1.26 prints for the same formats.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MapValue } from "../../values/value.ts";
import { sprint, sprintf, sprintln } from "./format.ts";
import type { GoValue } from "./value.ts";

function check(format: string, values: readonly GoValue[], expected: string): void {
  assert.equal(sprintf(format, values), expected, format);
}

test("floats take the shorter of the two notations", () => {
  check(
    "%v %v %v %v %v %v %v %v",
    [1e8, 123456789, 1e20, 1e21, 1e-5, 0.0001, 2.5, 100000],
    "1e+08 1.23456789e+08 1e+20 1e+21 1e-05 0.0001 2.5 100000",
  );
  check("%G %.3g %#g %g", [1e-10, 1234.5678, 1.0, 123456789.0], "1E-10 1.23e+03 1.00000 1.23456789e+08");
  check(
    "%e %E %.2e %10.3e|%+.2f|%06.2f|%+v",
    [123456.789, 0.00012, 5.0, 1.5, 1.5, -1.5, 1.5],
    "1.234568e+05 1.200000E-04 5.00e+00  1.500e+00|+1.50|-01.50|1.5",
  );
});

test("floats round half to even, from their exact value", () => {
  check("%.0f %.0f %.1f %.2f %.1f", [0.5, 2.5, 0.25, 1.005, 0.35], "0 2 0.2 1.00 0.3");
});

test("floats are written in binary and hexadecimal", () => {
  check(
    "%b|%x|%X|%.3x|%.0x|%+x|% x",
    [-2.25, 0.1, 3, 0.1, 1.5, 1, 1],
    "-5066549580791808p-51|0x1.999999999999ap-04|0X1.8P+01|0x1.99ap-04|0x1p+01|+0x1p+00| 0x1p+00",
  );
  check("%x %.2x %.3x %x", [0, 0, 1.99999999, 5e-324], "0x0p+00 0x0.00p+00 0x1.000p+01 0x1p-1074");
  check("%020x|%-12.2X|%x", [-2.25, 0.1, Infinity], "-00000000000x1.2p+01|0X1.9AP-04  |+Inf");
});

test("infinities show their sign", () => {
  check("%v %f %5.1f %+f %v", [Infinity, -Infinity, Infinity, Infinity, Number.NaN], "+Inf -Inf  +Inf +Inf NaN");
});

test("ints are written in every base, padded and signed", () => {
  check(
    "%+d|% d|%05d|%x|%X|%#x|%o|%#o|%O|%b",
    [5n, 5n, -42n, 255n, 255n, 255n, 8n, 8n, 8n, 5n],
    "+5| 5|-0042|ff|FF|0xff|10|010|0o10|101",
  );
  check(
    "%6.3d|%.3d|%+.3d|%-6.3d|%06d|%x|%.0d|",
    [7n, 7n, 7n, 7n, -7n, -255n, 0n],
    "   007|007|+007|007   |-00007|-ff||",
  );
  check("%-010d|%+5d|%+-5d|", [5n, 5n, 5n], "5         |   +5|+5   |");
  check("%c|%U|%#U|%q", [0x4e16n, 0x4e16n, 0x4e16n, 65n], "世|U+4E16|U+4E16 '世'|'A'");
});

test("texts are cut, padded, quoted and written as bytes", () => {
  check("%5s|%-5s|%05s|%.2s|%q", ["ab", "ab", "ab", "abc", 'a"b'], '   ab|ab   |000ab|ab|"a\\"b"');
  check(
    "%x|% x|%#x|% #x|%X|%+q|%#q",
    ["hi", "hi", "hi", "hi", "hi", "é", "a`b"],
    '6869|68 69|0x6869|0x68 0x69|6869|"\\u00e9"|"a`b"',
  );
  check("%.3q|%.2x|%.3v|%6.2v", ["abcdef", "abcdef", "abcdef", 3.14159], '"abc"|6162|abc|   3.1');
});

test("what does not fit is shown, and never fails", () => {
  check("%d %s %z", ["hi", 5n], "%!d(string=hi) %!s(int64=5) %!z(MISSING)");
  check("%d", [1n, "x", 2.5, null, true], "1%!(EXTRA string=x, float64=2.5, <nil>, bool=true)");
  check("%!d %", [5n], "%!!(int64=5)d %!(NOVERB)");
  check("%[5]d %[x]d", [1n], "%!d(BADINDEX) %!d(BADINDEX)");
  check("%s %d %v", [null, null, null], "%!s(<nil>) %!d(<nil>) <nil>");
});

test("a width, a precision or a place can come from the values", () => {
  check("%*d|%-*d|%.*f", [5n, 1n, 5n, 1n, 2n, 3.14159], "    1|1    |3.14");
  check("%[2]d %[1]d", [1n, 2n], "2 1");
});

test("the verb of a list or map holds for its elements", () => {
  check(
    "%d %s %q %x %5d",
    [
      [1n, 2n],
      ["a", "b"],
      ["a", "b"],
      ["hi", "a"],
      [1n, 2n],
    ],
    '[1 2] [a b] ["a" "b"] [6869 61] [    1     2]',
  );
  const map = new MapValue([
    ["b", 1n],
    ["a", "x"],
  ]);
  check("%v %T", [map, map], "map[a:x b:1] map[string]interface {}");
});

test("print puts spaces between operands that are no texts", () => {
  assert.equal(sprint(["a", 1n, 2n, "b", "c", 3, null, true, true]), "a1 2bc3 <nil> true true");
  assert.equal(sprintln(["a", 1n]), "a 1\n");
});

test("%v of a float reads back as the same float", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(Number(sprintf("%v", [value])), value);
      assert.equal(Number(sprintf("%.17g", [value])), value);
      assert.equal(Number(sprintf("%.16e", [value])), value);
    }),
  );
});

test("%.6f agrees with the runtime where that is exact", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (value) => {
      assert.equal(sprintf("%.3f", [value / 8]), (value / 8).toFixed(3));
    }),
  );
});

test("no format and no values make it throw", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.array(fc.oneof(fc.string(), fc.bigInt(-9n, 9n), fc.double(), fc.boolean())),
      (format, values) => {
        assert.equal(typeof sprintf(format.replace(/[0-9*]/g, "1"), values), "string");
      },
    ),
  );
});

test("a verb that does not fit is shown with its value, for which the flags hold", () => {
  check(
    "%5.3t|%+e|% c|%06z|%.1U",
    [7n, 1n, 1e6, "ab", "äb"],
    "%!t(int64=  007)|%!e(int64=+1)|%!c(float64= 1e+06)|%!z(string=0000ab)|%!U(string=ä)",
  );
  check("%w|%+w|%.p", [["a"], 1.5, Infinity], "%!w([]string=[a])|%!w(float64=1.5)|%!p(float64=+Inf)");
});

test("an index stands before the verb, or before the asterisk that takes it", () => {
  check(
    "%[2]5d|%[1].2d|%[2]*[1]d|%[3]*.[2]*[1]f",
    [3.5, 2n, 6n],
    "%!d(BADINDEX)|%!d(BADINDEX)|%!d(float64=3.5)|  3.50",
  );
  check("%99999999d|", [1n], "%!(NOVERB)%!(EXTRA int64=1)");
  check("%12.", ["a"], "%!.(string=           a)");
});

test("characters have as many digits as are asked for, and are shown when they can be", () => {
  check("%.6U|%#U|%#U|%#U|%U", [255n, 65n, 7n, 55296n, -1n], "U+0000FF|U+0041 'A'|U+0007|U+D800|U+FFFFFFFFFFFFFFFF");
  check("%+q|%#o|%#O|%#.3o", [8364n, 0n, 8n, 5n], "'\\u20ac'|0|0o010|005");
});

test("a number with # has a point, and all the digits that it may have", () => {
  check("%#.1g|%#g|%#.0f|%#x|%#v|%#.2v", [3.14159, 0, 2, 1, 1, "abc"], '3.|0.00000|2.|0x1.0000p+00|1|"ab"');
});
