// SPDX-License-Identifier: Apache-2.0
// What the engine tells, in the form that embedding programs see: plain data, with places as texts.

import type { Plan as InnerPlan } from "../agent/plan-program.ts";
import type { runProgram } from "../agent/run-program.ts";
import type { Problem } from "../base/problem.ts";
import { renderProblem } from "../base/render-problem.ts";
import { placeOf, renderPlace } from "../base/span.ts";
import type { EngineEvent } from "../contract/event.ts";
import type { Failure } from "../contract/failure.ts";
import { fromValue } from "./convert.ts";
import { ProgramError, type ProgramProblem } from "./errors.ts";
import type { Event, Outcome, Plan, Refusal, ResourceOutcome } from "./outcome.ts";

type Ended = Awaited<ReturnType<typeof runProgram>["ended"]>;

export function eventOf(event: EngineEvent): Event {
  switch (event.type) {
    case "step-applied":
    case "would-apply":
    case "would-receive":
      return { ...event, at: renderPlace(event.at) };
    case "failed": {
      const { retryInMs, ...rest } = event;
      const retry = retryInMs === undefined ? {} : { retryInMs };
      return { ...rest, ...retry, failure: refusalOf(event.failure), at: renderPlace(event.at) };
    }
    case "edges-unknown":
      return { ...event, failure: refusalOf(event.failure) };
    case "contested": {
      const { step, ...rest } = event;
      return { ...rest, ...(step === undefined ? {} : { step }), at: renderPlace(event.at) };
    }
    case "sent": {
      const values = Object.entries(event.values);
      return {
        ...event,
        values: Object.fromEntries(
          values.map(([key, value]) => [key, value === undefined ? undefined : fromValue(value)]),
        ),
      };
    }
    default:
      return event;
  }
}

export function outcomeOf(
  ending: Exclude<Ended["ending"], "wrong">,
  { report, status }: Pick<Ended, "report" | "status">,
): Outcome {
  const resources = report.map(
    ({ vertex, state, failure, blockedBy, steps }): ResourceOutcome => ({
      resource: vertex.reference,
      state: state === "settled" || state === "failed" || state === "blocked" ? state : "unfinished",
      failure: failure === undefined ? undefined : refusalOf(failure),
      waitsFor: blockedBy,
      steps,
    }),
  );
  return {
    ending,
    ...(status === undefined ? {} : { status }),
    resources,
    ok: resources.every(({ state }) => state === "settled"),
    changes: resources.reduce((sum, { steps }) => sum + steps, 0),
  };
}

export function planOf({ resources, asDeclared }: InnerPlan): Plan {
  return {
    resources: resources.map(({ resource, at, steps, failure, waitsFor }) => ({
      resource,
      at,
      steps,
      failure: failure === undefined ? undefined : { hint: undefined, ...failure },
      waitsFor,
    })),
    asDeclared,
  };
}

export function refusalOf({ code, message, hint }: Failure): Refusal {
  return { code, message, hint };
}

export function problemOf({ code, at, message: { title, hint } }: Problem): ProgramProblem {
  const { line, column } = placeOf(at.file, at.start);
  return { code, message: title, file: at.file.path, line, column, hint };
}

export function programError(problems: readonly Problem[]): ProgramError {
  return new ProgramError(
    problems.map(problemOf),
    problems.map((problem) => renderProblem(problem, { colour: false })).join("\n"),
  );
}
