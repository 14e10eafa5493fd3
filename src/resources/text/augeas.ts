// SPDX-License-Identifier: Apache-2.0
// `augeas`: settings in configuration files of any form that the program augtool knows. augtool works on a private copy;
// what it makes of that is compared with the file, and put in its place like any content.

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
import { listType, strType, structType } from "../../values/type.ts";
import { StructValue } from "../../values/value.ts";
import { isSettled, stampOf } from "../files/file/stamp.ts";
import { oneAtATime } from "../files/one-at-a-time.ts";
import { cleanPath, isAbsolute, isDirectoryPath } from "../files/path.ts";
import { fileOrDirectoriesAbove } from "../files/path-identities.ts";
import { readText } from "../files/read-text.ts";
import { trustedPlace } from "../files/trusted-place.ts";
import { changedByAugtool, escapedPath, type Setting } from "./augtool.ts";
import { pathProblems } from "../files/possible-path.ts";

const fields = {
  file: field.str({
    doc: "The file. Without it, the paths in `sets` say which files are meant.",
    example: '"/etc/ssh/sshd_config"',
  }),
  lens: field.str({
    doc: "The lens of Augeas that knows the form of the file. Goes together with `file`.",
    example: '"Sshd.lns"',
  }),
  sets: field.value(
    listType(
      structType([
        { name: "path", type: strType },
        { name: "value", type: strType },
      ]),
    ),
    {
      doc:
        "What must be set: the path of a setting in the tree that Augeas makes of the file, and its value. A path that " +
        "does not begin with a slash is one inside of `file`; without `file` it begins with `/files/` and the file.",
      example: '[struct{path => "PermitRootLogin", value => "no"}]',
    },
  ),
};

type AugeasWant = Want<typeof fields>;

/** One of the files. */
interface Place {
  /** As the paths of the settings have it. */
  readonly file: string;
  readonly path: string;
  readonly guard: Guard;
  readonly settings: readonly Setting[];
}

type AugeasHave =
  | { readonly kind: "unavailable"; readonly reason: string; readonly code: "not-found" | "invalid" }
  | { readonly kind: "read"; readonly changes: readonly Change[] };

/** What is to become of a file. */
interface Change extends Place {
  /** Undefined: there is no such file. */
  readonly before: string | undefined;
  readonly after: string;
}

type AugeasStep =
  | (Step & Change & { readonly do: "set" })
  | (Step & { readonly do: "refuse"; readonly reason: string; readonly code: "not-found" | "invalid" });

const shownSettings = 5;

export const augeas = defineResource({
  kind: "augeas",
  summary: "Settings in a configuration file of any form that Augeas knows; the rest of the file is left as it is.",
  fields,
  traits: {},
  watchedFields: ["file", "sets"],
  edges: {
    reads: ["file"],
    offers: () => [], // What is in a file is not the file.
    *wishes({ file }) {
      if (file !== "") yield { order: "before", anyOf: fileOrDirectoriesAbove(file), why: "is set in" };
    },
  },
  check: checkAugeas,
  observe: observeAugeas,
  plan: (_want: AugeasWant, have: AugeasHave): readonly AugeasStep[] =>
    have.kind === "unavailable"
      ? [{ do: "refuse", reason: have.reason, code: have.code }]
      : have.changes.map((change) => ({ do: "set", ...change })),
  explain: (step: AugeasStep): StepText => {
    if (step.do === "refuse") return { mark: "!", text: step.reason };
    const told = step.settings.slice(0, shownSettings).map(({ path, value }) => `${path} to ${JSON.stringify(value)}`);
    const more = step.settings.length > shownSettings ? ` and ${step.settings.length - shownSettings} more` : "";
    const content = { before: step.before ?? "", after: step.after };
    return { mark: step.before === undefined ? "+" : "~", text: `set ${told.join(", ")}${more}`, content };
  },
  apply: applyAugeas,
  watch: watchAugeas,
});

function settingsOf(want: AugeasWant): readonly Setting[] {
  const list = Array.isArray(want.sets) ? want.sets : [];
  return list.map((item: unknown) => {
    const given = item instanceof StructValue ? item : undefined;
    const [path, value] = [given?.get("path"), given?.get("value")];
    const text = typeof path === "string" ? path : "";
    const whole = want.file === "" || isAbsolute(text) ? text : `/files${escapedPath(cleanPath(want.file))}/${text}`;
    return { path: whole, value: typeof value === "string" ? value : "" };
  });
}

function checkAugeas(want: AugeasWant): readonly WantProblem[] {
  const found: WantProblem[] = pathProblems({ file: want.file });
  if (want.file !== "" && (!isAbsolute(want.file) || isDirectoryPath(want.file))) {
    found.push({
      field: "file",
      title: `\`file\` must be the absolute path of a file, not "${want.file}"`,
      hint: 'Write it like "/etc/ssh/sshd_config".',
    });
  }
  if ((want.file === "") !== (want.lens === "")) {
    const [given, other] = want.file === "" ? ["lens", "file"] : ["file", "lens"];
    found.push({
      field: given ?? "file",
      title: `\`${given}\` goes together with \`${other}\``,
      hint: "Give both, or neither with whole paths in `sets`.",
    });
  }
  if (want.lens !== "" && !/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?$/.test(want.lens)) {
    found.push({ field: "lens", title: `"${want.lens}" is no name of a lens`, hint: 'Write it like "Sshd.lns".' });
  }
  for (const { path, value } of settingsOf(want)) {
    if (/[\n\0]/.test(path) || /[\n\0]/.test(value)) {
      found.push({ field: "sets", title: "a path or value in `sets` has a line end or a null byte in it" });
    } else if (!/^\/files\/./.test(path) || path.endsWith("/")) {
      found.push({
        field: "sets",
        title: path === "" ? "a path in `sets` is empty" : `"${path}" is no path of a setting`,
        hint: "It begins with /files/, or is one inside of `file`.",
      });
    }
  }
  return found;
}

async function observeAugeas(want: AugeasWant, env: ResourceEnv): Promise<AugeasHave> {
  const places = await placesOf(want, env);
  if ("reason" in places) return { kind: "unavailable", code: "not-found", ...places };
  const changes: Change[] = [];
  for (const place of places) {
    const key = `verified ${place.file}`;
    const at = await env.host.files.inspect(place.path, env.signal);
    const stamp = at === undefined ? "" : `${stampOf(at)} ${want.lens} ${JSON.stringify(place.settings)}`;
    if (at !== undefined && env.memory.get(key) === stamp) continue;
    const settled = at !== undefined && isSettled(at, env.host.clock);
    const change = await changeOf(place, want, env);
    if ("reason" in change) return { kind: "unavailable", ...change };
    if (change.before !== change.after) changes.push(change);
    else if (settled) env.memory.set(key, stamp);
  }
  return { kind: "read", changes };
}

async function changeOf(
  place: Place,
  want: AugeasWant,
  env: ResourceEnv,
): Promise<Change | { readonly reason: string; readonly code: "invalid" }> {
  const { file, path, guard, settings } = place;
  const content = await readText(path, env.host.files, env.signal, guard);
  const lens = want.lens === "" || want.lens.includes(".") ? want.lens : `${want.lens}.lns`;
  const changed = await changedByAugtool({ file, lens, settings, content }, env);
  if ("wrong" in changed) return { reason: changed.wrong, code: "invalid" };
  if (changed.content !== content) {
    const again = await changedByAugtool({ file, lens, settings, content: changed.content }, env);
    if (!("content" in again) || again.content !== changed.content) {
      const reason = `the settings of ${file} would never come to rest: a path such as 01/name is a new entry each time`;
      return { reason, code: "invalid" };
    }
  }
  return { ...place, before: content, after: changed.content };
}

async function placesOf(want: AugeasWant, env: ResourceEnv): Promise<readonly Place[] | { readonly reason: string }> {
  const byFile = new Map<string, Setting[]>();
  for (const setting of settingsOf(want)) {
    const file = want.file === "" ? await fileIn(setting.path, env) : cleanPath(want.file);
    if (file === undefined) {
      return { reason: `no part of ${setting.path} is a file; a new one needs \`file\` and \`lens\`` };
    }
    byFile.set(file, [...(byFile.get(file) ?? []), setting]);
  }
  const places: Place[] = [];
  for (const [file, settings] of byFile) {
    places.push({ file, settings, ...(await trustedPlace(file, env.host, env.signal, "follow")) });
  }
  return places;
}

/** The file that is a part of the path of a setting. */
async function fileIn(setting: string, { host, signal }: ResourceEnv): Promise<string | undefined> {
  const parts = setting.slice("/files/".length).split("/");
  for (let count = 1; count < parts.length; count += 1) {
    const path = cleanPath(`/${parts.slice(0, count).join("/")}`);
    if ((await host.files.inspectTarget(path, signal))?.kind === "file") return path;
  }
  return undefined;
}

/** The file is read again: another resource may have changed it since it was observed. */
async function applyAugeas(step: AugeasStep, want: AugeasWant, env: ResourceEnv): Promise<void> {
  if (step.do === "refuse") {
    const hint = {
      hint: "Look at the file, the lens and the paths: `augtool print /files/…` shows the tree of a file.",
    };
    throw new Failure(step.reason, { code: step.code, ...(step.code === "invalid" ? hint : {}) });
  }
  await oneAtATime(env.host.files, step.path, env.signal, async () => {
    const change = await changeOf(step, want, env);
    if ("reason" in change) throw new Failure(change.reason, { code: change.code });
    if (change.before === change.after) return;
    await env.host.files.write(step.path, bytesOf(change.after), { durable: true, ...step.guard }, env.signal);
  });
}

async function* watchAugeas(want: AugeasWant, env: ResourceEnv): AsyncIterable<void> {
  const parts = settingsOf(want).map(({ path }) => path.slice("/files".length));
  // Which part of a path is the file is not known before it is there: the deepest directory that is there is watched.
  const targets = want.file === "" ? parts : [want.file];
  yield* env.host.files.watch(
    targets.map((path) => ({ path: cleanPath(path) })),
    env.signal,
  );
}
