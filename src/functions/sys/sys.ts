// SPDX-License-Identifier: Apache-2.0
// The module sys: the machine as a whole.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import { quote } from "../../values/print.ts";
import { MapValue, StructValue } from "../../values/value.ts";
import { textOf } from "../../values/bytes.ts";
import { catchable, fatal, textAt } from "../arguments.ts";
import { fwupd } from "./fwupd.ts";
import { each, every, everySecond, onChange } from "../streams.ts";

const loadNames = ["x1", "x5", "x15"] as const;
const onlinePath = "/sys/devices/system/cpu/online";

export const sys: readonly FunctionDefinition[] = [
  defineFunction({
    module: "sys",
    name: "cpu_count",
    type: "func() int",
    doc: "The number of processors that are switched on, looked at every five seconds.",
    example: "$workers = sys.cpu_count()",
    stream: (_, { host, signal }) =>
      each(every(5000, host.clock, signal), async () =>
        countOf(textOf(await host.files.read(onlinePath, 65_536, signal)).trim()),
      ),
  }),
  defineFunction({
    module: "sys",
    name: "env",
    type: "func() map{str: str}",
    doc: "All variables of the environment of mgmt.",
    example: "$names = len(sys.env())",
    read: (_, { system }) => new MapValue(system.environmentVariables()),
  }),
  defineFunction({
    module: "sys",
    name: "getenv",
    type: "func(name str) str",
    doc: "A variable of the environment of mgmt. One that is not set can be caught.",
    example: '$editor = sys.getenv("EDITOR") <|> "vi"',
    read: (args, { system }) => {
      const found = system.environment(textAt(args, 0));
      if (found === undefined) throw catchable(`the environment has no variable ${quote(textAt(args, 0))}`);
      return found;
    },
  }),
  defineFunction({
    module: "sys",
    name: "hasenv",
    type: "func(name str) bool",
    doc: "Whether the environment of mgmt has this variable.",
    example: '$graphical = sys.hasenv("DISPLAY")',
    read: (args, { system }) => system.environment(textAt(args, 0)) !== undefined,
  }),
  defineFunction({
    module: "sys",
    name: "hostname",
    type: "func() str",
    doc: "The name of this machine, new when it is changed.",
    example: "$name = sys.hostname()",
    stream: (_, { host, signal }) => onChange(host, "/etc/hostname", signal, () => host.identity.hostname(signal)),
  }),
  defineFunction({
    module: "sys",
    name: "load",
    type: "func() struct{x1 float; x5 float; x15 float}",
    doc: "The load averages over 1, 5 and 15 minutes, new every five seconds.",
    example: "$busy = sys.load()->x1 > 4.0",
    stream: (_, { host, signal }) =>
      each(every(5000, host.clock, signal), async () => new StructValue(loadNames, await host.system.load(signal))),
  }),
  defineFunction({
    module: "sys",
    name: "uptime",
    type: "func() int",
    doc: "The seconds since the machine was started, new every second.",
    example: "$settled = sys.uptime() > 300",
    stream: (_, { host, signal }) =>
      each(everySecond(host.clock, signal), async () => BigInt(Math.floor(await host.system.uptimeSeconds(signal)))),
  }),
  fwupd,
];

/** `0-3,5` is five. */
function countOf(ranges: string): bigint {
  let count = 0;
  for (const range of ranges.split(",")) {
    const [first = "", last = first] = range.split("-");
    const size = Number(last) - Number(first) + 1;
    if (first === "" || !Number.isInteger(size))
      throw fatal(`${onlinePath} should list processors, but has ${quote(ranges)}`);
    count += size;
  }
  return BigInt(count);
}
