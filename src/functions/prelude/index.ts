// SPDX-License-Identifier: Apache-2.0
// The functions that are always in scope, and those that syntax stands for.

import type { FunctionDefinition } from "../../contract/function.ts";
import { history } from "./history.ts";
import { listLookup, lookup, mapLookup } from "./lookup.ts";
import { operator } from "./operator.ts";
import { panic, panicDebug } from "./panic.ts";
import { random1 } from "./random1.ts";
import { structLookup, structLookupOptional } from "./struct-lookup.ts";
import { concat, contains, len } from "./texts-and-containers.ts";

export const prelude: readonly FunctionDefinition[] = [
  operator,
  lookup,
  structLookup,
  structLookupOptional,
  concat,
  contains,
  len,
  listLookup("", "list_lookup"),
  mapLookup("", "map_lookup"),
  panic,
  panicDebug,
  random1,
  history,
];
