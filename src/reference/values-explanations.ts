// SPDX-License-Identifier: Apache-2.0
// What the values of a program, and the resources made of them, can show: what the page of each problem tells.

import type { Explanations } from "./explanation.ts";

export const valueExplanations: Explanations = {
  "no-value": {
    meaning: `A function could not give a value, and nothing said what to take instead. With \`value <|> default\` the program goes on; some failures, of which the message gives no such hint, cannot be handled.`,
    wrong: `$names = ["a", "b"]

print "x" {
	msg => $names[5],
}
`,
    right: `$names = ["a", "b"]

print "x" {
	msg => $names[5] <|> "none",
}
`,
  },
  panic: {
    meaning: `The program itself asked to stop, by calling \`panic\` with a text or with true.`,
    wrong: `panic("this machine is not for us")
`,
    right: `panic("")
`,
  },
  "unknown-kind-reached": {
    meaning:
      "There is no kind of resource of this name. A resource without fields is only looked at when the program comes to it.",
    wrong: `command "ls" {}
`,
    right: `exec "/bin/ls" {}
`,
  },
  "meta-given-twice": {
    meaning: `The struct of \`Meta\` sets all meta parameters, so none can be set by its name too.`,
    wrong: `noop "a" {
	Meta => struct{
		noop => true,
		retry => 0,
		retryreset => false,
		delay => 0,
		timeout => 0,
		poll => 0,
		limit => 10.0,
		burst => 1,
		reset => false,
		sema => [],
		rewatch => false,
		realize => false,
		dollar => false,
		hidden => false,
		export => [],
		reverse => false,
		autoedge => true,
		autogroup => true,
	},
	Meta:noop => true,
}
`,
    right: `noop "a" {
	Meta:noop => true,
}
`,
  },
  "resource-kind-unknown": {
    meaning: `A resource that did not come from the text of a program is of a kind that does not exist. In a program it is found earlier, as \`unknown-kind\`.`,
  },
  "resource-field-unknown": {
    meaning: `A resource that did not come from the text of a program sets a field that its kind does not have. In a program it is found earlier, as \`unknown-field\`.`,
  },
  "resource-field-wrong": {
    meaning:
      "The value of a field is of the right type, but the field cannot have it: it is outside of a range or not one of a few texts.",
    wrong: `file "/etc/motd" {
	state => "present",
}
`,
    right: `file "/etc/motd" {
	state => "exists",
}
`,
  },
  "resource-meta-unknown": {
    meaning: `A resource that did not come from the text of a program sets a meta parameter that does not exist. In a program it is found earlier, as \`unknown-meta\`.`,
  },
  "resource-meta-wrong": {
    meaning: "The value of a meta parameter is of the right type, but cannot be used.",
    wrong: `noop "a" {
	Meta:limit => 1.0,
}
`,
    right: `noop "a" {
	Meta:limit => 1.0,
	Meta:burst => 1,
}
`,
  },
  "resource-name-empty": {
    meaning: "The name of a resource tells it from others of its kind, so it is not empty.",
    wrong: `print "" {
	msg => "hello",
}
`,
    right: `print "greeting" {
	msg => "hello",
}
`,
  },
  "resource-name-dollar": {
    meaning: `A name that begins with a dollar sign is mostly a variable whose braces were forgotten. If the dollar is meant, set \`Meta:dollar\`.`,
    wrong: `$name = "web1"

print "$name" {
	msg => "hello",
}
`,
    right: `$name = "web1"

print "\${name}" {
	msg => "hello",
}
`,
  },
  "resource-wrong": {
    meaning:
      "The fields do not go together, or one of them has a value that its kind cannot use. The message is that of the kind.",
    wrong: `file "etc/motd" {
	state => "exists",
}
`,
    right: `file "/etc/motd" {
	state => "exists",
}
`,
  },
  "resource-conflict": {
    meaning:
      "The program declares one resource twice, and the two differ. Declared twice in the same way it would be one resource.",
    wrong: `file "/etc/motd" {
	state => "exists",
	content => "a\\n",
}

file "/etc/motd" {
	state => "exists",
	content => "b\\n",
}
`,
    right: `file "/etc/motd" {
	state => "exists",
	content => "a\\n",
}
`,
  },
  "edge-end-unknown": {
    meaning: `An edge names a resource that the program does not declare now. A resource in an \`if\` comes and goes with its condition, and so must its edges.`,
    wrong: `noop "a" {
	Before => Noop["b"],
}
`,
    right: `noop "a" {
	Before => Noop["b"],
}

noop "b" {}
`,
  },
  "send-hidden": {
    meaning: "A hidden resource is not carried out here, so it has no values to send.",
    wrong: `exec "/bin/date" {
	Meta:hidden => true,
}
print "date" {}

Exec["/bin/date"].output -> Print["date"].msg
`,
    right: `exec "/bin/date" {}
print "date" {}

Exec["/bin/date"].output -> Print["date"].msg
`,
  },
  "send-key-unknown": {
    meaning: `A resource that did not come from the text of a program sends under a key that its kind does not have. In a program it is found earlier, as \`not-sent\`.`,
  },
  "receive-impossible": {
    meaning: `An edge that did not come from the text of a program sends to a kind that cannot receive. In a program it is found earlier, as \`not-receiving\`.`,
  },
  "send-type-mismatch": {
    meaning: `An edge that did not come from the text of a program sends a value of another type than the field takes. In a program it is found earlier, as \`sent-type-differs\`.`,
  },
  "receive-conflict": {
    meaning: "A field receives its value from one sender. With two, nobody could say which counts.",
    wrong: `exec ["/bin/date", "/bin/uname"] {}
print "x" {}

Exec["/bin/date"].output -> Print["x"].msg
Exec["/bin/uname"].output -> Print["x"].msg
`,
    right: `exec ["/bin/date", "/bin/uname"] {}
print ["x", "y"] {}

Exec["/bin/date"].output -> Print["x"].msg
Exec["/bin/uname"].output -> Print["y"].msg
`,
  },
  cycle: {
    meaning:
      "Resources wait for each other in a circle, so none could ever begin. The message names the whole circle with the places of its edges.",
    wrong: `noop "a" {
	Before => Noop["b"],
}

noop "b" {
	Before => Noop["a"],
}
`,
    right: `noop "a" {
	Before => Noop["b"],
}

noop "b" {}
`,
  },
  "cycle-automatic": {
    meaning:
      "Resources wait for each other in a circle, and an edge that was added by itself takes part: a directory comes before what is in it, for example. The declared edge says the opposite.",
    wrong: `file "/srv/app/" {
	state => "exists",

	Depend => File["/srv/app/config"],
}

file "/srv/app/config" {
	state => "exists",
}
`,
    right: `file "/srv/app/" {
	state => "exists",
}

file "/srv/app/config" {
	state => "exists",
}
`,
  },
  "semaphore-conflict": {
    meaning:
      "A semaphore lets so many resources work at the same time as its count says. Its count must be the same wherever it is named.",
    wrong: `noop "a" {
	Meta:sema => ["disk:1"],
}

noop "b" {
	Meta:sema => ["disk:2"],
}
`,
    right: `noop "a" {
	Meta:sema => ["disk:2"],
}

noop "b" {
	Meta:sema => ["disk:2"],
}
`,
  },
};
