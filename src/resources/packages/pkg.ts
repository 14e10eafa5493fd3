// SPDX-License-Identifier: Apache-2.0
// `pkg`: a package of the distribution. Knows no package manager: they are behind one interface of the host. Resources
// of the same state are one transaction.

import { defineResource, type ResourceEnv } from "../../contract/resource.ts";
import { pkgEdges } from "./pkg/automatic-edges.ts";
import { checkPkg } from "./pkg/check.ts";
import { pkgFields, type PkgWant, versionIn } from "./pkg/fields.ts";
import { allWanted, observePkg } from "./pkg/observe.ts";
import { planPkg } from "./pkg/plan.ts";
import { applyPkg, explainPkg } from "./pkg/steps.ts";
import { watchPkg } from "./pkg/watch.ts";

export const pkg = defineResource({
  kind: "pkg",
  summary: "A package of the distribution, in some version or not at all.",
  fields: pkgFields,
  traits: {},
  watchedFields: ["source"],
  merge: (some: PkgWant, other: PkgWant) => mergePkg(some, other),
  edges: pkgEdges,
  grouping: {
    reads: ["state", "allowuntrusted"],
    // Trust is that of a whole transaction, and is not to be lent to others.
    alike: (want) => (versionIn(want) === undefined ? `${want.state} ${want.allowuntrusted}` : undefined),
    run: "together",
  },
  peers: { reads: ["state"], areRead: () => true },
  check: checkPkg,
  observe: (want: PkgWant, env: ResourceEnv) => observePkg(want, env),
  plan: (want: PkgWant, have, _hints, members) => planPkg(allWanted(want, have.name, members), have),
  explain: explainPkg,
  apply: applyPkg,
  watch: watchPkg,
});

/** Whoever wants the newest version wants it to be installed too. */
function mergePkg(some: PkgWant, other: PkgWant): PkgWant | undefined {
  const { state, ...rest } = some;
  const { state: otherState, ...otherRest } = other;
  const isSame = Object.entries(rest).every(([field, value]) => Reflect.get(otherRest, field) === value);
  const states = new Set([state, otherState]);
  if (!isSame || !states.has("installed") || !states.has("newest")) return undefined;
  return { ...rest, state: "newest" };
}
