// SPDX-License-Identifier: Apache-2.0
// `mgmt fmt [PATH…]`

import { absolutePath } from "../agent/program-input.ts";
import { type Problem, Problems } from "../base/problem.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import { linuxHost } from "../host/linux/index.ts";
import { formatSource } from "../syntax/format.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import type { Execute } from "./commands.ts";
import { exitStatus } from "./exit-status.ts";
import { jsonOf, showFailure, showProblems } from "./problem-output.ts";

const limitBytes = 64 * 1024 * 1024;

interface Formatted {
  readonly path: string;
  readonly problems: readonly Problem[];
  readonly failure?: Failure;
  readonly changed: boolean;
}

export const execute: Execute = async ({ arguments: given, options, terminal }) => {
  const host = linuxHost();
  const { signal } = new AbortController();
  if (given.length === 1 && given[0] === "-") return formatStandardInput(terminal);

  const test = options.test === true;
  const results: Formatted[] = [];
  for (const path of given.length > 0 ? given : ["."]) {
    try {
      for (const file of await sourcesBelow(path, terminal.workingDirectory, host, signal)) {
        results.push(await formatFile(file, terminal.workingDirectory, test, host, signal));
      }
    } catch (reason) {
      if (!(reason instanceof Failure)) throw reason;
      results.push({ path, problems: [], failure: reason, changed: false });
    }
  }
  for (const result of results) {
    if (options.json === true) {
      const { ok, problems } = JSON.parse(jsonOf(result)) as { readonly ok: boolean; readonly problems: unknown };
      terminal.stdout(`${JSON.stringify({ version: 1, path: result.path, ok, changed: result.changed, problems })}\n`);
    } else if (result.failure !== undefined) {
      showFailure(result.failure, terminal);
    } else {
      showProblems(result.problems, terminal);
      if (result.changed && (test || options.verbose === true)) terminal.stdout(`${result.path}\n`);
    }
  }
  const wrong = results.some(
    (result) => result.failure !== undefined || result.problems.length > 0 || (test && result.changed),
  );
  return wrong ? exitStatus.wrong : exitStatus.good;
};

async function formatStandardInput(terminal: Parameters<Execute>[0]["terminal"]): Promise<number> {
  const problems = new Problems();
  const text = formatSource({ path: "<stdin>", text: await terminal.readStandardInput() }, problems);
  showProblems(problems.all, terminal);
  if (text === undefined) return exitStatus.wrong;
  terminal.stdout(text);
  return exitStatus.good;
}

async function formatFile(
  path: string,
  workingDirectory: string,
  test: boolean,
  host: Host,
  signal: AbortSignal,
): Promise<Formatted> {
  const absolute = absolutePath(path, workingDirectory);
  const before = textOf(await host.files.read(absolute, limitBytes, signal));
  const problems = new Problems();
  const after = formatSource({ path, text: before }, problems);
  const changed = after !== undefined && after !== before;
  if (changed && !test) await host.files.write(absolute, bytesOf(after), { durable: true }, signal);
  return { path, problems: problems.all, changed };
}

/** A file as it is; of a directory all `.mcl` files below it, sorted, links and hidden directories left out. */
async function sourcesBelow(
  path: string,
  workingDirectory: string,
  host: Host,
  signal: AbortSignal,
): Promise<string[]> {
  const state = await host.files.inspectTarget(absolutePath(path, workingDirectory), signal);
  if (state === undefined) throw new Failure(`There is no file or directory ${path}.`, { code: "not-found" });
  if (state.kind !== "directory") return [path];
  const found: string[] = [];
  const inside = path === "." ? "" : `${path.replace(/\/+$/, "")}/`;
  for (const name of await host.files.list(absolutePath(path, workingDirectory), signal)) {
    const child = `${inside}${name}`;
    const kind = (await host.files.inspect(absolutePath(child, workingDirectory), signal))?.kind;
    if (kind === "directory" && !name.startsWith("."))
      found.push(...(await sourcesBelow(child, workingDirectory, host, signal)));
    else if (kind === "file" && name.endsWith(".mcl")) found.push(child);
  }
  return found;
}
