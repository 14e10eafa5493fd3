// SPDX-License-Identifier: Apache-2.0
// Written by `npm run docs` from src/library; do not edit it.

export { type Engine, engine, type EngineOptions, type Run, type RunOptions } from "./engine.js";
export { MgmtError, ProgramError, type ProgramProblem, RefusedError } from "./errors.js";
export * from "./kinds.js";
export type { Cause, Event, Outcome, Plan, PlannedResource, Refusal, ResourceOutcome, StepText, } from "./outcome.js";
export { type Input, input, type Program, program } from "./program.js";
export { type Cell, cell, combine, type Reactive, stream, type ValuesOf } from "./reactive.js";
export type { AnyValue, Given, Graph, Resource, ResourceOptions, Sent } from "./resource.js";
