// SPDX-License-Identifier: Apache-2.0
// What types can find: what the page of each problem tells.

import { type Explanations, lines } from "./explanation.ts";

export const typeExplanations: Explanations = {
  "type-mismatch": {
    meaning:
      "Every value has a type, known before the program runs, and this one is not what its place takes. The message says what is expected and why, and what was found.",
    wrong: lines('file "/etc/motd" {', "\tcontent => 42,", "}"),
    right: lines('file "/etc/motd" {', '\tcontent => "42\\n",', '\tstate => "exists",', "}"),
  },
  "name-must-be-list": {
    meaning:
      "The name of a resource is a text, or a list of texts for several resources. When it is computed and nobody can tell which, it is taken for a list.",
    wrong: lines('$directory = "/tmp/"', '$path = $directory + "x"', "", "file $path {", '\tstate => "exists",', "}"),
    right: lines(
      '$directory = "/tmp/"',
      '$path = $directory + "x"',
      "",
      'file "${path}" {',
      '\tstate => "exists",',
      "}",
    ),
  },
  "calls-too-deep": {
    meaning:
      "Functions can call functions, and classes include classes, about a thousand levels deep, which no program that people write comes near. Let them use each other side by side.",
    right: lines("func twice($x int) {", "\t$x * 2", "}", 'test "t" {', "\tint64 => twice(twice(1)),", "}"),
  },
  "type-too-deep": {
    meaning:
      "A list of lists of lists, and so on, has a type with as many levels, and there is room for 500. Programs come to that by variables that each put the one before into brackets.",
    right: lines('$names = ["a", "b"]', "test $names {}"),
  },
  "ambiguous-type": {
    meaning:
      "Nothing in the program says what type this has. Bind it to a variable whose type is written, or use it where only one type fits.",
    wrong: lines(
      "$names = []",
      "",
      "for $index, $name in $names {",
      '\ttest "t" {',
      "\t\tinterface => $name,",
      "\t}",
      "}",
    ),
    right: lines(
      "$names []str = []",
      "",
      "for $index, $name in $names {",
      '\ttest "t" {',
      "\t\tinterface => $name,",
      "\t}",
      "}",
    ),
  },
  "unhashable-key": {
    meaning: "The keys of a map are bools, strs, ints, floats, or structs of these.",
    wrong: lines('$list = ["a"]', "", 'test "t" {', "\tinterface => {$list => 1},", "}"),
    right: lines('test "t" {', '\tinterface => {"a" => 1},', "}"),
  },
  "wrong-argument-count": {
    meaning: "A call gives a function a value for each of its parameters.",
    wrong: lines('import "strings"', "", 'test "t" {', '\tslicestring => strings.split("a,b"),', "}"),
    right: lines('import "strings"', "", 'test "t" {', '\tslicestring => strings.split("a,b", ","),', "}"),
  },
  "not-a-function": {
    meaning: `Only functions can be called. A variable holds one when its value is a \`func\`.`,
    wrong: lines("$double = 2", "", 'test "t" {', "\tint64 => $double(21),", "}"),
    right: lines("$double = func($x) {", "\t$x * 2", "}", "", 'test "t" {', "\tint64 => $double(21),", "}"),
  },
  "wrong-call": {
    meaning:
      "A function whose types depend on what it is given refuses this: a format that does not fit its values, a field that a struct does not have.",
    wrong: lines('import "fmt"', "", 'print "x" {', '\tmsg => fmt.printf("%s has %d", "a"),', "}"),
    right: lines('import "fmt"', "", 'print "x" {', '\tmsg => fmt.printf("%s has %d", "a", 1),', "}"),
  },
  "refused-types": {
    meaning: "A function that takes values of many types does not take these.",
    wrong: lines('test "t" {', "\tinterface => len(42),", "}"),
    right: lines('test "t" {', '\tinterface => len("42"),', "}"),
  },
  "unknown-kind": {
    meaning: `There is no kind of resource of this name. \`mgmt docs\` lists them.`,
    wrong: lines('flie "/etc/motd" {', '\tcontent => "hello\\n",', "}"),
    right: lines('file "/etc/motd" {', '\tcontent => "hello\\n",', '\tstate => "exists",', "}"),
  },
  "unknown-field": {
    meaning: `The kind has no field of this name. \`mgmt docs\` with the name of the kind lists its fields.`,
    wrong: lines('file "/etc/motd" {', '\tcontents => "hello\\n",', "}"),
    right: lines('file "/etc/motd" {', '\tcontent => "hello\\n",', '\tstate => "exists",', "}"),
  },
  "edge-with-one-half": {
    meaning: "An edge goes from one resource to another: the first comes first.",
    wrong: lines('noop "a" {}', "", 'Noop["a"]'),
    right: lines('noop "a" {}', 'noop "b" {}', "", 'Noop["a"] -> Noop["b"]'),
  },
  "not-sent": {
    meaning: "The kind does not send a value under this key. Its page tells what it sends.",
    wrong: lines('exec "/bin/date" {}', 'print "date" {}', "", 'Exec["/bin/date"].result -> Print["date"].msg'),
    right: lines('exec "/bin/date" {}', 'print "date" {}', "", 'Exec["/bin/date"].output -> Print["date"].msg'),
  },
  "not-receiving": {
    meaning: "Resources of this kind cannot receive values from others.",
    wrong: lines(
      'exec "/bin/date" {}',
      'timer "t" {',
      "\tinterval => 60,",
      "}",
      "",
      'Exec["/bin/date"].output -> Timer["t"].interval',
    ),
    right: lines('exec "/bin/date" {}', 'timer "t" {', "\tinterval => 60,", "}", "", 'Exec["/bin/date"] -> Timer["t"]'),
  },
  "sent-type-differs": {
    meaning: "What is sent must have the type of the field that receives it.",
    wrong: lines('exec "/bin/date" {}', 'test "t" {}', "", 'Exec["/bin/date"].output -> Test["t"].int64'),
    right: lines('exec "/bin/date" {}', 'test "t" {}', "", 'Exec["/bin/date"].output -> Test["t"].anotherstr'),
  },
};
