// SPDX-License-Identifier: Apache-2.0
// From descriptions of commands to a parser of command lines: that of mgmt, and those of tools that are made with it.

import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { Failure } from "../contract/failure.ts";
import type { CommandSpec, OptionSpec, Terminal } from "./command.ts";
import { exitStatus } from "./exit-status.ts";

export interface Owner {
  /** `mgmt`, or the name of a tool. */
  readonly name: string;
  readonly terminal: Pick<Terminal, "stdout" | "stderr">;
}

/** Without the action. The command is that of the owner itself when it has the same name. */
export function commandOf(spec: CommandSpec, owner: Owner): Command {
  const command = new Command(spec.name).summary(spec.summary).description(`${spec.summary}\n\n${spec.doc}`.trimEnd());
  configure(command, owner);
  if (spec.aliases !== undefined) command.aliases(spec.aliases);
  for (const { syntax, doc, choices } of spec.arguments) {
    const argument = new Argument(syntax, doc);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
  for (const option of spec.options) command.addOption(optionOf(option));
  if (spec.examples.length > 0) {
    const width = Math.max(...spec.examples.map((example) => example.line.length));
    const lines = spec.examples.map((example) => `  ${example.line.padEnd(width)}  ${example.doc}`);
    command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
  }
  return command;
}

export function configure(command: Command, { name, terminal }: Owner): void {
  const called = command.name() === name ? name : `${name} ${command.name()}`;
  command
    .exitOverride()
    .allowExcessArguments(false)
    .showSuggestionAfterError(true)
    .helpOption("-h, --help", "show this help")
    .configureOutput({
      writeOut: terminal.stdout,
      writeErr: terminal.stderr,
      outputError: (text, write) => write(`${name}: ${text.replace(/^error: /, "")}  hint: ${called} --help\n`),
    });
}

/** The exit status for what a command has thrown, told to the person. What nobody could expect is thrown on. */
export function statusOfThrown(reason: unknown, { name, terminal }: Owner): number {
  if (reason instanceof CommanderError) return reason.exitCode === 0 ? exitStatus.good : exitStatus.usage;
  if (!(reason instanceof Failure)) throw reason;
  terminal.stderr(`${name}: ${reason.message}\n${reason.hint === undefined ? "" : `  hint: ${reason.hint}\n`}`);
  return reason.code === "not-found" || reason.code === "invalid" ? exitStatus.wrong : exitStatus.refused;
}

function readOrRefuse(text: string, read: (text: string) => unknown): unknown {
  try {
    return read(text);
  } catch (reason) {
    if (reason instanceof Failure) throw new InvalidArgumentError(reason.message);
    throw reason;
  }
}

function optionOf(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.doc);
  if (spec.default !== undefined) option.default(spec.default);
  if (spec.choices !== undefined) option.choices(spec.choices);
  if (spec.hidden === true) option.hideHelp();
  if (spec.group !== undefined) option.helpGroup(`${spec.group}:`);
  const { read = (text: string): unknown => text } = spec;
  if (spec.many === true)
    option.argParser((text, former: readonly unknown[] | undefined) => [...(former ?? []), readOrRefuse(text, read)]);
  else if (spec.read !== undefined) option.argParser((text) => readOrRefuse(text, read));
  const { wholeNumberFrom } = spec;
  if (wholeNumberFrom !== undefined) {
    option.argParser((text: string) => {
      const number = Number(text);
      if (/^\d+$/.test(text) && number >= wholeNumberFrom) return number;
      throw new InvalidArgumentError(`It must be a whole number of at least ${wholeNumberFrom}.`);
    });
  }
  return option;
}
