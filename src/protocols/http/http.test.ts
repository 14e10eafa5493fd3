// SPDX-License-Identifier: Apache-2.0
// What the headers, targets and forms of HTTP mean.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decide, mayBePart } from "./conditions.ts";
import { parseHttpDate, renderHttpDate } from "./date.ts";
import { parseForm } from "./form.ts";
import { mediaTypeOf } from "./media-type.ts";
import { parseRanges, renderContentRange } from "./range.ts";
import { parseTarget } from "./target.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a date is written as Date writes it, and read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: -60_000_000_000, max: 253_402_300_799 }), (seconds) => {
      const text = renderHttpDate(seconds * 1000);
      assert.equal(text, new Date(seconds * 1000).toUTCString());
      assert.equal(parseHttpDate(text), seconds * 1000);
    }),
  );
});

test("the old forms of dates are read, and what is no date is none", () => {
  const time = Date.UTC(1994, 10, 6, 8, 49, 37);
  assert.equal(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), time);
  assert.equal(parseHttpDate("Sun Nov  6 08:49:37 1994"), time);
  for (const text of [
    "",
    "0",
    "Sun, 31 Feb 2024 00:00:00 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:49:37",
  ]) {
    assert.equal(parseHttpDate(text), undefined, text);
  }
});

const ranges: readonly (readonly [string | undefined, number, unknown])[] = [
  [undefined, 10, "whole"],
  ["bytes=0-4", 10, [[0, 5]]],
  ["bytes=5-", 10, [[5, 5]]],
  ["bytes=-3", 10, [[7, 3]]],
  ["bytes=-30", 10, [[0, 10]]],
  ["bytes=8-99", 10, [[8, 2]]],
  ["bytes=10-", 10, "unsatisfiable"],
  ["bytes=-0", 10, "unsatisfiable"],
  ["bytes=0-", 0, "unsatisfiable"],
  [
    "bytes=0-1, 4-5",
    10,
    [
      [0, 2],
      [4, 2],
    ],
  ],
  ["bytes=0-5,3-8", 10, "whole"],
  ["bytes=5-4", 10, "whole"],
  ["bytes=a-b", 10, "whole"],
  ["bytes=-", 10, "whole"],
  ["lines=1-2", 10, "whole"],
  [`bytes=${Array.from({ length: 20 }, (_, index) => `${index * 2}-${index * 2}`).join(",")}`, 100, "whole"],
];
for (const [header, size, expected] of ranges) {
  test(`the range ${header ?? "none"} of ${size} bytes`, () => {
    const parts = parseRanges(header, size);
    assert.deepEqual(typeof parts === "string" ? parts : parts.map(({ from, length }) => [from, length]), expected);
  });
}

test("a part says where it is in the whole", () => {
  assert.equal(renderContentRange({ from: 5, length: 5 }, 10), "bytes 5-9/10");
});

const monday = "Mon, 01 Jan 2024 00:00:00 GMT";
const tuesday = "Tue, 02 Jan 2024 00:00:00 GMT";
const there = { entityTag: '"v1"', modifiedMs: Date.UTC(2024, 0, 1) + 300 };
const conditions: readonly (readonly [Record<string, string>, string])[] = [
  [{}, "send"],
  [{ "if-none-match": '"v1"' }, "not-modified"],
  [{ "if-none-match": 'W/"v0", W/"v1"' }, "not-modified"],
  [{ "if-none-match": "*" }, "not-modified"],
  [{ "if-none-match": '"v2"', "if-modified-since": tuesday }, "send"],
  [{ "if-modified-since": monday }, "not-modified"],
  [{ "if-modified-since": "Sun, 31 Dec 2023 00:00:00 GMT" }, "send"],
  [{ "if-modified-since": "yesterday" }, "send"],
  [{ "if-match": '"v1"' }, "send"],
  [{ "if-match": 'W/"v1"' }, "failed"],
  [{ "if-unmodified-since": monday }, "send"],
  [{ "if-unmodified-since": "Sun, 31 Dec 2023 00:00:00 GMT" }, "failed"],
];
for (const [headers, expected] of conditions) {
  test(`with ${JSON.stringify(headers)} it is: ${expected}`, () => {
    assert.equal(decide(new Map(Object.entries(headers)), there), expected);
  });
}

test("a part is sent only of the same content", () => {
  const may = (condition: string): boolean => mayBePart(new Map([["if-range", condition]]), there);
  assert.deepEqual(['"v1"', '"v2"', 'W/"v1"', monday, tuesday].map(may), [true, false, false, true, false]);
  assert.ok(mayBePart(new Map(), there));
});

const targets: readonly (readonly [string, string | undefined])[] = [
  ["/", "/"],
  ["/a%20b/c", "/a b/c"],
  ["/a/", "/a/"],
  ["/a?b=/../c", "/a"],
  ["http://host:80/a", "/a"],
  ["/a/./b/.", "/a/b/"],
  ["/./a", "/a"],
  ["/.", "/"],
  ["/a/%2e/.b", "/a/.b"],
  ["/%C3%A9", "/é"],
  ["", undefined],
  ["a", undefined],
  ["*", undefined],
  ["/../a", undefined],
  ["/a/..", undefined],
  ["/a/%2e%2e/b", undefined],
  ["/a%2Fb", undefined],
  ["//a", "/a"],
  ["/a//b", "/a/b"],
  ["/a//", "/a/"],
  ["//", "/"],
  ["/.//./", "/"],
  ["/a%00", undefined],
  ["/a\\b", undefined],
  ["/%zz", undefined],
  ["/%ff", undefined],
  [`/${"a".repeat(9000)}`, undefined],
];
for (const [text, path] of targets) {
  test(`the target ${text.slice(0, 20)} is the path ${path ?? "of nothing"}`, () =>
    assert.equal(parseTarget(text)?.path, path));
}

test("no target leads out of where it is looked up", () => {
  const piece = fc.constantFrom("a", "..", ".", "%2e", "%2E%2e", "/", "//", "\\", "%5c", "%2f", "%00", "?", "é", "%");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const path = parseTarget(`/${pieces.join("")}`)?.path;
      if (path === undefined) return;
      assert.equal(
        new URL(`file://${encodeURI(path).replaceAll("?", "%3F").replaceAll("#", "%23")}`).pathname,
        encodeURI(path).replaceAll("?", "%3F"),
      );
      assert.ok(!path.split("/").includes(".."));
    }),
  );
});

const fields = (type: string, body: string): unknown => {
  const form = parseForm(type, bytes(body));
  return form === undefined ? undefined : Object.fromEntries(form);
};

test("a form of pairs is read", () => {
  const type = "application/x-www-form-urlencoded; charset=utf-8";
  assert.deepEqual(fields(type, "a=1&b=x+y%26z&a=2&c&=d&e=%zz%C3%A9&"), {
    a: "1",
    b: "x y&z",
    c: "",
    "": "d",
    e: "%zzé",
  });
  assert.deepEqual(fields(type, ""), {});
});

test("a form of parts is read", () => {
  const body = [
    "preamble",
    "--xx",
    'Content-Disposition: form-data; name="key"',
    "",
    "line one",
    "line two é",
    "--xx",
    "content-disposition: form-data; name=file; filename=f",
    "content-type: text/plain",
    "",
    "",
    "--xx--",
    "",
  ].join("\r\n");
  assert.deepEqual(fields('multipart/form-data; boundary="xx"', body), { key: "line one\r\nline two é", file: "" });
  assert.equal(fields("multipart/form-data", body), undefined);
  assert.equal(fields("text/plain", "a=1"), undefined);
});

test("any bytes are a form, if perhaps an empty one", () => {
  const type = fc.constantFrom("application/x-www-form-urlencoded", "multipart/form-data; boundary=x");
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.constantFrom("\r\n", "--x", "--", "name=a", "content-disposition:", ";", '"', "%", "=", "&"), {
        maxLength: 40,
      })
      .map((parts) => bytes(parts.join(""))),
  );
  fc.assert(fc.property(type, body, (kind, content) => parseForm(kind, content) !== undefined));
});

test("a content is known by its name, else by how it begins", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["/a/index.HTML", "", "text/html; charset=utf-8"],
    ["/pool/a.deb", "", "application/vnd.debian.binary-package"],
    ["/noname", "<!DOCTYPE html>", "text/html; charset=utf-8"],
    ["/noname", "hello\n", "text/plain; charset=utf-8"],
    ["/vmlinuz", "MZ\0\u0001", "application/octet-stream"],
    ["/a.unknown", "%PDF-1.4", "application/pdf"],
    ["/empty", "", "text/plain; charset=utf-8"],
  ];
  for (const [path, content, type] of cases) assert.equal(mediaTypeOf(path, bytes(content)), type, path);
});
