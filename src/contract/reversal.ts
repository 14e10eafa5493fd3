// SPDX-License-Identifier: Apache-2.0
// What a kind knows about undoing its resources, for `Meta:reverse`.

import type { ResourceEnv, WantProblem } from "./resource.ts";

/** Fields of a resource of the same kind and name, as JSON can hold them; what is left out has its default. */
export type ReverseFields = Readonly<Record<string, string | boolean | readonly string[]>>;

export interface Reversal<Wanted> {
  /** Pure: why what is wanted can never be undone. */
  refuse(want: Wanted): WantProblem | undefined;
  /** Pure: the place that is changed. What is kept of one place must not be taken for another. */
  subject(want: Wanted): string;
  /** Reads what is there before anything is changed: a resource with these fields puts it back. */
  reverse(want: Wanted, env: ResourceEnv): Promise<ReverseFields>;
}
