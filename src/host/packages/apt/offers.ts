// SPDX-License-Identifier: Apache-2.0
// What apt offers, asked once for each name as long as nothing changes that apt looks at: its lists, its settings and the
// database of dpkg. Several resources ask about the same packages, and each question costs two processes.

import type { Files } from "../../../contract/host.ts";
import type { OfferedVersion } from "../../../contract/packages.ts";
import { namesIn, readDatabase, type RunProgram } from "../programs.ts";
import { aptFailure } from "./failures.ts";
import { distributionIn, parseOrigins, parsePolicy } from "./policy.ts";

export interface OffersParts {
  readonly files: Files;
  readonly run: RunProgram;
  readonly root: string;
}

export type AskOffers = (
  names: readonly string[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, readonly OfferedVersion[]>>;

/** What was known at one stamp. A name without offers is one that apt does not know. */
interface Known {
  readonly stamp: string;
  readonly offers: Map<string, readonly OfferedVersion[]>;
}

export function createOffers(parts: OffersParts): AskOffers {
  let known: Known | undefined;
  return async (names, signal) => {
    if (names.length === 0) return new Map();
    const stamp = await stampOf(parts, signal);
    const present = known?.stamp === stamp ? known : { stamp, offers: new Map<string, readonly OfferedVersion[]>() };
    const missing = names.filter((name) => !present.offers.has(name));
    if (missing.length > 0) {
      const asked = await askApt(missing, parts, signal);
      for (const name of missing) present.offers.set(name, asked.get(name) ?? []);
      // What was changed while apt looked may be in its answer, or not.
      if ((await stampOf(parts, signal)) === stamp) known = present;
    }
    return new Map(
      names.flatMap((name) => {
        const offers = present.offers.get(name) ?? [];
        return offers.length === 0 ? [] : [[name, offers] as const];
      }),
    );
  };
}

async function askApt(
  names: readonly string[],
  { run, root, files }: OffersParts,
  signal: AbortSignal,
): ReturnType<AskOffers> {
  const [tables, sources, osRelease] = await Promise.all([
    run(["apt-cache", "policy", ...names], signal),
    run(["apt-cache", "policy"], signal),
    readDatabase(`${root}/etc/os-release`, files, signal),
  ]);
  if (tables.status !== 0) throw aptFailure("look for packages", tables);
  const originOf = parseOrigins(sources.stdout);
  return parsePolicy(tables.stdout, { originOf, distribution: distributionIn(osRelease ?? "") });
}

/** Changes with whatever apt looks at. */
async function stampOf({ files, root }: OffersParts, signal: AbortSignal): Promise<string> {
  const settings = `${root}/etc/apt`;
  const below = ["", "/sources.list.d", "/preferences.d", "/apt.conf.d"].map((name) => `${settings}${name}`);
  const inside = await Promise.all(
    below.map(async (directory) => (await namesIn(directory, files, signal)).map((name) => `${directory}/${name}`)),
  );
  const paths = [
    `${root}/etc/os-release`,
    `${root}/var/lib/dpkg/status`,
    `${root}/var/lib/apt/lists`,
    `${root}/var/lib/apt/lists/partial`,
    ...inside.flat().sort(),
  ];
  const states = await Promise.all(paths.map((path) => files.inspectTarget(path, signal)));
  return states.map((state, at) => `${paths[at]} ${state?.inode} ${state?.size} ${state?.changedNs}`).join("\n");
}
