// SPDX-License-Identifier: Apache-2.0
// Which files a Debian package has: by the database of dpkg, or by the archive.

import { bytesOf, textOf } from "../../../values/bytes.ts";

/** `/var/lib/dpkg/info/NAME.list` tells of directories too, which can be told by what is in them. */
export function parseFileList(text: string): readonly string[] {
  const paths = text.split("\n").filter((path) => path.startsWith("/") && path !== "/.");
  const directories = new Set(paths.map((path) => path.slice(0, path.lastIndexOf("/"))));
  return paths.filter((path) => !directories.has(path));
}

/** `dpkg-deb --contents`: a line of tar for each. */
export function parseContents(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    // -rw-r--r-- root/root      1234 2024-01-02 03:04 ./usr/bin/a, and for a link: ` -> ` or ` link to ` and where to.
    const [, type = "", rest = ""] =
      /^([-lhbcps])\S* +\S+ +\S+ \d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? \.?(\/.*)$/.exec(line) ?? [];
    if (rest === "") return [];
    const end = type === "l" ? rest.indexOf(" -> ") : type === "h" ? rest.indexOf(" link to ") : -1;
    return [unquoted(end === -1 ? rest : rest.slice(0, end))];
  });
}

/** tar writes what cannot be printed as `\ooo`, `\n` or `\\`. */
function unquoted(path: string): string {
  if (!path.includes("\\")) return path;
  const bytes: number[] = [];
  for (const [piece] of path.matchAll(/\\[0-7]{3}|\\.|[^\\]+|\\/gs)) {
    if (/^\\[0-7]{3}$/.test(piece)) bytes.push(Number.parseInt(piece.slice(1), 8) & 0xff);
    else if (piece.length === 2 && piece.startsWith("\\")) bytes.push(...bytesOf(escapes[piece] ?? piece.slice(1)));
    else bytes.push(...bytesOf(piece));
  }
  return textOf(Uint8Array.from(bytes));
}

const escapes: Readonly<Record<string, string>> = { "\\n": "\n", "\\t": "\t", "\\r": "\r", "\\b": "\b", "\\f": "\f" };
