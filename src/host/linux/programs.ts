// SPDX-License-Identifier: Apache-2.0
// From a command as it is wanted to one that can be started: finds the program, and says what is wrong before anything
// runs. Knows nothing of running processes.

import { accessSync, constants, statSync } from "node:fs";
import os from "node:os";
import { Failure } from "../../contract/failure.ts";
import type { Command } from "../../contract/host.ts";
import {
  containsNull,
  noSuchProgram,
  noSuchSignal,
  noSuchWorkingDirectory,
  notInstalled,
  notText,
  programIsDirectory,
  workingDirectoryIsNone,
} from "../command-failures.ts";
import { renderPath } from "../refusal.ts";
import { errorName, failureFrom } from "./failures.ts";

/** What is run when PATH is not set, as the C library does it. */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The file to run. Fails when the command cannot be started for a reason that can be told in advance. */
export function programOf(command: Command): string {
  const [program] = command.argv;
  for (const text of [...command.argv, command.cwd ?? "", ...(command.env?.values() ?? [])]) {
    if (!text.isWellFormed()) throw notText(program, text);
    if (text.includes("\0")) throw containsNull(program);
  }
  stopSignalOf(command);
  if (command.cwd !== undefined) expectDirectory(program, command.cwd);
  return program.includes("/") ? expectProgram(program) : lookUp(program);
}

/** The signal that asks the command to stop. */
export function stopSignalOf(command: Command): NodeJS.Signals {
  const wanted = command.stopSignal ?? "SIGTERM";
  if (isSignal(wanted)) return wanted;
  const meant = `SIG${wanted.toUpperCase().replace(/^SIG/, "")}`;
  throw noSuchSignal(command.argv[0], wanted, isSignal(meant) ? meant : undefined);
}

function isSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(os.constants.signals, name);
}

function lookUp(program: string): string {
  let unusable: string | undefined;
  for (const directory of (process.env.PATH ?? defaultPath).split(":")) {
    const file = `${directory === "" ? "." : directory}/${program}`;
    try {
      if (!statSync(file).isFile()) continue;
      accessSync(file, constants.X_OK);
      return file;
    } catch (reason) {
      if (errorName(reason) === "EACCES") unusable ??= file;
    }
  }
  if (unusable !== undefined) {
    throw new Failure(`cannot run ${renderPath(program)}: ${renderPath(unusable)} may not be executed`, {
      code: "denied",
      hint: "make it executable: `chmod +x`",
    });
  }
  throw notInstalled(program);
}

function expectProgram(program: string): string {
  try {
    if (!statSync(program).isDirectory()) return program;
  } catch (reason) {
    if (errorName(reason) !== "ENOENT") throw failureFrom(reason, { doing: "run", path: program });
    throw noSuchProgram(program, reason);
  }
  throw programIsDirectory(program);
}

function expectDirectory(program: string, cwd: string): void {
  try {
    if (statSync(cwd).isDirectory()) return;
  } catch (reason) {
    if (errorName(reason) !== "ENOENT")
      throw failureFrom(reason, { doing: `run ${renderPath(program)} in`, path: cwd });
    throw noSuchWorkingDirectory(program, cwd, reason);
  }
  throw workingDirectoryIsNone(program, cwd);
}
