// SPDX-License-Identifier: Apache-2.0
// What augtool makes of a text: it works below a directory of its own, for a while, where nothing but a copy of the file is. The file
// itself is not touched.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { parentOf } from "../files/path.ts";
import { readText } from "../files/read-text.ts";
import { temporaryPath } from "../files/temporary-path.ts";

export interface Setting {
  /** In the tree of Augeas, from its top. */
  readonly path: string;
  readonly value: string;
}

export interface Tuned {
  /** Where the file is for Augeas; the paths of settings say it too. */
  readonly file: string;
  /** Empty: that which Augeas has for this place. */
  readonly lens: string;
  readonly settings: readonly Setting[];
  /** Undefined: there is no file yet. */
  readonly content: string | undefined;
}

/** The content with these settings, or what augtool has to say against it. */
export async function changedByAugtool(
  tuned: Tuned,
  env: ResourceEnv,
): Promise<{ readonly content: string } | { readonly wrong: string }> {
  const { host, signal } = env;
  const top = temporaryPath(host);
  const copy = `${top}${tuned.file}`;
  await host.files.createDirectory(top, { mode: 0o700 }, signal);
  try {
    await makeDirectories(parentOf(copy), env);
    if (tuned.content !== undefined) {
      await host.files.write(copy, bytesOf(tuned.content), { mode: 0o600 }, signal);
    }
    const told = await run(top, tuned, env);
    if (told !== undefined) return { wrong: told };
    return { content: (await readText(copy, host.files, signal)) ?? "" };
  } finally {
    await host.files.remove(top, { recursive: true }, new AbortController().signal);
  }
}

async function makeDirectories(path: string, { host, signal }: ResourceEnv): Promise<void> {
  if ((await host.files.inspect(path, signal)) === undefined) {
    await host.files.createDirectory(path, { parents: true }, signal);
  }
}

/** Undefined when all went well. */
async function run(top: string, tuned: Tuned, { host, signal }: ResourceEnv): Promise<string | undefined> {
  const known = tuned.lens === "" ? [] : ["--noautoload"];
  const outcome = await host.processes.run(
    {
      argv: ["augtool", "--noload", "--root", top, ...known],
      env: new Map([...host.system.environmentVariables(), ["LC_ALL", "C.UTF-8"]]),
      input: bytesOf(commandsOf(tuned)),
    },
    signal,
  );
  const said = textOf(outcome.output);
  if (outcome.status === undefined) {
    throw new Failure(`augtool was ended by ${outcome.endedBy ?? "a signal"}`, { code: "command-failed" });
  }
  if (/^ {2}\(no matches\)$/m.test(said)) return `Augeas has no lens for ${tuned.file}: give it one with \`lens\``;
  return outcome.status === 0 && !/^(?:error:|Error in )/m.test(said) ? undefined : complaintOf(said);
}

function commandsOf({ file, lens, settings, content }: Tuned): string {
  const transform =
    lens === ""
      ? []
      : [`set /augeas/load/Mgmt/lens ${quoted(lens)}`, `set /augeas/load/Mgmt/incl ${quoted(escapedGlob(file))}`];
  const commands = [
    ...transform,
    "load",
    "errors",
    ...(content === undefined || lens !== "" ? [] : [`match ${quoted(`/augeas/files${escapedPath(file)}/path`)}`]),
    ...settings.map(({ path, value }) => `set ${quoted(path)} ${quoted(value)}`),
    "save",
    "errors",
  ];
  return commands.map((command) => `${command}\n`).join("");
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The name of a file in an expression of Augeas. */
export function escapedPath(path: string): string {
  return path.replace(/[\s[\]()|=,!\\'"*]/g, "\\$&");
}

/** The name of a file where there could be a pattern of names. */
function escapedGlob(path: string): string {
  return path.replace(/[*?[\\]/g, "\\$&");
}

/** The lines that say what is wrong, without what only points at it. */
function complaintOf(said: string): string {
  const lines = said
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(?:\(no errors\)|Saved \d|saving failed|error: Failed to execute)/.test(line));
  return `augtool says: ${[...new Set(lines)].slice(0, 4).join(" / ")}`;
}
