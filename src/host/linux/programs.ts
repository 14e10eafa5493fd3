// SPDX-License-Identifier: Apache-2.0
// From a command as it is wanted to one that can be started: finds the program, and says what is wrong before anything
// runs. Knows nothing of running processes.

import { accessSync, constants, statSync } from "node:fs";
import os from "node:os";
import { Failure } from "../../contract/failure.ts";
import type { Command } from "../../contract/host.ts";
import { renderPath } from "../refusal.ts";
import { errorName, failureFrom } from "./failures.ts";

/** What is run when PATH is not set, as the C library does it. */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The file to run. Fails when the command cannot be started for a reason that can be told in advance. */
export function programOf(command: Command): string {
  const [program] = command.argv;
  for (const text of [...command.argv, command.cwd ?? "", ...(command.env?.values() ?? [])]) {
    if (text.isWellFormed()) continue;
    throw new Failure(`cannot run ${renderPath(program)}: ${renderPath(text)} contains bytes that are not UTF-8`, {
      code: "unsupported",
      hint: "commands, their arguments and variables must be text",
    });
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
  throw new Failure(`cannot run ${renderPath(command.argv[0])}: there is no signal ${renderPath(wanted)}`, {
    code: "invalid",
    hint: isSignal(meant) ? `write ${meant}` : "`kill -l` lists the signals; their names begin with SIG",
  });
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
  throw new Failure(`the command ${renderPath(program)} is not installed or not in PATH`, {
    code: "not-found",
    hint: "install the package that has it, or write its whole path; what a shell knows by itself needs a shell",
  });
}

function expectProgram(program: string): string {
  try {
    if (!statSync(program).isDirectory()) return program;
  } catch (reason) {
    if (errorName(reason) !== "ENOENT") throw failureFrom(reason, { doing: "run", path: program });
    throw new Failure(`the command ${renderPath(program)} does not exist`, {
      code: "not-found",
      hint: "install the package that has it, or correct the path",
      cause: reason,
    });
  }
  throw new Failure(`cannot run ${renderPath(program)}: it is a directory`, { code: "is-a-directory" });
}

function expectDirectory(program: string, cwd: string): void {
  const text = `cannot run ${renderPath(program)} in ${renderPath(cwd)}`;
  try {
    if (statSync(cwd).isDirectory()) return;
  } catch (reason) {
    if (errorName(reason) !== "ENOENT")
      throw failureFrom(reason, { doing: `run ${renderPath(program)} in`, path: cwd });
    throw new Failure(`${text}: that directory does not exist`, {
      code: "not-found",
      hint: "create the working directory first",
      cause: reason,
    });
  }
  throw new Failure(`${text}: that is no directory`, { code: "not-a-directory" });
}
