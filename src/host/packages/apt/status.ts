// SPDX-License-Identifier: Apache-2.0
// What dpkg knows: its status file, and the journal of changes that are not in it yet.

import type { InstalledPackage } from "../../../contract/packages.ts";

export interface DpkgEntry extends InstalledPackage {
  readonly name: string;
  readonly architecture: string;
  /** dpkg cannot go on with it as it is: its archive is needed once more. */
  readonly mustBeReinstalled: boolean;
}

/** By name and then by architecture. */
export type DpkgStatus = ReadonlyMap<string, ReadonlyMap<string, DpkgEntry>>;

/** Texts in the form of the status file; later ones count more. */
export function parseDpkgStatus(texts: Iterable<string>): DpkgStatus {
  const status = new Map<string, Map<string, DpkgEntry>>();
  for (const text of texts) {
    for (const stanza of text.split(/\n\n+/)) {
      const entry = parseStanza(stanza);
      if (entry === undefined) continue;
      const entries = status.get(entry.name) ?? new Map<string, DpkgEntry>();
      if (entry.isGone) entries.delete(entry.architecture);
      else entries.set(entry.architecture, entry);
      status.set(entry.name, entries);
    }
  }
  return status;
}

/** What is gone for good may still be in the file, and in the journal it says that it is not what it was. */
function parseStanza(stanza: string): (DpkgEntry & { readonly isGone: boolean }) | undefined {
  const name = fieldOf(stanza, "Package");
  const [selection = "", flag = "", state = ""] = fieldOf(stanza, "Status").split(" ");
  if (name === "" || state === "") return undefined;
  const isThere = state !== "not-installed" && state !== "config-files";
  return {
    name,
    architecture: fieldOf(stanza, "Architecture"),
    version: isThere ? fieldOf(stanza, "Version") : undefined,
    isBroken: isThere && (state !== "installed" || flag !== "ok"),
    isHeld: selection === "hold",
    mustBeReinstalled: flag !== "ok",
    isGone: state === "not-installed",
  };
}

/** The first line of a field, which has one space after its colon. */
function fieldOf(stanza: string, field: string): string {
  const mark = `${field}: `;
  let at = stanza.startsWith(mark) ? 0 : stanza.indexOf(`\n${mark}`);
  if (at === -1) return "";
  if (at !== 0 || !stanza.startsWith(mark)) at += 1;
  const end = stanza.indexOf("\n", at);
  return stanza.slice(at + mark.length, end === -1 ? undefined : end).trim();
}

/** The entry that a name means: `libc6` that of this machine's architecture, `libc6:i386` that of another one. */
export function entryOf(status: DpkgStatus, name: string, native: string): DpkgEntry | undefined {
  const [bare = "", architecture] = name.split(":");
  const entries = status.get(bare);
  if (entries === undefined) return undefined;
  if (architecture !== undefined) return entries.get(architecture === "native" ? native : architecture);
  return entries.get(native) ?? entries.get("all") ?? [...entries.values()][0];
}
