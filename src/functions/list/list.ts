// SPDX-License-Identifier: Apache-2.0
// The module list.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import { functionType, listType } from "../../values/type.ts";
import { listAt } from "../arguments.ts";
import { listLookup } from "../prelude/lookup.ts";

export const list: readonly FunctionDefinition[] = [
  listLookup("list", "lookup"),
  defineFunction({
    module: "list",
    name: "concat",
    type: "func(first []?1) []?1",
    doc: "All elements of one or more lists, in order.",
    example: '$all = list.concat(["a"], ["b", "c"])',
    infer: (call) => {
      if (call.argumentTypes.length === 0) return { kind: "wrong", message: "list.concat takes at least one list" };
      const type = listType(call.fresh());
      return functionType(
        call.argumentTypes.map(() => ({ type })),
        type,
      );
    },
    pure: (args) => args.flatMap((_, index) => listAt(args, index)),
  }),
];
