// SPDX-License-Identifier: Apache-2.0
// What looking for names, and for modules, can find: what the page of each problem tells.

import { type Explanations, lines } from "./explanation.ts";

export const nameExplanations: Explanations = {
  "duplicate-field": {
    meaning: `A resource sets each field at most once. Between two values choose with \`if\`.`,
    wrong: lines('file "/etc/motd" {', '\tmode => "0644",', '\tmode => "0600",', "}"),
    right: lines('file "/etc/motd" {', '\tstate => "exists",', '\tmode => "0600",', "}"),
  },
  "duplicate-meta": {
    meaning: "A resource sets each meta parameter at most once.",
    wrong: lines('noop "a" {', "\tMeta:noop => true,", "\tMeta:noop => false,", "}"),
    right: lines('noop "a" {', "\tMeta:noop => true,", "}"),
  },
  "unknown-meta": {
    meaning: `There is no meta parameter of this name. \`mgmt docs meta\` lists them.`,
    wrong: lines('noop "a" {', "\tMeta:nop => true,", "}"),
    right: lines('noop "a" {', "\tMeta:noop => true,", "}"),
  },
  "unknown-edge-word": {
    meaning: `An edge inside of a resource is one of \`Before\`, \`Depend\`, \`Notify\` and \`Listen\`. With \`Before\` and \`Notify\` this resource comes first, with \`Depend\` and \`Listen\` the other one; \`Notify\` and \`Listen\` also tell of changes.`,
    wrong: lines('noop "a" {}', "", 'noop "b" {', '\tRequire => Noop["a"],', "}"),
    right: lines('noop "a" {}', "", 'noop "b" {', '\tDepend => Noop["a"],', "}"),
  },
  "duplicate-field-in-struct": {
    meaning: "The names of the fields of a struct differ.",
    wrong: lines('$site = struct{name => "a", name => "b"}'),
    right: lines('$site = struct{name => "a", other => "b"}'),
  },
  "duplicate-parameter": {
    meaning: "The parameters of a function or a class, and the two variables of a loop, differ in their names.",
    wrong: lines("func add($a int, $a int) int {", "\t$a + $a", "}"),
    right: lines("func add($a int, $b int) int {", "\t$a + $b", "}"),
  },
  "duplicate-key": {
    meaning: "A map has each key once.",
    wrong: lines('$ports = {"http" => 80, "http" => 8080}'),
    right: lines('$ports = {"http" => 80, "alternative" => 8080}'),
  },
  "mixed-keys": {
    meaning: "All keys of a map are of one type. A struct holds values of different types under names.",
    wrong: lines('$names = {1 => "one", "two" => "two"}'),
    right: lines('$names = {1 => "one", 2 => "two"}'),
  },
  "unhashable-literal-key": {
    meaning: "A key is a bool, a str, an int, a float, or a struct of such. Lists and maps cannot be keys.",
    wrong: lines('$sizes = {["a"] => 1}'),
    right: lines('$sizes = {"a" => 1}'),
  },
  "double-underscore": {
    meaning: "Names with two underscores in a row are reserved.",
    wrong: lines('$my__name = "web1"', "", 'print "x" {', "\tmsg => $my__name,", "}"),
    right: lines('$my_name = "web1"', "", 'print "x" {', "\tmsg => $my_name,", "}"),
  },
  "import-in-loop": {
    meaning: "An import belongs to the file, not to one turn of a loop. Written outside, it is seen inside.",
    wrong: lines(
      'for $index, $name in ["a", "b"] {',
      '\timport "strings"',
      "",
      '\tprint "${name}" {',
      "\t\tmsg => strings.to_upper($name),",
      "\t}",
      "}",
    ),
    right: lines(
      'import "strings"',
      "",
      'for $index, $name in ["a", "b"] {',
      '\tprint "${name}" {',
      "\t\tmsg => strings.to_upper($name),",
      "\t}",
      "}",
    ),
  },
  "unknown-escape": {
    meaning: "In a string a backslash begins one of a few escapes. A backslash itself is written twice.",
    wrong: lines('print "x" {', '\tmsg => "C:\\data",', "}"),
    right: lines('print "x" {', '\tmsg => "C:\\\\data",', "}"),
  },
  "malformed-interpolation": {
    meaning: `Inside of a string \`\${name}\` is replaced by the value of a variable. Nothing but a name can stand there: bind what is to be inserted first.`,
    wrong: lines('$hosts = ["a", "b"]', "", 'print "x" {', '\tmsg => "first comes ${hosts[0]}",', "}"),
    right: lines(
      '$hosts = ["a", "b"]',
      "$first = $hosts[0]",
      "",
      'print "x" {',
      '\tmsg => "first comes ${first}",',
      "}",
    ),
  },
  "double-underscore-in-text": {
    meaning: "Names with two underscores in a row are reserved, also inside of strings.",
    wrong: lines('print "x" {', '\tmsg => "hello ${my__name}",', "}"),
    right: lines('$my_name = "you"', "", 'print "x" {', '\tmsg => "hello ${my_name}",', "}"),
  },
  "duplicate-class": {
    meaning: "A block has at most one class of a name, however many parameters they have.",
    wrong: lines("class site() {", '\tprint "a" {}', "}", "", "class site($name) {", '\tprint "${name}" {}', "}"),
    right: lines("class site($name) {", '\tprint "${name}" {}', "}", "", 'include site("a")'),
  },
  "duplicate-definition": {
    meaning: "In one block a variable gets its value once, and a function its body.",
    wrong: lines("$port = 80", "$port = 8080"),
    right: lines("$port = 80", "$other_port = 8080"),
  },
  "duplicate-alias": {
    meaning: "Two imports or includes of one block cannot be known under the same name.",
    wrong: lines('import "strings" as text', 'import "regexp" as text'),
    right: lines('import "strings" as text', 'import "regexp" as pattern'),
  },
  "duplicate-import": {
    meaning: "A block imports a module once.",
    wrong: lines('import "fmt"', 'import "fmt"', "", 'print "x" {', '\tmsg => fmt.printf("%d", 1),', "}"),
    right: lines('import "fmt"', "", 'print "x" {', '\tmsg => fmt.printf("%d", 1),', "}"),
  },
  "imports-clash": {
    meaning:
      "Two imports of one block are called the same, because their last names are, and both have something of this name. Call one of them otherwise.",
    wrong: lines('import "math"', 'import "golang/math"', "", 'test "t" {', "\tfloat64 => math.sqrt(2.0),", "}"),
    right: lines(
      'import "math"',
      'import "golang/math" as golang_math',
      "",
      'test "t" {',
      "\tfloat64 => math.sqrt(2.0),",
      "}",
    ),
  },
  "invalid-import": {
    meaning:
      "What stands in the quotes of an import names a module that is built in, a file, a directory, or a module of others by its address.",
    wrong: lines('import "fmt-"'),
    right: lines('import "fmt"', "", 'print "x" {', '\tmsg => fmt.printf("%d", 1),', "}"),
  },
  "unknown-module": {
    meaning: "There is no built-in module of this name. A module of your own is imported by its file or its directory.",
    wrong: lines('import "string"'),
    right: lines('import "strings"', "", 'print "x" {', '\tmsg => strings.to_upper("hello"),', "}"),
  },
  "missing-module": {
    meaning:
      "The file or the directory that is imported is not there, or cannot be read. Paths are relative to the importing file.",
    wrong: lines('import "lib/"'),
    right: {
      "main.mcl": lines('import "lib/"', "", "include lib.greeting"),
      "lib/main.mcl": lines("class greeting {", '\tprint "hello" {}', "}"),
    },
  },
  "import-circle": {
    meaning:
      "A file that is being imported cannot import what imports it. Move what both need into a module of its own.",
    wrong: {
      "main.mcl": lines('import "a.mcl"', "", "include a.greeting"),
      "a.mcl": lines('import "b.mcl"', "", "class greeting {", "\tinclude b.message", "}"),
      "b.mcl": lines('import "a.mcl"', "", "class message {", "\tinclude a.greeting", "}"),
    },
    right: {
      "main.mcl": lines('import "a.mcl"', "", "include a.greeting"),
      "a.mcl": lines('import "b.mcl"', "", "class greeting {", "\tinclude b.message", "}"),
      "b.mcl": lines("class message {", '\tprint "hello" {}', "}"),
    },
  },
  "unused-statement": {
    meaning:
      "Who imports a module gets its variables, functions and classes. A resource outside of a class would never come to be.",
    wrong: {
      "main.mcl": lines('import "lib.mcl"', "", "include lib.greeting"),
      "lib.mcl": lines('print "loading" {}', "", "class greeting {", '\tprint "hello" {}', "}"),
    },
    right: {
      "main.mcl": lines('import "lib.mcl"', "", "include lib.greeting"),
      "lib.mcl": lines("class greeting {", '\tprint "loading" {}', '\tprint "hello" {}', "}"),
    },
  },
  "unreadable-metadata": {
    meaning: `The file metadata.yaml of a module has lines of the form \`key: value\`, or nothing at all.`,
    wrong: {
      "metadata.yaml": lines("- main.mcl"),
      "main.mcl": lines('print "hello" {}'),
    },
    right: {
      "metadata.yaml": lines("main: main.mcl"),
      "main.mcl": lines('print "hello" {}'),
    },
  },
  "invalid-metadata": {
    meaning: `A line of the file metadata.yaml has a value that cannot be used: \`main\` names a file of the module, \`path\` and \`files\` directories of it.`,
    wrong: {
      "metadata.yaml": lines("main: /main.mcl"),
      "main.mcl": lines('print "hello" {}'),
    },
    right: {
      "metadata.yaml": lines("main: main.mcl"),
      "main.mcl": lines('print "hello" {}'),
    },
  },
  "invalid-tool": {
    meaning: `The file tool.yaml beside a program declares the command line of the tool that \`mgmt build-tool\` makes of it, and something in it is not known or has the wrong form.`,
    wrong: {
      "tool.yaml": lines("name: greet", "summary: Greets.", "options:", "  who:", "    type: text"),
      "main.mcl": lines('import "inputs"', "", `print "hello" {\n\tmsg => inputs.who(),\n}`),
    },
    right: {
      "tool.yaml": lines("name: greet", "summary: Greets.", "options:", "  who:", "    type: str", "    default: you"),
      "main.mcl": lines('import "inputs"', "", `print "hello" {\n\tmsg => inputs.who(),\n}`),
    },
  },
  "definition-circle": {
    meaning:
      "Definitions may stand in any order, but none may need itself, directly or by way of others. The language has no recursion: loops go over lists and maps.",
    wrong: lines("$a = $b + 1", "$b = $a + 1", "", 'test "t" {', "\tint64 => $a,", "}"),
    right: lines("$a = $b + 1", "$b = 1", "", 'test "t" {', "\tint64 => $a,", "}"),
  },
  "unknown-variable": {
    meaning:
      "No variable of this name can be seen here. A variable is seen in the block that binds it and in the blocks inside of that one.",
    wrong: lines('$content = "hello\\n"', "", 'file "/etc/motd" {', "\tcontent => $contnet,", "}"),
    right: lines(
      '$content = "hello\\n"',
      "",
      'file "/etc/motd" {',
      "\tcontent => $content,",
      '\tstate => "exists",',
      "}",
    ),
  },
  "unknown-function": {
    meaning: "No function of this name can be called here. Most functions belong to a module that must be imported.",
    wrong: lines('print "x" {', '\tmsg => fmt.printf("%d", 1),', "}"),
    right: lines('import "fmt"', "", 'print "x" {', '\tmsg => fmt.printf("%d", 1),', "}"),
  },
  "unknown-class": {
    meaning:
      "No class of this name can be included here. A class is seen in the block that has it and in the blocks inside of that one.",
    wrong: lines("class web_server {", '\tprint "web" {}', "}", "", "include webserver"),
    right: lines("class web_server {", '\tprint "web" {}', "}", "", "include web_server"),
  },
  "wrong-include-arguments": {
    meaning: "An include gives a class a value for each of its parameters.",
    wrong: lines("class site($name, $port) {", '\tprint "${name}" {}', "}", "", 'include site("a")'),
    right: lines("class site($name, $port) {", '\tprint "${name}" {}', "}", "", 'include site("a", 80)'),
  },
  "imports-too-deep": {
    meaning:
      "A module imports a module that imports a module, and so on, deeper than any program that people write. Import more of them side by side.",
  },
};
