// SPDX-License-Identifier: Apache-2.0
// The machine we run on, as `contract/host.ts` describes it.

import type { Host } from "../../contract/host.ts";
import { createPasswords } from "../passwords.ts";
import { linuxAccounts } from "./accounts.ts";
import { linuxBuses } from "./bus.ts";
import { choosePackages } from "../packages/choose.ts";
import { hashing } from "../hashing.ts";
import { linuxClock } from "./clock.ts";
import { linuxFiles } from "./files.ts";
import { linuxHttp } from "./http.ts";
import { linuxIdentity } from "./identity.ts";
import { linuxCompression } from "./unpacking.ts";
import { linuxMounts } from "./mounts.ts";
import { linuxNetwork } from "./network.ts";
import { linuxPacketFilter } from "./packet-filter.ts";
import { linuxProcesses, type ProcessOptions } from "./processes.ts";
import { linuxRandom } from "./random.ts";
import { linuxServices } from "./services.ts";
import { linuxServing } from "./serving.ts";
import { linuxPrompt } from "./prompt.ts";
import { linuxSsh } from "./ssh.ts";
import { linuxSystem } from "./system.ts";

export function linuxHost(options: ProcessOptions = {}): Host {
  const clock = linuxClock();
  const processes = linuxProcesses(options);
  const files = linuxFiles();
  const system = linuxSystem();
  const random = linuxRandom();
  const buses = linuxBuses(clock, process.env);
  const identity = linuxIdentity({ processes, clock });
  return {
    files,
    processes,
    identity,
    accounts: linuxAccounts({ processes, files, clock }),
    system,
    network: linuxNetwork({ processes, files, clock }),
    packages: choosePackages(
      { processes, files, clock, environment: system.environmentVariables(), root: "" },
      buses.system,
    ),
    buses,
    services: linuxServices({ buses, files, processes, clock, environment: (name) => process.env[name] }),
    clock,
    random,
    packetFilter: linuxPacketFilter(processes, clock),
    mounts: linuxMounts({ processes, clock }),
    passwords: createPasswords(processes, random),
    compression: linuxCompression,
    hashing,
    http: linuxHttp(process.env),
    serving: linuxServing(clock),
    ssh: linuxSsh({ files, identity, system, clock }),
    prompt: linuxPrompt(),
  };
}
