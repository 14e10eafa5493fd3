// SPDX-License-Identifier: Apache-2.0
// What `Meta:sema` says: `name:count`, or a name alone, which counts to one.

import { conflictingSemaphore } from "./problems.ts";
import type { Draft } from "./passes.ts";
import type { Vertex } from "./vertex.ts";

export interface SemaphoreReference {
  readonly name: string;
  /** How many may hold it at once. */
  readonly count: number;
}

export function parseSemaphore(text: string): SemaphoreReference {
  const [, name = text, digits] = /^(.*):(\d+)$/s.exec(text) ?? [];
  const count = digits === undefined ? 1 : Number(digits);
  return { name, count: count > 0 ? count : 1 };
}

/** A pass: a semaphore is one thing, so all must agree on its count. */
export function checkSemaphores(draft: Draft): void {
  const first = new Map<string, { readonly count: number; readonly vertex: Vertex }>();
  for (const vertex of draft.vertices.values()) {
    if (vertex.meta.hidden) continue;
    for (const { name, count } of vertex.meta.sema.map(parseSemaphore)) {
      const former = first.get(name);
      if (former === undefined) first.set(name, { count, vertex });
      else if (former.count !== count) {
        draft.problems.report(conflictingSemaphore, vertex.at, {
          name,
          resources: [former.vertex.reference, vertex.reference],
          counts: [former.count, count],
          other: former.vertex.at,
        });
      }
    }
  }
}
