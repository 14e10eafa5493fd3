// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a case whose program is right, with its wording: the same form as problems, so that it is shown with
// its place.

import type { Problem } from "../../base/problem.ts";
import type { Span } from "../../base/span.ts";
import type { Failure } from "../../contract/failure.ts";
import type { StepText } from "../../contract/resource.ts";
import type { PlannedResource } from "../plan-program.ts";

/** A whole list is no help. */
const mostNames = 5;

function shortcoming(code: string, at: Span, title: string, hint?: string): Problem {
  return { code, phase: "interpret", at, message: { title, ...(hint === undefined ? {} : { hint }) } };
}

export function notThere(at: Span, resource: string, others: readonly string[]): Problem {
  const kind = resource.slice(0, resource.indexOf("["));
  const alike = others.filter((other) => other.startsWith(`${kind}[`));
  const names = alike.slice(0, mostNames).join(", ");
  const more = alike.length > mostNames ? ` and ${alike.length - mostNames} more` : "";
  const hint = alike.length === 0 ? `It declares no ${kind}.` : `Of this kind it declares ${names}${more}.`;
  return shortcoming("test-resource", at, `The program declares no ${resource}`, hint);
}

export function isThere(at: Span, resource: string): Problem {
  return shortcoming("test-resource", at, `The program declares ${resource}, which must not exist`);
}

export function wrongValue(at: Span, resource: string, field: string, expected: string, found: string): Problem {
  return shortcoming("test-field", at, `The field \`${field}\` of ${resource} is ${found}, not ${expected}`);
}

export function unusableValue(at: Span, resource: string, field: string, why: string): Problem {
  return shortcoming("test-field", at, `The field \`${field}\` of ${resource} ${why}`);
}

export function noOrder(at: Span, first: string, second: string, isReversed: boolean): Problem {
  const found = isReversed ? `It is the other way round.` : undefined;
  return shortcoming("test-order", at, `${second} does not wait for ${first}`, found);
}

export function wrongSteps(
  at: Span,
  resource: string,
  expected: readonly string[],
  found: readonly StepText[],
): Problem {
  const listed = (steps: readonly string[]): string => (steps.length === 0 ? "nothing" : steps.join("; "));
  const title = `${resource} is to do ${listed(found.map(stepLine))}, not ${listed(expected)}`;
  return shortcoming("test-steps", at, title);
}

export function stepLine({ mark, text }: StepText): string {
  return `${mark} ${text}`;
}

export function hasFailed(at: Span, resource: string, failure: Failure, expected?: string): Problem {
  const end = expected === undefined ? "" : `, which does not have ${JSON.stringify(expected)} in it`;
  return shortcoming(
    "test-failure",
    at,
    `${resource} has failed: ${failure.message.replace(/\.$/, "")}${end}`,
    failure.hint,
  );
}

export function hasNotFailed(at: Span, resource: string): Problem {
  return shortcoming("test-failure", at, `${resource} has not failed`);
}

export function hasNotRun(at: Span, resource: string, by: string): Problem {
  return shortcoming("test-failure", at, `${resource} waits for ${by}`);
}

export function noRest(at: Span, resources: readonly string[]): Problem {
  const names = resources.slice(0, mostNames).join(", ");
  return shortcoming(
    "test-unsettled",
    at,
    `It has not come to rest within ten minutes of its clock${names === "" ? "" : `: ${names}`}`,
  );
}

export function cutOff(at: Span, seconds: number): Problem {
  return shortcoming("test-unsettled", at, `It was cut off after ${seconds} seconds`, "Give it longer with --timeout.");
}

/** What is to be there afterwards, and is not. */
export function notAfter(at: Span, { resource, steps, failure, waitsFor, awaits }: PlannedResource): Problem {
  const why =
    failure?.message.replace(/\.$/, "") ??
    (waitsFor !== undefined ? `it waits for ${waitsFor}` : undefined) ??
    (awaits !== undefined ? `it depends on ${awaits.join(", ")}` : undefined) ??
    (steps.length === 0 ? "it cannot be told" : steps.map(stepLine).join("; "));
  return shortcoming("test-after", at, `Afterwards ${resource} is not so: ${why}`);
}

export function changesAgain(at: Span, resource: string, steps: readonly StepText[]): Problem {
  return shortcoming(
    "test-again",
    at,
    `A second run would change ${resource} again: ${steps.map(stepLine).join("; ")}`,
    "What is as declared must stay so.",
  );
}

export function notRefused(at: Span, text: string): Problem {
  return shortcoming("test-refusal", at, `The program is not refused with ${JSON.stringify(text)}`);
}

export function notGiven(at: Span, resource: string): Problem {
  return shortcoming("test-wrong", at, `${resource} counts only in a class \`given\` or \`given_NAME\``);
}
