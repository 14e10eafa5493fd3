// SPDX-License-Identifier: Apache-2.0
// What a `collect` statement puts out: one resource for each that is exported, with the fields that it is exported with,
// and over them what the statement itself says.

import { invariant } from "../base/invariant.ts";
import type { Problems } from "../base/problem.ts";
import type { ResourceDeclaration } from "../contract/declaration.ts";
import { fieldsOfStored } from "../values/stored.ts";
import { wrongCollected } from "./problems.ts";
import { StructValue, type Value } from "../values/value.ts";

/** `found` is what the function behind `collect` gives. Fields that the statement does not set have no place of their own. */
export function collectedResources(
  kind: string,
  found: Value | undefined,
  said: Omit<ResourceDeclaration, "kind" | "name" | "collected">,
  { hostname, problems }: { readonly hostname: string; readonly problems: Problems },
): readonly ResourceDeclaration[] {
  invariant(Array.isArray(found), "what is collected is a list");
  return (found as readonly Value[]).flatMap((each): readonly ResourceDeclaration[] => {
    invariant(each instanceof StructValue, "what is collected are structs");
    const [name, host, data] = each.values as readonly string[];
    invariant(name !== undefined && host !== undefined, "what is collected has a name and a host");
    if (name === "" || host === "*") {
      problems.report(wrongCollected, said.at, { name });
      return [];
    }
    const exported = fieldsOfStored(data ?? "");
    invariant(exported !== undefined, "what cannot be read is not collected");
    const fields = new Map([...exported, ...said.fields]);
    return [{ ...said, kind, name, fields, collected: { host, own: host === hostname } }];
  });
}
