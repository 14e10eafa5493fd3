// SPDX-License-Identifier: Apache-2.0
// Why a command could not be started, worded for the person who wrote it. Both hosts say the same.

import { Failure } from "../contract/failure.ts";
import { renderPath } from "./refusal.ts";

export function notInstalled(program: string): Failure {
  return new Failure(`the command ${renderPath(program)} is not installed or not in PATH`, {
    code: "not-found",
    hint: "install the package that has it, or write its whole path; what a shell knows by itself needs a shell",
  });
}

export function noSuchProgram(program: string, cause?: unknown): Failure {
  return new Failure(`the command ${renderPath(program)} does not exist`, {
    code: "not-found",
    hint: "install the package that has it, or correct the path",
    cause,
  });
}

export function programIsDirectory(program: string): Failure {
  return new Failure(`cannot run ${renderPath(program)}: it is a directory`, { code: "is-a-directory" });
}

export function noSuchWorkingDirectory(program: string, cwd: string, cause?: unknown): Failure {
  return new Failure(`cannot run ${renderPath(program)} in ${renderPath(cwd)}: that directory does not exist`, {
    code: "not-found",
    hint: "create the working directory first",
    cause,
  });
}

export function workingDirectoryIsNone(program: string, cwd: string): Failure {
  return new Failure(`cannot run ${renderPath(program)} in ${renderPath(cwd)}: that is no directory`, {
    code: "not-a-directory",
  });
}

/** `meant` is the signal that was probably meant. */
export function noSuchSignal(program: string, wanted: string, meant: string | undefined): Failure {
  return new Failure(`cannot run ${renderPath(program)}: there is no signal ${renderPath(wanted)}`, {
    code: "invalid",
    hint: meant === undefined ? "`kill -l` lists the signals; their names begin with SIG" : `write ${meant}`,
  });
}

export function othersOnlyForRoot(program: string, cause?: unknown): Failure {
  return new Failure(`cannot run ${renderPath(program)}: only root may run a command as another user or group`, {
    code: "denied",
    hint: "run as root, or leave user and group out",
    cause,
  });
}

/** Text that cannot be handed to a command. */
export function notText(program: string, text: string): Failure {
  return new Failure(`cannot run ${renderPath(program)}: ${renderPath(text)} contains bytes that are not UTF-8`, {
    code: "unsupported",
    hint: "commands, their arguments and variables must be text",
  });
}

export function containsNull(program: string, cause?: unknown): Failure {
  return new Failure(`cannot run ${renderPath(program)}: an argument or variable contains a null byte`, {
    code: "invalid",
    cause,
  });
}
