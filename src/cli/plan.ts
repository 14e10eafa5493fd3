// SPDX-License-Identifier: Apache-2.0
// `mgmt plan PATH`

import { type Plan, type PlannedResource, planProgram, writePlan } from "../agent/plan-program.ts";
import { diffLines } from "../base/line-diff.ts";
import { harmless } from "../base/terminal-cells.ts";
import type { StepText } from "../contract/resource.ts";
import type { Execute, Terminal } from "./command.ts";
import { planStatus } from "./exit-status.ts";
import { programPath } from "./former-options.ts";
import { markColours, paint } from "./paint.ts";
import { showProblems } from "./problem-output.ts";
import { fileOption } from "./option-values.ts";
import { runSetting } from "./run-setting.ts";

export const execute: Execute = async (invocation) => {
  const { options, terminal } = invocation;
  const path = programPath(invocation.arguments);
  if (path === undefined) {
    terminal.stderr("mgmt: `mgmt plan` takes one program\n  hint: mgmt plan --help\n");
    return planStatus.wrong;
  }
  const setting = await runSetting(invocation, path, { readOnly: true });
  const { plan, problems } = await planProgram({ ...setting, maxRuntimeMs: Number(options.timeout) * 1000 });
  if (plan === undefined) {
    showProblems(problems, terminal);
    return planStatus.wrong;
  }
  const out = fileOption(invocation, "out");
  if (out !== undefined) await writePlan(plan, out, setting.host, new AbortController().signal);
  if (options.json === true) terminal.stdout(jsonLines(plan));
  else showPlan(plan, terminal);
  if (plan.resources.some((resource) => resource.failure !== undefined)) return planStatus.wrong;
  return hasChanges(plan) || plan.resources.some(({ waitsFor }) => waitsFor !== undefined)
    ? planStatus.changes
    : planStatus.nothingToDo;
};

/** One line for each resource that is not as declared, and one for the whole. */
function jsonLines(plan: Plan): string {
  const lines = plan.resources.map((resource) => JSON.stringify({ version: 1, type: "planned", ...resource }));
  const summary = { version: 1, type: "summary", ...countsOf(plan), asDeclared: plan.asDeclared };
  return `${[...lines, JSON.stringify(summary)].join("\n")}\n`;
}

export function showPlan(plan: Plan, terminal: Terminal): void {
  const painter = new Painter(terminal.colour.stdout);
  for (const resource of plan.resources) terminal.stdout(painter.resource(resource));
  const { make, change, remove, run, say, awaiting, open, noop, failed, waiting } = countsOf(plan);
  const parts = [
    ...(make > 0 ? [`${make} to make`] : []),
    ...(change > 0 ? [`${change} to change`] : []),
    ...(remove > 0 ? [`${remove} to remove`] : []),
    ...(run > 0 ? [`${run} to run, whose effect cannot be shown`] : []),
    ...(say > 0 ? [`${say} to say`] : []),
    ...(awaiting > 0 ? [`${awaiting} that ${awaiting === 1 ? "depends" : "depend"} on values to come`] : []),
    ...(open > 0 ? [`${open} to be seen when others are done`] : []),
    ...(noop > 0 ? [`${noop} left as ${noop === 1 ? "it is" : "they are"} by Meta:noop`] : []),
    ...(failed > 0 ? [`${failed} that cannot be planned`] : []),
    ...(waiting > 0 ? [`${waiting} waiting for them`] : []),
    `${plan.asDeclared} as declared`,
  ];
  const head = hasChanges(plan) || failed + waiting > 0 ? "plan" : "nothing to do";
  terminal.stdout(`${plan.resources.length > 0 ? "\n" : ""}${head}: ${parts.join(", ")}.\n`);
  const final = plan.resources.filter(({ cannotBeUndone }) => cannotBeUndone === true).length;
  if (final > 0) terminal.stdout(`${final} of them cannot be undone.\n`);
}

/** A run would change something, as far as can be told. That it says something again at each start is no change. */
export function hasChanges(plan: Plan): boolean {
  return plan.resources.some(
    (planned) =>
      planned.noop !== true &&
      (planned.steps.some(({ says }) => says !== true) || planned.awaits !== undefined || isOpen(planned)),
  );
}

/** What it does cannot be told before others are done. */
function isOpen({ steps, awaits, failure, waitsFor, after }: PlannedResource): boolean {
  return (
    steps.length === 0 && awaits === undefined && failure === undefined && waitsFor === undefined && after !== undefined
  );
}

/** Resources by the strongest of their steps. */
function countsOf(plan: Plan) {
  const counts = {
    make: 0,
    change: 0,
    remove: 0,
    run: 0,
    say: 0,
    awaiting: 0,
    open: 0,
    noop: 0,
    failed: 0,
    waiting: 0,
  };
  for (const planned of plan.resources) {
    const { steps, awaits, noop, failure, waitsFor } = planned;
    if (failure !== undefined) counts.failed += 1;
    else if (waitsFor !== undefined) counts.waiting += 1;
    else if (noop === true) counts.noop += 1;
    else if (awaits !== undefined) counts.awaiting += 1;
    else if (isOpen(planned)) counts.open += 1;
    else counts[strongest(steps)] += 1;
  }
  return counts;
}

function strongest(steps: readonly StepText[]): "make" | "change" | "remove" | "run" | "say" {
  const real = steps.filter((step) => step.says !== true);
  if (real.length === 0) return "say";
  const marks = new Set(real.map((step) => step.mark));
  if (marks.has("-")) return "remove";
  if (marks.has("!")) return "run";
  return marks.has("+") ? "make" : "change";
}

const colours = { ...markColours, " ": 0, "…": 2 } as const;

class Painter {
  readonly #colour: boolean;

  constructor(colour: boolean) {
    this.#colour = colour;
  }

  resource(planned: PlannedResource): string {
    const { at, steps, awaits, noop, failure, waitsFor, after = [] } = planned;
    const resource = harmless(planned.resource);
    if (failure !== undefined) {
      const hint = failure.hint === undefined ? "" : `\n    hint: ${failure.hint}`;
      return `${this.#paint("-", "?")} ${resource}: ${harmless(failure.message)}\n    at ${at}${hint}\n`;
    }
    if (waitsFor !== undefined) return `${this.#paint("…", "?")} ${resource} waits for ${waitsFor}\n`;
    if (awaits !== undefined) {
      return `${this.#paint("~", "?")} ${resource} depends on ${awaits.join(", ")}, which only the run brings\n`;
    }
    if (isOpen(planned)) {
      const more = after.length > 3 ? ` and ${after.length - 3} more` : "";
      return `${this.#paint("~", "?")} ${resource} is seen when ${after.slice(0, 3).join(", ")}${more} ${after.length === 1 ? "is" : "are"} done\n`;
    }
    const end = noop === true ? " (not done: Meta:noop)" : "";
    return steps
      .map((step) => {
        const undo = step.undoes === true ? "undo: " : "";
        const line = `${resource} ${undo}${harmless(step.text)}${end}`;
        return `${this.#paint(step.mark, step.mark)} ${line}\n${this.#content(step)}`;
      })
      .join("");
  }

  #content({ content }: StepText): string {
    if (content === undefined) return "";
    return diffLines(content.before, content.after)
      .map((line) => {
        const text =
          line.mark === "…"
            ? `… ${line.count} equal line${line.count === 1 ? "" : "s"}`
            : `${line.mark} ${harmless(line.text)}`;
        return `      ${this.#paint(line.mark, text)}\n`;
      })
      .join("");
  }

  #paint(mark: keyof typeof colours, text: string): string {
    return this.#colour && colours[mark] !== 0 ? paint(colours[mark], text) : text;
  }
}
