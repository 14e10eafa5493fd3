// SPDX-License-Identifier: Apache-2.0
// `npm run docs`: writes docs/reference from the schemas of kinds and functions, the commands and the problems.
// A test fails when it was forgotten.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { referenceFiles } from "../test/reference-files.ts";

const folder = join(import.meta.dirname, "../docs/reference");
const files = await referenceFiles();
await rm(folder, { recursive: true, force: true });
for (const [path, content] of files) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}
console.log(`docs/reference: ${files.size} pages`);
