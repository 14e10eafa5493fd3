// SPDX-License-Identifier: Apache-2.0
// `deploy:tar`: an archive of the program itself, with all files that it takes along: for machines that are to run it.

import { Failure } from "../../contract/failure.ts";
import { field, fromName, type Want } from "../../contract/field.ts";
import type { FileState, Guard } from "../../contract/host.ts";
import type { DeployFile } from "../../contract/local-store.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { joinPulses } from "../../base/join-pulses.ts";
import { cleanPath, isAbsolute, isDirectoryPath } from "../files/path.ts";
import { directoriesAbove, pathIdentity } from "../files/path-identities.ts";
import { trustedPlace } from "../files/trusted-place.ts";
import { paddingAfter } from "./formats/tar-layout.ts";
import { endOfTar, type TarForm, tarHeader } from "./formats/tar-writing.ts";
import { countText, isSameFile } from "./output.ts";
import { checkTarForm, tarForms } from "./tar-forms.ts";
import { pathProblems } from "../files/possible-path.ts";

const fields = {
  path: field.str({ default: fromName, doc: "The archive; the name of the resource if absent." }),
  format: field.int({
    bits: 32,
    doc: "The form of the archive. `0` is ustar, and for entries that do not fit into it pax, or gnu for names that are no text.",
    example: "$const.res.tar.format.pax",
  }),
};

type DeployTarWant = Want<typeof fields>;

interface DeployTarHave {
  readonly path: string;
  readonly guard: Guard;
  readonly at: FileState | undefined;
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly isRight: boolean;
}

interface Pack extends Step {
  readonly do: "pack";
  readonly have: DeployTarHave;
}

export const deployTar = defineResource({
  kind: "deploy:tar",
  summary: "An archive of the program itself, with all files that it takes along.",
  fields,
  traits: {},
  watchedFields: ["path"],
  edges: {
    reads: ["path"],
    offers: ({ path }) => [pathIdentity(path)],
    *wishes({ path }) {
      yield { order: "before", anyOf: directoriesAbove(path), why: "is in the directory" };
    },
  },
  check({ path, format }: DeployTarWant): readonly WantProblem[] {
    const found: WantProblem[] = [...pathProblems({ path }), ...checkTarForm(format)];
    if (!isAbsolute(path) || isDirectoryPath(path)) {
      found.push({
        field: "path",
        title: `\`path\` must be the absolute path of a file, not "${path}"`,
        hint: 'Write it like "/srv/program.tar".',
      });
    }
    return found;
  },
  async observe(want: DeployTarWant, env): Promise<DeployTarHave> {
    const files = await env.local.deploy.files(env.signal);
    const bytes = archiveOf(files, tarForms.get(want.format) ?? "fitting");
    const { path, guard } = await trustedPlace(cleanPath(want.path), env.host, env.signal, "follow");
    const at = await env.host.files.inspect(path, env.signal);
    const isRight = at?.kind === "file" && (await isSameFile(path, at, bytes, env));
    return { path, guard, at, count: files.length, bytes, isRight };
  },
  plan: (_want: DeployTarWant, have: DeployTarHave): readonly Pack[] => (have.isRight ? [] : [{ do: "pack", have }]),
  explain: ({ have: { at, count, bytes } }: Pack): StepText => ({
    mark: at === undefined ? "+" : "~",
    text: `pack ${countText(count, "file", "files")} of the program, ${bytes.length} bytes`,
  }),
  apply: ({ have: { path, guard, bytes } }: Pack, _want, env: ResourceEnv) =>
    env.host.files.write(path, bytes, guard, env.signal),
  watch: ({ path }: DeployTarWant, env) =>
    joinPulses(env.signal, [
      (signal) => env.host.files.watch([{ path: cleanPath(path) }], signal),
      (signal) => env.local.deploy.changes(signal),
    ]),
});

/** Directories come before what is in them. */
function archiveOf(files: readonly DeployFile[], form: TarForm): Uint8Array {
  const parts: Uint8Array[] = [];
  const made = new Set<string>();
  const add = (name: string, kind: "file" | "directory", mode: number, content: Uint8Array) => {
    const head = tarHeader({ name, kind, mode, size: content.length, linkText: "" }, form);
    if ("wrong" in head) throw new Failure(head.wrong, { code: "invalid", hint: "Choose another `format`." });
    parts.push(head, content, new Uint8Array(paddingAfter(content.length)));
  };
  for (const { path, content, executable } of files) {
    const names = path.slice(1).split("/");
    for (let depth = 1; depth < names.length; depth += 1) {
      const directory = names.slice(0, depth).join("/");
      if (!made.has(directory)) add(directory, "directory", 0o755, new Uint8Array());
      made.add(directory);
    }
    add(names.join("/"), "file", executable ? 0o755 : 0o644, content);
  }
  parts.push(endOfTar);
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
