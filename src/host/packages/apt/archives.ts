// SPDX-License-Identifier: Apache-2.0
// The archives of packages that are not installed: fetched by apt, which checks them, to where an installation looks
// first. Nothing is fetched twice.

import type { Files } from "../../../contract/host.ts";
import type { RunProgram } from "../programs.ts";

export interface FetchParts {
  readonly run: RunProgram;
  readonly files: Files;
}

interface Wanted {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/** Paths by name, without those that cannot be had now. All names must be known to apt. */
export async function fetchArchives(
  names: readonly string[],
  directory: string,
  { run, files }: FetchParts,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await run(["apt-get", "-q", "--print-uris", "download", ...names], signal);
  const wanted = parseUris(stdout).flatMap(({ url, file, size }): readonly Wanted[] => {
    const [bare = ""] = file.split("_");
    const name = names.find((each) => each === bare || each.startsWith(`${bare}:`));
    // What lies on this machine is read where it is.
    const path = url.startsWith("file:") ? decodeURIComponent(url.slice("file:".length)) : `${directory}/${file}`;
    return name === undefined ? [] : [{ name, path, size }];
  });
  const isThere = async ({ path, size }: Wanted) => (await files.inspectTarget(path, signal))?.size === size;
  const missing: string[] = [];
  for (const each of wanted) if (!(await isThere(each))) missing.push(each.name);
  if (missing.length > 0 && (await files.inspectTarget(directory, signal)) !== undefined) {
    await run(["apt-get", "-q", "download", ...missing], signal, { cwd: directory });
  }
  const found = new Map<string, string>();
  for (const each of wanted) if (await isThere(each)) found.set(each.name, each.path);
  return found;
}

/** Where apt keeps the archive of this version, when it has it; a source on this machine is not copied there. */
export async function keptArchive(
  name: string,
  version: string,
  native: string,
  directory: string,
  files: Files,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [bare = "", given] = name.split(":");
  const architecture = given === undefined || given === "native" ? native : given;
  for (const each of [architecture, "all"]) {
    const path = `${directory}/${bare}_${version.replaceAll(":", "%3a")}_${each}.deb`;
    if ((await files.inspectTarget(path, signal))?.kind === "file") return path;
  }
  return undefined;
}

/** `'http://deb.example/pool/a_1.0_all.deb' a_1%3a1.0_all.deb 1234 SHA256:…` */
export function parseUris(
  text: string,
): readonly { readonly url: string; readonly file: string; readonly size: number }[] {
  return [...text.matchAll(/^'([^']+)' (\S+) (\d+)/gm)].map(([, url = "", file = "", size = ""]) => {
    return { url, file, size: Number(size) };
  });
}
