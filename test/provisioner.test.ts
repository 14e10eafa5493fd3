// SPDX-License-Identifier: Apache-2.0
// What the provisioner serves for machines of every sort, letter by letter.

import { testGoldenFiles } from "./golden.ts";
import { servedFiles } from "./served-files.ts";

const languages: Readonly<Record<string, string>> = { sh: "sh", ipxe: "ipxe" };

testGoldenFiles("test/cases/provisioner", {
  produce: async ({ input }) =>
    [...(await servedFiles(input("source")))].map(([heading, text]) => ({
      heading,
      language: languages[heading.split(".").at(-1) ?? ""] ?? "text",
      text: text.endsWith("\n") ? text : `${text}\n`,
    })),
});
