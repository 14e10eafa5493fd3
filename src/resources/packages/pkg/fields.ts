// SPDX-License-Identifier: Apache-2.0
// The declared schema of `pkg`.

import { field, optional, type Want } from "../../../contract/field.ts";

export const pkgFields = {
  state: field.str({
    default: "installed",
    doc: "`installed` in any version, `newest`, `uninstalled`, or the exact version that must be there.",
    example: '"newest"',
  }),
  allowdowngrade: field.bool({ doc: "An exact version may be older than the one that is installed." }),
  allowuntrusted: field.bool({ doc: "Packages and sources need no valid signature." }),
  allownonfree: field.bool({
    doc: "The package may come from a part of the distribution for what is not free. Debian's `contrib` and `non-free`, for example.",
  }),
  allowunsupported: field.bool({
    doc: "The package may come from a source that is not the distribution's own, where the package manager tells sources apart.",
  }),
  purge: field.bool({
    doc: "With `uninstalled`: its configuration goes too, also that which was left behind earlier.",
  }),
  hold: optional(
    field.bool({
      doc: "The package stays at its version, whatever else is upgraded; `false` lets it go. When not given, that is as it is.",
    }),
  ),
  source: field.str({
    doc: "A file with the package, instead of the sources of this machine. The version in the file is then the one that must be there.",
    example: '"/srv/packages/agent_2.1_amd64.deb"',
  }),
} as const;

export type PkgWant = Want<typeof pkgFields>;

/** What `state` says when it is no version. */
const states: readonly string[] = ["installed", "newest", "uninstalled"];

/** The exact version that is wanted; undefined when `state` is none. */
export function versionIn({ state }: PkgWant): string | undefined {
  return states.includes(state) ? undefined : state;
}
