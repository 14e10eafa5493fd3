// SPDX-License-Identifier: Apache-2.0
// What is done to a unit of a service manager, whatever it is the unit of.

import type { Step, StepText } from "../../contract/resource.ts";
import type { ServiceManager } from "../../contract/services.ts";

/** `was` is the word for how it was before. */
export interface UnitStep extends Step {
  readonly do: "read" | "enable" | "disable" | "start" | "stop";
  readonly unit: string;
  readonly was: string;
}

/** Whether it starts with the machine. */
export function explainStartup(verb: "enable" | "disable", unit: string, was: string): StepText {
  return {
    mark: "~",
    text: `${verb === "enable" ? "let" : "do not let"} ${unit} start with the machine (was ${was})`,
  };
}

export function applyUnitStep(step: UnitStep, manager: ServiceManager, signal: AbortSignal): Promise<void> {
  switch (step.do) {
    case "read":
      return manager.readDefinitions(signal);
    case "enable":
      return manager.enable(step.unit, signal);
    case "disable":
      return manager.disable(step.unit, signal);
    case "start":
      return manager.start(step.unit, signal);
    case "stop":
      return manager.stop(step.unit, signal);
  }
}
