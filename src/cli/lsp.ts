// SPDX-License-Identifier: Apache-2.0
// `mgmt lsp`

import { catalogFor } from "../agent/catalog.ts";
import { thisMachine } from "../agent/machine.ts";
import { serve } from "../language-server/serve.ts";
import type { Execute } from "./command.ts";
import { moduleChoice } from "./module-options.ts";
import { version } from "./version.ts";

export const execute: Execute = async (invocation) => {
  const host = thisMachine();
  const { signal } = new AbortController();
  const { directory } = moduleChoice(invocation);
  return serve({
    input: process.stdin,
    output: process.stdout,
    host,
    catalog: catalogFor(await host.identity.hostname(signal)),
    version,
    moduleDirectory: directory === undefined ? undefined : `${directory.replace(/\/+$/, "")}/`,
  });
};
