// SPDX-License-Identifier: Apache-2.0
// Everything a program can name: our kinds and functions, and the constants of this host.

import { type Catalog, createCatalog } from "../contract/catalog.ts";
import { constants, functions } from "../functions/index.ts";
import { kindConstants, kinds } from "../resources/index.ts";
import { strType } from "../values/type.ts";

/** `hostname` is the name of this host in its cluster. */
export function catalogFor(hostname: string): Catalog {
  const global = (name: string, value: string) => ({ module: "", name, type: strType, value });
  return createCatalog({
    kinds,
    functions,
    constants: [...constants, ...kindConstants, global("hostname", hostname), global("purpleidea", "hello world!")],
  });
}
