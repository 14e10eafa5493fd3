// SPDX-License-Identifier: Apache-2.0
// Everything a program can name: our kinds and functions, and the constants of this host.

import { type Catalog, createCatalog } from "../contract/catalog.ts";
import { provisionerFunctions, type ProvisionerSettings } from "../functions/embedded/provisioner.ts";
import { constants, functions } from "../functions/index.ts";
import { kindConstants, kinds } from "../resources/index.ts";
import { strType } from "../values/type.ts";

/** `hostname` is the name of this host in its cluster; `provisioner` what that command was called with. */
export function catalogFor(hostname: string, provisioner?: ProvisionerSettings): Catalog {
  const global = (name: string, value: string) => ({ module: "", name, type: strType, value });
  return createCatalog({
    kinds,
    functions: provisioner === undefined ? functions : [...functions, ...provisionerFunctions(provisioner)],
    constants: [...constants, ...kindConstants, global("hostname", hostname), global("purpleidea", "hello world!")],
  });
}
