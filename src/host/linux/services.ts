// SPDX-License-Identifier: Apache-2.0
// Who keeps the services of this machine. Asked each time: in a container the answer is soon known, and on a machine that
// is being installed it may become another one.

import type { Buses } from "../../contract/bus.ts";
import type { Clock, Files, Processes } from "../../contract/host.ts";
import type { ServiceManager, Services } from "../../contract/services.ts";
import type { BusScope } from "../bus-failures.ts";
import { noServiceManager, noSessionServices } from "../service-failures.ts";
import { openrcServices } from "./openrc.ts";
import { findRunit, runitServices } from "./runit.ts";
import { systemdServices } from "./systemd.ts";

export interface LinuxServicesParts {
  readonly buses: Buses;
  readonly files: Files;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly environment: (name: string) => string | undefined;
}

export function linuxServices(parts: LinuxServicesParts): Services {
  return { system: chosen("system", parts), session: chosen("session", parts) };
}

function chosen(scope: BusScope, parts: LinuxServicesParts): ServiceManager {
  const systemd = systemdServices({ ...parts, scope, bus: parts.buses[scope] });
  const openrc = openrcServices(parts);
  const present = async (signal: AbortSignal): Promise<ServiceManager> => {
    const is = async (path: string) => (await parts.files.inspectTarget(path, signal)) !== undefined;
    // What the manual pages of these say is the sign that it is the one that runs.
    if (await is("/run/systemd/system")) return systemd;
    const isOpenrc = await is("/run/openrc/softlevel");
    const runit = isOpenrc ? undefined : await findRunit(parts.files, signal);
    if (!isOpenrc && runit === undefined) throw noServiceManager();
    if (scope === "session") throw noSessionServices(isOpenrc ? "OpenRC" : "runit");
    return runit === undefined ? openrc : runitServices(parts, runit);
  };
  return {
    kind: async (signal) => (await present(signal)).kind(signal),
    inspect: async (unit, signal) => (await present(signal)).inspect(unit, signal),
    start: async (unit, signal) => (await present(signal)).start(unit, signal),
    stop: async (unit, signal) => (await present(signal)).stop(unit, signal),
    restart: async (unit, signal) => (await present(signal)).restart(unit, signal),
    reloadOrRestart: async (unit, signal) => (await present(signal)).reloadOrRestart(unit, signal),
    enable: async (unit, signal) => (await present(signal)).enable(unit, signal),
    disable: async (unit, signal) => (await present(signal)).disable(unit, signal),
    mask: async (unit, signal) => (await present(signal)).mask(unit, signal),
    unmask: async (unit, signal) => (await present(signal)).unmask(unit, signal),
    readDefinitions: async (signal) => (await present(signal)).readDefinitions(signal),
    async *watch(unit, signal) {
      yield* (await present(signal)).watch(unit, signal);
    },
  };
}
