// SPDX-License-Identifier: Apache-2.0
// What the pages of all problems tell, by their codes.

import type { Explanations } from "./explanation.ts";
import { nameExplanations } from "./names-explanations.ts";
import { syntaxExplanations } from "./syntax-explanations.ts";
import { typeExplanations } from "./types-explanations.ts";
import { valueExplanations } from "./values-explanations.ts";
import { yamlExplanations } from "./yaml-explanations.ts";

export const explanations: Explanations = {
  ...syntaxExplanations,
  ...nameExplanations,
  ...typeExplanations,
  ...valueExplanations,
  ...yamlExplanations,
};
