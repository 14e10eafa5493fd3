// SPDX-License-Identifier: Apache-2.0
// `validate`: a program that knows the form of the file sees the new content, in a file of its own beside the place, before
// it is put there. What it refuses is not put there, and what was there stays. Knows no such program.

import { Failure } from "../../../contract/failure.ts";
import type { Host } from "../../../contract/host.ts";
import { textOf } from "../../../values/bytes.ts";
import { joinPath, lastPart, parentOf } from "../path.ts";
import { applyFileStep, type FileStep } from "./steps.ts";

type Writing = Extract<FileStep, { readonly do: "write" | "copy" }>;

/** Whether one of these arguments is where the path of the new content goes: `%` by itself, or behind a `=`. */
export function namesContent(validate: readonly string[]): boolean {
  return validate.some((word) => isContentWord(word));
}

export async function applyValidated(
  step: Writing,
  validate: readonly string[],
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  const draft = draftPath(step.path, host);
  // Nobody else may read what only its owner can read later.
  const mode = step.attributes.mode ?? (step.was?.kind === "file" ? step.was.mode : 0o600);
  try {
    await applyFileStep(
      { ...step, path: draft, attributes: { ...step.attributes, mode }, was: undefined },
      host,
      signal,
    );
    await expectAccepted(step.path, draft, validate, host, signal);
    // What was seen is what is put there, also when the source has changed meanwhile.
    await applyFileStep(step.do === "copy" ? { ...step, source: draft } : step, host, signal);
  } finally {
    await applyFileStep(removalOf(draft), host, new AbortController().signal);
  }
}

async function expectAccepted(
  path: string,
  draft: string,
  validate: readonly string[],
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  const [program = "", ...args] = validate.map((word) => (isContentWord(word) ? word.slice(0, -1) + draft : word));
  const { status, endedBy, stdout, stderr } = await host.processes.run({ argv: [program, ...args] }, signal);
  if (status === 0) return;
  const how = status === undefined ? `was ended by ${endedBy ?? "a signal"}` : `ended with status ${status}`;
  const words = lastLines(textOf(stderr.length > 0 ? stderr : stdout).replaceAll(draft, path));
  throw new Failure(`the new content of ${path} was not accepted: ${validate.join(" ")} ${how}${words}`, {
    code: "invalid",
    hint: "What was there before was left as it is. Correct the content, or the command in `validate`.",
  });
}

const toldLines = 3;

function lastLines(text: string): string {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .slice(-toldLines);
  return lines.length === 0 ? "" : `: ${lines.join(" / ")}`;
}

function isContentWord(word: string): boolean {
  return word === "%" || word.endsWith("=%");
}

/** The name of something unfinished, so that nobody takes it for an entry of the directory (`isDraftName`). */
function draftPath(path: string, host: Host): string {
  const name = lastPart(path);
  const prefix = name.length > 60 ? "" : `${name}.`;
  return joinPath(parentOf(path), `.${prefix}mgmt-${host.random.bytes(6).toHex()}`);
}

function removalOf(path: string): FileStep {
  return { do: "remove", path, inside: "", kind: "file", recursive: false, names: [] };
}
