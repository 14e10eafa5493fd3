// SPDX-License-Identifier: Apache-2.0
// What goes wrong with a tool.yaml.

import { defineProblem, type ProblemDefinition } from "../../base/problem.ts";

export const invalidTool = defineProblem<{ readonly reason: string }>({
  code: "invalid-tool",
  phase: "lexparse",
  describe: ({ reason }) => ({ title: "This tool.yaml is not as it must be", label: reason }),
});

/** All of them; for the reference pages. */
export const toolProblems: readonly ProblemDefinition<never>[] = [invalidTool];
