// SPDX-License-Identifier: Apache-2.0
// `bmc:firmware`: the firmware of a machine, installed by its controller over Redfish. It must be polled, as the
// controller tells nothing by itself.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { onceArmed } from "../armed.ts";
import { member, textMember } from "../asking/members.ts";
import { lastPart } from "../files/path.ts";
import { pathIdentity } from "../files/path-identities.ts";
import { holding } from "./one-controller.ts";
import { checkPlace, originOf, placeFields, placeOf } from "./place.ts";
import { membersOf, type Redfish, redfishOf } from "./redfish.ts";
import { carriedOut, uploaded } from "./update.ts";
import { pathProblems } from "../files/possible-path.ts";

const schemes = ["gofish", "gofishs", "redfish", "redfishs", "http", "https"];

const fields = {
  ...placeFields,
  provider: field.str({
    doc: "Who has made the machine: nothing is installed on one of somebody else. Not given: it does not matter.",
    example: '"supermicro"',
  }),
  file: field.str({ doc: "The file with the firmware.", example: '"/srv/firmware/x11-3.4.bin"' }),
  hash: field.str({ doc: "The SHA-256 of the file. Another file is not installed." }),
  version: field.str({
    doc: "The version that is then installed, in the words of the controller. Not given: the file is installed once.",
    example: '"3.4"',
  }),
  block: field.str({ doc: "The name of a `bmc:power` that waits until the firmware is installed." }),
};

type FirmwareWant = Want<typeof fields>;

interface FirmwareHave {
  /** Those of all parts. */
  readonly versions: readonly string[];
  readonly maker: readonly string[];
  /** Of the file that was installed last; empty if none was. */
  readonly installed: string;
  /** Of the file that is to be; undefined when there is none. */
  readonly sha256: string | undefined;
}

type FirmwareStep =
  | (Step & { readonly do: "install"; readonly file: string; readonly version: string; readonly sha256: string })
  | (Step & { readonly do: "refuse"; readonly reason: string });

const mark = "installed.sha256";
const everyMs = 10_000;
const longestMs = 3_600_000;

export const bmcFirmware = defineResource({
  kind: "bmc:firmware",
  summary: "The firmware of a machine, installed by its baseboard controller.",
  fields,
  traits: { polling: "needed" },
  watchedFields: [],
  edges: {
    reads: ["file"],
    offers: () => [],
    *wishes({ file }) {
      if (file !== "") yield { order: "before", anyOf: [pathIdentity(file)], why: "is installed from" };
    },
  },
  check: checkFirmware,
  observe: observeFirmware,
  plan: planFirmware,
  explain: (step: FirmwareStep): StepText =>
    step.do === "refuse"
      ? { mark: "!", text: step.reason }
      : { mark: "~", text: `install ${step.version === "" ? lastPart(step.file) : `version ${step.version}`}` },
  apply: applyFirmware,
  watch: (_want: FirmwareWant, env) => onceArmed(env.signal),
});

function checkFirmware(want: FirmwareWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [...checkPlace(want, name)];
  const { driver } = placeOf(want, name);
  if (driver !== "" && !schemes.includes(driver)) {
    found.push({ title: `there is no driver "${driver}" for firmware`, hint: `There are ${schemes.join(", ")}.` });
  }
  if (want.file === "")
    found.push({
      field: "file",
      title: "firmware needs a `file`",
      hint: 'Write it like "/srv/firmware/board-3.4.bin".',
    });
  else if (!want.file.startsWith("/") || want.file.endsWith("/")) {
    found.push({
      field: "file",
      title: `"${want.file}" is not the absolute path of a file`,
      hint: 'Write it like "/srv/firmware/board-3.4.bin".',
    });
  }
  found.push(...pathProblems({ file: want.file }));
  if (want.hash !== "" && !/^[0-9a-f]{64}$/.test(want.hash)) {
    found.push({ field: "hash", title: `"${want.hash}" is no SHA-256`, hint: "It has 64 digits, 0 to 9 and a to f." });
  }
  return found;
}

async function controllerOf(want: FirmwareWant, env: ResourceEnv): Promise<Redfish> {
  const place = placeOf(want, env.name);
  const isPlain = ["gofish", "redfish", "http"].includes(place.driver);
  return redfishOf({ ...place, origin: originOf(place, !isPlain) }, env);
}

async function observeFirmware(want: FirmwareWant, env: ResourceEnv): Promise<FirmwareHave> {
  const { files } = env.host;
  const redfish = await controllerOf(want, env);
  const state = await files.inspectTarget(want.file, env.signal);
  return {
    versions: await versionsOf(redfish),
    maker: want.provider === "" ? [] : await makerOf(redfish),
    installed: await markOf(env),
    sha256: state?.kind === "file" ? await files.digest(want.file, env.signal) : undefined,
  };
}

function planFirmware(want: FirmwareWant, have: FirmwareHave): readonly FirmwareStep[] {
  const { file, version, hash, provider } = want;
  const isDone =
    version === ""
      ? have.installed !== "" && have.installed === (have.sha256 ?? hash)
      : have.versions.includes(version);
  if (isDone || (version === "" && have.sha256 === undefined && have.installed === hash && hash !== "")) return [];
  if (have.sha256 === undefined) return [{ do: "refuse", reason: `there is no file ${file}` }];
  if (hash !== "" && have.sha256 !== hash) {
    return [{ do: "refuse", reason: `${file} is another file than declared: its SHA-256 is ${have.sha256}` }];
  }
  if (provider !== "" && have.maker.length > 0 && !have.maker.some((maker) => isAlike(maker, provider))) {
    return [{ do: "refuse", reason: `the machine was made by ${have.maker.join(", ")}, not by ${provider}` }];
  }
  return [{ do: "install", file, version, sha256: have.sha256 }];
}

async function applyFirmware(step: FirmwareStep, want: FirmwareWant, env: ResourceEnv): Promise<void> {
  if (step.do === "refuse") throw new Failure(step.reason, { code: "conflict" });
  const redfish = await controllerOf(want, env);
  await holding([env.name, ...(want.block === "" ? [] : [want.block])], env, async () => {
    const task = await uploaded(redfish, step.file, env);
    await carriedOut(redfish, task, env);
    if (step.version !== "") await showsUp(redfish, step.version, env);
    const path = await markPath(env);
    await env.host.files.write(path, bytesOf(`${step.sha256}\n`), { mode: 0o600, durable: true }, env.signal);
  });
}

/** The controller starts anew with what it has got, and is not there meanwhile. */
async function showsUp(redfish: Redfish, version: string, { host, signal }: ResourceEnv): Promise<void> {
  const endMs = host.clock.monotonicMs() + longestMs;
  for (;;) {
    let found: readonly string[] = [];
    try {
      found = await versionsOf(redfish);
    } catch (reason) {
      if (!(reason instanceof Failure) || reason.retry === "never") throw reason;
    }
    if (found.includes(version)) return;
    if (host.clock.monotonicMs() >= endMs) {
      throw new Failure(`the firmware is installed, but no part has version ${version}: ${found.join(", ")}`, {
        code: "conflict",
        hint: "Write `version` as the controller tells it.",
      });
    }
    await host.clock.sleep(everyMs, signal);
  }
}

async function versionsOf(redfish: Redfish): Promise<readonly string[]> {
  const versions = new Set<string>();
  const look = async (collection: string, field: string) => {
    let places: readonly string[] = [];
    try {
      places = await membersOf(redfish, collection);
    } catch (reason) {
      if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
    }
    for (const place of places) versions.add(textMember(await redfish.get(place), field));
  };
  await look("/redfish/v1/UpdateService/FirmwareInventory", "Version");
  await look("/redfish/v1/Managers", "FirmwareVersion");
  await look("/redfish/v1/Systems", "BiosVersion");
  versions.delete("");
  return [...versions].sort();
}

async function makerOf(redfish: Redfish): Promise<readonly string[]> {
  const root = await redfish.get("/redfish/v1/");
  const own = member(root, "Oem");
  const makers = [textMember(root, "Vendor"), ...(typeof own === "object" && own !== null ? Object.keys(own) : [])];
  for (const place of await membersOf(redfish, "/redfish/v1/Systems")) {
    makers.push(textMember(await redfish.get(place), "Manufacturer"));
  }
  return [...new Set(makers.filter((maker) => maker !== ""))].sort();
}

/** `Dell Inc.` and `dell` are one. */
function isAlike(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => text.toLowerCase().replace(/[^a-z0-9]/g, ""));
  return left !== undefined && right !== undefined && (left.includes(right) || right.includes(left));
}

async function markPath(env: ResourceEnv): Promise<string> {
  return `${(await env.stateDirectory()).replace(/\/$/, "")}/${mark}`;
}

async function markOf(env: ResourceEnv): Promise<string> {
  const path = await markPath(env);
  if ((await env.host.files.inspect(path, env.signal)) === undefined) return "";
  return textOf(await env.host.files.read(path, 1024, env.signal)).trim();
}
