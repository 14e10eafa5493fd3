// SPDX-License-Identifier: Apache-2.0
// Paths as programs give them, made into those that a host takes.

import { fatal } from "../arguments.ts";
import { quote } from "../../values/print.ts";

/** Without `.`, `..`, doubled and trailing slashes. */
export function hostPath(path: string): string {
  if (!path.startsWith("/")) throw fatal(`${quote(path)} is no absolute path; it has to begin with /`);
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
