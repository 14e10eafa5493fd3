// SPDX-License-Identifier: Apache-2.0
// The module regexp: the RE2 dialect, in time that grows with the text alone.

import { RE2JS } from "re2js";
import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import { quote } from "../../values/print.ts";
import { fatal, textAt } from "../arguments.ts";

export const regexp: readonly FunctionDefinition[] = [
  defineFunction({
    module: "regexp",
    name: "match",
    type: "func(pattern str, s str) bool",
    doc: "Whether the pattern, a regular expression in the RE2 dialect, matches somewhere in the text.",
    example: '$web = regexp.match("^web[0-9]+$", $hostname)',
    pure: (args) => matches(compile(textAt(args, 0)), textAt(args, 1)),
    specialise: (call) => {
      const pattern = call.argumentValues[0];
      if (typeof pattern !== "string") return undefined;
      let compiled: RE2JS | undefined;
      return (args) => {
        compiled ??= compile(pattern);
        return matches(compiled, textAt(args, 1));
      };
    },
  }),
];

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : String(reason);
    throw fatal(`${quote(pattern)} is no regular expression: ${why}`, reason);
  }
}

function matches(pattern: RE2JS, text: string): boolean {
  return pattern.matcher(text).find();
}
