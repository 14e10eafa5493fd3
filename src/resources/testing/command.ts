// SPDX-License-Identifier: Apache-2.0
// `test:command`: what a command does on the machine of a test case. Only `mgmt test` reads it.

import { field, type Want } from "../../contract/field.ts";
import { defineResource, type WantProblem } from "../../contract/resource.ts";
import { onlyTold } from "./only-told.ts";

const fields = {
  status: field.int({ bits: 8, unsigned: true, doc: "How it ends.", example: "1" }),
  stdout: field.str({ doc: "What it writes.", example: '"nginx: configuration file is ok\\n"' }),
  stderr: field.str({ doc: "What it complains about." }),
  files: field.stringMap({
    doc: "The contents of the files that it writes, by their absolute paths.",
    example: '{"/root/.ssh/id_ed25519" => "a key"}',
  }),
  seconds: field.int({ bits: 32, unsigned: true, doc: "How long it takes; the clock is moved." }),
};

export const testCommand = defineResource({
  kind: "test:command",
  summary:
    "What a command does on the machine of a test case: one whose words begin with those of the name. Only `mgmt test` reads it.",
  fields,
  ...onlyTold,
  check: ({ files }: Want<typeof fields>): readonly WantProblem[] =>
    [...files.keys()].every((path) => path.startsWith("/") && !path.endsWith("/") && !path.includes("\0"))
      ? []
      : [{ field: "files", title: "`files` must have absolute paths of files" }],
});
