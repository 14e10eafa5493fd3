// SPDX-License-Identifier: Apache-2.0
// Fetches modules with the git program: never asks a person anything, never runs what a URL says. Each function fails
// with a `Failure` that says what git said.

import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { textOf } from "../../values/bytes.ts";

export interface Git {
  clone(url: string, directory: string): Promise<void>;
  /** The newest of the branch that the other side has as its main one. */
  update(url: string, directory: string): Promise<void>;
  checkOut(url: string, commit: string, directory: string): Promise<void>;
  /** Undefined when the directory is not the top of a clone. */
  commitOf(directory: string): Promise<string | undefined>;
}

export function gitProgram(host: Host, signal: AbortSignal): Git {
  const run = async (url: string, args: readonly string[]): Promise<string> => {
    const argv: [string, ...string[]] = ["env", ...environmentFor(url, host), "git", ...args];
    const { status, stdout, stderr } = await host.processes.run({ argv }, signal);
    if (status === 0) return textOf(stdout).trim();
    throw new Failure(`git cannot fetch ${url}: ${lastLine(textOf(stderr))}.`, {
      code: "command-failed",
      hint: "mgmt asks nobody for a password: `git clone` of this URL must work without one.",
    });
  };
  const submodules = (url: string, directory: string) =>
    run(url, ["-C", directory, "submodule", "update", "--init", "--recursive", "--quiet"]);
  return {
    async clone(url, directory) {
      await run(url, ["clone", "--quiet", "--recurse-submodules", "--", cloneUrl(url), directory]);
    },
    async update(url, directory) {
      await run(url, ["-C", directory, "fetch", "--quiet", "--tags", "origin"]);
      await run(url, ["-C", directory, "remote", "set-head", "origin", "--auto"]);
      await run(url, ["-C", directory, "checkout", "--quiet", "--detach", "origin/HEAD"]);
      await submodules(url, directory);
    },
    async checkOut(url, commit, directory) {
      await run(url, ["-C", directory, "checkout", "--quiet", "--detach", commit]);
      await submodules(url, directory);
    },
    async commitOf(directory) {
      if ((await host.files.inspect(`${directory}.git`, signal)) === undefined) return undefined;
      return run(directory, ["-C", directory, "rev-parse", "HEAD"]);
    },
  };
}

/** GitHub no longer serves its git:// addresses, which the modules of many people still name. */
export function cloneUrl(url: string): string {
  return url.replace(/^git:\/\/github\.com\//, "https://github.com/");
}

/** On top of the environment of this process. */
function environmentFor(url: string, { system }: Host): readonly string[] {
  // Never `ext::`, which runs a command; a module of another machine must not pull in files of this one.
  const protocols = url.startsWith("file:") ? "file" : "git:http:https:ssh";
  const ssh = system.environment("GIT_SSH_COMMAND") ?? "ssh -oBatchMode=yes";
  return [
    "GIT_TERMINAL_PROMPT=0",
    "GIT_ASKPASS=",
    "SSH_ASKPASS=",
    `GIT_ALLOW_PROTOCOL=${protocols}`,
    `GIT_SSH_COMMAND=${ssh}`,
  ];
}

function lastLine(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line.replace(/^(fatal|error): /, "").replace(/\.$/, "") || "it says nothing";
}
