// SPDX-License-Identifier: Apache-2.0
// What is read out of XML, and what is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { childOf, childrenOf, parseXml, textAt } from "./read.ts";
import { element } from "./write.ts";

test("elements, attributes and texts are read", () => {
  const text = `<?xml version="1.0"?>\n<!-- <x> -->\n<a xmlns:e="urn:e" one="1" two='"&#50;&lt;'>b &amp; c<d/><e:f>g</e:f><![CDATA[<h>]]><d k="v"/></a>\n`;
  const read = parseXml(text, "it");
  assert.deepEqual(
    [...read.attributes],
    [
      ["xmlns:e", "urn:e"],
      ["one", "1"],
      ["two", '"2<'],
    ],
  );
  assert.equal(read.text, "b & c<h>");
  assert.equal(textAt(read, "e:f"), "g");
  assert.equal(childrenOf(read, "d").length, 2);
  assert.equal(childOf(read, "d", "no"), undefined);
  assert.equal(textAt(undefined, "x"), "");
});

test("what is no XML, or could be misused, is refused", () => {
  const broken = [
    "",
    "x",
    "<a>",
    "<a></b>",
    "</a>",
    "<a/><b/>",
    "<a>&x;</a>",
    "<a>&#0;</a>",
    "<a b=c/>",
    "<a>&amp</a>",
  ];
  broken.push('<!DOCTYPE a [<!ENTITY x "y">]><a/>', "<a>".repeat(300), "<a><!-- </a>", "<");
  for (const text of broken) assert.throws(() => parseXml(text, "it"), { code: "invalid" }, text);
});

test("what is written is read as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, value) => {
      const clean = (given: string) => given.replace(/[^\t\n\x20-\u{10ffff}]|\p{Cs}/gu, "");
      const read = parseXml(element("a", { b: clean(value) }, clean(text)).text, "it");
      assert.equal(read.text, clean(text));
      assert.equal(read.attributes.get("b"), clean(value));
    }),
  );
});
