// SPDX-License-Identifier: Apache-2.0
// What the values of a program, and the resources made of them, can show: what the page of each problem tells.

import { type Explanations, lines } from "./explanation.ts";

export const valueExplanations: Explanations = {
  "no-value": {
    meaning: `A function could not give a value, and nothing said what to take instead. With \`value <|> default\` the program goes on; some failures, of which the message gives no such hint, cannot be handled.`,
    wrong: lines('$names = ["a", "b"]', "", 'print "x" {', "\tmsg => $names[5],", "}"),
    right: lines('$names = ["a", "b"]', "", 'print "x" {', '\tmsg => $names[5] <|> "none",', "}"),
  },
  panic: {
    meaning: `The program itself asked to stop, by calling \`panic\` with a text or with true.`,
    wrong: lines('panic("this machine is not for us")'),
    right: lines('panic("")'),
  },
  "unknown-kind-reached": {
    meaning:
      "There is no kind of resource of this name. A resource without fields is only looked at when the program comes to it.",
    wrong: lines('command "ls" {}'),
    right: lines('exec "/bin/ls" {}'),
  },
  "collected-name-wrong": {
    meaning:
      "A `collect` asks for resources by their names, or by their names and the names of the hosts that export them. A name is never empty; an empty host means any host. To collect all resources of a kind, give it `collect.res`.",
    wrong: lines('collect file [struct{name => "/etc/motd", host => "*"}] {}'),
    right: lines('collect file [struct{name => "/etc/motd", host => ""}] {}'),
  },
  "meta-given-twice": {
    meaning: `The struct of \`Meta\` sets all meta parameters, so none can be set by its name too.`,
    wrong: lines(
      'noop "a" {',
      "\tMeta => struct{",
      "\t\tnoop => true,",
      "\t\tretry => 0,",
      "\t\tretryreset => false,",
      "\t\tdelay => 0,",
      "\t\ttimeout => 0,",
      "\t\tpoll => 0,",
      "\t\tlimit => 10.0,",
      "\t\tburst => 1,",
      "\t\treset => false,",
      "\t\tsema => [],",
      "\t\trewatch => false,",
      "\t\trealize => false,",
      "\t\tdollar => false,",
      "\t\thidden => false,",
      "\t\texport => [],",
      "\t\treverse => false,",
      "\t\tautoedge => true,",
      "\t\tautogroup => true,",
      "\t},",
      "\tMeta:noop => true,",
      "}",
    ),
    right: lines('noop "a" {', "\tMeta:noop => true,", "}"),
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
    wrong: lines('file "/etc/motd" {', '\tstate => "present",', "}"),
    right: lines('file "/etc/motd" {', '\tstate => "exists",', "}"),
  },
  "resource-meta-unknown": {
    meaning: `A resource that did not come from the text of a program sets a meta parameter that does not exist. In a program it is found earlier, as \`unknown-meta\`.`,
  },
  "resource-meta-wrong": {
    meaning: "The value of a meta parameter is of the right type, but cannot be used.",
    wrong: lines('noop "a" {', "\tMeta:limit => 1.0,", "}"),
    right: lines('noop "a" {', "\tMeta:limit => 1.0,", "\tMeta:burst => 1,", "}"),
  },
  "resource-name-empty": {
    meaning: "The name of a resource tells it from others of its kind, so it is not empty.",
    wrong: lines('print "" {', '\tmsg => "hello",', "}"),
    right: lines('print "greeting" {', '\tmsg => "hello",', "}"),
  },
  "resource-name-dollar": {
    meaning: `A name that begins with a dollar sign is mostly a variable whose braces were forgotten. If the dollar is meant, set \`Meta:dollar\`.`,
    wrong: lines('$name = "web1"', "", 'print "$name" {', '\tmsg => "hello",', "}"),
    right: lines('$name = "web1"', "", 'print "${name}" {', '\tmsg => "hello",', "}"),
  },
  "resource-wrong": {
    meaning:
      "The fields do not go together, or one of them has a value that its kind cannot use. The message is that of the kind.",
    wrong: lines('file "etc/motd" {', '\tstate => "exists",', "}"),
    right: lines('file "/etc/motd" {', '\tstate => "exists",', "}"),
  },
  "resource-conflict": {
    meaning:
      "The program declares one resource twice, and the two differ. Declared twice in the same way it would be one resource.",
    wrong: lines(
      'file "/etc/motd" {',
      '\tstate => "exists",',
      '\tcontent => "a\\n",',
      "}",
      "",
      'file "/etc/motd" {',
      '\tstate => "exists",',
      '\tcontent => "b\\n",',
      "}",
    ),
    right: lines('file "/etc/motd" {', '\tstate => "exists",', '\tcontent => "a\\n",', "}"),
  },
  "edge-end-unknown": {
    meaning: `An edge names a resource that the program does not declare now. A resource in an \`if\` comes and goes with its condition, and so must its edges.`,
    wrong: lines('noop "a" {', '\tBefore => Noop["b"],', "}"),
    right: lines('noop "a" {', '\tBefore => Noop["b"],', "}", "", 'noop "b" {}'),
  },
  "send-hidden": {
    meaning: "A hidden resource is not carried out here, so it has no values to send.",
    wrong: lines(
      'exec "/bin/date" {',
      "\tMeta:hidden => true,",
      "}",
      'print "date" {}',
      "",
      'Exec["/bin/date"].output -> Print["date"].msg',
    ),
    right: lines('exec "/bin/date" {}', 'print "date" {}', "", 'Exec["/bin/date"].output -> Print["date"].msg'),
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
    wrong: lines(
      'exec ["/bin/date", "/bin/uname"] {}',
      'print "x" {}',
      "",
      'Exec["/bin/date"].output -> Print["x"].msg',
      'Exec["/bin/uname"].output -> Print["x"].msg',
    ),
    right: lines(
      'exec ["/bin/date", "/bin/uname"] {}',
      'print ["x", "y"] {}',
      "",
      'Exec["/bin/date"].output -> Print["x"].msg',
      'Exec["/bin/uname"].output -> Print["y"].msg',
    ),
  },
  cycle: {
    meaning:
      "Resources wait for each other in a circle, so none could ever begin. The message names the whole circle with the places of its edges.",
    wrong: lines('noop "a" {', '\tBefore => Noop["b"],', "}", "", 'noop "b" {', '\tBefore => Noop["a"],', "}"),
    right: lines('noop "a" {', '\tBefore => Noop["b"],', "}", "", 'noop "b" {}'),
  },
  "cycle-automatic": {
    meaning:
      "Resources wait for each other in a circle, and an edge that was added by itself takes part: a directory comes before what is in it, for example. The declared edge says the opposite.",
    wrong: lines(
      'file "/srv/app/" {',
      '\tstate => "exists",',
      "",
      '\tDepend => File["/srv/app/config"],',
      "}",
      "",
      'file "/srv/app/config" {',
      '\tstate => "exists",',
      "}",
    ),
    right: lines(
      'file "/srv/app/" {',
      '\tstate => "exists",',
      "}",
      "",
      'file "/srv/app/config" {',
      '\tstate => "exists",',
      "}",
    ),
  },
  "semaphore-conflict": {
    meaning:
      "A semaphore lets so many resources work at the same time as its count says. Its count must be the same wherever it is named.",
    wrong: lines('noop "a" {', '\tMeta:sema => ["disk:1"],', "}", "", 'noop "b" {', '\tMeta:sema => ["disk:2"],', "}"),
    right: lines('noop "a" {', '\tMeta:sema => ["disk:2"],', "}", "", 'noop "b" {', '\tMeta:sema => ["disk:2"],', "}"),
  },
};
