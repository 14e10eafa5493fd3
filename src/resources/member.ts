// SPDX-License-Identifier: Apache-2.0
// Kinds whose resources are parts of another one, such as the files of a server; and what such a part does when it is
// alone: nothing but saying so, because nobody would ever be answered.

import { Failure } from "../contract/failure.ts";
import type { FieldTable, Want } from "../contract/field.ts";
import { defineResource, type ResourceDefinition, type ResourceKind, type Step } from "../contract/resource.ts";
import { onceArmed } from "./armed.ts";
import { withoutSteps } from "./without-steps.ts";

type Declared<Fields extends FieldTable> = Pick<
  ResourceDefinition<Fields, undefined, Step>,
  "kind" | "summary" | "fields" | "traits" | "edges" | "check"
> & {
  /** The kind that it is a part of, and the field that names the one; the field may be empty: any will do. */
  readonly partOf: { readonly kind: string; readonly field: keyof Fields & string };
  /** Whether the watch of the whole goes on when members come and go; it does if absent. */
  readonly watchesThrough?: boolean;
};

export function defineMember<const Fields extends FieldTable>({
  partOf,
  watchesThrough = true,
  ...declared
}: Declared<Fields>): ResourceKind {
  const { kind: whole, field } = partOf;
  return defineResource<Fields, undefined, Step>({
    ...declared,
    grouping: {
      reads: [field],
      partOf: (want: Want<Fields>) => ({ kind: whole, name: String(want[field]) }),
      run: "together",
      watchesThrough,
    },
    observe: async (want) => {
      const name = String(want[field]);
      const missing = name === "" ? `no \`${whole}\`` : `no \`${whole}\` with the name "${name}"`;
      throw new Failure(`there is ${missing} in the program that it could be a part of`, {
        code: "conflict",
        hint: `declare one, or see that no edge stands between the two; \`${field}\` names the one that is meant`,
      });
    },
    ...withoutSteps,
    watch: (_want, env) => onceArmed(env.signal),
  });
}
