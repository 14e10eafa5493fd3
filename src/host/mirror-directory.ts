// SPDX-License-Identifier: Apache-2.0
// Makes one directory hold what another one holds, and nothing else. What is equal stays untouched. Works on any host.

import { type Host, isDraftName } from "../contract/host.ts";

/** Both exist. Links count as what they lead to; pipes, sockets and devices are left out. */
export async function mirrorDirectory(source: string, target: string, host: Host, signal: AbortSignal): Promise<void> {
  const { files } = host;
  const names = new Set<string>();
  for (const name of await files.list(source, signal)) {
    const from = `${source}/${name}`;
    const to = `${target}/${name}`;
    const wanted = await files.inspectTarget(from, signal);
    if (wanted?.kind !== "file" && wanted?.kind !== "directory") continue;
    names.add(name);
    const there = await files.inspect(to, signal);
    if (there !== undefined && there.kind !== wanted.kind) await files.remove(to, { recursive: true }, signal);
    const { mode } = wanted;
    if (wanted.kind === "directory") {
      if (there?.kind !== "directory") await files.createDirectory(to, { mode }, signal);
      else if (there.mode !== mode) await files.setMode(to, mode, signal);
      await mirrorDirectory(from, to, host, signal);
    } else if (there?.kind !== "file" || !(await sameContent(from, to, host, signal))) {
      await files.copy(from, to, { mode }, signal);
    } else if (there.mode !== mode) {
      await files.setMode(to, mode, signal);
    }
  }
  for (const name of await files.list(target, signal)) {
    if (!names.has(name) && !isDraftName(name)) await files.remove(`${target}/${name}`, { recursive: true }, signal);
  }
}

async function sameContent(left: string, right: string, { files }: Host, signal: AbortSignal): Promise<boolean> {
  return (await files.digest(left, signal)) === (await files.digest(right, signal));
}
