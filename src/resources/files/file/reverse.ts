// SPDX-License-Identifier: Apache-2.0
// Putting a file back as it was before it was managed: there or not, with the content and the attributes it had.

import { Failure } from "../../../contract/failure.ts";
import type { FileState } from "../../../contract/host.ts";
import type { ResourceEnv, WantProblem } from "../../../contract/resource.ts";
import type { Reversal, ReverseFields } from "../../../contract/reversal.ts";
import { textOf } from "../../../values/bytes.ts";
import { renderMode } from "../mode.ts";
import { type FileWant, targetOf } from "./fields.ts";

/** What is kept of a content; it has to be held in memory. */
const longestContentBytes = 16 * 1024 * 1024;

export const fileReversal: Reversal<FileWant> = {
  refuse: refuseReverse,
  subject: (want) => targetOf(want).path,
  reverse: reverseFile,
};

function refuseReverse(want: FileWant): WantProblem | undefined {
  const reason = targetOf(want).directory
    ? "a directory"
    : want.source !== "" && !want.symlink
      ? "a file with `source`"
      : undefined;
  if (reason === undefined) return undefined;
  return { title: `${reason} cannot be undone`, hint: "Leave out `Meta:reverse`." };
}

async function reverseFile(want: FileWant, env: ResourceEnv): Promise<ReverseFields> {
  const { files } = env.host;
  const { path } = targetOf(want);
  const at = await files.inspect(path, env.signal);
  if (at === undefined) return { path, state: "absent" };
  const through = want.symlink || want.state === "absent" ? undefined : await files.inspectTarget(path, env.signal);
  const file = at.kind === "symlink" ? through : at;
  if (file?.kind === "file" && !want.symlink) return whole(want, path, file, env);
  if (at.kind === "symlink") {
    return { path, state: "exists", symlink: true, source: await files.readLink(path, env.signal), force: true };
  }
  throw new Failure(`${path} could not be put back afterwards: it is ${kindText[at.kind]} now`, {
    code: "unsupported",
    hint: "Remove it first, or leave out `Meta:reverse`.",
  });
}

async function whole(want: FileWant, path: string, at: FileState, env: ResourceEnv): Promise<ReverseFields> {
  const absent = want.state === "absent";
  const { files } = env.host;
  const context = want.selinux === undefined ? undefined : ((await files.securityContext(path, env.signal)) ?? "");
  const hasContent = absent || want.content !== undefined || want.fragments.length > 0;
  return {
    path,
    state: "exists",
    ...(hasContent ? { content: textOf(await files.read(path, longestContentBytes, env.signal)) } : {}),
    ...(absent || want.mode !== "" ? { mode: renderMode(at.mode) } : {}),
    ...(absent || want.owner !== "" ? { owner: String(at.uid) } : {}),
    ...(absent || want.group !== "" ? { group: String(at.gid) } : {}),
    ...(context === undefined ? {} : { selinux: context }),
  };
}

const kindText = {
  file: "a file",
  directory: "a directory",
  symlink: "a symbolic link",
  other: "a special file",
} as const;
