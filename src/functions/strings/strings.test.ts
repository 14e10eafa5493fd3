// SPDX-License-Identifier: Apache-2.0
// Texts by their bytes.

import { test } from "node:test";
import fc from "fast-check";
import { textOf } from "../../values/bytes.ts";
import { check, checkFails } from "../check.test-support.ts";

/** One byte that is no character. */
const byte = (value: number) => textOf(Uint8Array.of(value));

test("contains, has_prefix and has_suffix look for texts", () => {
  check("strings.contains", ["hello", "ell"], true);
  check("strings.contains", ["hello", ""], true);
  check("strings.contains", ["hello", "x"], false);
  check("strings.has_prefix", ["/etc", "/"], true);
  check("strings.has_prefix", ["etc", "/"], false);
  check("strings.has_suffix", ["etc/", "/"], true);
  check("strings.has_suffix", ["etc", "/"], false);
});

test("a part of a character is found in it", () => {
  check("strings.contains", ["é", byte(0xa9)], true);
  check("strings.has_prefix", ["é", byte(0xc3)], true);
  check("strings.has_suffix", ["é", byte(0xc3)], false);
  check("strings.split", ["é", byte(0xc3)], ["", byte(0xa9)]);
  check("strings.replace_all", ["é", byte(0xa9), byte(0xa8)], "è");
});

test("join_nonempty leaves empty texts out", () => {
  check("strings.join_nonempty", [["a", "", "b"], ", "], "a, b");
  check("strings.join_nonempty", [[], ", "], "", { types: ["[]str", "str"] });
  check("strings.join_nonempty", [["", ""], ", "], "");
});

test("padding adds whole paddings", () => {
  check("strings.left_pad", ["7", "0", 3n], "007");
  check("strings.left_pad", ["7", "ab", 4n], "abab7");
  check("strings.right_pad", ["ab", ".", 4n], "ab..");
  check("strings.right_pad", ["abcd", "", 4n], "abcd");
  check("strings.left_pad", ["é", "é", 3n], "éé");
  checkFails("strings.left_pad", ["a", "", 3n], "fatal", /an empty text cannot pad/);
  checkFails("strings.right_pad", ["a", "b", 1n << 40n], "fatal", /too long/);
});

test("replace_all replaces every place, and goes between characters", () => {
  check("strings.replace_all", ["a b c", " ", "_"], "a_b_c");
  check("strings.replace_all", ["aaa", "aa", "b"], "ba");
  check("strings.replace_all", ["a", "a", "$&"], "$&");
  check("strings.replace_all", ["a€", "", "-"], "-a-€-");
  check("strings.replace_all", ["", "", "-"], "-");
});

test("split cuts at separators, or into characters", () => {
  check("strings.split", ["a:b:c", ":"], ["a", "b", "c"]);
  check("strings.split", ["", ","], [""]);
  check("strings.split", ["", ""], []);
  check("strings.split", ["aé😀", ""], ["a", "é", "😀"]);
});

test("substr counts bytes", () => {
  check("strings.substr", ["2024-05-17", 0n, 4n], "2024");
  check("strings.substr", ["é€", 2n, 5n], "€");
  check("strings.substr", ["é", 0n, 1n], byte(0xc3));
  check("strings.substr", ["abc", 3n, 3n], "");
  checkFails("strings.substr", ["abc", 2n, 4n], "catchable", /a text of 3 bytes has no part from 2 to 4/);
  checkFails("strings.substr", ["abc", -1n, 2n], "catchable", /no part from -1/);
  checkFails("strings.substr", ["abc", 2n, 1n], "catchable", /no part from 2 to 1/);
});

test("both parts of a text make it whole again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.nat(20), (bytes, cut) => {
      const at = BigInt(Math.min(cut, bytes.length));
      const text = textOf(bytes);
      check("strings.substr", [text, 0n, at], textOf(bytes.subarray(0, Number(at))));
      check("strings.substr", [text, at, BigInt(bytes.length)], textOf(bytes.subarray(Number(at))));
    }),
  );
});

test("case is changed character by character", () => {
  check("strings.to_lower", ["WEB1 ÄΣ"], "web1 äσ");
  check("strings.to_upper", ["web1 äß"], "WEB1 Äß");
  check("strings.to_upper", ["ᾳᾀŉ"], "ᾼᾈŉ");
  check("strings.to_lower", ["İK"], "ik");
});

test("trim_space takes Unicode's white space from both ends", () => {
  check("strings.trim_space", [" \t\n a b \u00a0\u3000\u0085"], "a b");
  check("strings.trim_space", ["\ufeffa"], "\ufeffa");
  check("strings.trim_space", ["   "], "");
});
