// SPDX-License-Identifier: Apache-2.0
// What looking for names, and for modules, can find: what the page of each problem tells.

import type { Explanations } from "./explanation.ts";

export const nameExplanations: Explanations = {
  "duplicate-field": {
    meaning: `A resource sets each field at most once. Between two values choose with \`if\`.`,
    wrong: `file "/etc/motd" {
	mode => "0644",
	mode => "0600",
}
`,
    right: `file "/etc/motd" {
	state => "exists",
	mode => "0600",
}
`,
  },
  "duplicate-meta": {
    meaning: "A resource sets each meta parameter at most once.",
    wrong: `noop "a" {
	Meta:noop => true,
	Meta:noop => false,
}
`,
    right: `noop "a" {
	Meta:noop => true,
}
`,
  },
  "unknown-meta": {
    meaning: `There is no meta parameter of this name. \`mgmt docs meta\` lists them.`,
    wrong: `noop "a" {
	Meta:nop => true,
}
`,
    right: `noop "a" {
	Meta:noop => true,
}
`,
  },
  "unknown-edge-word": {
    meaning: `An edge inside of a resource is one of \`Before\`, \`Depend\`, \`Notify\` and \`Listen\`. With \`Before\` and \`Notify\` this resource comes first, with \`Depend\` and \`Listen\` the other one; \`Notify\` and \`Listen\` also tell of changes.`,
    wrong: `noop "a" {}

noop "b" {
	Require => Noop["a"],
}
`,
    right: `noop "a" {}

noop "b" {
	Depend => Noop["a"],
}
`,
  },
  "duplicate-field-in-struct": {
    meaning: "The names of the fields of a struct differ.",
    wrong: `$site = struct{name => "a", name => "b"}
`,
    right: `$site = struct{name => "a", other => "b"}
`,
  },
  "duplicate-parameter": {
    meaning: "The parameters of a function or a class, and the two variables of a loop, differ in their names.",
    wrong: `func add($a int, $a int) int {
	$a + $a
}
`,
    right: `func add($a int, $b int) int {
	$a + $b
}
`,
  },
  "duplicate-key": {
    meaning: "A map has each key once.",
    wrong: `$ports = {"http" => 80, "http" => 8080}
`,
    right: `$ports = {"http" => 80, "alternative" => 8080}
`,
  },
  "mixed-keys": {
    meaning: "All keys of a map are of one type. A struct holds values of different types under names.",
    wrong: `$names = {1 => "one", "two" => "two"}
`,
    right: `$names = {1 => "one", 2 => "two"}
`,
  },
  "unhashable-literal-key": {
    meaning: "A key is a bool, a str, an int, a float, or a struct of such. Lists and maps cannot be keys.",
    wrong: `$sizes = {["a"] => 1}
`,
    right: `$sizes = {"a" => 1}
`,
  },
  "double-underscore": {
    meaning: "Names with two underscores in a row are reserved.",
    wrong: `$my__name = "web1"

print "x" {
	msg => $my__name,
}
`,
    right: `$my_name = "web1"

print "x" {
	msg => $my_name,
}
`,
  },
  "import-in-loop": {
    meaning: "An import belongs to the file, not to one turn of a loop. Written outside, it is seen inside.",
    wrong: `for $index, $name in ["a", "b"] {
	import "strings"

	print "\${name}" {
		msg => strings.to_upper($name),
	}
}
`,
    right: `import "strings"

for $index, $name in ["a", "b"] {
	print "\${name}" {
		msg => strings.to_upper($name),
	}
}
`,
  },
  "unknown-escape": {
    meaning: "In a string a backslash begins one of a few escapes. A backslash itself is written twice.",
    wrong: `print "x" {
	msg => "C:\\data",
}
`,
    right: `print "x" {
	msg => "C:\\\\data",
}
`,
  },
  "malformed-interpolation": {
    meaning: `Inside of a string \`\${name}\` is replaced by the value of a variable. Nothing but a name can stand there: bind what is to be inserted first.`,
    wrong: `$hosts = ["a", "b"]

print "x" {
	msg => "first comes \${hosts[0]}",
}
`,
    right: `$hosts = ["a", "b"]
$first = $hosts[0]

print "x" {
	msg => "first comes \${first}",
}
`,
  },
  "double-underscore-in-text": {
    meaning: "Names with two underscores in a row are reserved, also inside of strings.",
    wrong: `print "x" {
	msg => "hello \${my__name}",
}
`,
    right: `$my_name = "you"

print "x" {
	msg => "hello \${my_name}",
}
`,
  },
  "duplicate-class": {
    meaning: "A block has at most one class of a name, however many parameters they have.",
    wrong: `class site() {
	print "a" {}
}

class site($name) {
	print "\${name}" {}
}
`,
    right: `class site($name) {
	print "\${name}" {}
}

include site("a")
`,
  },
  "duplicate-definition": {
    meaning: "In one block a variable gets its value once, and a function its body.",
    wrong: `$port = 80
$port = 8080
`,
    right: `$port = 80
$other_port = 8080
`,
  },
  "duplicate-alias": {
    meaning: "Two imports or includes of one block cannot be known under the same name.",
    wrong: `import "strings" as text
import "regexp" as text
`,
    right: `import "strings" as text
import "regexp" as pattern
`,
  },
  "duplicate-import": {
    meaning: "A block imports a module once.",
    wrong: `import "fmt"
import "fmt"

print "x" {
	msg => fmt.printf("%d", 1),
}
`,
    right: `import "fmt"

print "x" {
	msg => fmt.printf("%d", 1),
}
`,
  },
  "imports-clash": {
    meaning:
      "Two imports of one block are called the same, because their last names are, and both have something of this name. Call one of them otherwise.",
    wrong: `import "math"
import "golang/math"

test "t" {
	float64 => math.sqrt(2.0),
}
`,
    right: `import "math"
import "golang/math" as golang_math

test "t" {
	float64 => math.sqrt(2.0),
}
`,
  },
  "invalid-import": {
    meaning:
      "What stands in the quotes of an import names a module that is built in, a file, a directory, or a module of others by its address.",
    wrong: `import "fmt-"
`,
    right: `import "fmt"

print "x" {
	msg => fmt.printf("%d", 1),
}
`,
  },
  "unknown-module": {
    meaning: "There is no built-in module of this name. A module of your own is imported by its file or its directory.",
    wrong: `import "string"
`,
    right: `import "strings"

print "x" {
	msg => strings.to_upper("hello"),
}
`,
  },
  "missing-module": {
    meaning:
      "The file or the directory that is imported is not there, or cannot be read. Paths are relative to the importing file.",
    wrong: `import "lib/"
`,
    right: {
      "main.mcl": `import "lib/"

include lib.greeting
`,
      "lib/main.mcl": `class greeting {
	print "hello" {}
}
`,
    },
  },
  "import-circle": {
    meaning:
      "A file that is being imported cannot import what imports it. Move what both need into a module of its own.",
    wrong: {
      "main.mcl": `import "a.mcl"

include a.greeting
`,
      "a.mcl": `import "b.mcl"

class greeting {
	include b.message
}
`,
      "b.mcl": `import "a.mcl"

class message {
	include a.greeting
}
`,
    },
    right: {
      "main.mcl": `import "a.mcl"

include a.greeting
`,
      "a.mcl": `import "b.mcl"

class greeting {
	include b.message
}
`,
      "b.mcl": `class message {
	print "hello" {}
}
`,
    },
  },
  "unused-statement": {
    meaning:
      "Who imports a module gets its variables, functions and classes. A resource outside of a class would never come to be.",
    wrong: {
      "main.mcl": `import "lib.mcl"

include lib.greeting
`,
      "lib.mcl": `print "loading" {}

class greeting {
	print "hello" {}
}
`,
    },
    right: {
      "main.mcl": `import "lib.mcl"

include lib.greeting
`,
      "lib.mcl": `class greeting {
	print "loading" {}
	print "hello" {}
}
`,
    },
  },
  "unreadable-metadata": {
    meaning: `The file metadata.yaml of a module has lines of the form \`key: value\`, or nothing at all.`,
    wrong: {
      "metadata.yaml": `- main.mcl
`,
      "main.mcl": `print "hello" {}
`,
    },
    right: {
      "metadata.yaml": `main: main.mcl
`,
      "main.mcl": `print "hello" {}
`,
    },
  },
  "invalid-metadata": {
    meaning: `A line of the file metadata.yaml has a value that cannot be used: \`main\` names a file of the module, \`path\` and \`files\` directories of it.`,
    wrong: {
      "metadata.yaml": `main: /main.mcl
`,
      "main.mcl": `print "hello" {}
`,
    },
    right: {
      "metadata.yaml": `main: main.mcl
`,
      "main.mcl": `print "hello" {}
`,
    },
  },
  "not-supported": {
    meaning: "The language has this, but this version of the program does not yet. The message says what it is.",
    wrong: `collect file "/tmp/a" {
	state => "exists",
}
`,
    right: `file "/tmp/a" {
	state => "exists",
}
`,
  },
  "definition-circle": {
    meaning:
      "Definitions may stand in any order, but none may need itself, directly or by way of others. The language has no recursion: loops go over lists and maps.",
    wrong: `$a = $b + 1
$b = $a + 1

test "t" {
	int64 => $a,
}
`,
    right: `$a = $b + 1
$b = 1

test "t" {
	int64 => $a,
}
`,
  },
  "unknown-variable": {
    meaning:
      "No variable of this name can be seen here. A variable is seen in the block that binds it and in the blocks inside of that one.",
    wrong: `$content = "hello\\n"

file "/etc/motd" {
	content => $contnet,
}
`,
    right: `$content = "hello\\n"

file "/etc/motd" {
	content => $content,
	state => "exists",
}
`,
  },
  "unknown-function": {
    meaning: "No function of this name can be called here. Most functions belong to a module that must be imported.",
    wrong: `print "x" {
	msg => fmt.printf("%d", 1),
}
`,
    right: `import "fmt"

print "x" {
	msg => fmt.printf("%d", 1),
}
`,
  },
  "unknown-class": {
    meaning:
      "No class of this name can be included here. A class is seen in the block that has it and in the blocks inside of that one.",
    wrong: `class web_server {
	print "web" {}
}

include webserver
`,
    right: `class web_server {
	print "web" {}
}

include web_server
`,
  },
  "wrong-include-arguments": {
    meaning: "An include gives a class a value for each of its parameters.",
    wrong: `class site($name, $port) {
	print "\${name}" {}
}

include site("a")
`,
    right: `class site($name, $port) {
	print "\${name}" {}
}

include site("a", 80)
`,
  },
  "imports-too-deep": {
    meaning:
      "A module imports a module that imports a module, and so on, deeper than any program that people write. Import more of them side by side.",
  },
};
