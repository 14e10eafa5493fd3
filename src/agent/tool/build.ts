// SPDX-License-Identifier: Apache-2.0
// Makes an executable of its own from a program and its tool.yaml. Nothing is compiled, so any machine can do it, also for
// machines of another architecture: what is read of the executable is only its end.

import { type Problem, Problems } from "../../base/problem.ts";
import type { Catalog } from "../../contract/catalog.ts";
import { Failure } from "../../contract/failure.ts";
import type { Host } from "../../contract/host.ts";
import { parseTool, type ToolDeclaration } from "../../program/tool/declaration.ts";
import { toolFile } from "../../program/tool/inputs.ts";
import { textOf } from "../../values/bytes.ts";
import type { ReadingWithModules } from "../compile-program.ts";
import { packProgram } from "../deploys/bundles.ts";
import { type Attachment, readAttachment, renderAttachment } from "./attachment.ts";

export interface PackedTool {
  readonly tool: ToolDeclaration;
  readonly attachment: Attachment;
}

/** Checks and packs the program in a directory. `packed` is absent exactly when there are problems. */
export async function packTool(
  path: string,
  catalog: Catalog,
  reading: ReadingWithModules,
): Promise<{ readonly packed: PackedTool | undefined; readonly problems: readonly Problem[] }> {
  const { packed, problems } = await packProgram(path, catalog, reading);
  if (packed === undefined) return { packed, problems };
  const attachment = { id: packed.bundle.id, files: packed.bundle.files };
  return { packed: { tool: await toolOf(attachment, path), attachment }, problems };
}

/** Whose declaration has been checked. `shown` is what a person knows the program by. */
export async function toolOf({ files }: Attachment, shown: string): Promise<ToolDeclaration> {
  const file = files.find((each) => each.path === `/${toolFile}`);
  const source = { path: toolFile, text: textOf(file?.content ?? new Uint8Array()) };
  const tool = file === undefined ? undefined : await parseTool(source, new Problems());
  if (tool !== undefined) return tool;
  throw new Failure(`${shown} is no directory with a ${toolFile}`, {
    code: "not-found",
    hint: "it declares the name and the options of the tool: docs/tools.md",
  });
}

const executableLimitBytes = 1024 * 1024 * 1024;

/** Puts the tool at the path, in one step. `executable`: the single file of mgmt for the machines that run the tool. */
export async function writeTool(
  { attachment }: PackedTool,
  { executable, output }: { readonly executable: string; readonly output: string },
  host: Host,
  signal: AbortSignal,
): Promise<number> {
  const own = await host.files.read(executable, executableLimitBytes, signal);
  if (!isExecutable(own) || readAttachment(executable) !== undefined) {
    throw new Failure(`${executable} is no executable of mgmt`, {
      code: "invalid",
      hint: "give the single file that `npm run build` makes, or that a release has, with --executable",
    });
  }
  const attached = await renderAttachment(attachment, host, signal);
  const whole = Buffer.concat([own, attached]);
  await host.files.write(output, whole, { mode: 0o755, durable: true }, signal);
  return whole.length;
}

/** Stands in the text of every single file of mgmt, because it stands here. */
const mark = "this is a single file of mgmt";

function isExecutable(bytes: Uint8Array): boolean {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return content.toString("latin1", 0, 4) === "\x7fELF" && content.includes(mark);
}
