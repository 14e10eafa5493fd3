// SPDX-License-Identifier: Apache-2.0
// Values and functions of a program within a template.

import { test } from "node:test";
import { functionType, intType } from "../../values/type.ts";
import { FunctionValue, MapValue, StructValue, type Value } from "../../values/value.ts";
import { check, checkFails, checkRefused } from "../check.test-support.ts";

function checkTemplate(template: string, vars: Value, expected: string): void {
  check("golang.template", [template, vars], expected);
}

test("fields of structs begin with an upper-case letter, at every depth", () => {
  const web = new StructValue(["name", "http_port", "x"], ["web", 80n, new StructValue(["y"], [true])]);
  checkTemplate("{{ .Name }} {{ .Http_port }} {{ .X.Y }}", web, "web 80 true");
  checkTemplate("{{ range . }}{{ .Name }}{{ end }}", [web, web], "webweb");
  checkTemplate("{{ (index . `a`).Name }}", new MapValue([["a", web]]), "web");
  checkTemplate(
    "{{ range $k, $v := . }}{{ $k.Name }}{{ end }}",
    new MapValue([[new StructValue(["name"], ["n"]), 1n]]),
    "n",
  );
});

test("maps keep their keys", () => {
  checkTemplate("{{ .foo_bar }}", new MapValue([["foo_bar", 1n]]), "1");
  checkTemplate("{{ index . 7 }}", new MapValue([[7n, "seven"]]), "seven");
});

test("a template may do without values", () => {
  check("golang.template", ["{{ 1 }}+{{ 1 }}"], "1+1");
});

test("simple functions of the language can be called", () => {
  checkTemplate("{{ strings_to_lower . }}", "WEB", "web");
  checkTemplate('{{ . | _concat "a" }}', "b", "ab");
  checkTemplate("{{ math_sqrt 9 }} {{ math_minus1 3.0 }}", "", "3 2");
  checkTemplate("{{ datetime_hour . }}", 7200n, "2");
  checkTemplate("{{ (net_split_hostport .).Port }}", "h:80", "80");
  checkTemplate('{{ strings_join_nonempty . "-" }}', ["a", "", "b"], "a-b");
  checkTemplate("{{ example_nested_hello }}", "", "Hello!");
});

test("functions that cannot be called say so", () => {
  const fails = (template: string, message: RegExp) => checkFails("golang.template", [template, "x"], "fatal", message);
  fails("{{ fmt_printf . }}", /no function called fmt_printf/);
  fails("{{ _len . }}", /no function called _len/);
  fails("{{ datetime_now }}", /no function called datetime_now/);
  fails("{{ math_sqrt . }}", /math_sqrt: string stands where float is wanted/);
  fails("{{ math_sqrt }}", /takes 1 argument, not 0/);
  fails("{{ math_minus1 1.5 }}", /float64 stands where int is wanted/);
  fails('{{ strings_substr "a" 3 4 }}', /no part from 3 to 4/);
  fails('{{ _panic_debug true "stop" }}', /asked to stop here: stop/);
});

test("errors tell the line and the column of the template", () => {
  checkFails(
    "golang.template",
    ["a\nbc {{ .Nope }}", new MapValue([["a", 1n]])],
    "fatal",
    /line 2, column 7 of the template: \.Nope/,
  );
  checkFails("golang.template", ["{{ if }}"], "fatal", /line 1, column 4 of the template: what follows if/);
});

test("functions are no values for a template", () => {
  const someFunction = new FunctionValue(functionType([], intType), {});
  checkFails("golang.template", ["", [someFunction]], "fatal", /func\(\) int cannot be given to a template/);
});

test("it takes one or two arguments", () => {
  checkRefused("golang.template", [], /takes a template/);
  checkRefused("golang.template", ["a", "b", "c"], /takes a template/);
});
