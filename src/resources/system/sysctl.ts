// SPDX-License-Identifier: Apache-2.0
// `sysctl`: a parameter of the kernel, now through /proc/sys and at the next start through a file in /etc/sysctl.d.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { cleanPath } from "../files/path.ts";
import { directoriesAbove } from "../files/path-identities.ts";
import { readText } from "../files/read-text.ts";
import { forgetLook, watchAndLook } from "./look-again.ts";
import { pathProblems } from "../files/possible-path.ts";

const fields = {
  value: field.str({ doc: "The value. The white space between several numbers does not matter.", example: '"1"' }),
  runtime: field.bool({ doc: "Sets it now.", default: true }),
  persist: field.bool({ doc: "Writes it into a file, for the next start.", default: true }),
  path: field.str({
    doc: "The file for the next start. Not given: `/etc/sysctl.d/99-NAME.conf`.",
    example: '"/etc/sysctl.d/50-router.conf"',
  }),
};

type SysctlWant = Want<typeof fields>;

interface SysctlHave {
  readonly name: string;
  readonly liveFile: string;
  /** Without its line end. Undefined when the kernel has no such parameter. */
  readonly live: string | undefined;
  readonly file: string;
  readonly text: string | undefined;
}

type SysctlStep =
  | (Step & {
      readonly do: "set";
      readonly name: string;
      readonly liveFile: string;
      readonly was: string;
      readonly to: string;
    })
  | (Step & { readonly do: "write"; readonly file: string; readonly before: string | undefined; readonly text: string })
  | (Step & { readonly do: "refuse"; readonly name: string });

export const sysctl = defineResource({
  kind: "sysctl",
  summary: "A parameter of the kernel, such as `net.ipv4.ip_forward`: now, and after the next start.",
  fields,
  traits: {},
  watchedFields: ["runtime", "persist", "path"],
  edges: {
    reads: ["persist", "path"],
    offers: () => [],
    *wishes(want, name) {
      if (want.persist) yield { order: "before", anyOf: directoriesAbove(fileOf(want, name)), why: "is kept in" };
    },
  },
  check: checkSysctl,
  observe: async (want: SysctlWant, env): Promise<SysctlHave> => {
    const { name } = env;
    const file = fileOf(want, name);
    return {
      name,
      liveFile: liveFileOf(name),
      live: await liveValue(name, env, env.signal),
      file,
      text: want.persist ? await readText(file, env.host.files, env.signal) : undefined,
    };
  },
  plan: planSysctl,
  explain: explainSysctl,
  apply: applySysctl,
  watch: (want: SysctlWant, env) =>
    watchAndLook(
      [
        ...(want.runtime ? [{ path: liveFileOf(env.name) }] : []),
        ...(want.persist ? [{ path: fileOf(want, env.name) }] : []),
      ],
      async (signal) => (want.runtime ? liveValue(env.name, env, signal) : undefined),
      env,
    ),
});

function checkSysctl(want: SysctlWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!/^[^\s/=.\p{Cc}]+(?:\.[^\s/=.\p{Cc}]+)*$/u.test(name)) {
    found.push({
      title: `"${name}" is no name of a kernel parameter`,
      hint: 'Write it with dots, as `sysctl -a` shows it: "net.ipv4.ip_forward".',
    });
  }
  if (want.value === "")
    found.push({ field: "value", title: "a kernel parameter needs a `value`", hint: 'Write it like "1".' });
  else if (want.value.trim() !== want.value || /[^\P{Cc}\t]/u.test(want.value)) {
    found.push({
      field: "value",
      title: "the value must be a single line without white space around it",
      ...(/[^\P{Cc}\t]/u.test(want.value.trim()) ? {} : { hint: `Write "${want.value.trim()}".` }),
    });
  }
  if (!want.runtime && !want.persist) {
    found.push({
      field: "persist",
      title: "without `runtime` and `persist` there is nothing to do",
      hint: "Not given, both are true.",
    });
  }
  if (want.path !== "" && !/^\/(?:.*\/)?[^/]+\.conf$/s.test(want.path)) {
    found.push({
      field: "path",
      title: `"${want.path}" is not the absolute path of a file that ends with .conf`,
      hint: 'Write it like "/etc/sysctl.d/50-router.conf".',
    });
  }
  return [...found, ...pathProblems({ path: want.path })];
}

function planSysctl(want: SysctlWant, have: SysctlHave): readonly SysctlStep[] {
  const { name, liveFile, live, file } = have;
  if (want.runtime && live === undefined) return [{ do: "refuse", name }];
  const steps: SysctlStep[] = [];
  if (want.runtime && live !== undefined && !sameValue(live, want.value)) {
    steps.push({ do: "set", name, liveFile, was: live, to: want.value });
  }
  const text = `${name} = ${want.value}\n`;
  if (want.persist && have.text !== text) steps.push({ do: "write", file, before: have.text, text });
  return steps;
}

function explainSysctl(step: SysctlStep): StepText {
  switch (step.do) {
    case "set":
      return { mark: "~", text: `set ${step.name} to ${shown(step.to)} (was ${shown(step.was)})` };
    case "write":
      return {
        mark: step.before === undefined ? "+" : "~",
        text: `write ${step.file} for the next start`,
        content: { before: step.before ?? "", after: step.text },
      };
    case "refuse":
      return { mark: "!", text: missing(step.name) };
  }
}

async function applySysctl(step: SysctlStep, _want: SysctlWant, env: ResourceEnv): Promise<void> {
  const { files } = env.host;
  switch (step.do) {
    case "set": {
      await files.overwrite(step.liveFile, bytesOf(`${step.to}\n`), env.signal);
      forgetLook(env);
      const live = await liveValue(step.name, env, env.signal);
      if (live === undefined || sameValue(live, step.to)) return;
      throw new Failure(`the kernel has made ${shown(live)} of the value ${shown(step.to)} for ${step.name}`, {
        code: "conflict",
        hint: "Write the value in the form in which the kernel shows it.",
      });
    }
    case "write":
      return files.write(step.file, bytesOf(step.text), step.before === undefined ? { mode: 0o644 } : {}, env.signal);
    case "refuse":
      throw new Failure(missing(step.name), {
        code: "not-found",
        hint: "It may belong to a module that is not loaded; `runtime => false` only writes it for the next start.",
      });
  }
}

function liveFileOf(name: string): string {
  return `/proc/sys/${name.replaceAll(".", "/")}`;
}

function fileOf(want: SysctlWant, name: string): string {
  return want.path === "" ? `/etc/sysctl.d/99-${name}.conf` : cleanPath(want.path);
}

async function liveValue(name: string, { host }: ResourceEnv, signal: AbortSignal): Promise<string | undefined> {
  return (await readText(liveFileOf(name), host.files, signal))?.replace(/\n$/, "");
}

/** The kernel separates several numbers by tabs. */
function sameValue(one: string, other: string): boolean {
  return words(one) === words(other);
}

function words(text: string): string {
  return text.trim().split(/\s+/).join(" ");
}

function shown(value: string): string {
  return words(value) || '""';
}

function missing(name: string): string {
  return `this kernel has no parameter ${name}`;
}
