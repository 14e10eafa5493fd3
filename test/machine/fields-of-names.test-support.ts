// SPDX-License-Identifier: Apache-2.0
// Run in a namespace of its own, where the name of the machine and /etc are ours: each field of `hostname`, changed by other
// programs.

import { execFileSync } from "node:child_process";
import type { AnyWant } from "../../src/contract/resource.ts";
import type { Host } from "../../src/contract/host.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { type Change, someFields } from "../fields.ts";

interface Names {
  readonly host: Host;
}

const shell = (script: string) => () => void execFileSync("sh", ["-euc", script], { stdio: "inherit" });

const change = (fields: AnyWant, script: string, ...repair: readonly string[]): Change<Names> => ({
  fields,
  outside: shell(script),
  repair,
});

someFields<Names>("hostname", {
  machine: () => {
    shell("rm -f /etc/machine-info")();
    return { host: linuxHost() };
  },
  name: "web1",
  changes: {
    hostname: change(
      {},
      "echo evil > /etc/hostname; hostname evil; echo PRETTY_HOSTNAME=evil > /etc/machine-info",
      '~ set the static name "web1" (was "evil")',
      '~ set the transient name "web1" (was "evil")',
      '~ set the pretty name "web1" (was "evil")',
    ),
    pretty_hostname: change(
      { pretty_hostname: "Front door" },
      "sed -i s/Front/Back/ /etc/machine-info",
      '~ set the pretty name "Front door" (was "Back door")',
    ),
    static_hostname: change(
      { static_hostname: "web1.example.com" },
      "rm /etc/hostname",
      '+ set the static name "web1.example.com"',
    ),
    transient_hostname: change(
      { transient_hostname: "now" },
      "hostname evil",
      '~ set the transient name "now" (was "evil")',
    ),
  },
});
