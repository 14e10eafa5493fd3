// SPDX-License-Identifier: Apache-2.0
// Every kind of resource. A new kind is a file and a line here; nothing registers itself.

import type { Constant } from "../contract/catalog.ts";
import type { ResourceKind } from "../contract/resource.ts";
import { strType } from "../values/type.ts";
import { exec } from "./commands/exec.ts";
import { value } from "./exchange/value.ts";
import { file } from "./files/file.ts";
import { msg } from "./messages/msg.ts";
import { print } from "./messages/print.ts";
import { noop } from "./testing/noop.ts";
import { exit } from "./running/exit.ts";
import { authorizedKey } from "./ssh/authorized-key.ts";
import { hostname } from "./system/hostname.ts";
import { sysctl } from "./system/sysctl.ts";
import { test } from "./testing/test.ts";
import { line } from "./text/line.ts";
import { timer } from "./timing/timer.ts";

export const kinds: readonly ResourceKind[] = [
  authorizedKey,
  exec,
  exit,
  file,
  hostname,
  line,
  msg,
  noop,
  print,
  sysctl,
  test,
  timer,
  value,
];

/** Names for the values that a field of a kind can have: `$const.res.file.state.exists`. */
export const kindConstants: readonly Constant[] = [
  constant("file", "state", "exists", "exists"),
  constant("file", "state", "absent", "absent"),
  constant("file", "state", "undefined", ""),
];

function constant(kind: string, field: string, name: string, value: string): Constant {
  return { module: "", name: `const.res.${kind}.${field}.${name}`, type: strType, value };
}
