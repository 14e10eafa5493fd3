// SPDX-License-Identifier: Apache-2.0
// The services of a machine, whatever keeps them. A unit is named as systemd does, `nginx.service`, `backup.timer`; who
// keeps services alone knows them by the first part.

export interface Services {
  /** Those of the machine. */
  readonly system: ServiceManager;
  /** Those of the user for whom this process acts. Only systemd has them. */
  readonly session: ServiceManager;
}

export type ServiceManagerKind = "systemd" | "openrc" | "runit";

/** Every method fails with `unsupported` on a machine without a service manager that we know. */
export interface ServiceManager {
  /** Which program keeps the services. */
  kind(signal: AbortSignal): Promise<ServiceManagerKind>;
  /** Undefined when there is no such unit. */
  inspect(unit: string, signal: AbortSignal): Promise<UnitState | undefined>;
  /**
   * Returns when it runs. A service that could not be started, or has ended at once, is a failure with its last words.
   * Of one that has failed before, that is forgotten.
   */
  start(unit: string, signal: AbortSignal): Promise<void>;
  /** Returns when it does not run any more. */
  stop(unit: string, signal: AbortSignal): Promise<void>;
  /** Started, or stopped and started again. */
  restart(unit: string, signal: AbortSignal): Promise<void>;
  /** Lets it read its configuration again, or restarts it when it cannot; one that does not run stays so. */
  reloadOrRestart(unit: string, signal: AbortSignal): Promise<void>;
  /** It starts with the machine (with the session of the user); another time than now. */
  enable(unit: string, signal: AbortSignal): Promise<void>;
  disable(unit: string, signal: AbortSignal): Promise<void>;
  /** Nothing can start it any more. One that runs goes on. */
  mask(unit: string, signal: AbortSignal): Promise<void>;
  unmask(unit: string, signal: AbortSignal): Promise<void>;
  /** Reads all definitions from the disk again. Nothing is restarted. */
  readDefinitions(signal: AbortSignal): Promise<void>;
  /** Tells that a unit may have changed: its state, its enablement, its definition. The first item means "armed". */
  watch(unit: string, signal: AbortSignal): AsyncIterableIterator<void>;
}

/** `active`: it runs, or reads its configuration again; `starting` and `stopping`: on the way. */
export type Activity = "active" | "starting" | "stopping" | "inactive" | "failed";

/**
 * `fixed`: it cannot be enabled by itself, as it has nothing that says when to start it or comes from a generator.
 * `enabled-for-now`: until the machine starts again.
 */
export type Enablement = "enabled" | "enabled-for-now" | "disabled" | "masked" | "fixed";

export interface UnitState {
  readonly activity: Activity;
  readonly enablement: Enablement;
  /** The enablement in the words of the service manager: "static". */
  readonly enablementWord: string;
  /** The definition on the disk is another one than the service manager works with. */
  readonly isOutdated: boolean;
  /** Why it cannot be used, when its definition is wrong. */
  readonly wrong?: string;
}
