// SPDX-License-Identifier: Apache-2.0
// deploy.bootstrap_packages: what the original's program needs on a distribution, which programs ask for.

import { defineFunction } from "../../contract/function.ts";
import { quote } from "../../values/print.ts";
import { fatal, textAt } from "../arguments.ts";

const packages: ReadonlyMap<string, readonly string[]> = new Map([
  ["debian", ["libaugeas-dev", "libvirt-dev", "packagekit-tools"]],
  ["fedora", ["augeas-devel", "libvirt-devel", "PackageKit"]],
]);

export const bootstrapPackages = defineFunction({
  module: "deploy",
  name: "bootstrap_packages",
  type: "func(distro str) []str",
  doc: "The packages that the original mgmt needs on a distribution, debian or fedora. This one needs none of them.",
  example: '$packages = deploy.bootstrap_packages("debian")',
  pure: (args) => {
    const distro = textAt(args, 0);
    const found = packages.get(distro);
    if (found === undefined) throw fatal(`it knows no packages of ${quote(distro)}, only of debian and fedora`);
    return found;
  },
});
