// SPDX-License-Identifier: Apache-2.0
// `gsettings`: a setting of a user's desktop and its programs, through the program of that name.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import type { Outcome } from "../../contract/host.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { textOf } from "../../values/bytes.ts";
import { normalVariant, quoteVariant } from "./gvariant.ts";
import { type Session, sessionOf } from "./session.ts";
import { accountProblems } from "../accounts/account-fields.ts";
import { argumentProblems } from "../commands/possible-argument.ts";

const fields = {
  schema: field.str({
    doc: "The schema; one that can be in several places has its place after a colon. If absent, the first word of the name.",
    example: '"org.gnome.desktop.interface"',
  }),
  key: field.str({ doc: "The key in the schema. If absent, the second word of the name.", example: '"clock-format"' }),
  type: field.str({
    choices: ["bool", "str", "int", "custom"],
    doc:
      "Of which sort the value is; if absent, it is told from the value. `custom` is a str in the text form of gsettings, " +
      "for lists and the like.",
  }),
  value: field.any({ doc: "The value that it must have.", example: '"24h"' }),
  user: field.str({ doc: "The user whose setting it is, by name or number; if absent, whom mgmt runs as." }),
  group: field.str({ doc: "The group with which the program runs; if absent, the first group of the user." }),
};

type SettingWant = Want<typeof fields>;

type SettingHave =
  | { readonly kind: "unavailable"; readonly reason: string; readonly code: "not-found" }
  | { readonly kind: "read"; readonly value: string; readonly schema: string; readonly key: string };

type SettingStep =
  | (Step & {
      readonly do: "set";
      readonly schema: string;
      readonly key: string;
      readonly to: string;
      readonly was: string;
    })
  | (Step & { readonly do: "refuse"; readonly reason: string; readonly code: "not-found" });

export const gsettings = defineResource({
  kind: "gsettings",
  summary: "A setting of a user's desktop and its programs, as `gsettings` sets it.",
  fields,
  traits: {},
  watchedFields: ["user", "group"],
  edges: {
    reads: ["user", "group"],
    offers: () => [],
    *wishes({ user, group }) {
      if (user !== "") yield { order: "before", anyOf: [{ space: "user", id: user }], why: "is a setting of" };
      if (group !== "") yield { order: "before", anyOf: [{ space: "group", id: group }], why: "is set as" };
    },
  },
  check: checkSetting,
  observe: observeSetting,
  plan: (want: SettingWant, have: SettingHave): readonly SettingStep[] => {
    if (have.kind === "unavailable") return [{ do: "refuse", reason: have.reason, code: have.code }];
    const to = variantOf(want);
    if ("wrong" in to || normalVariant(to.text) === normalVariant(have.value)) return [];
    return [{ do: "set", schema: have.schema, key: have.key, to: to.text, was: have.value }];
  },
  explain: (step: SettingStep): StepText =>
    step.do === "refuse"
      ? { mark: "!", text: step.reason }
      : { mark: "~", text: `set ${step.schema} ${step.key} to ${step.to} (was ${step.was})` },
  apply: applySetting,
  watch: watchSetting,
});

function placeOf(want: SettingWant, name: string): { readonly schema: string; readonly key: string } {
  const [first = "", second = ""] = name.trim().split(/\s+/);
  return { schema: want.schema || first, key: want.key || second };
}

/** The text form of the value. */
function variantOf({ type, value }: SettingWant): { readonly text: string } | { readonly wrong: string } {
  const sort = type || sortOf(value);
  if (sort === "bool" && typeof value === "boolean") return { text: String(value) };
  if (sort === "int" && typeof value === "bigint") return { text: String(value) };
  if (sort === "float" && typeof value === "number")
    return { text: Number.isInteger(value) ? `${value}.0` : String(value) };
  if (sort === "str" && typeof value === "string") return { text: quoteVariant(value) };
  if (sort === "custom" && typeof value === "string") return { text: value.trim() };
  if (value === undefined) return { wrong: "a setting needs a `value`" };
  return {
    wrong:
      type === ""
        ? "the `value` is neither a bool, a str nor an int"
        : `the \`value\` is not a ${type === "custom" ? "str, as custom needs" : type}`,
  };
}

function sortOf(value: SettingWant["value"]): string {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  return typeof value === "number" ? "float" : typeof value === "string" ? "str" : "";
}

function checkSetting(want: SettingWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  const { schema, key } = placeOf(want, name);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*(?::\/(?:[^\s/]+\/)*)?$/.test(schema)) {
    found.push({
      field: "schema",
      title: `"${schema}" is no name of a schema`,
      hint: "`gsettings list-schemas` lists them; one with a place is written like schema:/place/.",
    });
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(key)) {
    found.push({
      field: "key",
      title: key === "" ? "a setting needs a `key`" : `"${key}" is no name of a key`,
      hint: "Give `schema` and `key`, or name the resource with both: `gsettings list-recursively` lists them.",
    });
  }
  const { user, group } = want;
  found.push(...accountProblems({ user, group }));
  const value = variantOf(want);
  if ("text" in value) found.push(...argumentProblems({ value: value.text }));
  else {
    found.push({ field: "value", title: value.wrong, hint: 'Lists and the like are a str, with `type => "custom"`.' });
  }
  return found;
}

async function observeSetting(want: SettingWant, env: ResourceEnv): Promise<SettingHave> {
  const session = await sessionOf(want.user, want.group, env);
  if ("missing" in session) return { kind: "unavailable", reason: session.missing, code: "not-found" };
  const place = placeOf(want, env.name);
  const outcome = await run(["gsettings", "get", place.schema, place.key], session, env);
  if (outcome.status === 0) return { kind: "read", value: textOf(outcome.stdout).trim(), ...place };
  const said = textOf(outcome.stderr).trim();
  if (/^No such (?:schema|key)/m.test(said)) return { kind: "unavailable", reason: said, code: "not-found" };
  throw failureOf("read", place, outcome);
}

async function applySetting(step: SettingStep, want: SettingWant, env: ResourceEnv): Promise<void> {
  if (step.do === "refuse") {
    throw new Failure(step.reason, { code: step.code, hint: "`gsettings list-recursively` lists what there is." });
  }
  const session = await sessionOf(want.user, want.group, env);
  if ("missing" in session) throw new Failure(session.missing, { code: "not-found" });
  const { schema, key, to } = step;
  const set = ["gsettings", "set", schema, key, to] as const;
  // Who is not logged in has no bus; the settings are then written through one that is there for this command alone.
  const outcome = await run(session.hasBus ? set : ["dbus-run-session", "--", ...set], session, env);
  if (outcome.status !== 0) throw failureOf("set", { schema, key }, outcome);
  // The program reports success also for what nobody has kept.
  const after = await run(["gsettings", "get", schema, key], session, env);
  const kept = textOf(after.stdout).trim();
  if (after.status === 0 && normalVariant(kept) === normalVariant(to)) return;
  throw new Failure(`${schema} ${key} was set to ${to}, but is ${kept}`, {
    code: "conflict",
    hint: "Write the value as `gsettings get` shows it; if it stays as it was, see whether the key is locked or has a range.",
  });
}

function run(argv: readonly [string, ...string[]], session: Session, { host, signal }: ResourceEnv): Promise<Outcome> {
  return host.processes.run({ argv, ...session.credentials }, signal);
}

function failureOf(doing: string, place: { readonly schema: string; readonly key: string }, outcome: Outcome): Failure {
  const lines = textOf(outcome.stderr)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("dbus-daemon["));
  const said = lines.slice(-3).join(" / ") || `status ${outcome.status ?? outcome.endedBy ?? "unknown"}`;
  return new Failure(`cannot ${doing} ${place.schema} ${place.key}: ${said}`, { code: "command-failed" });
}

/** The files in which the settings of a user are kept tell of every change, with or without a bus. */
async function* watchSetting(want: SettingWant, env: ResourceEnv): AsyncIterable<void> {
  for (;;) {
    const configuration = await configurationOf(want, env);
    const files =
      configuration === undefined ? [] : [`${configuration}/dconf/user`, `${configuration}/glib-2.0/settings/keyfile`];
    const targets = [...files, "/etc/passwd"].map((path) => ({ path }));
    for await (const _ of env.host.files.watch(targets, env.signal)) {
      yield;
      if ((await configurationOf(want, env)) !== configuration) break;
    }
    if (env.signal.aborted) return;
  }
}

async function configurationOf(want: SettingWant, env: ResourceEnv): Promise<string | undefined> {
  const session = await sessionOf(want.user, want.group, env);
  return "missing" in session ? undefined : session.configuration;
}
