// SPDX-License-Identifier: Apache-2.0
// golang/path and golang/path/filepath: paths as texts, and on Linux there is but one sort of them. The few that look at
// the machine are at the end.

import type { FunctionDefinition, ReadEnv } from "../../../contract/function.ts";
import { quote } from "../../../values/print.ts";
import { fatal } from "../../arguments.ts";
import { bytewise } from "../../strings/bytewise.ts";
import { wellJoined } from "../format.ts";
import { matches } from "./path-match.ts";
import { goPackage, type Package } from "./wrap.ts";

const path = goPackage("path");
const filepath = goPackage("path/filepath");

export const golangPath: readonly FunctionDefinition[] = [
  ...common(path),
  path.pure("Match", "func(pattern str, name str) bool", matchDoc(), '"*.mcl", "main.mcl"', (pattern, name) =>
    matches(pattern, name, "whole"),
  ),
  ...common(filepath),
  filepath.pure("Match", "func(pattern str, name str) bool", matchDoc(), '"*.mcl", "main.mcl"', (pattern, name) =>
    matches(pattern, name, "as-needed"),
  ),
  filepath.read(
    "Abs",
    "func(path str) str",
    "The path from the root; one that is relative is so to where mgmt was started.",
    '"a/../b"',
    absolute,
  ),
  filepath.ask(
    "EvalSymlinks",
    "func(path str) str",
    "The path with all symbolic links in it followed.",
    '"/etc/localtime"',
    async ({ host, signal }, given) => {
      let real = given.startsWith("/") ? "/" : host.system.process.workingDirectory;
      // Relative results are rare and confusing here: what is found is told from the root.
      const left = given.split("/");
      for (let links = 0; left.length > 0; ) {
        const part = left.shift() ?? "";
        const next = clean(`${real}/${part}`);
        const state = await host.files.inspect(next, signal);
        if (state === undefined) throw fatal(`there is no ${quote(next)}`);
        if (state.kind !== "symlink") {
          real = next;
          continue;
        }
        links += 1;
        if (links > 255) throw fatal(`${quote(given)} has too many symbolic links`);
        const target = await host.files.readLink(next, signal);
        left.unshift(...target.split("/"));
        if (target.startsWith("/")) real = "/";
      }
      return real;
    },
  ),
  filepath.pure("FromSlash", "func(path str) str", "The same path.", '"a/b"', (given) => given),
  filepath.pure(
    "HasPrefix",
    "func(p str, prefix str) bool",
    "Whether the text begins so.",
    '"/etc", "/"',
    (p, prefix) => bytewise([p, prefix], ([text = "", part = ""]) => text.startsWith(part)),
  ),
  filepath.pure(
    "IsLocal",
    "func(path str) bool",
    "Whether the path is relative, not empty, and stays below where it begins.",
    '"a/../b"',
    (given) => given !== "" && !given.startsWith("/") && !/^\.\.(?:\/|$)/.test(clean(given)),
  ),
  filepath.pure(
    "Localize",
    "func(path str) str",
    "The same path, if it is relative and has no empty part and no `.` or `..`.",
    '"a/b"',
    (given) => {
      const isValid =
        given === "." ||
        (given.isWellFormed() &&
          !given.includes("\0") &&
          given.split("/").every((part) => part !== "" && part !== "." && part !== ".."));
      if (!isValid) throw fatal(`${quote(given)} is no plain relative path`);
      return given;
    },
  ),
  filepath.pure(
    "Rel",
    "func(basepath str, targpath str) str",
    "The path that leads from the first to the second.",
    '"/a", "/a/b/c"',
    relative,
  ),
  filepath.pure("ToSlash", "func(path str) str", "The same path.", '"a/b"', (given) => given),
  filepath.pure("VolumeName", "func(path str) str", "The empty text: there are no volumes.", '"/a"', () => ""),
];

function common({ pure }: Package): readonly FunctionDefinition[] {
  return [
    pure("Base", "func(path str) str", "The last part of a path.", '"/etc/motd"', base),
    pure("Clean", "func(path str) str", "The shortest path that leads to the same place.", '"/a/./b/../c/"', clean),
    pure("Dir", "func(path str) str", "The path without its last part.", '"/etc/motd"', (given) =>
      clean(given.slice(0, given.lastIndexOf("/") + 1)),
    ),
    pure("Ext", "func(path str) str", "The last part from its last dot on.", '"main.mcl"', (given) => {
      const name = given.slice(given.lastIndexOf("/") + 1);
      return name.includes(".") ? name.slice(name.lastIndexOf(".")) : "";
    }),
    pure("IsAbs", "func(path str) bool", "Whether the path begins at the root.", '"/etc"', (given) =>
      given.startsWith("/"),
    ),
    pure(
      "Join",
      "func(elem []str) str",
      "The parts with slashes between them, as short as can be.",
      '["a", "b"]',
      (parts) => {
        const filled = parts.filter((part) => part !== "");
        return filled.length === 0 ? "" : clean(wellJoined(filled.join("/")));
      },
    ),
  ];
}

function matchDoc(): string {
  return "Whether a name fits a pattern with *, ? and [a-z] as a shell has them; none of them stands for a slash.";
}

export function clean(given: string): string {
  const isRooted = given.startsWith("/");
  const kept: string[] = [];
  for (const part of given.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!isRooted) kept.push("..");
  }
  const joined = kept.join("/");
  return isRooted ? `/${joined}` : joined || ".";
}

function base(given: string): string {
  if (given === "") return ".";
  const bare = given.replace(/\/+$/, "");
  return bare === "" ? "/" : bare.slice(bare.lastIndexOf("/") + 1);
}

function absolute({ system }: ReadEnv, given: string): string {
  return clean(given.startsWith("/") ? given : `${system.process.workingDirectory}/${given}`);
}

function relative(from: string, to: string): string {
  const [start, target] = [clean(from), clean(to)];
  if (start === target) return ".";
  const impossible = () => fatal(`there is no telling how ${quote(to)} is reached from ${quote(from)}`);
  if (start.startsWith("/") !== target.startsWith("/")) throw impossible();
  const partsOf = (text: string) => text.split("/").filter((part) => part !== "" && part !== ".");
  const [up, down] = [partsOf(start), target === "." ? ["."] : partsOf(target)];
  let same = 0;
  while (same < up.length && same < down.length && up[same] === down[same]) same += 1;
  if (up[same] === "..") throw impossible();
  return clean([...up.slice(same).map(() => ".."), ...down.slice(same)].join("/"));
}
