// SPDX-License-Identifier: Apache-2.0
// Mistakes in what a program wants of a package, found before anything is touched.

import type { WantProblem } from "../../../contract/resource.ts";
import { type PkgWant, versionIn } from "./fields.ts";
import { pathProblems } from "../../files/possible-path.ts";

/** The words of other tools for the same. */
const otherWords: Readonly<Record<string, string>> = {
  latest: "newest",
  present: "installed",
  exists: "installed",
  install: "installed",
  absent: "uninstalled",
  removed: "uninstalled",
  remove: "uninstalled",
  deinstalled: "uninstalled",
};

export function checkPkg(want: PkgWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  // A name goes to the package manager, where more than this has a meaning of its own.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.+:@-]*$/.test(name) || name.endsWith("-")) {
    found.push({
      title: `"${name}" is no name of a package`,
      hint: "It has letters, digits and `_ . + - : @`; the version goes into `state`, a file into `source`.",
    });
  }
  found.push(...checkState(want));
  if (want.purge && want.state !== "uninstalled") {
    found.push({
      field: "purge",
      title: "`purge` goes with the state `uninstalled` alone",
      hint: "It removes what a package leaves behind when it goes.",
    });
  }
  if (want.hold === true && (want.state === "newest" || want.state === "uninstalled")) {
    found.push({ field: "hold", title: `a package cannot be held and be ${want.state} at the same time` });
  }
  found.push(...pathProblems({ source: want.source }));
  if (want.source !== "") {
    if (!/^\/.*[^/]$/s.test(want.source)) {
      found.push({
        field: "source",
        title: `"${want.source}" is not the absolute path of a file`,
        hint: 'Write it like "/srv/packages/app_1.4_amd64.deb".',
      });
    }
    if (want.state !== "installed") {
      found.push({
        field: "source",
        title: "with `source` the version is that of the file",
        hint: "Leave out `state`, or `source`.",
      });
    }
  }
  return found;
}

function checkState(want: PkgWant): readonly WantProblem[] {
  const version = versionIn(want);
  if (version === undefined) return [];
  const other = otherWords[version];
  if (other !== undefined) {
    return [{ field: "state", title: `"${version}" is no state of a package`, hint: `Write "${other}".` }];
  }
  if (/^[A-Za-z0-9][A-Za-z0-9.+:~^_-]*$/.test(version) && /\d/.test(version)) return [];
  const title =
    version === "" ? "a package needs a state" : `"${version}" is neither a state of a package nor a version`;
  return [
    { field: "state", title, hint: 'Write "installed", "newest", "uninstalled" or a version such as "1.22.1-9".' },
  ];
}
