// SPDX-License-Identifier: Apache-2.0
// `test:machine`: what the machine of a test case is. Only `mgmt test` reads it.

import { field, type Want } from "../../contract/field.ts";
import { defineResource, type WantProblem } from "../../contract/resource.ts";
import { onlyTold } from "./only-told.ts";

const fields = {
  hostname: field.str({ doc: "Its name.", example: '"web1"', default: "machine" }),
  distribution: field.str({
    doc: "What it runs: this is what /etc/os-release and the files beside it say.",
    choices: ["debian", "ubuntu", "fedora", "almalinux", "archlinux", "alpine"],
    default: "debian",
    example: '"fedora"',
  }),
  version: field.str({ doc: "Of the distribution; if not given, a recent one.", example: '"12"' }),
  time: field.str({
    doc: "When the case begins, in UTC.",
    default: "2026-01-01T00:00:00Z",
    example: '"2026-03-29T00:59:30Z"',
  }),
  seconds: field.int({
    bits: 32,
    unsigned: true,
    doc: "How long the program goes on when all is as declared for the first time. It takes no time: the clock is moved.",
    example: "3600",
  }),
  strict: field.bool({
    doc: "There are no packages and no commands but those of `test:package` and `test:command`. Else each package that is asked for is on offer, and each command that is run does nothing and ends well.",
  }),
};

const instant = /^(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

export const testMachine = defineResource({
  kind: "test:machine",
  summary: "What the machine of a test case is; only `mgmt test` reads it.",
  fields,
  ...onlyTold,
  check: ({ hostname, time }: Want<typeof fields>): readonly WantProblem[] => [
    ...(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})$/.test(hostname)
      ? []
      : [{ field: "hostname", title: "`hostname` must have letters, digits, dots and dashes alone" }]),
    ...(instant.test(time) ? [] : [{ field: "time", title: "`time` must look like 2026-01-31T23:59:59Z" }]),
  ],
});
