// SPDX-License-Identifier: Apache-2.0
// The package `mgmt`: everything that an embedding TypeScript program may use, and nothing else. Names and types here
// follow semantic versioning; whatever is not here can change at any time.

export { type Engine, engine, type EngineOptions, type Run, type RunOptions } from "./engine.ts";
export { MgmtError, ProgramError, type ProgramProblem, RefusedError } from "./errors.ts";
export * from "./kinds.ts";
export type {
  Cause,
  Event,
  Outcome,
  Plan,
  PlannedResource,
  Refusal,
  ResourceOutcome,
  StepText,
} from "./outcome.ts";
export { type Input, input, type Program, program } from "./program.ts";
export { type Cell, cell, combine, type Reactive, stream, type ValuesOf } from "./reactive.ts";
export type { AnyValue, Given, Graph, Resource, ResourceOptions, Sent } from "./resource.ts";
