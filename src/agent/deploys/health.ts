// SPDX-License-Identifier: Apache-2.0
// Whether a host is well with what it runs: everything is as declared, and an expression of the language is true. Before the
// first rest it is neither well nor unwell, and while it is at work it is as it was.

import { type Problem, Problems } from "../../base/problem.ts";
import type { Catalog } from "../../contract/catalog.ts";
import type { EngineEvent } from "../../contract/event.ts";
import type { HostReport } from "../../exchange/rollout.ts";
import { compileLoaded } from "../../program/compile.ts";
import { loadProgram } from "../../program/modules/load.ts";
import { sourceInMemory } from "../../program/modules/module-source.ts";
import type { LiveProgram, Program } from "../live-program.ts";
import { shippedModules } from "../modules/shipped.ts";

const path = "/health.mcl";

/** A program that declares something as long as the expression is true. What the expression names is imported. */
export async function compileHealth(
  expression: string,
  catalog: Catalog,
): Promise<{ readonly program: Program | undefined; readonly problems: readonly Problem[] }> {
  const words = new Set([...expression.matchAll(/\b([a-z_][a-z0-9_]*)\s*\./g)].map(([, word = ""]) => word));
  const imports = catalog.modules.filter((module) => words.has(module.slice(module.lastIndexOf("/") + 1)));
  const head = imports.map((module) => `import "${module}"\n`).join("");
  const text = `${head}if ${expression} {\n\tnoop "well" {}\n}\n`;
  const problems = new Problems();
  const loading = {
    files: sourceInMemory(new Map([[path, text]])),
    shipped: shippedModules,
    moduleDirectory: undefined,
  };
  const { main } = await loadProgram({ kind: "file", path }, { ...loading, show: () => "the health expression" });
  if (main.kind === "missing") return { program: undefined, problems: [] };
  const program = compileLoaded(main.module, catalog, problems);
  return { program: problems.any ? undefined : program, problems: problems.all };
}

/** Whether the expression is true, whenever that changes. */
export async function* followHealth(live: LiveProgram, signal: AbortSignal): AsyncGenerator<boolean, void, undefined> {
  const declaring = new Set<object>();
  let last: boolean | undefined;
  for await (const { changed, removed } of live.run(signal)) {
    for (const key of removed) declaring.delete(key);
    for (const [key, { resources }] of changed) {
      if (resources.length > 0) declaring.add(key);
      else declaring.delete(key);
    }
    const isTrue = declaring.size > 0;
    if (isTrue !== last) yield isTrue;
    last = isTrue;
  }
}

/** What a host says of a deploy, from what happens in its engine. */
export class Fitness {
  readonly #tell: (report: HostReport) => void;
  readonly #failed = new Map<string, string>();
  #deploy: number | undefined;
  #isConverged = false;
  #hasRested = false;
  /** Undefined: not known yet. */
  #isHealthy: boolean | undefined = true;
  #last = "";

  constructor(tell: (report: HostReport) => void) {
    this.#tell = tell;
  }

  /** Another deploy has come into force. `hasExpression`: it is not well before the expression is known to be true. */
  begin(deploy: number, { hasExpression }: { readonly hasExpression: boolean }): void {
    this.#deploy = deploy;
    this.#hasRested = this.#isConverged;
    this.#isHealthy = hasExpression ? undefined : true;
    this.#judge();
  }

  refused(deploy: number, why: string): void {
    this.#say({ deploy, state: "refused", why });
  }

  health(isTrue: boolean): void {
    this.#isHealthy = isTrue;
    this.#judge();
  }

  readonly listen = (event: EngineEvent): void => {
    switch (event.type) {
      case "failed":
        this.#failed.set(event.resource, event.failure.message);
        break;
      case "settled":
      case "removed":
        this.#failed.delete(event.resource);
        break;
      case "converged":
        this.#isConverged = true;
        this.#hasRested = true;
        break;
      case "unconverged":
        this.#isConverged = false;
        break;
      default:
        return;
    }
    if (event.type !== "unconverged") this.#judge();
  };

  #judge(): void {
    const deploy = this.#deploy;
    if (deploy === undefined) return;
    const [failed] = this.#failed;
    if (failed !== undefined) this.#say({ deploy, state: "unwell", why: `${failed[0]}: ${failed[1]}` });
    else if (this.#isHealthy === false) this.#say({ deploy, state: "unwell", why: "its health expression is false" });
    else if (this.#hasRested && this.#isHealthy === true) this.#say({ deploy, state: "well" });
    else if (!this.#last.includes(`"deploy":${deploy},`)) this.#say({ deploy, state: "starting" });
  }

  #say(report: HostReport): void {
    const text = JSON.stringify(report);
    if (text === this.#last) return;
    this.#last = text;
    this.#tell(report);
  }
}
