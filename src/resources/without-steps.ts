// SPDX-License-Identifier: Apache-2.0
// The part of a kind that changes nothing: it does what it is for as long as it is watched.

import type { Step, StepText } from "../contract/resource.ts";

export const withoutSteps = {
  plan: (): readonly Step[] => [],
  explain: (): StepText => ({ mark: "!", text: "" }),
  apply: async (): Promise<void> => {},
};
