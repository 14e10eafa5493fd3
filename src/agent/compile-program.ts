// SPDX-License-Identifier: Apache-2.0
// One program from what the command line names, with its modules, to a typed program, with every problem on the way.

import { type Problem, Problems } from "../base/problem.ts";
import type { SourceFile } from "../base/span.ts";
import type { Catalog } from "../contract/catalog.ts";
import { Failure } from "../contract/failure.ts";
import { readYamlGraph } from "../frontends/yaml/read-graph.ts";
import { compileLoaded, resolveLoaded } from "../program/compile.ts";
import { type Entry, loadProgram, type LoadedProgram } from "../program/modules/load.ts";
import { textOf } from "../values/bytes.ts";
import { diskSource } from "./modules/disk-source.ts";
import type { Program } from "./live-program.ts";
import { type GivenInputs, readTool, type ReadTool } from "../program/tool/inputs.ts";
import { fetchedModules } from "./modules/fetched-modules.ts";
import { shippedModules } from "./modules/shipped.ts";
import { findProgram, pathsAsWritten, programLimitBytes, type Reading } from "./program-input.ts";

/** How modules of others are had. */
export interface ModuleOptions {
  /** Where they are looked for last; an absolute path. Undefined: in `modules/` beside the program. */
  readonly directory: string | undefined;
  /** Fetch those that are missing. */
  readonly download: boolean;
  /** With `download`: take the newest of each instead of the one in mgmt.lock. */
  readonly update: boolean;
}

export interface ReadingWithModules extends Reading {
  /** What the options of the program's tool say; absent where it is run without its tool. */
  readonly inputs?: GivenInputs;
  /** Absent: they are taken from where the program keeps them. */
  readonly modules?: ModuleOptions;
  /** Ends before types are looked at: there is no program then, only its problems. */
  readonly skipTypes?: boolean;
}

export interface Compiled {
  /** Absent exactly when there are problems, or types were skipped. */
  readonly program: Program | undefined;
  readonly problems: readonly Problem[];
  /** Its modules; a graph in YAML has none. */
  readonly loaded?: LoadedProgram;
  /** Every path that was looked at, with what was there: the program changes when one of these does. */
  readonly looked: ReadonlyMap<string, string | undefined>;
  /** The text of one that is in no file: it was piped in, or given on the command line. */
  readonly given?: SourceFile;
  /** False for one that was piped in. */
  readonly canBeReadAgain: boolean;
}

/** Fails with a `Failure` only when there is no program to read. */
export async function compileProgram(path: string, catalog: Catalog, reading: ReadingWithModules): Promise<Compiled> {
  const entry = await findProgram(path, reading);
  const home = entry.kind === "text" ? undefined : directoryOfEntry(entry);
  return compileEntry(path, entry, home, catalog, reading);
}

/** `home`: where it keeps modules of others and its mgmt.lock; undefined: nowhere. */
export async function compileEntry(
  path: string,
  entry: Entry,
  home: string | undefined,
  catalog: Catalog,
  reading: ReadingWithModules,
): Promise<Compiled> {
  const { host, signal, workingDirectory, modules } = reading;
  if (entry.kind === "file" && /\.ya?ml$/.test(entry.path)) return readYaml(path, entry.path, catalog, reading);
  const show = pathsAsWritten(path, entry, workingDirectory);
  const directory = modules?.directory ?? (home === undefined ? undefined : `${home}modules`);
  const fetched = await fetchedModules({
    host,
    signal,
    show,
    lockDirectory: home,
    download: modules?.download ?? false,
    update: modules?.update ?? false,
  });
  const loaded = await loadProgram(entry, {
    files: diskSource(host, signal),
    shipped: shippedModules,
    moduleDirectory: directory === undefined ? undefined : `${directory.replace(/\/+$/, "")}/`,
    remote: fetched,
    show,
  });
  if (loaded.main.kind === "missing") {
    throw new Failure(`The program cannot be read: ${loaded.main.reason}.`, {
      code: "not-found",
      hint: "A program's directory holds a file main.mcl; or name the .mcl file itself.",
    });
  }
  await fetched.writeLock();
  const problems = new Problems();
  const tool = entry.kind === "directory" ? await toolOf(entry.directory, catalog, show, reading, problems) : undefined;
  const looked = new Map(loaded.looked);
  if (tool !== undefined) looked.set(tool.path, tool.text);
  let program: Program | undefined;
  if (reading.skipTypes === true) resolveLoaded(loaded.main.module, tool?.catalog ?? catalog, problems);
  else if (!problems.any) program = compileLoaded(loaded.main.module, tool?.catalog ?? catalog, problems);
  const given = entry.kind === "text" ? { given: entry.source } : {};
  return { program, problems: problems.all, loaded, looked, ...given, canBeReadAgain: path !== "-" };
}

function toolOf(
  directory: string,
  catalog: Catalog,
  show: (path: string) => string,
  { host, signal, inputs }: ReadingWithModules,
  problems: Problems,
): Promise<ReadTool> {
  const files = diskSource(host, signal);
  const environment = (name: string) => host.system.environment(name);
  const given = inputs === undefined ? {} : { given: inputs };
  return readTool(catalog, { files, directory, show, environment, ...given }, problems);
}

async function readYaml(shown: string, path: string, catalog: Catalog, { host, signal }: Reading): Promise<Compiled> {
  const text = textOf(await host.files.read(path, programLimitBytes, signal));
  const problems = new Problems();
  const graph = readYamlGraph({ path: shown, text }, catalog, problems);
  const program = problems.any ? undefined : graph;
  return { program, problems: problems.all, looked: new Map([[path, text]]), canBeReadAgain: true };
}

function directoryOfEntry(entry: Exclude<Entry, { readonly kind: "text" }>): string {
  return entry.kind === "directory" ? entry.directory : entry.path.slice(0, entry.path.lastIndexOf("/") + 1);
}
