// SPDX-License-Identifier: Apache-2.0
// `test:package`: a package that the machine of a test case can get. Only `mgmt test` reads it.

import { field, type Want } from "../../contract/field.ts";
import { defineResource, type WantProblem } from "../../contract/resource.ts";
import { onlyTold } from "./only-told.ts";

const fields = {
  version: field.str({ doc: "Its version.", default: "1.0", example: '"2.4.1-1"' }),
  files: field.strings({
    doc: "The absolute paths that it brings; one that ends in `/` is a directory.",
    example: '["/usr/sbin/sshd", "/etc/ssh/sshd_config.d/"]',
  }),
  units: field.strings({ doc: "The services of systemd that it brings.", example: '["ssh"]' }),
  depends: field.strings({ doc: "Packages that come with it." }),
  installed: field.bool({ doc: "It is there before the program comes." }),
};

export const testPackage = defineResource({
  kind: "test:package",
  summary: "A package that the machine of a test case can get; only `mgmt test` reads it.",
  fields,
  ...onlyTold,
  check: ({ version, files, units, depends }: Want<typeof fields>, name): readonly WantProblem[] => [
    ...(isWord(name) ? [] : [{ title: "the name must be that of one package" }]),
    ...(isWord(version) ? [] : [{ field: "version", title: "`version` must be one word" }]),
    ...(files.every((path) => path.startsWith("/") && path !== "/" && !path.includes("\0"))
      ? []
      : [{ field: "files", title: "`files` must be absolute paths" }]),
    ...(units.every((unit) => /^[A-Za-z0-9@:_.\\-]{1,250}$/.test(unit))
      ? []
      : [{ field: "units", title: "`units` must be names of units" }]),
    ...(depends.every(isWord) ? [] : [{ field: "depends", title: "`depends` must be names of packages" }]),
  ],
});

function isWord(text: string): boolean {
  return /^[A-Za-z0-9@:_.+~-]{1,200}$/.test(text);
}
