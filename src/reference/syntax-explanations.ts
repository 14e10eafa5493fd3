// SPDX-License-Identifier: Apache-2.0
// What reading a file can find: what the page of each problem tells.

import { type Explanations, lines } from "./explanation.ts";

export const syntaxExplanations: Explanations = {
  "carriage-return": {
    meaning:
      "Lines end with a line break alone. Files from Windows have a carriage return before it, which no program can have outside of strings and comments.",
    wrong: lines('$greeting = "hello"\r'),
    right: lines('$greeting = "hello"'),
  },
  "unknown-character": {
    meaning:
      "Outside of strings and comments, a program is made of the letters, digits and signs of the language, all of them ASCII.",
    wrong: lines('import "os"', "", "if !os.is_family_debian() {", '\tprint "other" {}', "}"),
    right: lines('import "os"', "", "if not os.is_family_debian() {", '\tprint "other" {}', "}"),
  },
  "wrong-quotes": {
    meaning:
      "Strings stand in straight double quotes, and in no others. One sort is enough, because a string may go over several lines and may hold single quotes.",
    wrong: lines("file '/etc/motd' {", '\tcontent => "hello\\n",', "}"),
    right: lines('file "/etc/motd" {', '\tcontent => "hello\\n",', '\tstate => "exists",', "}"),
  },
  "string-never-ends": {
    meaning:
      "A string begins with a double quote and needs a second one. When it looks closed, an earlier string of the file lacks its quote, and this one is what was left over.",
    wrong: lines('print "x" {', '\tmsg => "hello,', "}"),
    right: lines('print "x" {', '\tmsg => "hello",', "}"),
  },
  "integer-too-large": {
    meaning: "Integers have 64 bits. Larger numbers can be floats, which are not exact.",
    wrong: lines('test "t" {', "\tint64 => 99999999999999999999,", "}"),
    right: lines('test "t" {', "\tfloat64 => 99999999999999999999.0,", "}"),
  },
  "float-too-large": {
    meaning: "Floats have 64 bits; the largest has 309 digits before its point.",
    right: lines('test "t" {', "\tfloat64 => 100000.0,", "}"),
  },
  "unexpected-token": {
    meaning:
      "The text cannot be read on, because something else must stand here. The message says what was found and what could stand there.",
    wrong: lines('$names = ["a" "b"]'),
    right: lines('$names = ["a", "b"]'),
  },
  "reserved-word": {
    meaning: `Words of the language, such as \`if\`, \`class\` and the names of types, cannot name variables, functions or fields.`,
    wrong: lines("class include() {", "}"),
    right: lines("class included() {", "}"),
  },
  "line-ends-too-early": {
    meaning:
      "A value begins on the line of what stands before it. A long value is split just behind an opening bracket.",
    wrong: lines("$sum = 1 +", "\t2"),
    right: lines("$sum = 1 + 2"),
  },
  "missing-final-newline": {
    meaning: `Every line ends with a line break, the last one too. \`mgmt fmt\` adds it.`,
    wrong: "$a = 1",
    right: lines("$a = 1"),
  },
  "never-closed": {
    meaning:
      "An opening bracket has no partner. The message shows the bracket, and the place where its partner had to be at the latest.",
    wrong: lines(
      'file "/etc/motd" {',
      '\tcontent => "hello\\n",',
      "",
      'file "/etc/issue" {',
      '\tcontent => "hello\\n",',
      "}",
    ),
    right: lines(
      'file "/etc/motd" {',
      '\tstate => "exists",',
      "}",
      "",
      'file "/etc/issue" {',
      '\tstate => "exists",',
      "}",
    ),
  },
  "nothing-to-close": {
    meaning: "A closing bracket has no partner. Mostly a block above was closed too early.",
    wrong: lines('print "a" {}', "}"),
    right: lines('print "a" {}'),
  },
  "nested-too-deep": {
    meaning:
      "Brackets and blocks can be nested a few hundred levels deep, which no program that people write comes near. Bind the inner parts to variables.",
    right: lines("$a = [[1], [2]]"),
  },
  "upper-case-in-name": {
    meaning:
      "Names of variables, functions, classes and kinds are written in lower case, with underscores between the words.",
    wrong: lines('$myName = "web1"'),
    right: lines('$my_name = "web1"'),
  },
  "wrong-number": {
    meaning:
      "A number is written with decimal digits alone. A float has digits on both sides of its point; there are no hexadecimal numbers and no exponents.",
    wrong: lines("$mask = 0xff"),
    right: lines("$mask = 255"),
  },
  semicolon: {
    meaning: "A statement ends with its line, so there is nothing to put a semicolon between.",
    wrong: lines("$a = 1;"),
    right: lines("$a = 1"),
  },
  "extra-comma": {
    meaning: "On one line, commas stand only between elements. With one element a line, every element ends with one.",
    wrong: lines('$names = ["a", "b",]'),
    right: lines('$names = ["a", "b"]'),
  },
  "missing-comma": {
    meaning:
      "With one element a line, a comma ends every line, the last one too. So lines can be moved and added without touching others.",
    wrong: lines("$names = [", '\t"a",', '\t"b"', "]"),
    right: lines("$names = [", '\t"a",', '\t"b",', "]"),
  },
  "line-break-in-list": {
    meaning:
      "A bracketed list stands on one line, or has one element a line. In the second form the line is broken right behind the opening bracket.",
    wrong: lines('$names = ["a",', '\t"b",', "]"),
    right: lines("$names = [", '\t"a",', '\t"b",', "]"),
  },
  "element-needs-own-line": {
    meaning: "When the line is broken behind the opening bracket, every element stands on a line of its own.",
    wrong: lines("$names = [", '\t"a", "b",', "]"),
    right: lines("$names = [", '\t"a",', '\t"b",', "]"),
  },
  "missing-trailing-comma": {
    meaning: "In a resource every item ends with a comma: fields, edges and meta parameters, the last one too.",
    wrong: lines('file "/etc/motd" {', '\tstate => "exists",', '\tmode => "0644"', "}"),
    right: lines('file "/etc/motd" {', '\tstate => "exists",', '\tmode => "0644",', "}"),
  },
  "value-as-statement": {
    meaning: "A statement says what must be true or gives a name to something. A value alone says nothing.",
    wrong: lines("$port = 8080", "$port + 1"),
    right: lines("$port = 8080", "$next = $port + 1"),
  },
  "missing-dollar": {
    meaning: "Names of variables begin with a dollar sign, also where they get their value.",
    wrong: lines("port = 8080"),
    right: lines("$port = 8080"),
  },
  "additional-equals-in-bind": {
    meaning: "One equals sign binds a variable, two compare.",
    wrong: lines("$port == 8080"),
    right: lines("$port = 8080"),
  },
  "bind-of-dotted-name": {
    meaning:
      "A dotted name belongs to an import or an include. It can be read, but only the other side gives it a value.",
    wrong: lines("$site.port = 8080"),
    right: lines("$site_port = 8080"),
  },
  "statement-needs-own-line": {
    meaning: "Every statement ends with its line, so only an empty block stands on one line.",
    wrong: lines('if true { print "a" {} }'),
    right: lines("if true {", '\tprint "a" {}', "}"),
  },
  "else-on-own-line": {
    meaning: `The \`else\` follows the closing brace of its \`if\` on the same line.`,
    wrong: lines("if true {", '\tprint "a" {}', "}", "else {", '\tprint "b" {}', "}"),
    right: lines("if true {", '\tprint "a" {}', "} else {", '\tprint "b" {}', "}"),
  },
  "else-if": {
    meaning: `An \`if\` cannot follow \`else\` directly. It stands inside the braces of the \`else\`.`,
    wrong: lines(
      "$level = 2",
      "",
      "if $level == 1 {",
      '\tprint "one" {}',
      "} else if $level == 2 {",
      '\tprint "two" {}',
      "}",
    ),
    right: lines(
      "$level = 2",
      "",
      "if $level == 1 {",
      '\tprint "one" {}',
      "} else {",
      "\tif $level == 2 {",
      '\t\tprint "two" {}',
      "\t}",
      "}",
    ),
  },
  "foreign-word": {
    meaning:
      "This word begins a statement in other languages, but not here. Unless it is followed by something that only a resource has, it would be taken for the kind of one.",
    wrong: lines("while true {", '\tprint "x" {}', "}"),
    right: lines('for $index, $name in ["a", "b"] {', '\tprint "${name}" {}', "}"),
  },
  "hyphen-in-name": {
    meaning: "Names have letters, digits and underscores. A hyphen is the minus sign.",
    wrong: lines('$my-name = "web1"'),
    right: lines('$my_name = "web1"'),
  },
  "variable-changed": {
    meaning:
      "A variable gets its value once, where it is bound. That value may change over time by itself, but no statement changes it.",
    wrong: lines('$names = ["a"]', '$names += ["b"]'),
    right: lines('import "list"', "", '$names = ["a"]', '$all_names = list.concat($names, ["b"])'),
  },
  "loop-variable-type": {
    meaning: "The types of loop variables are known from what the loop goes over, so they cannot be declared.",
    wrong: lines('for $index int, $name in ["a", "b"] {', '\tprint "${name}" {}', "}"),
    right: lines('for $index, $name in ["a", "b"] {', '\tprint "${name}" {}', "}"),
  },
  "no-default-values": {
    meaning: "Functions and classes have a fixed number of parameters, and every use gives all of them.",
    wrong: lines('func greet($name str = "you") str {', '\t"hello " + $name', "}"),
    right: lines("func greet($name str) str {", '\t"hello " + $name', "}"),
  },
  "one-value-in-braces": {
    meaning: `The body of a function and the branches of an \`if\` inside of a value are one value each. Statements cannot stand there.`,
    wrong: lines("func area($x int, $y int) int {", "\t$product = $x * $y", "\t$product + 1", "}"),
    right: lines("func area($x int, $y int) int {", "\t$x * $y + 1", "}"),
  },
  "item-without-arrow": {
    meaning: `Fields, meta parameters and edges are set with the fat arrow \`=>\`.`,
    wrong: lines('file "/etc/motd" {', '\tstate: "exists",', "}"),
    right: lines('file "/etc/motd" {', '\tstate => "exists",', "}"),
  },
  "resource-without-name": {
    meaning:
      "A resource has a kind and a name, and the name stands before the brace. It tells the resources of one kind apart.",
    wrong: lines("print {", '\tmsg => "hello",', "}"),
    right: lines('print "greeting" {', '\tmsg => "hello",', "}"),
  },
  "resource-in-resource": {
    meaning:
      "The braces of a resource hold its fields, meta parameters and edges. Other resources stand beside it; an edge says which comes first.",
    wrong: lines(
      'file "/srv/app/" {',
      '\tstate => "exists",',
      "",
      '\tfile "/srv/app/config" {',
      '\t\tstate => "exists",',
      "\t}",
      "}",
    ),
    right: lines(
      'file "/srv/app/" {',
      '\tstate => "exists",',
      "}",
      "",
      'file "/srv/app/config" {',
      '\tstate => "exists",',
      "",
      '\tDepend => File["/srv/app/"],',
      "}",
    ),
  },
  "only-meta-here": {
    meaning: `Capitalised items in a resource are edges, which name another resource, and meta parameters, which begin with \`Meta:\`.`,
    wrong: lines('noop "a" {', "\tOptions:noop => true,", "}"),
    right: lines('noop "a" {', "\tMeta:noop => true,", "}"),
  },
  "send-receive-pair": {
    meaning:
      "A value is sent from a field of one resource into a field of one other. So either both of exactly two resources name a field, or none does.",
    wrong: lines('exec "/bin/date" {}', 'print "date" {}', "", 'Exec["/bin/date"].output -> Print["date"]'),
    right: lines('exec "/bin/date" {}', 'print "date" {}', "", 'Exec["/bin/date"].output -> Print["date"].msg'),
  },
  "minus-joined-to-number": {
    meaning: "A minus sign right before a digit belongs to the number. To subtract, put a space behind it.",
    wrong: lines("$a = 5", "$b = $a -1"),
    right: lines("$a = 5", "$b = $a - 1"),
  },
  "no-unary-minus": {
    meaning: "A minus sign stands before digits or between two values. To negate a value, subtract it from zero.",
    wrong: lines("$a = 5", "$b = -$a"),
    right: lines("$a = 5", "$b = 0 - $a"),
  },
  "chained-comparison": {
    meaning: `A comparison gives a bool, so comparing that again with a number is not what is meant. Join two comparisons with \`and\`.`,
    wrong: lines("$a = 5", "", "if 1 < $a < 10 {", '\tprint "small" {}', "}"),
    right: lines("$a = 5", "", "if 1 < $a and $a < 10 {", '\tprint "small" {}', "}"),
  },
  "call-of-result": {
    meaning: `A name or a \`func\` can be called. What a call gives must be bound to a variable before it is called in turn.`,
    wrong: lines("$adder = func($x) {", "\tfunc($y) {", "\t\t$x + $y", "\t}", "}", "$three = $adder(1)(2)"),
    right: lines(
      "$adder = func($x) {",
      "\tfunc($y) {",
      "\t\t$x + $y",
      "\t}",
      "}",
      "$add_one = $adder(1)",
      "$three = $add_one(2)",
    ),
  },
  "bare-word": {
    meaning: "A word alone is no value: a variable has a dollar sign, a text has quotes, a call has parentheses.",
    wrong: lines('file "/etc/motd" {', "\tstate => exists,", "}"),
    right: lines('file "/etc/motd" {', '\tstate => "exists",', "}"),
  },
  "capitalised-value": {
    meaning: `Capitalised words name resources in edges, and \`Meta\`. They are no values.`,
    wrong: lines('file "/srv/" {', '\tstate => "exists",', "\trecurse => True,", "}"),
    right: lines('file "/srv/" {', '\tstate => "exists",', "\trecurse => true,", "}"),
  },
  "if-needs-else": {
    meaning: `An \`if\` that is a value must have a value either way.`,
    wrong: lines("$port = if true { 80 }"),
    right: lines("$port = if true { 80 } else { 8080 }"),
  },
  "wrong-literal-type": {
    meaning: "The type that is written behind the name of a variable must be that of its value.",
    wrong: lines('$port int = "8080"'),
    right: lines("$port int = 8080"),
  },
  "map-needs-map-type": {
    meaning: `The braces with \`=>\` in them are a map, whose type is written \`map{key: value}\`.`,
    wrong: lines('$ports struct{http int} = {"http" => 80}'),
    right: lines('$ports map{str: int} = {"http" => 80}'),
  },
  "unhashable-key-type": {
    meaning:
      "The keys of a map are bools, strs, ints, floats, or structs of these: things that are equal or not for good.",
    wrong: lines("$sizes map{[]str: int} = {}"),
    right: lines("$sizes map{str: int} = {}"),
  },
  "duplicate-struct-field": {
    meaning: "The names of the fields of a struct differ.",
    wrong: lines("func name($site struct{name str; name int}) str {", '\t"x"', "}"),
    right: lines("func name($site struct{name str; port int}) str {", "\t$site->name", "}"),
  },
  "duplicate-parameter-name": {
    meaning: "When the parameters in the type of a function have names, these differ.",
    wrong: lines("func apply($f func($a int, $a int) int) int {", "\t$f(1, 2)", "}"),
    right: lines("func apply($f func($a int, $b int) int) int {", "\t$f(1, 2)", "}"),
  },
};
