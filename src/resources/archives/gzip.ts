// SPDX-License-Identifier: Apache-2.0
// `gzip`: a compressed file, the same bytes for the same content. What it is made of is looked at, not remembered.

import { Failure } from "../../contract/failure.ts";
import { field, fromName, optional, type Want } from "../../contract/field.ts";
import type { FileState, Guard } from "../../contract/host.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { isVerified, stampOf } from "../files/file/stamp.ts";
import { cleanPath, isAbsolute, isDirectoryPath } from "../files/path.ts";
import { directoriesAbove, fileOrDirectoriesAbove, pathIdentity } from "../files/path-identities.ts";
import { trustedPlace } from "../files/trusted-place.ts";
import { isSameFile, largestBytes, sizeText } from "./output.ts";
import { pathProblems } from "../files/possible-path.ts";

const fields = {
  path: field.str({ default: fromName, doc: "The compressed file; the name of the resource if absent." }),
  input: optional(field.str({ doc: "The file to compress.", example: '"/var/backups/site.sql"' })),
  content: field.str({ doc: "What to compress, without `input`." }),
  level: field.int({
    bits: 32,
    default: -1,
    doc: "From `0`, not compressed, to `9`, the smallest; `-1` is the usual one, `-2` the quickest that saves anything.",
    example: "$const.res.gzip.level.best_compression",
  }),
};

type GzipWant = Want<typeof fields>;

type GzipHave =
  | { readonly kind: "unavailable"; readonly reason: string }
  | {
      readonly kind: "found";
      readonly path: string;
      readonly guard: Guard;
      /** Of what is to be compressed. */
      readonly size: number;
      readonly at: FileState | undefined;
      readonly right: boolean;
    };

type GzipStep =
  | (Step & {
      readonly do: "compress";
      readonly path: string;
      readonly guard: Guard;
      readonly size: number;
      readonly from: string;
      readonly made: boolean;
    })
  | (Step & { readonly do: "refuse"; readonly reason: string });

export const gzip = defineResource({
  kind: "gzip",
  summary: "A file with the compressed content of another one, or of a text.",
  fields,
  traits: {},
  watchedFields: ["path", "input"],
  edges: {
    reads: ["path", "input"],
    offers: ({ path }) => [pathIdentity(path)],
    *wishes({ path, input }) {
      if (isGiven(input)) yield { order: "before", anyOf: fileOrDirectoriesAbove(input), why: "is compressed from" };
      yield { order: "before", anyOf: directoriesAbove(path), why: "is in the directory" };
    },
  },
  check: checkGzip,
  observe: observeGzip,
  plan: (want: GzipWant, have: GzipHave): readonly GzipStep[] => {
    if (have.kind === "unavailable") return [{ do: "refuse", reason: have.reason }];
    const { path, guard, size, at, right } = have;
    return right ? [] : [{ do: "compress", path, guard, size, from: want.input ?? "", made: at !== undefined }];
  },
  explain: (step: GzipStep): StepText => {
    if (step.do === "refuse") return { mark: "!", text: step.reason };
    const from = step.from === "" ? "" : ` of ${step.from}`;
    return { mark: step.made ? "~" : "+", text: `compress ${sizeText(step.size)}${from}` };
  },
  apply: async (step: GzipStep, want: GzipWant, env) => {
    if (step.do === "refuse") throw new Failure(step.reason, { code: "not-found" });
    await env.host.files.write(step.path, await compressed(want, env), step.guard, env.signal);
  },
  watch: ({ path, input }: GzipWant, env) =>
    env.host.files.watch(
      [{ path: cleanPath(path) }, ...(isGiven(input) ? [{ path: cleanPath(input) }] : [])],
      env.signal,
    ),
});

function checkGzip(want: GzipWant): readonly WantProblem[] {
  const found: WantProblem[] = pathProblems({ path: want.path, input: want.input });
  for (const name of ["path", "input"] as const) {
    const path = want[name];
    if (path === undefined || (name === "input" && path === "")) continue;
    if (!isAbsolute(path) || isDirectoryPath(path)) {
      found.push({
        field: name,
        title: `\`${name}\` must be the absolute path of a file, not "${path}"`,
        hint: 'Write it like "/var/backups/site.sql.gz".',
      });
    }
  }
  if (isGiven(want.input) && cleanPath(want.input) === cleanPath(want.path)) {
    found.push({
      field: "input",
      title: "a file cannot be compressed into itself",
      hint: `Let \`path\` be "${want.input}.gz", for example.`,
    });
  }
  if (want.level < -2 || want.level > 9) {
    found.push({ field: "level", title: `there is no level ${want.level}`, hint: "Levels go from -2 to 9." });
  }
  return found;
}

async function observeGzip(want: GzipWant, env: ResourceEnv): Promise<GzipHave> {
  const { files } = env.host;
  const { path, guard } = await trustedPlace(cleanPath(want.path), env.host, env.signal, "follow");
  const at = await files.inspect(path, env.signal);
  const from = isGiven(want.input) ? await files.inspectTarget(cleanPath(want.input), env.signal) : undefined;
  if (isGiven(want.input) && from?.kind !== "file") {
    const reason = from === undefined ? "does not exist" : "is not a file";
    return { kind: "unavailable", reason: `the input ${want.input} ${reason}` };
  }
  const size = from?.size ?? bytesOf(want.content).length;
  const found = { kind: "found", path, guard, size, at } as const;
  if (at?.kind !== "file") return { ...found, right: false };
  const stamp = `${want.level} ${stampOf(at)} ${from === undefined ? want.content : stampOf(from)}`;
  const states = from === undefined ? [at] : [at, from];
  const right = await isVerified({ label: "verified", stamp, states }, env, async () =>
    isSameFile(path, at, await compressed(want, env), env),
  );
  return { ...found, right };
}

async function compressed(want: GzipWant, env: ResourceEnv): Promise<Uint8Array> {
  const { host, signal } = env;
  const content = isGiven(want.input) ? await readInput(cleanPath(want.input), env) : bytesOf(want.content);
  return host.compression.gzip(content, want.level, signal);
}

async function readInput(input: string, { host, signal }: ResourceEnv): Promise<Uint8Array> {
  const place = await trustedPlace(input, host, signal, "follow");
  return host.files.read(place.path, largestBytes, signal, place.guard);
}

function isGiven(input: string | undefined): input is string {
  return input !== undefined && input !== "";
}
