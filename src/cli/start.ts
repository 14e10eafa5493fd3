// SPDX-License-Identifier: Apache-2.0
// The command line: builds the parser from the table of commands, runs one command, sets the exit status. Loading it does
// nothing and looks at nothing: the single file carries it as it is in memory once it is loaded.

import { isSea } from "node:sea";
import { Command } from "commander";
import { nearest } from "../base/nearest.ts";
import { readAttachment } from "../agent/tool/attachment.ts";
import type { Invocation, Terminal } from "./command.ts";
import { commandOf, configure, statusOfThrown } from "./command-line.ts";
import { commands } from "./commands.ts";
import { exitStatus } from "./exit-status.ts";
import { systemTerminal } from "./terminal.ts";

/** Runs the command that this process was started with. */
export function start(): void {
  // Not `await`: the single file is CommonJS, which has no top-level `await`.
  runCommandLine(process.argv.slice(2)).then(
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
}

interface Owner {
  readonly name: string;
  readonly terminal: Terminal;
}

/** Returns the exit status; throws nothing that a person would have to read a stack of, save for bugs. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const terminal = systemTerminal();
  const owner = { name: "mgmt", terminal };
  try {
    const attached = isSea() ? readAttachment(process.execPath) : undefined;
    if (attached === undefined) return await runMgmt(args, owner);
    const { runTool } = await import("./tool.ts");
    return await runTool(attached, args, terminal);
  } catch (reason) {
    return statusOfThrown(reason, owner);
  }
}

async function runMgmt(args: readonly string[], owner: Owner): Promise<number> {
  const { terminal } = owner;
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
      if (word !== undefined) status = unknownCommand(word, terminal);
      else if (options.version === true) status = await runCommand("version", { arguments: [], options: {}, terminal });
      else program.outputHelp();
    });
  configure(program, owner);
  program.helpCommand("help [command]", "show the help of a command");
  // The others are only of interest to help.
  const meant = commands.find(({ name, aliases = [] }) => [name, ...aliases].includes(args[0] ?? ""));
  for (const spec of meant === undefined ? commands : [meant]) {
    const command = commandOf(spec, owner);
    command.action(async () => {
      status = await runCommand(spec.name, { arguments: command.args, options: command.opts(), terminal });
    });
    program.addCommand(command);
  }
  await program.parseAsync([...args], { from: "user" });
  return status;
}

async function runCommand(name: string, invocation: Invocation): Promise<number> {
  const spec = commands.find((command) => command.name === name);
  if (spec === undefined) throw new Error(`no command ${name}`);
  const { execute } = await spec.load();
  return execute(invocation);
}

function unknownCommand(word: string, terminal: Terminal): number {
  const meant = nearest(
    word,
    commands.map((command) => command.name),
  );
  terminal.stderr(`mgmt: there is no command ${word}\n`);
  terminal.stderr(meant === undefined ? "  hint: mgmt --help\n" : `  hint: did you mean mgmt ${meant}?\n`);
  return exitStatus.usage;
}
