// SPDX-License-Identifier: Apache-2.0
// The language of templates: outputs as of Go 1.26, and the place of every mistake.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MapValue, StructValue, type Value } from "../../../values/value.ts";
import type { GoValue } from "../value.ts";
import { builtins, shortCircuits } from "./builtins.ts";
import { executeTemplate } from "./execute.ts";
import { parseTemplate } from "./parser.ts";
import { outputs } from "./template-outputs.test-support.ts";
import { TemplateError } from "./tree.ts";

const map = (entries: Readonly<Record<string, Value>>) => new MapValue(Object.entries(entries));

const data = map({
  Name: "bob",
  N: 5n,
  F: 2.5,
  L: ["a", "b", "c"],
  M: map({ x: 1n, y: "two" }),
  E: [],
  B: true,
  S: map({ Inner: map({ Deep: "d" }) }),
});

function rendered(source: string, given: GoValue = data): string {
  const template = parseTemplate(source, (name) => Object.hasOwn(builtins, name) || shortCircuits.includes(name));
  return executeTemplate(template, given, () => null);
}

function checkWrong(source: string, at: number, message: RegExp): void {
  assert.throws(
    () => rendered(source),
    (reason) => {
      assert.ok(reason instanceof TemplateError, String(reason));
      assert.match(reason.message, message, source);
      assert.equal(reason.at, at, source);
      return true;
    },
    source,
  );
}

test("every template gives what Go makes of it", () => {
  for (const [source, text] of outputs) assert.equal(rendered(source), text, source);
});

test("a struct as a key of a map keeps its fields", () => {
  const servers = new MapValue([[new StructValue(["Name", "Port"], ["a", 80n]), "up"]]);
  assert.equal(
    rendered("{{ range $k, $v := . }}{{ $k.Name }}:{{ $k.Port }} {{ $v }} {{ $k }}{{ end }}", servers),
    "a:80 up {a 80}",
  );
});

test("bytes that meet become a character", () => {
  assert.equal(rendered('{{ slice "é" 0 1 }}{{ slice "é" 1 }}'), "é");
  assert.equal(rendered('{{ "\\xc3" }}{{ "\\xa9" }}'), "é");
});

test("what does not parse is refused where it stands", () => {
  checkWrong("ab {{ if .B }}x", 3, /no \{\{end\}\}/);
  checkWrong("{{ if .B }}{{ else }}x", 0, /no \{\{end\}\}/);
  checkWrong("a{{ end }}", 1, /\{\{end\}\} has nothing to belong to/);
  checkWrong("{{ else }}", 0, /\{\{else\}\} has nothing to belong to/);
  checkWrong("{{ if .B }}a{{ else }}b{{ else }}c{{ end }}", 23, /second \{\{else\}\}/);
  checkWrong("{{ .Name", 0, /not closed with \}\}/);
  checkWrong("{{/* unclosed }}", 0, /comment is not closed/);
  checkWrong("{{/* a */ .Name }}", 0, /nothing stands between/);
  checkWrong('{{ "unclosed }}', 3, /does not end/);
  checkWrong("{{ `unclosed }}", 3, /does not end/);
  checkWrong("{{ 'ab' }}", 3, /one character/);
  checkWrong('{{ "\\z" }}', 3, /\\z means nothing/);
  checkWrong("{{ $y }}", 3, /no variable called \$y/);
  checkWrong("{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", 38, /no variable called \$x/);
  checkWrong("{{ $x := 1 }}{{ define `d` }}{{ $x }}{{ end }}", 32, /no variable called \$x/);
  checkWrong('{{ "a" | 5 }}', 9, /has to be a function/);
  checkWrong("{{ .Name | }}", 9, /a command is missing/);
  checkWrong("{{ (.Name }}", 3, /parenthesis is not closed/);
  checkWrong("{{ .Name) }}", 8, /\) has no place here/);
  checkWrong("{{ break }}", 0, /outside of a \{\{range\}\}/);
  checkWrong("{{ foo }}", 3, /no function called foo/);
  checkWrong("{{ toString }}", 3, /no function called toString/);
  checkWrong("{{ 3.N }}", 3, /is no number/);
  checkWrong("{{ 0x }}", 3, /is no number/);
  checkWrong("{{ 99999999999999999999 }}", 3, /no number that we can hold/);
  checkWrong("{{ true.x }}", 7, /a constant has no fields/);
  checkWrong('{{ .Name"x" }}', 8, /a space is missing/);
  checkWrong("{{ if true }}{{ define `x` }}{{ end }}{{ end }}", 13, /stands at the top/);
  checkWrong("{{ define `x` }}a{{ end }}{{ define `x` }}b{{ end }}", 26, /there is another template called "x"/);
  checkWrong("{{ template x }}", 12, /name of a template is missing/);
  checkWrong("{{ nil }}", 3, /nil is no command/);
  checkWrong("{{ if }}{{ end }}", 3, /what follows if is missing/);
  checkWrong("{{ # }}", 3, /# means nothing here/);
  checkWrong(`${"{{ if true }}".repeat(1000)}`, 3900, /nested too deeply/);
});

test("what cannot be carried out is told where it stands", () => {
  checkWrong("{{ .Missing }}", 3, /the map has no entry Missing, it has: B, E, F/);
  checkWrong("x\n{{ .M.zzz }}", 5, /\.M\.zzz: the map has no entry zzz, it has: x, y/);
  checkWrong("{{ .Name.foo }}", 3, /string has no field foo/);
  checkWrong("{{ (index .M `no`).foo }}", 3, /nil has no field foo/);
  checkWrong("{{ index .L 9 }}", 3, /index: the position 9 is out of range/);
  checkWrong("{{ index .L -1 }}", 3, /out of range/);
  checkWrong("{{ index .L `a` }}", 3, /a position is an int, not string/);
  checkWrong("{{ index .N 1 }}", 3, /int64 has no elements/);
  checkWrong("{{ slice .L 2 1 }}", 3, /2 to 1 is no part of 3/);
  checkWrong("{{ slice .Name 0 1 2 }}", 3, /two positions at the most/);
  checkWrong("{{ slice .M 0 }}", 3, /has no length/);
  checkWrong("{{ len 3 }}", 3, /: int has no length/);
  checkWrong("{{ eq .N .F }}", 3, /int64 and float64 cannot be compared/);
  checkWrong("{{ eq .L .L }}", 3, /\[\]string cannot be compared/);
  checkWrong("{{ lt true false }}", 3, /bool has no order/);
  checkWrong("{{ .Name 1 }}", 3, /\.Name is no function/);
  checkWrong("{{ not 1 2 }}", 3, /takes 1 argument, not 2/);
  checkWrong("{{ printf }}", 3, /takes at least 1/);
  checkWrong("{{ printf 5 }}", 3, /the format is int, not/);
  checkWrong("{{ and }}", 3, /at least 1/);
  checkWrong("{{ call .Name }}", 3, /string is no function/);
  checkWrong("{{ range .Name }}{{ end }}", 9, /string has no elements to range over/);
  checkWrong("{{ range $i, $v := 3 }}{{ end }}", 9, /one variable/);
  checkWrong("{{ template `nope` }}", 0, /no template called "nope"/);
  checkWrong("{{ define `a` }}{{ template `a` }}{{ end }}{{ template `a` }}", 16, /goes on for ever/);
});

test("text without actions is copied", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const plain = text.replaceAll("{", "");
      assert.equal(rendered(plain), plain);
    }),
  );
});

test("any text is parsed or refused", () => {
  const piece = fc.constantFrom(
    "{{",
    "}}",
    "{{-",
    "-}}",
    " ",
    "if",
    "end",
    "range",
    ".L",
    "$x",
    ":=",
    "|",
    "(",
    ")",
    '"',
    "/*",
    "*/",
    "x",
    "1",
    ".",
    "else",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        rendered(pieces.join(""));
      } catch (reason) {
        assert.ok(reason instanceof TemplateError, `${pieces.join("")}: ${String(reason)}`);
      }
    }),
    { numRuns: 500 },
  );
});
