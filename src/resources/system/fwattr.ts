// SPDX-License-Identifier: Apache-2.0
// `fwattr`: a setting of the machine's firmware, such as it is in the setup of the BIOS, through the kernel's interface.
// Most settings count after the next start of the machine.

import { Failure } from "../../contract/failure.ts";
import { field, fromName, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { readText } from "../files/read-text.ts";
import { type Attribute, fittingValue, readAttribute } from "./firmware-attribute.ts";
import { watchAndLook } from "./look-again.ts";
import { pathProblems } from "../files/possible-path.ts";

const fields = {
  driver: field.str({
    doc: "The driver of the kernel, as it is called in /sys/class/firmware-attributes. Not given: the only one.",
    example: '"thinklmi"',
  }),
  key: field.str({
    default: fromName,
    doc: "The setting; the name of the resource if absent.",
    example: '"WakeOnLAN"',
  }),
  value: field.str({ doc: "Its value.", example: '"Enable"' }),
  check: field.bool({ default: true, doc: "Looks first whether the firmware knows the value." }),
  strict: field.bool({
    doc: "Takes the value exactly as it is written. Without it, `enabled`, `on`, `yes` and the like stand for the word that this firmware has for it, and so do those for the opposite.",
  }),
  skip: field.bool({ doc: "A machine without this setting, or without such an interface, has nothing to do." }),
};

type FwattrWant = Want<typeof fields>;

type FwattrHave =
  | { readonly kind: "missing"; readonly reason: string }
  | { readonly kind: "found"; readonly file: string; readonly attribute: Attribute };

type FwattrStep =
  | (Step & { readonly do: "set"; readonly file: string; readonly was: string; readonly to: string })
  | (Step & { readonly do: "refuse"; readonly code: "not-found" | "invalid"; readonly reason: string });

const root = "/sys/class/firmware-attributes";

export const fwattr = defineResource({
  kind: "fwattr",
  summary: "A setting of the machine's firmware.",
  fields,
  traits: { receives: true },
  watchedFields: ["driver", "key"],
  check: checkFwattr,
  async observe(want: FwattrWant, env): Promise<FwattrHave> {
    const place = await placeOf(want, env, env.signal);
    if ("missing" in place) return { kind: "missing", reason: place.missing };
    const attribute = await readAttribute(place.path, env.host.files, env.signal);
    if (attribute !== undefined) return { kind: "found", file: `${place.path}/current_value`, attribute };
    return { kind: "missing", reason: `the firmware of this machine has no setting ${want.key}` };
  },
  plan: planFwattr,
  explain: (step: FwattrStep): StepText =>
    step.do === "refuse"
      ? { mark: "!", text: step.reason }
      : { mark: "~", text: `set ${step.to} (was ${step.was === "" ? '""' : step.was})` },
  apply: applyFwattr,
  watch: (want: FwattrWant, env) => watchFwattr(want, env),
});

function checkFwattr({ key, driver, value }: FwattrWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!isPart(key))
    found.push({
      field: "key",
      title: `"${key}" is no name of a setting`,
      hint: "`ls /sys/class/firmware-attributes/*/attributes` lists them.",
    });
  if (driver !== "" && !isPart(driver))
    found.push({
      field: "driver",
      title: `"${driver}" is no name of a driver`,
      hint: "`ls /sys/class/firmware-attributes` lists them.",
    });
  if (/\p{Cc}/u.test(value))
    found.push({ field: "value", title: "the value must be a single line, without control characters" });
  found.push(...pathProblems({ driver, key }));
  return found;
}

function isPart(text: string): boolean {
  return /^[^/\p{Cc}]+$/u.test(text) && text !== "." && text !== "..";
}

type Found = { readonly path: string } | { readonly missing: string };

async function placeOf({ driver, key }: FwattrWant, { host }: ResourceEnv, signal: AbortSignal): Promise<Found> {
  if (driver !== "") return { path: `${root}/${driver}/attributes/${key}` };
  const isThere = (await host.files.inspectTarget(root, signal)) !== undefined;
  const drivers = isThere ? await host.files.list(root, signal) : [];
  const [only, another] = drivers;
  if (only === undefined) return { missing: "this machine has no interface to the settings of its firmware" };
  if (another === undefined) return { path: `${root}/${only}/attributes/${key}` };
  return { missing: `several drivers know settings of the firmware: ${drivers.join(", ")}` };
}

function planFwattr(want: FwattrWant, have: FwattrHave): readonly FwattrStep[] {
  if (have.kind === "missing") return want.skip ? [] : [{ do: "refuse", code: "not-found", reason: have.reason }];
  const { file, attribute } = have;
  const fitting = fittingValue(want.value, attribute, want);
  if ("wrong" in fitting) return [{ do: "refuse", code: "invalid", reason: `${want.key} ${fitting.wrong}` }];
  if (attribute.current === fitting.value) return [];
  return [{ do: "set", file, was: attribute.current, to: fitting.value }];
}

async function applyFwattr(step: FwattrStep, want: FwattrWant, env: ResourceEnv): Promise<void> {
  const { files } = env.host;
  if (step.do === "refuse") {
    const hint = step.code === "not-found" ? "`skip => true` leaves such a machine as it is." : undefined;
    throw new Failure(step.reason, { code: step.code, ...(hint === undefined ? {} : { hint }) });
  }
  try {
    await files.overwrite(step.file, bytesOf(`${step.to}\n`), env.signal);
  } catch (reason) {
    if (!(reason instanceof Failure) || reason.code !== "denied") throw reason;
    throw new Failure(`the firmware does not let ${want.key} be set`, {
      code: "denied",
      hint: "It may want its own password, or not allow this setting to be changed.",
      cause: reason,
    });
  }
  const now = (await readText(step.file, files, env.signal))?.replace(/\n$/, "");
  if (now === step.to) return;
  throw new Failure(`the firmware has not taken ${step.to} for ${want.key}: it still says ${now ?? "nothing"}`, {
    code: "conflict",
    hint: "It may show it after the next start of the machine.",
  });
}

/** The firmware may change a setting by itself, which the kernel tells nobody. */
async function* watchFwattr(want: FwattrWant, env: ResourceEnv): AsyncIterable<void> {
  const place = await placeOf(want, env, env.signal);
  const path = "path" in place ? place.path : root;
  const look = async (signal: AbortSignal) => {
    const now = await placeOf(want, env, signal);
    return "missing" in now ? now.missing : readText(`${now.path}/current_value`, env.host.files, signal);
  };
  yield* watchAndLook([{ path: `${path}/current_value` }], look, env);
}
