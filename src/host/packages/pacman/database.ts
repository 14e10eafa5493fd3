// SPDX-License-Identifier: Apache-2.0
// What pacman keeps and writes: its local database, which is a directory for each package, its settings, its output.

import type { OfferedVersion } from "../../../contract/packages.ts";

/** `libstdc++-5-12.2.1-3`: a name may have hyphens, version and release have none. */
export function parseEntryName(entry: string): { readonly name: string; readonly version: string } | undefined {
  const [, name = "", version = ""] = /^(.+)-([^-]+-[^-]+)$/.exec(entry) ?? [];
  return name === "" ? undefined : { name, version };
}

/** The file `files` of an entry. */
export function parseFilesEntry(text: string): readonly string[] {
  const [, section = ""] = /^%FILES%\n([^]*?)(?:\n\n|\n%|$(?![^]))/m.exec(text) ?? [];
  return section.split("\n").flatMap((line) => (line === "" || line.endsWith("/") ? [] : [`/${line}`]));
}

/** `pacman -Qlp`: the name, and the path below the root that it works on. */
export function parseFileLines(text: string, root: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const path = line.slice(line.indexOf(" ") + 1);
    if (!line.includes(" ") || path.endsWith("/")) return [];
    return [path.startsWith(`${root}/`) ? path.slice(root.length) : path];
  });
}

/** `pacman -Si`: a block of `Key : value` for each, in the order of the sources, the first of which is preferred. */
export function parseOffered(
  text: string,
  isOwn: (repository: string) => boolean,
): ReadonlyMap<string, readonly OfferedVersion[]> {
  const found = new Map<string, OfferedVersion[]>();
  for (const block of text.split(/\n\n+/)) {
    const valueOf = (key: string) =>
      block
        .split("\n")
        .find((line) => line.startsWith(key))
        ?.replace(/^[^:]*: /, "") ?? "";
    const [name, version, from] = [valueOf("Name "), valueOf("Version "), valueOf("Repository ")];
    if (name === "" || version === "") continue;
    const offered: OfferedVersion = { version, isFree: true, isSupported: isOwn(from), from };
    const others = found.get(name);
    if (others === undefined) found.set(name, [offered]);
    else others.push(offered);
  }
  return found;
}

/** Arch's own sources; on another distribution all count as its own. */
export function ownRepositories(osRelease: string): (repository: string) => boolean {
  const isArch = /^ID="?arch"?$/m.test(osRelease);
  return (repository) => !isArch || /^(?:core|extra|multilib|community)(?:-testing|-staging)?$/.test(repository);
}

/** Names after `IgnorePkg` in the settings: pacman leaves them at their version. */
export function parseIgnored(settings: string): readonly string[] {
  return [...settings.matchAll(/^\s*IgnorePkg\s*=\s*(.*)$/gm)].flatMap(([, names = ""]) =>
    names.split(/\s+/).filter(Boolean),
  );
}

/** The settings with these names ignored beside those that are, and those let go. */
export function withIgnored(settings: string, holds: readonly string[], releases: readonly string[]): string {
  const wanted = [...new Set([...parseIgnored(settings), ...holds])].filter((name) => !releases.includes(name));
  const line = wanted.length === 0 ? "" : `IgnorePkg = ${wanted.join(" ")}\n`;
  const pattern = /^\s*IgnorePkg\s*=.*(?:\n|$)/gm;
  if (pattern.test(settings)) {
    let isFirst = true;
    return settings.replaceAll(pattern, () => {
      const own = isFirst ? line : "";
      isFirst = false;
      return own;
    });
  }
  const section = /^\[options\][^\n]*\n/m.exec(settings);
  if (section === null) return `[options]\n${line}${settings}`;
  const end = section.index + section[0].length;
  return settings.slice(0, end) + line + settings.slice(end);
}

/** The settings with every signature optional. */
export function withoutSignatures(settings: string): string {
  const plain = settings.replaceAll(/^\s*(?:Local|Remote)?(?:File)?SigLevel\s*=.*$/gm, "SigLevel = Never");
  return /^SigLevel/m.test(plain)
    ? plain
    : plain.replace(/^\[options\][^\n]*$/m, (head) => `${head}\nSigLevel = Never`);
}
