// SPDX-License-Identifier: Apache-2.0
// `npm run docs`: writes docs/reference from the schemas of kinds and functions, the commands and the problems, and the
// kinds and declarations of the library. Tests fail when it was forgotten.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { libraryDeclarations, libraryKinds } from "../test/library-files.ts";
import { referenceFiles } from "../test/reference-files.ts";

const root = join(import.meta.dirname, "..");
await writeFile(join(root, "src/library/kinds.ts"), libraryKinds());
await replace("types", await libraryDeclarations());
await replace("docs/reference", await referenceFiles());

/** The folder then holds these files and no others. */
async function replace(name: string, files: ReadonlyMap<string, string>) {
  const folder = join(root, name);
  await rm(folder, { recursive: true, force: true });
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  console.log(`${name}: ${files.size} files`);
}
