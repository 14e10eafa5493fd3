// SPDX-License-Identifier: Apache-2.0
// A class while names are resolved: its body is opened when the first include asks for it, where the class is defined.

import type { Class } from "../../syntax/tree.ts";
import type { OpenBlock } from "./open-block.ts";
import type { Names } from "./scope.ts";
import type { Block, ClassDeclaration } from "./tree.ts";

export interface ClassNames {
  readonly syntax: Class;
  readonly declaration: ClassDeclaration & { body?: Block };
  /** The names that its parameters stand in, which see those of the place of the definition. */
  readonly parameters: Names;
  /** The names of its body; absent as long as nothing includes it. */
  body?: OpenBlock;
}
