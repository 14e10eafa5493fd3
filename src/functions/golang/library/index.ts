// SPDX-License-Identifier: Apache-2.0
// What of Go's standard library takes and gives simple values: the modules golang/….

import type { FunctionDefinition } from "../../../contract/function.ts";
import { golangHtml } from "./html.ts";
import { golangMath } from "./math.ts";
import { golangOs } from "./os.ts";
import { golangPath } from "./path.ts";
import { golangRandom } from "./random.ts";
import { golangRuntime } from "./runtime.ts";
import { golangStrconv } from "./strconv.ts";
import { golangStrings } from "./strings.ts";

export const golangLibrary: readonly FunctionDefinition[] = [
  ...golangHtml,
  ...golangMath,
  ...golangOs,
  ...golangPath,
  ...golangRandom,
  ...golangRuntime,
  ...golangStrconv,
  ...golangStrings,
];
