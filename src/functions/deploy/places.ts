// SPDX-License-Identifier: Apache-2.0
// Two names for one file of a program: its place in the deploy, where the program is `/` and modules of others are in
// `/modules/`, and its path on this machine. Reads nothing.

import type { Deployed } from "../../base/span.ts";
import type { SolvedCall } from "../../contract/function.ts";
import { quote } from "../../values/print.ts";
import { fatal } from "../arguments.ts";

const modulesPlace = "/modules/";

/** Where the files of the module lie that has the call. */
export function deployedOf({ deployed }: SolvedCall): Deployed {
  if (deployed === undefined) throw fatal("no files belong to the code with this call");
  return deployed;
}

/** The path on this machine of a place that is seen from the module; `below` begins with a slash. */
export function pathInModule(below: string, deployed: Deployed): string {
  const path = cleaned(deployed.directory + below.slice(1));
  const allowed = [deployed.directory, deployed.root, ...(deployed.modules === undefined ? [] : [deployed.modules])];
  if (allowed.some((directory) => `${path}/`.startsWith(directory))) return path;
  throw fatal(`${quote(below)} leads out of the program`);
}

/** The paths on this machine that a place in the deploy may have; the first that is there counts. */
export function pathsOfPlace(place: string, { root, modules }: Deployed): readonly string[] {
  const clean = cleaned(`/${place}`);
  const own = cleaned(root + clean.slice(1));
  if (modules === undefined || !`${clean}/`.startsWith(modulesPlace)) return [own];
  return [...new Set([own, cleaned(modules + clean.slice(modulesPlace.length))])];
}

/** The place in the deploy of a path on this machine; both end with a slash if one does. */
export function placeOfPath(path: string, { directory, root, modules }: Deployed): string {
  const isOwn = path.startsWith(root);
  // The longer of two matches counts: either directory may be inside of the other.
  if (modules !== undefined && path.startsWith(modules) && !(isOwn && root.length > modules.length)) {
    return modulesPlace + path.slice(modules.length);
  }
  if (isOwn) return `/${path.slice(root.length)}`;
  throw fatal(`the module in ${quote(directory)} is not below the program, so it has no place in the deploy`);
}

/** Without empty parts, `.` and `..`, which does not lead out of `/`; without a slash at its end. */
function cleaned(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
