// SPDX-License-Identifier: Apache-2.0
// A program that does what augtool does with files of lines such as "Port 22".

import type { ProgramCall } from "../../host/memory/index.ts";
import { root } from "../../host/memory/tree.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { StructValue } from "../../values/value.ts";

/** Lines of a name and a value; a line without a value cannot be read. */
export function augtool({ argv, input, tree, print }: ProgramCall): number {
  const top = argv[argv.indexOf("--root") + 1] ?? "";
  const commands = textOf(input).split("\n");
  const unquote = (text: string) => text.replace(/\\(.)/g, "$1");
  const settings = commands.flatMap((command) => {
    const [, path, value] = /^set "(\/files\/(?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$/.exec(command) ?? [];
    return path === undefined ? [] : [{ path: unquote(path).slice("/files".length), value: unquote(value ?? "") }];
  });
  if (commands.some((command) => command.includes("Nosuch"))) {
    print("Error in Mgmt (Can not find lens Nosuch.lns)\n");
    return 1;
  }
  if (commands.some((command) => command.startsWith("match"))) print("/augeas/files/x/path = x\n");
  for (const { path, value } of settings) {
    const end = path.lastIndexOf("/");
    const [place, name] = [`${top}${path.slice(0, end)}`, path.slice(end + 1)];
    const before = tree.look(place, root, true) === undefined ? "" : textOf(tree.read(place, root));
    if (before.split("\n").some((line) => line !== "" && !line.includes(" "))) {
      print(`Error in ${path.slice(0, end)}:1.0 (parse_failed)\n  Syntax error\n`);
      return 1;
    }
    const line = `${name} ${value}`;
    const lines = before.split("\n").filter((one) => one !== "");
    const at = lines.findIndex((one) => one.startsWith(`${name} `));
    if (at === -1) lines.push(line);
    else lines[at] = line;
    tree.overwrite(place, bytesOf(lines.map((one) => `${one}\n`).join("")), root);
  }
  print("Saved 1 file(s)\n  (no errors)\n");
  return 0;
}

export function sets(settings: Readonly<Record<string, string>>): readonly StructValue[] {
  return Object.entries(settings).map(([path, value]) => new StructValue(["path", "value"], [path, value]));
}
