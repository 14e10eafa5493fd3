// SPDX-License-Identifier: Apache-2.0
// The files of docs/reference as they must be: for the script that writes them and the test that compares them.

import { ownKindsAndModules, problemCodes } from "../src/agent/reference.ts";
import { commands } from "../src/cli/commands.ts";
import { messageOf } from "../src/cli/docs.ts";
import { statuses } from "../src/cli/exit-status.ts";
import { memoryHost } from "../src/host/memory/index.ts";
import { renderMarkdown } from "../src/reference/markdown.ts";
import { referencePages } from "../src/reference/reference.ts";

/** By their paths below docs/reference. */
export async function referenceFiles(): Promise<ReadonlyMap<string, string>> {
  const messages = new Map<string, string>();
  for (const code of problemCodes) {
    const message = await messageOf(code, memoryHost());
    if (message !== undefined) messages.set(code, message);
  }
  const pages = referencePages({ ...ownKindsAndModules(), commands, statuses, messages });
  return new Map(pages.map((page) => [`${page.path}.md`, renderMarkdown(page)]));
}
