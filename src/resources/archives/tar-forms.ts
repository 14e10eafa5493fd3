// SPDX-License-Identifier: Apache-2.0
// The numbers that stand for the forms of tar archives.

import type { WantProblem } from "../../contract/resource.ts";
import type { TarForm } from "./formats/tar-writing.ts";

export const tarForms: ReadonlyMap<number, TarForm> = new Map([
  [0, "fitting"],
  [2, "ustar"],
  [4, "pax"],
  [8, "gnu"],
]);

export function checkTarForm(format: number): readonly WantProblem[] {
  if (tarForms.has(format)) return [];
  const hint = "Use $const.res.tar.format.ustar, pax or gnu, or leave it out.";
  return [{ field: "format", title: `there is no format ${format}`, hint }];
}
