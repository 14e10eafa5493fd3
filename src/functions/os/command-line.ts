// SPDX-License-Identifier: Apache-2.0
// os.args: how mgmt was started.

import { defineFunction } from "../../contract/function.ts";

export const commandLine = defineFunction({
  module: "os",
  name: "args",
  type: "func() []str",
  doc: "The program that runs this and the arguments that it was started with.",
  example: '$debugging = "--debug" in os.args()',
  read: (_, { system }) => system.process.arguments,
});
