// SPDX-License-Identifier: Apache-2.0
// `hostname`: the three names of a machine. /etc/hostname has the one it starts with, the kernel the one of now, and
// /etc/machine-info the one for people: where hostnamectl keeps them, so both see what the other does.

import { Failure } from "../../contract/failure.ts";
import { field, fromName, optional, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { readText } from "../files/read-text.ts";
import { realPath } from "../files/real-path.ts";
import { forgetLook, watchAndLook } from "./look-again.ts";
import { prettyNameIn, staticNameIn, withPrettyName } from "./name-files.ts";

const fields = {
  hostname: field.str({
    default: fromName,
    doc: "The name, for all three that are not given by themselves; the name of the resource if absent.",
    example: '"web1.example.com"',
  }),
  pretty_hostname: optional(field.str({ doc: 'The name for people. `""` leaves it alone.', example: '"Front door"' })),
  static_hostname: optional(field.str({ doc: 'The name with which the machine starts. `""` leaves it alone.' })),
  transient_hostname: optional(field.str({ doc: 'The name that the machine has now. `""` leaves it alone.' })),
};

type HostnameWant = Want<typeof fields>;
type Which = "static" | "transient" | "pretty";

interface Rename extends Step {
  readonly do: "rename";
  readonly which: Which;
  readonly to: string;
  readonly was: string | undefined;
}

const staticFile = "/etc/hostname";
const prettyFile = "/etc/machine-info";
const kernelFile = "/proc/sys/kernel/hostname";
/** Of the kernel. */
const longestName = 64;

export const hostname = defineResource({
  kind: "hostname",
  summary: "The name of this machine: now, when it starts, and for people.",
  fields,
  traits: {},
  watchedFields: [],
  reversal: {
    refuse: () => undefined,
    subject: () => kernelFile,
    // What had no name, or is left alone, is left alone.
    async reverse(want: HostnameWant, env) {
      const have = await observeNames(env);
      const before = (which: Which): string => (wantedName(want, which) === "" ? "" : (have[which] ?? ""));
      return {
        hostname: "",
        static_hostname: before("static"),
        transient_hostname: before("transient"),
        pretty_hostname: before("pretty"),
      };
    },
  },
  check: checkHostname,
  observe: (_want: HostnameWant, env) => observeNames(env),
  plan: (want: HostnameWant, have) =>
    (["static", "transient", "pretty"] as const).flatMap((which): readonly Rename[] => {
      const to = wantedName(want, which);
      return to === "" || to === have[which] ? [] : [{ do: "rename", which, to, was: have[which] }];
    }),
  explain: ({ which, to, was }: Rename): StepText => ({
    mark: was === undefined ? "+" : "~",
    text: `set the ${which} name ${JSON.stringify(to)}${was === undefined ? "" : ` (was ${JSON.stringify(was)})`}`,
  }),
  apply: async ({ which, to }: Rename, _want: HostnameWant, env) => {
    const { files } = env.host;
    switch (which) {
      case "static":
        return put(staticFile, `${to}\n`, env);
      case "transient":
        await files.overwrite(kernelFile, bytesOf(to), env.signal);
        return forgetLook(env);
      case "pretty":
        return put(prettyFile, withPrettyName((await readText(prettyFile, files, env.signal)) ?? "", to), env);
    }
  },
  watch: (_want: HostnameWant, env) =>
    watchAndLook([{ path: staticFile }, { path: prettyFile }], (signal) => env.host.identity.hostname(signal), env),
});

async function observeNames({ host, signal }: ResourceEnv): Promise<Readonly<Record<Which, string | undefined>>> {
  return {
    static: staticNameIn((await readText(staticFile, host.files, signal)) ?? ""),
    transient: await host.identity.hostname(signal),
    pretty: prettyNameIn((await readText(prettyFile, host.files, signal)) ?? ""),
  };
}

function wantedName(want: HostnameWant, which: Which): string {
  return want[`${which}_hostname`] ?? want.hostname;
}

function checkHostname(want: HostnameWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  for (const which of ["static", "transient"] as const) {
    const name = wantedName(want, which);
    const given = want[`${which}_hostname`] === undefined ? "hostname" : `${which}_hostname`;
    const wrong = name === "" ? undefined : whyNoName(name);
    if (wrong === undefined || found.some(({ field: blamed }) => blamed === given)) continue;
    found.push({ field: given, title: `"${name}" cannot be the name of a machine: ${wrong}` });
  }
  const pretty = wantedName(want, "pretty");
  if (/\p{Cc}/u.test(pretty) && found.length === 0) {
    found.push({
      field: "pretty_hostname",
      title: "the name for people must be a single line, without control characters",
    });
  }
  return found;
}

function whyNoName(name: string): string | undefined {
  if (name.length > longestName) return `it has ${name.length} characters, ${longestName} are allowed`;
  if (!/^[A-Za-z0-9.-]+$/.test(name)) return "it may have letters, digits, hyphens and dots";
  const parts = name.split(".");
  if (parts.some((part) => part === "")) return "there is nothing before, between or after its dots";
  return parts.some((part) => part.startsWith("-") || part.endsWith("-"))
    ? "no part of it may begin or end with a hyphen"
    : undefined;
}

async function put(path: string, text: string, { host, signal }: ResourceEnv): Promise<void> {
  const content = bytesOf(text);
  const place = await realPath(path, host.files, signal);
  const made = (await host.files.inspect(place, signal)) !== undefined;
  try {
    await host.files.write(place, content, made ? {} : { mode: 0o644 }, signal);
  } catch (reason) {
    // In a container such a file is mounted from outside, so that it can be changed but not replaced.
    if (!(reason instanceof Failure) || reason.code !== "busy") throw reason;
    await host.files.overwrite(place, content, signal);
  }
}
