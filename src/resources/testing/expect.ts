// SPDX-License-Identifier: Apache-2.0
// `test:expect`: what a test case expects of one of its resources. Only `mgmt test` reads it.

import { field, optional, type Want } from "../../contract/field.ts";
import { defineResource, type WantProblem } from "../../contract/resource.ts";
import { StructValue } from "../../values/value.ts";
import { onlyTold } from "./only-told.ts";

const fields = {
  exists: field.bool({ doc: "Whether the program declares it.", default: true }),
  fields: field.any({
    doc: "Values that some of its fields must have.",
    example: 'struct{state => "running", startup => "enabled"}',
  }),
  before: field.strings({
    doc: "Resources that must wait for it, through declared and automatic edges.",
    example: '["svc[ssh]"]',
  }),
  after: field.strings({ doc: "Resources that it must wait for.", example: '["pkg[openssh-server]"]' }),
  steps: optional(
    field.strings({
      doc: "The beginnings of its steps, as `mgmt plan` shows them, for the machine as it is at first; an empty list: there is nothing to do.",
      example: '["+ write"]',
    }),
  ),
  fails: field.str({ doc: "It must fail, with a message that has this in it.", example: '"not permitted"' }),
};

const reference = /^[a-z][a-z0-9_:]*\[[^]+\]$/;

export const testExpect = defineResource({
  kind: "test:expect",
  summary: "What a test case expects of the resource of this name, as `file[/etc/motd]`; only `mgmt test` reads it.",
  fields,
  ...onlyTold,
  check: checkExpect,
});

function checkExpect(want: Want<typeof fields>, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!reference.test(name)) found.push({ title: "the name must be that of a resource, as `file[/etc/motd]`" });
  if (want.fields !== undefined && !(want.fields instanceof StructValue)) {
    found.push({ field: "fields", title: '`fields` must be a struct, as struct{state => "running"}' });
  }
  for (const side of ["before", "after"] as const) {
    if (!want[side].every((other) => reference.test(other))) {
      found.push({ field: side, title: `\`${side}\` must have names of resources, as "file[/etc/motd]"` });
    }
  }
  if (want.steps?.some((step) => !/^[-+~!](?: |$)/.test(step)) === true) {
    found.push({ field: "steps", title: "`steps` must begin with their marks, as `+ write`" });
  }
  if (!want.exists && (want.fields !== undefined || want.steps !== undefined || want.fails !== "")) {
    found.push({ field: "exists", title: "what does not exist has no fields, no steps and no failure" });
  }
  return found;
}
