// SPDX-License-Identifier: Apache-2.0
// Functions that end the program's run when something must not be.

import { defineFunction } from "../../contract/function.ts";
import { renderType } from "../../values/type.ts";
import { boolAt, fatal, textAt, valueAt } from "../arguments.ts";

export const panic = defineFunction({
  module: "",
  name: "panic",
  type: "func(x ?1) bool",
  doc: "Ends the program's run when it is given true, or a text that is not empty; else gives false.",
  example: 'panic("this machine is not for us")',
  early: false,
  check: (call) => {
    const type = call.type.params[0]?.type;
    if (type?.kind === "bool" || type?.kind === "str") return undefined;
    return `panic takes a bool or a str, not ${type === undefined ? "nothing" : renderType(type)}`;
  },
  pure: (args) => {
    const value = valueAt(args, 0);
    if (value === true) throw fatal("the program asked to stop here");
    if (typeof value === "string" && value !== "") throw fatal(`the program asked to stop here: ${value}`);
    return false;
  },
});

export const panicDebug = defineFunction({
  module: "",
  name: "panic_debug",
  type: "func(x bool, err str) bool",
  doc: "Ends the program's run with this message when the first argument is true; else gives false.",
  example: 'panic($hostname == "", "this machine has no name")',
  early: false,
  pure: (args) => {
    if (boolAt(args, 0)) throw fatal(`the program asked to stop here: ${textAt(args, 1)}`);
    return false;
  },
});
