// SPDX-License-Identifier: Apache-2.0
// What the kinds for `mgmt test` do in a run: nothing. They tell that command what a case is about, and the machine nothing.

import type { ResourceEnv } from "../../contract/resource.ts";
import { onceArmed } from "../armed.ts";

export const onlyTold = {
  traits: {},
  watchedFields: [],
  observe: async () => ({}),
  plan: (): readonly { readonly do: "nothing" }[] => [],
  explain: () => ({ mark: "!", text: "do nothing" }) as const,
  apply: async () => {},
  watch: (_want: unknown, env: ResourceEnv) => onceArmed(env.signal),
};
