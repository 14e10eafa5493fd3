// SPDX-License-Identifier: Apache-2.0
// What a program with a tool.yaml sees of its command line: the module `inputs`, with a function for each option. Where the
// program is run without its tool, by variables of the environment and defaults.

import type { Problems } from "../../base/problem.ts";
import { type Catalog, withFunctions } from "../../contract/catalog.ts";
import { defineFunction, FunctionFailure } from "../../contract/function.ts";
import type { ModuleSource } from "../modules/module-source.ts";
import { parseTool, type ToolDeclaration, type ToolInput } from "./declaration.ts";
import { emptyInput, type InputValue, readWritten } from "./input-value.ts";

export const toolFile = "tool.yaml";

/** By the names of the options. */
export type GivenInputs = ReadonlyMap<string, InputValue>;

export interface ToolReading {
  readonly files: ModuleSource;
  /** Of the program; ends in `/`. */
  readonly directory: string;
  readonly show: (path: string) => string;
  readonly environment: (name: string) => string | undefined;
  /** Absent: nobody was asked. */
  readonly given?: GivenInputs;
}

export interface ReadTool {
  /** With the inputs of the program; as it was when the program is none of a tool. */
  readonly catalog: Catalog;
  /** What was looked at, and what was there. */
  readonly path: string;
  readonly text: string | undefined;
}

/** There may be problems afterwards, of the declaration alone. */
export async function readTool(catalog: Catalog, reading: ToolReading, problems: Problems): Promise<ReadTool> {
  const { files, directory, show } = reading;
  const path = `${directory}${toolFile}`;
  const text = await files.read(path);
  const declared = text === undefined ? undefined : await parseTool({ path: show(path), text }, problems);
  if (declared === undefined) return { catalog, path, text };
  const { given = new Map<string, InputValue>(), environment } = reading;
  const functions = declared.inputs.map((input) =>
    inputFunction(declared, input, () => valueOf(declared, input, given, environment)),
  );
  return { catalog: withFunctions(catalog, functions), path, text };
}

/** What was given, else the variable, else the default. A failure: it is not what it must be. Undefined: there is none. */
export function valueOf(
  tool: ToolDeclaration,
  input: ToolInput,
  given: GivenInputs,
  environment: (name: string) => string | undefined,
): InputValue | undefined {
  const known = given.get(input.name);
  if (known !== undefined) return known;
  const variable = variableOf(tool, input);
  const text = environment(variable);
  if (text === undefined) return input.default ?? (input.isRequired ? undefined : emptyInput(input.type));
  const value = readWritten(text, input.type);
  if (value === undefined) throw new FunctionFailure(`${variable} is no ${input.type}: ${text}`, { catchable: false });
  if (input.choices?.includes(text) === false) {
    throw new FunctionFailure(`${variable} is none of ${input.choices.join(", ")}: ${text}`, { catchable: false });
  }
  return value;
}

/** `SITE_KIT_PORT` */
export function variableOf({ name: tool }: ToolDeclaration, { name }: ToolInput): string {
  return `${tool}_${name}`.replaceAll("-", "_").toUpperCase();
}

function inputFunction(tool: ToolDeclaration, input: ToolInput, value: () => InputValue | undefined) {
  const { name, type, doc } = input;
  return defineFunction({
    module: "inputs",
    name: name.replaceAll("-", "_"),
    type: `func() ${type === "file" ? "str" : type}`,
    doc: doc === "" ? `The option --${name}.` : doc,
    read: () => {
      const found = value();
      if (found !== undefined) return found;
      throw new FunctionFailure(`nothing was given for --${name}; ${variableOf(tool, input)} can say it, too`, {
        catchable: false,
      });
    },
  });
}
