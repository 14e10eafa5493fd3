// SPDX-License-Identifier: Apache-2.0
// `line`: a line, or several that follow each other, in a file whose other lines belong to somebody else.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import type { Guard } from "../../contract/host.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { expandHome, watchHomePath, wrongFilePath } from "../files/home-path.ts";
import { oneAtATime } from "../files/one-at-a-time.ts";
import { fileOrDirectoriesAbove } from "../files/path-identities.ts";
import { readText } from "../files/read-text.ts";
import { trustedPlace } from "../files/trusted-place.ts";
import { addBlock, type Block, blockOf, countBlock, removeBlock } from "./block.ts";
import { pathProblems } from "../files/possible-path.ts";

const fields = {
  file: field.str({
    doc: "The file: an absolute path, `~/x` in the home directory of whom this runs as, or `~alice/x` in that of alice.",
    example: '"/etc/hosts"',
  }),
  state: field.str({ doc: "Whether the line is to be there.", choices: ["exists", "absent"] }),
  content: field.str({
    doc: "The line. Several lines are looked for and added together. Without it there is nothing to do.",
    example: '"192.0.2.7 db1"',
  }),
  trim: field.bool({ doc: "Takes white space away at both ends of `content`." }),
};

type LineWant = Want<typeof fields>;

type LineHave =
  | { readonly kind: "unavailable"; readonly reason: string }
  /** How often the lines are in the file; `made`: there is a file. */
  | {
      readonly kind: "read";
      readonly path: string;
      readonly guard: Guard;
      readonly count: number;
      readonly made: boolean;
    };

interface InFile {
  readonly path: string;
  readonly guard: Guard;
  readonly block: Block;
}

type LineStep =
  | (Step & InFile & { readonly do: "add"; readonly made: boolean })
  | (Step & InFile & { readonly do: "remove"; readonly count: number })
  | (Step & { readonly do: "refuse"; readonly reason: string });

/** A new file may get secrets from others later. */
const newFileMode = 0o600;
const shownLength = 100;

export const line = defineResource({
  kind: "line",
  summary: "A line in a file, or several lines that follow each other; the rest of the file is left as it is.",
  fields,
  traits: {},
  watchedFields: ["file"],
  edges: {
    reads: ["file"],
    offers: () => [], // What is in a file is not the file.
    *wishes({ file }) {
      if (file.startsWith("/")) yield { order: "before", anyOf: fileOrDirectoriesAbove(file), why: "is a line in" };
    },
  },
  check: checkLine,
  observe: observeLine,
  plan: planLine,
  explain: explainLine,
  apply: applyLine,
  watch: (want: LineWant, env) => watchHomePath(want.file, env.host, env.signal),
});

function checkLine(want: LineWant): readonly WantProblem[] {
  const wrong = wrongFilePath(want.file);
  return [
    ...pathProblems({ file: want.file }),
    ...(wrong === undefined
      ? []
      : [{ field: "file", title: wrong, hint: 'Write it like "/etc/hosts" or "~/.profile".' }]),
    ...(want.state === ""
      ? [{ field: "state", title: "a line needs a `state`", hint: 'Say "exists" or "absent".' }]
      : []),
  ];
}

async function observeLine(want: LineWant, { host, signal }: ResourceEnv): Promise<LineHave> {
  const place = await expandHome(want.file, host, signal);
  if ("unknown" in place) return { kind: "unavailable", reason: place.unknown };
  const { path, guard } = await trustedPlace(place.path, host, signal, "follow");
  const text = await readText(path, host.files, signal, guard);
  return { kind: "read", path, guard, count: countBlock(text ?? "", wantedBlock(want)), made: text !== undefined };
}

function planLine(want: LineWant, have: LineHave): readonly LineStep[] {
  const block = wantedBlock(want);
  if (block.length === 0) return [];
  if (have.kind === "unavailable") return [{ do: "refuse", reason: have.reason }];
  const { path, guard, count, made } = have;
  if (want.state === "absent") return count === 0 ? [] : [{ do: "remove", path, guard, block, count }];
  return count > 0 ? [] : [{ do: "add", path, guard, block, made }];
}

function explainLine(step: LineStep): StepText {
  switch (step.do) {
    case "add":
      return { mark: "+", text: `add ${blockText(step.block)}${step.made ? "" : " to a new file"}`, ...shown(step) };
    case "remove":
      return {
        mark: "-",
        text: `remove ${blockText(step.block)}${step.count === 1 ? "" : ` (there ${step.count} times)`}`,
        ...shown(step),
      };
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}

/** The file is read again: another resource may have changed it since it was observed. */
async function applyLine(step: LineStep, _want: LineWant, { host, signal }: ResourceEnv): Promise<void> {
  if (step.do === "refuse") throw new Failure(step.reason, { code: "not-found" });
  const { path, guard, block } = step;
  await oneAtATime(host.files, path, signal, async () => {
    const before = await readText(path, host.files, signal, guard);
    const text = before ?? "";
    if (countBlock(text, block) > 0 === (step.do === "add")) return;
    const after = step.do === "add" ? addBlock(text, block) : removeBlock(text, block);
    const mode = before === undefined ? { mode: newFileMode } : {};
    await host.files.write(path, bytesOf(after), { ...mode, ...guard }, signal);
  });
}

function wantedBlock(want: LineWant): Block {
  return blockOf(want.trim ? want.content.trim() : want.content);
}

function blockText(block: Block): string {
  const [only = ""] = block;
  if (block.length > 1) return `${block.length} lines`;
  return `the line ${JSON.stringify(only.length > shownLength ? `${only.slice(0, shownLength)}…` : only)}`;
}

/** One line is told in the sentence. */
function shown(step: { readonly do: "add" | "remove"; readonly block: Block }): Pick<StepText, "content"> {
  if (step.block.length < 2) return {};
  const text = step.block.map((one) => `${one}\n`).join("");
  return { content: step.do === "add" ? { before: "", after: text } : { before: text, after: "" } };
}
