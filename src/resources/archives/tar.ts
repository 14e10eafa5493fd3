// SPDX-License-Identifier: Apache-2.0
// `tar`: an archive of files and directories, the same bytes for the same names, contents and modes. What it is made of
// is looked at, not remembered.

import { Failure } from "../../contract/failure.ts";
import { field, fromName, type Want } from "../../contract/field.ts";
import type { FileState, Guard } from "../../contract/host.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { isVerified, stampOf } from "../files/file/stamp.ts";
import { cleanPath, isAbsolute, isBelow, isDirectoryPath, lastPart } from "../files/path.ts";
import { directoriesAbove, fileOrDirectoriesAbove, pathIdentity } from "../files/path-identities.ts";
import { trustedPlace } from "../files/trusted-place.ts";
import { countText, isSameStream } from "./output.ts";
import { checkTarForm, tarForms } from "./tar-forms.ts";
import { findInputs, fingerprintOf, type TarInputs, tarOf } from "./tar-inputs.ts";
import { pathProblems } from "../files/possible-path.ts";

const fields = {
  path: field.str({ default: fromName, doc: "The archive; the name of the resource if absent." }),
  inputs: field.strings({
    doc:
      "Files and directories, each with everything in it. With a slash at its end, what is in the directory, without " +
      "the directory itself.",
    example: '["/etc/app.conf", "/srv/app/"]',
  }),
  format: field.int({
    bits: 32,
    doc: "The form of the archive. `0` is ustar, and for entries that do not fit into it pax, or gnu for names that are no text.",
    example: "$const.res.tar.format.pax",
  }),
};

type TarWant = Want<typeof fields>;

type TarHave =
  | { readonly kind: "unavailable"; readonly reason: string }
  | {
      readonly kind: "found";
      readonly path: string;
      readonly guard: Guard;
      readonly inputs: TarInputs;
      readonly at: FileState | undefined;
      readonly right: boolean;
    };

type TarStep =
  | (Step & {
      readonly do: "pack";
      readonly path: string;
      readonly guard: Guard;
      readonly inputs: TarInputs;
      readonly made: boolean;
    })
  | (Step & { readonly do: "refuse"; readonly reason: string });

export const tar = defineResource({
  kind: "tar",
  summary: "An archive of files and directories, in the form of the program tar.",
  fields,
  traits: {},
  watchedFields: ["path", "inputs"],
  edges: {
    reads: ["path", "inputs"],
    offers: ({ path }) => [pathIdentity(path)],
    *wishes({ path, inputs }) {
      for (const input of inputs)
        yield { order: "before", anyOf: fileOrDirectoriesAbove(input), why: "is packed from" };
      yield { order: "before", anyOf: directoriesAbove(path), why: "is in the directory" };
    },
  },
  check: checkTar,
  observe: observeTar,
  plan: (_want: TarWant, have: TarHave): readonly TarStep[] => {
    if (have.kind === "unavailable") return [{ do: "refuse", reason: have.reason }];
    const { path, guard, inputs, at, right } = have;
    return right ? [] : [{ do: "pack", path, guard, inputs, made: at !== undefined }];
  },
  explain: (step: TarStep): StepText => {
    if (step.do === "refuse") return { mark: "!", text: step.reason };
    const entries = countText(step.inputs.items.length, "entry", "entries");
    return { mark: step.made ? "~" : "+", text: `pack ${entries}, ${step.inputs.size} bytes` };
  },
  apply: async (step: TarStep, _want: TarWant, env) => {
    if (step.do === "refuse") throw new Failure(step.reason, { code: "not-found" });
    await env.host.files.writePieces(step.path, tarOf(step.inputs, env), step.guard, env.signal);
  },
  watch: ({ path, inputs }: TarWant, env) =>
    env.host.files.watch(
      [{ path: cleanPath(path) }, ...inputs.map((input) => ({ path: cleanPath(input), recursive: true }))],
      env.signal,
    ),
});

function checkTar(want: TarWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!isAbsolute(want.path) || isDirectoryPath(want.path)) {
    found.push({
      field: "path",
      title: `\`path\` must be the absolute path of a file, not "${want.path}"`,
      hint: 'Write it like "/var/backups/app.tar".',
    });
  }
  const names = new Set<string>();
  for (const input of want.inputs) {
    const clean = cleanPath(input);
    if (!isAbsolute(input))
      found.push({
        field: "inputs",
        title: `the input "${input}" is not an absolute path`,
        hint: 'Write it like "/srv/app/", or "/etc/motd".',
      });
    else if (isBelow(cleanPath(want.path), clean) || clean === cleanPath(want.path)) {
      found.push({ field: "inputs", title: `the archive would be a part of itself: it lies in "${input}"` });
    } else if (!isDirectoryPath(input) && names.has(lastPart(clean))) {
      found.push({
        field: "inputs",
        title: `two inputs have the name "${lastPart(clean)}" in the archive`,
        hint: "In a directory of their own, which is the input then, they are kept apart.",
      });
    }
    if (!isDirectoryPath(input)) names.add(lastPart(clean));
  }
  found.push(...pathProblems({ path: want.path, inputs: want.inputs }), ...checkTarForm(want.format));
  return found;
}

async function observeTar(want: TarWant, env: ResourceEnv): Promise<TarHave> {
  const { files } = env.host;
  const inputs = await findInputs(want.inputs, tarForms.get(want.format) ?? "fitting", env);
  if ("unavailable" in inputs) return { kind: "unavailable", reason: inputs.unavailable };
  const { path, guard } = await trustedPlace(cleanPath(want.path), env.host, env.signal, "follow");
  const at = await files.inspect(path, env.signal);
  const found = { kind: "found", path, guard, inputs, at } as const;
  if (at?.kind !== "file" || at.size !== inputs.size) return { ...found, right: false };
  const stamp = `${stampOf(at)} ${fingerprintOf(inputs, env)}`;
  const states = [at, ...inputs.items.map(({ state }) => state).filter(({ kind }) => kind === "file")];
  const right = await isVerified({ label: "verified", stamp, states }, env, () =>
    isSameStream(files.pieces(path, env.signal, guard), tarOf(inputs, env)),
  );
  return { ...found, right };
}
