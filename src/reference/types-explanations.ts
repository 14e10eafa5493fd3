// SPDX-License-Identifier: Apache-2.0
// What types can find: what the page of each problem tells.

import type { Explanations } from "./explanation.ts";

export const typeExplanations: Explanations = {
  "type-mismatch": {
    meaning:
      "Every value has a type, known before the program runs, and this one is not what its place takes. The message says what is expected and why, and what was found.",
    wrong: `file "/etc/motd" {
	content => 42,
}
`,
    right: `file "/etc/motd" {
	content => "42\\n",
	state => "exists",
}
`,
  },
  "name-must-be-list": {
    meaning:
      "The name of a resource is a text, or a list of texts for several resources. When it is computed and nobody can tell which, it is taken for a list.",
    wrong: `$directory = "/tmp/"
$path = $directory + "x"

file $path {
	state => "exists",
}
`,
    right: `$directory = "/tmp/"
$path = $directory + "x"

file "\${path}" {
	state => "exists",
}
`,
  },
  "ambiguous-type": {
    meaning:
      "Nothing in the program says what type this has. Bind it to a variable whose type is written, or use it where only one type fits.",
    wrong: `$names = []

for $index, $name in $names {
	test "t" {
		interface => $name,
	}
}
`,
    right: `$names []str = []

for $index, $name in $names {
	test "t" {
		interface => $name,
	}
}
`,
  },
  "unhashable-key": {
    meaning: "The keys of a map are bools, strs, ints, floats, or structs of these.",
    wrong: `$list = ["a"]

test "t" {
	interface => {$list => 1},
}
`,
    right: `test "t" {
	interface => {"a" => 1},
}
`,
  },
  "wrong-argument-count": {
    meaning: "A call gives a function a value for each of its parameters.",
    wrong: `import "strings"

test "t" {
	slicestring => strings.split("a,b"),
}
`,
    right: `import "strings"

test "t" {
	slicestring => strings.split("a,b", ","),
}
`,
  },
  "not-a-function": {
    meaning: `Only functions can be called. A variable holds one when its value is a \`func\`.`,
    wrong: `$double = 2

test "t" {
	int64 => $double(21),
}
`,
    right: `$double = func($x) {
	$x * 2
}

test "t" {
	int64 => $double(21),
}
`,
  },
  "wrong-call": {
    meaning:
      "A function whose types depend on what it is given refuses this: a format that does not fit its values, a field that a struct does not have.",
    wrong: `import "fmt"

print "x" {
	msg => fmt.printf("%s has %d", "a"),
}
`,
    right: `import "fmt"

print "x" {
	msg => fmt.printf("%s has %d", "a", 1),
}
`,
  },
  "refused-types": {
    meaning: "A function that takes values of many types does not take these.",
    wrong: `test "t" {
	interface => len(42),
}
`,
    right: `test "t" {
	interface => len("42"),
}
`,
  },
  "unknown-kind": {
    meaning: `There is no kind of resource of this name. \`mgmt docs\` lists them.`,
    wrong: `flie "/etc/motd" {
	content => "hello\\n",
}
`,
    right: `file "/etc/motd" {
	content => "hello\\n",
	state => "exists",
}
`,
  },
  "unknown-field": {
    meaning: `The kind has no field of this name. \`mgmt docs\` with the name of the kind lists its fields.`,
    wrong: `file "/etc/motd" {
	contents => "hello\\n",
}
`,
    right: `file "/etc/motd" {
	content => "hello\\n",
	state => "exists",
}
`,
  },
  "edge-with-one-half": {
    meaning: "An edge goes from one resource to another: the first comes first.",
    wrong: `noop "a" {}

Noop["a"]
`,
    right: `noop "a" {}
noop "b" {}

Noop["a"] -> Noop["b"]
`,
  },
  "not-sent": {
    meaning: "The kind does not send a value under this key. Its page tells what it sends.",
    wrong: `exec "/bin/date" {}
print "date" {}

Exec["/bin/date"].result -> Print["date"].msg
`,
    right: `exec "/bin/date" {}
print "date" {}

Exec["/bin/date"].output -> Print["date"].msg
`,
  },
  "not-receiving": {
    meaning: "Resources of this kind cannot receive values from others.",
    wrong: `exec "/bin/date" {}
timer "t" {
	interval => 60,
}

Exec["/bin/date"].output -> Timer["t"].interval
`,
    right: `exec "/bin/date" {}
timer "t" {
	interval => 60,
}

Exec["/bin/date"] -> Timer["t"]
`,
  },
  "sent-type-differs": {
    meaning: "What is sent must have the type of the field that receives it.",
    wrong: `exec "/bin/date" {}
test "t" {}

Exec["/bin/date"].output -> Test["t"].int64
`,
    right: `exec "/bin/date" {}
test "t" {}

Exec["/bin/date"].output -> Test["t"].anotherstr
`,
  },
};
