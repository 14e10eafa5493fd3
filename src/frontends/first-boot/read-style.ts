// SPDX-License-Identifier: Apache-2.0
// The file beside a script for the first start of a machine that says what becomes of it: SCRIPT.yaml.

import { isMap, parseDocument } from "yaml";
import { Failure } from "../../contract/failure.ts";

export interface FirstBootStyle {
  /** Where it goes when it is over; ends in `/`. */
  readonly doneDirectory?: string;
  /** It stays when it has failed, and runs again at the next start. */
  readonly keepsOnFailure: boolean;
  /** What it says goes to the journal alone. */
  readonly hasNoLog: boolean;
}

export const usualStyle: FirstBootStyle = { keepsOnFailure: false, hasNoLog: false };

/** Fails with `invalid`. */
export function readFirstBootStyle(text: string, shown: string): FirstBootStyle {
  const { contents, errors } = parseDocument(text, { prettyErrors: false });
  const invalid = (why: string): Failure => new Failure(`${shown}: ${why}`, { code: "invalid" });
  const [mistake] = errors;
  if (mistake !== undefined) throw invalid(mistake.message.split("\n")[0] ?? "");
  if (contents === null) return usualStyle;
  if (!isMap(contents)) throw invalid("there is no `key: value` in it");
  const { "done-dir": doneDirectory, "keep-on-fail": keep = false, "no-log": noLog = false } = contents.toJSON() as Readonly<Record<string, unknown>>; // biome-ignore format: one line
  if (typeof keep !== "boolean") throw invalid("`keep-on-fail` must be true or false");
  if (typeof noLog !== "boolean") throw invalid("`no-log` must be true or false");
  const style = { keepsOnFailure: keep, hasNoLog: noLog };
  if (doneDirectory === undefined) return style;
  if (typeof doneDirectory === "string" && /^\/.*\/$/s.test(doneDirectory)) return { ...style, doneDirectory };
  throw invalid("`done-dir` must be an absolute path that ends in `/`");
}
