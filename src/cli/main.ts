// SPDX-License-Identifier: Apache-2.0
// The command line: builds the parser from the table of commands, runs one command, sets the exit status.

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { nearest } from "../base/nearest.ts";
import { Failure } from "../contract/failure.ts";
import type { CommandSpec, Invocation, OptionSpec } from "./command.ts";
import { commands } from "./commands.ts";
import { exitStatus } from "./exit-status.ts";
import { systemTerminal } from "./terminal.ts";

const terminal = systemTerminal();

/** Returns the exit status; throws nothing that a person would have to read a stack of, save for bugs. */
async function main(args: readonly string[]): Promise<number> {
  let status: number = exitStatus.good;
  const program = new Command("mgmt")
    .description("Makes machines be what a program says, at every instant.")
    .option("--version", "print the version")
    // What follows a command that there is not is of no interest: the command is the mistake.
    .argument("[command]")
    .argument("[rest...]")
    .passThroughOptions()
    .usage("[--version] [--help] COMMAND …")
    .action(async (word: string | undefined, _rest: readonly string[], options: { readonly version?: boolean }) => {
      if (word !== undefined) status = unknownCommand(word);
      else if (options.version === true) status = await runCommand("version", [], {});
      else program.outputHelp();
    });
  configure(program);
  // The others are only of interest to help.
  const meant = commands.find(({ name, aliases = [] }) => [name, ...aliases].includes(args[0] ?? ""));
  for (const spec of meant === undefined ? commands : [meant]) {
    const command = commandOf(spec);
    command.action(async () => {
      status = await runCommand(spec.name, command.args, command.opts());
    });
    program.addCommand(command);
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return status;
  } catch (reason) {
    if (reason instanceof CommanderError) return reason.exitCode === 0 ? exitStatus.good : exitStatus.usage;
    if (reason instanceof Failure) {
      terminal.stderr(`mgmt: ${reason.message}\n${reason.hint === undefined ? "" : `  hint: ${reason.hint}\n`}`);
      return reason.code === "not-found" || reason.code === "invalid" ? exitStatus.wrong : exitStatus.refused;
    }
    throw reason;
  }
}

async function runCommand(name: string, args: readonly string[], options: Invocation["options"]): Promise<number> {
  const spec = commands.find((command) => command.name === name);
  if (spec === undefined) throw new Error(`no command ${name}`);
  const { execute } = await spec.load();
  return execute({ arguments: args, options, terminal });
}

function unknownCommand(word: string): number {
  const meant = nearest(
    word,
    commands.map((command) => command.name),
  );
  terminal.stderr(`mgmt: there is no command ${word}\n`);
  terminal.stderr(meant === undefined ? "  hint: mgmt --help\n" : `  hint: did you mean mgmt ${meant}?\n`);
  return exitStatus.usage;
}

function commandOf(spec: CommandSpec): Command {
  const command = new Command(spec.name).summary(spec.summary).description(`${spec.summary}\n\n${spec.doc}`);
  configure(command);
  if (spec.aliases !== undefined) command.aliases(spec.aliases);
  for (const argument of spec.arguments) command.argument(argument.syntax, argument.doc);
  for (const option of spec.options) command.addOption(optionOf(option));
  if (spec.examples.length > 0) {
    const width = Math.max(...spec.examples.map((example) => example.line.length));
    const lines = spec.examples.map((example) => `  ${example.line.padEnd(width)}  ${example.doc}`);
    command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
  }
  return command;
}

function configure(command: Command): void {
  command
    .exitOverride()
    .allowExcessArguments(false)
    .showSuggestionAfterError(true)
    .helpOption("-h, --help", "show this help")
    .configureOutput({
      writeOut: terminal.stdout,
      writeErr: terminal.stderr,
      outputError: (text, write) =>
        write(
          `mgmt: ${text.replace(/^error: /, "")}  hint: mgmt ${command.name() === "mgmt" ? "" : `${command.name()} `}--help\n`,
        ),
    });
  if (command.name() === "mgmt") command.helpCommand("help [command]", "show the help of a command");
}

function optionOf(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.doc);
  if (spec.default !== undefined) option.default(spec.default);
  if (spec.choices !== undefined) option.choices(spec.choices);
  if (spec.hidden === true) option.hideHelp();
  if (spec.many === true) option.argParser((text, former: readonly string[] | undefined) => [...(former ?? []), text]);
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

// Not `await`: the single file is CommonJS, which starts sooner and has no top-level `await`.
main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (bug: unknown) => {
    // Past every handler, so that the runtime shows it with its stack.
    process.nextTick(() => {
      throw bug;
    });
  },
);
