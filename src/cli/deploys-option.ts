// SPDX-License-Identifier: Apache-2.0
// `mgmt run empty`: the programs are the deploys of the cluster.

import { borrowed } from "../agent/deploys/client.ts";
import { deploySource } from "../agent/deploys/deploy-source.ts";
import { readDeployKeys } from "../agent/deploys/key-files.ts";
import { type PlanOptions, planProgram } from "../agent/plan-program.ts";
import type { RunOptions } from "../agent/run.ts";
import type { Invocation } from "./command.ts";
import { showProblems } from "./problem-output.ts";
import { fileOption } from "./option-values.ts";

/** The word in the place of a path. */
export const followsDeploys = "empty";

/** What is proposed is planned in this time, or not at all. */
const planWithinMs = 60_000;

/** Fails with a `Failure` when the keys cannot be read. */
export async function deploysOption(
  invocation: Invocation,
  setting: PlanOptions,
): Promise<NonNullable<RunOptions["source"]>> {
  const { options, terminal } = invocation;
  const { host, hostname, catalog, prefix, onTrouble, cluster } = setting;
  const keys = await readDeployKeys(fileOption(invocation, "deployKeys"), prefix, host, new AbortController().signal);
  return (parts) =>
    deploySource({
      ...parts,
      host,
      hostname,
      catalog,
      prefix,
      keys,
      plan: async (program, path) => {
        const shared = cluster === undefined ? {} : { cluster: borrowed(cluster) };
        const { plan, problems } = await planProgram({
          ...setting,
          ...shared,
          path,
          program,
          maxRuntimeMs: planWithinMs,
        });
        const [first] = problems;
        return { plan, ...(first === undefined ? {} : { why: first.message.title }) };
      },
      waitsForNew: options.wait === true,
      noop: options.noop === true,
      onProblems: (problems) => showProblems(problems, terminal),
      onTrouble: onTrouble ?? (() => {}),
    });
}
