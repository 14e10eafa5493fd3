// SPDX-License-Identifier: Apache-2.0
// The command line of a tool: its own options, and those of `mgmt run` that make sense for whoever calls it.

import type { Command } from "commander";
import { Failure } from "../contract/failure.ts";
import type { ToolDeclaration, ToolInput } from "../program/tool/declaration.ts";
import { variableOf } from "../program/tool/inputs.ts";
import { readWritten } from "../program/tool/input-value.ts";
import type { CommandSpec, OptionSpec, Terminal } from "./command.ts";
import { commandOf } from "./command-line.ts";
import { runningCommands } from "./commands/running.ts";

/** For those who write the program, or who look after many hosts with mgmt itself. */
const notOfTools = [
  ...["plan", "no-autoedges", "no-autogroup", "wait", "deploy-keys", "no-watch"],
  ...["module-path", "download", "only-download", "update"],
];

/** Without the action. Fails with `invalid` when an option of the tool has the name of one that every run has. */
export function toolCommand(tool: ToolDeclaration, output: Pick<Terminal, "stdout" | "stderr">): Command {
  const run = runningCommands.find(({ name }) => name === "run")?.options ?? [];
  const ofRun = run
    .filter((option) => option.hidden !== true && !notOfTools.includes(longName(option)))
    .map((option): OptionSpec => ({ ...option, group: "How it runs" }));
  const taken = new Set([...ofRun.map(longName), "help", "version"]);
  for (const { name } of tool.inputs) {
    if (!taken.has(name) && !taken.has(`no-${name}`)) continue;
    throw new Failure(`every run has an option --${name}, so the tool cannot have one of its own`, { code: "invalid" });
  }
  const spec: CommandSpec = {
    name: tool.name,
    summary: tool.summary,
    doc: tool.doc,
    arguments: [],
    options: [...tool.inputs.flatMap((input) => optionsOf(tool, input)), ...ofRun],
    examples: tool.examples,
    load: () => Promise.reject(new Error("a tool is one command")),
  };
  return commandOf(spec, { name: tool.name, terminal: output }).version(tool.version, "--version", "print the version");
}

/** `convergedTimeout` of `converged-timeout`. */
export function keyOf(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function longName({ flags }: OptionSpec): string {
  return /--([a-z-]+)/.exec(flags)?.[1] ?? flags;
}

function optionsOf(tool: ToolDeclaration, input: ToolInput): readonly OptionSpec[] {
  const { name, type, choices, isSecret } = input;
  const what = type === "bool" && input.default === true ? `Switches off: ${input.doc}` : input.doc;
  const doc = `${what} (${[...remarks(input), `also ${variableOf(tool, input)}`].join("; ")})`.trimStart();
  if (type === "bool") {
    return input.default === true
      ? [{ flags: `--no-${name}`, doc }, { flags: `--${name}`, doc: "", hidden: true }]
      : [{ flags: `--${name}`, doc }];
  } // biome-ignore format: one line
  const place = isSecret ? "-" : { str: "text", file: "path", int: "number", float: "number", "[]str": "texts" }[type];
  const read = (text: string): unknown => {
    const value = readWritten(text, type);
    if (value === undefined)
      throw new Failure(type === "int" ? "It must be a whole number." : "It must be a number.", { code: "invalid" });
    return value;
  };
  const chosen = choices === undefined ? { read } : { choices };
  return [{ flags: `--${name} <${place}>`, doc, ...chosen, ...(type === "[]str" ? { many: true } : {}) }];
}

function remarks({ default: value, isRequired, isSecret, type }: ToolInput): readonly string[] {
  if (isRequired) return ["needed"];
  if (isSecret) return ["asked for, or - to read it from standard input"];
  if (value === undefined || value === "" || type === "bool") return [];
  return [`default: ${Array.isArray(value) ? value.join(",") : String(value)}`];
}
