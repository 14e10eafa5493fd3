// SPDX-License-Identifier: Apache-2.0
// Which operating system this is.

import type { Constant } from "../../contract/catalog.ts";
import { defineFunction, type FunctionDefinition, type StreamEnv } from "../../contract/function.ts";
import { textOf } from "../../values/bytes.ts";
import { strType } from "../../values/type.ts";
import { StructValue } from "../../values/value.ts";
import { textAt } from "../arguments.ts";
import { once } from "../streams.ts";

/** In the order in which they are looked for. */
const families = [
  { name: "redhat", path: "/etc/redhat-release" },
  { name: "debian", path: "/etc/debian_version" },
  { name: "archlinux", path: "/etc/arch-release" },
] as const;

const distroNames = ["distro", "version", "arch"] as const;
const releaseNames = ["id", "variant_id", "version_id"] as const;

/** `$os.family_debian` and the like. */
export const familyConstants: readonly Constant[] = families.map(({ name }) => ({
  module: "os",
  name: `family_${name}`,
  type: strType,
  value: name,
}));

export const distribution: readonly FunctionDefinition[] = [
  defineFunction({
    module: "os",
    name: "parse_distro_uid",
    type: "func(uid str) struct{distro str; version str; arch str}",
    doc: "The parts of a name like fedora39-x86_64; all empty when it does not have this form.",
    example: '$arch str = os.parse_distro_uid("fedora39-x86_64")->arch # "x86_64"',
    pure: (args) => {
      const [, distro = "", version = "", arch = ""] = /^([^-]*?)([0-9]+)-([^]+)$/.exec(textAt(args, 0)) ?? [];
      return new StructValue(distroNames, distro === "" ? ["", "", ""] : [distro, version, arch]);
    },
  }),
  defineFunction({
    module: "os",
    name: "release",
    type: "func() struct{id str; variant_id str; version_id str}",
    doc: "What /etc/os-release says of this machine; empty where it says nothing.",
    example: '$debian = os.release()->id == "debian"',
    stream: (_, { host, signal }) =>
      once(async () => {
        const settings = parseSettings(textOf(await host.files.read("/etc/os-release", 1024 * 1024, signal)));
        return new StructValue(
          releaseNames,
          releaseNames.map((name) => settings.get(name.toUpperCase()) ?? ""),
        );
      }),
  }),
  defineFunction({
    module: "os",
    name: "family",
    type: "func() str",
    doc: "The family of distributions that this machine belongs to: redhat, debian, archlinux, or an empty text.",
    example: "$debian = os.family() == $os.family_debian",
    stream: (_, env) =>
      once(async () => {
        for (const { name, path } of families) if (await isThere(path, env)) return name;
        return "";
      }),
  }),
  ...families.map(({ name, path }) =>
    defineFunction({
      module: "os",
      name: `is_family_${name}`,
      type: "func() bool",
      doc: `Whether this machine has ${path}, as all of the ${name} family do.`,
      example: `$here = os.is_family_${name}()`,
      stream: (_, env) => once(() => isThere(path, env)),
    }),
  ),
];

async function isThere(path: string, { host, signal }: StreamEnv): Promise<boolean> {
  return (await host.files.inspectTarget(path, signal)) !== undefined;
}

/** Lines `NAME=value`, the value perhaps in quotes. */
function parseSettings(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name, value = ""] = /^\s*([A-Za-z0-9_]+)=(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) continue;
    const bare = /^"(.*)"$/.exec(value)?.[1]?.replace(/\\([\\"$`])/g, "$1") ?? /^'(.*)'$/.exec(value)?.[1] ?? value;
    settings.set(name, bare);
  }
  return settings;
}
