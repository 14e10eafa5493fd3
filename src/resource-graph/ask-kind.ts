// SPDX-License-Identifier: Apache-2.0
// Questions to the pure part of a kind. What it throws is a mistake of ours, and a problem of its one resource: the
// graph in force stays, as with any other problem.

import type { Problems } from "../base/problem.ts";
import type { Span } from "../base/span.ts";
import { kindMistake } from "./problems.ts";

interface Asked {
  readonly reference: string;
  readonly at: Span;
}

export function askKind<Answer>({ reference, at }: Asked, problems: Problems, ask: () => Answer): Answer | undefined {
  try {
    return ask();
  } catch (reason) {
    problems.report(kindMistake, at, { resource: reference, reason });
    return undefined;
  }
}
