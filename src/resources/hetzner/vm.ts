// SPDX-License-Identifier: Apache-2.0
// `hetzner:vm`: a server of Hetzner Cloud, which tells nothing by itself: `Meta:poll` says how often it is asked.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { byteLength } from "../../values/bytes.ts";
import { onceArmed } from "../armed.ts";
import { changeServer, findServer, keyNumbers, type Server } from "./api.ts";

const fields = {
  apitoken: field.str({ secret: true, doc: "What Hetzner Cloud knows us by: a token that may read and write." }),
  state: field.str({
    choices: ["exists", "running", "off", "absent"],
    doc: "Whether there is such a server, and whether it runs. Not given: it is neither made, removed, started nor stopped.",
  }),
  allowrebuild: field.str({
    choices: ["ignore", "ifneeded"],
    doc: "What is done with a server of another type, place or image: `ignore` leaves it, `ifneeded` changes its type, installs its image or makes it anew, which loses what is on it. Not given: a failure.",
  }),
  servertype: field.str({ doc: "The type of the server.", example: '"cx22"' }),
  datacenter: field.str({
    doc: "Where the server is: a datacenter or a location. Not given: anywhere.",
    example: '"fsn1"',
  }),
  image: field.str({ doc: "What the server is made from.", example: '"debian-12"' }),
  userdata: field.str({
    secret: true,
    doc: "What the server finds at its first start, for cloud-init; 32 KiB at most.",
  }),
  serverrescuemode: field.str({
    choices: ["linux32", "linux64", "freebsd64"],
    doc: "The rescue system that the server starts the next time. Not given: none.",
  }),
  serverrescuekeys: field.strings({
    doc: "SSH keys of the project that may log in to the rescue system, by name or number.",
    example: '["admin"]',
  }),
  waitinterval: field.int({
    bits: 32,
    unsigned: true,
    default: 5,
    doc: "Seconds between two questions whether a change is done.",
  }),
  waittimeout: field.int({ bits: 32, unsigned: true, default: 300, doc: "Seconds that a change may take." }),
};

type VmWant = Want<typeof fields>;

interface VmHave {
  readonly name: string;
  readonly server: Server | undefined;
}

type VmStep =
  | (Step & { readonly do: "create" })
  | (Step & { readonly do: "wait"; readonly id: number; readonly status: string })
  | (Step & { readonly do: "delete"; readonly id: number })
  | (Step & { readonly do: "start" | "stop" | "end rescue"; readonly id: number })
  | (Step & { readonly do: "retype"; readonly id: number; readonly was: string; readonly to: string })
  | (Step & { readonly do: "install"; readonly id: number; readonly was: string; readonly image: string })
  | (Step & { readonly do: "rescue"; readonly id: number; readonly mode: string })
  | (Step & { readonly do: "refuse"; readonly reason: string });

/** Steps of a server that is made in the same pass: its number is not known yet. */
const made = 0;
const largestUserDataBytes = 32 * 1024;

export const hetznerVm = defineResource({
  kind: "hetzner:vm",
  summary: "A server of Hetzner Cloud.",
  fields,
  traits: {},
  watchedFields: [],
  check: checkVm,
  observe: async ({ apitoken }: VmWant, env): Promise<VmHave> => ({
    name: env.name,
    server: await findServer(env.name, apitoken, env),
  }),
  plan: planVm,
  explain: explainVm,
  apply: applyVm,
  watch: (_want: VmWant, env) => onceArmed(env.signal),
});

function checkVm(want: VmWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!/^(?=.{1,63}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name)) {
    found.push({ title: `"${name}" is no name of a server`, hint: "It must be a name of a host." });
  }
  if (want.apitoken === "")
    found.push({
      field: "apitoken",
      title: "Hetzner Cloud needs an `apitoken`",
      hint: "The console of the project makes one, under Security.",
    });
  if (/[^\x21-\x7e]/.test(want.apitoken)) {
    found.push({ field: "apitoken", title: "`apitoken` has characters that no token has" });
  }
  const isMade = want.state !== "" && want.state !== "absent";
  if (isMade && want.servertype === "")
    found.push({ field: "servertype", title: "a server needs a `servertype`", hint: 'Write it like "cx22".' });
  if (isMade && want.image === "")
    found.push({ field: "image", title: "a server needs an `image`", hint: 'Write it like "debian-12".' });
  if (byteLength(want.userdata) > largestUserDataBytes) {
    found.push({
      field: "userdata",
      title: `\`userdata\` may have 32 KiB, but has ${byteLength(want.userdata)} bytes`,
    });
  }
  if (want.serverrescuekeys.length > 0 && want.serverrescuemode === "") {
    found.push({ field: "serverrescuekeys", title: "`serverrescuekeys` needs a `serverrescuemode`" });
  }
  if (want.waitinterval < 1)
    found.push({ field: "waitinterval", title: `\`waitinterval\` is one second at least, not ${want.waitinterval}` });
  if (want.waittimeout < want.waitinterval) {
    found.push({
      field: "waittimeout",
      title: `\`waittimeout\` is ${want.waittimeout}, less than \`waitinterval\`, ${want.waitinterval}`,
    });
  }
  return found;
}

function planVm(want: VmWant, { name, server }: VmHave): readonly VmStep[] {
  if (server === undefined) {
    if (want.state === "" || want.state === "absent") return [];
    return creationSteps(want);
  }
  const { id, status } = server;
  if (want.state === "absent") return status === "deleting" ? [] : [{ do: "delete", id }];
  if (status !== "running" && status !== "off") return [{ do: "wait", id, status }];
  const other = differencesOf(want, server);
  if (other.length > 0 && want.allowrebuild === "") {
    const why = other.map(({ text }) => text).join(", ");
    return [{ do: "refuse", reason: `the server ${name} is another one than declared: ${why}` }];
  }
  if (want.allowrebuild !== "ifneeded" || other.length === 0) {
    return lateSteps(want, id, status === "running", server.isRescued);
  }
  if (other.some(({ what }) => what === "place")) {
    // There is no other way to another place.
    return [{ do: "delete", id }, ...creationSteps(want)];
  }
  const steps: VmStep[] = [];
  let isRunning = status === "running";
  if (other.some(({ what }) => what === "type")) {
    if (isRunning) steps.push({ do: "stop", id });
    isRunning = false;
    steps.push({ do: "retype", id, was: server.type, to: want.servertype });
  }
  if (other.some(({ what }) => what === "image")) {
    steps.push({ do: "install", id, was: server.images[0] ?? "gone", image: want.image });
    isRunning = true;
  }
  const back = want.state === "running" || (want.state !== "off" && status === "running") ? "running" : want.state;
  return [...steps, ...lateSteps({ ...want, state: back }, id, isRunning, server.isRescued)];
}

function creationSteps(want: VmWant): readonly VmStep[] {
  const state = want.state === "off" ? "off" : "running";
  return [{ do: "create" }, ...lateSteps({ ...want, state }, made, startsAtOnce(want), false)];
}

/** What it starts first is not decided yet when it is to be a rescue system. */
function startsAtOnce({ state, serverrescuemode }: VmWant): boolean {
  return state !== "off" && serverrescuemode === "";
}

/** The rescue system comes first: it is what the server starts. */
function lateSteps(want: VmWant, id: number, isRunning: boolean, isRescued: boolean): readonly VmStep[] {
  const steps: VmStep[] = [];
  const mode = want.serverrescuemode;
  if (mode !== "" && !isRescued) steps.push({ do: "rescue", id, mode });
  if (mode === "" && isRescued) steps.push({ do: "end rescue", id });
  if (want.state === "off" && isRunning) steps.push({ do: "stop", id });
  if (want.state === "running" && !isRunning) {
    steps.push({ do: "start", id });
    // The start uses it up, and the next one is to start it as well.
    if (mode !== "") steps.push({ do: "rescue", id, mode });
  }
  return steps;
}

function differencesOf(
  want: VmWant,
  server: Server,
): readonly { readonly what: "type" | "place" | "image"; readonly text: string }[] {
  const { type, places, images } = server;
  return [
    ...(want.servertype !== "" && want.servertype !== type
      ? [{ what: "type" as const, text: `its type is ${type}` }]
      : []),
    ...(want.datacenter !== "" && !places.includes(want.datacenter)
      ? [{ what: "place" as const, text: `it is in ${places[0] ?? "another place"}` }]
      : []),
    ...(want.image !== "" && !images.includes(want.image)
      ? [{ what: "image" as const, text: `its image is ${images[0] ?? "gone"}` }]
      : []),
  ];
}

function explainVm(step: VmStep): StepText {
  switch (step.do) {
    case "create":
      return { mark: "+", text: "make the server" };
    case "wait":
      return { mark: "!", text: `wait until it is not ${step.status} any more` };
    case "delete":
      return { mark: "-", text: "remove the server with all that is on it" };
    case "start":
      return { mark: "~", text: "start it" };
    case "stop":
      return { mark: "~", text: "switch it off" };
    case "retype":
      return { mark: "~", text: `make it a ${step.to} (was ${step.was})` };
    case "install":
      return { mark: "~", text: `install ${step.image} anew (was ${step.was})` };
    case "rescue":
      return { mark: "~", text: `let it start the rescue system ${step.mode} the next time` };
    case "end rescue":
      return { mark: "~", text: "let it start its own system the next time" };
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}

async function applyVm(step: VmStep, want: VmWant, env: ResourceEnv): Promise<void> {
  const token = want.apitoken;
  switch (step.do) {
    case "refuse":
      throw new Failure(step.reason, {
        code: "conflict",
        hint: 'Let it be changed with `allowrebuild => "ifneeded"`, or leave it with `"ignore"`.',
      });
    case "create":
      await changeServer("POST", "", creation(want, env.name), token, env);
      await until(want, env, (server) => server?.status === (startsAtOnce(want) ? "running" : "off"));
      return;
    case "wait": {
      const server = await settled(want, env);
      for (const next of planVm(want, { name: env.name, server })) await applyVm(next, want, env);
      return;
    }
    case "delete":
      await changeServer("DELETE", `/${step.id}`, undefined, token, env);
      await until(want, env, (server) => server === undefined);
      return;
    default:
      await act(step, want, env);
  }
}

type Action = Exclude<VmStep, { readonly do: "refuse" | "create" | "wait" | "delete" }>;

async function act(step: Action, want: VmWant, env: ResourceEnv): Promise<void> {
  const id = step.id === made ? (await settled(want, env))?.id : step.id;
  const [action, body, isDone] = await actionOf(step, want, env);
  await changeServer("POST", `/${id}/actions/${action}`, body, want.apitoken, env);
  await until(want, env, (server) => server !== undefined && isSettled(server) && isDone(server));
}

async function actionOf(
  step: Action,
  want: VmWant,
  env: ResourceEnv,
): Promise<readonly [string, unknown, (server: Server) => boolean]> {
  switch (step.do) {
    case "start":
      return ["poweron", undefined, ({ status }) => status === "running"];
    case "stop":
      return ["poweroff", undefined, ({ status }) => status === "off"];
    case "retype":
      return [
        "change_type",
        { server_type: step.to, upgrade_disk: false },
        ({ type, status }) => type === step.to && status === "off",
      ];
    case "install":
      return ["rebuild", { image: step.image }, ({ images }) => images.includes(step.image)];
    case "rescue": {
      const keys = await keyNumbers(want.serverrescuekeys, want.apitoken, env);
      return ["enable_rescue", { type: step.mode, ssh_keys: keys }, ({ isRescued }) => isRescued];
    }
    case "end rescue":
      return ["disable_rescue", undefined, ({ isRescued }) => !isRescued];
  }
}

function creation(want: VmWant, name: string): unknown {
  const { servertype, image, datacenter, userdata } = want;
  return {
    name,
    server_type: servertype,
    image,
    ...(datacenter === "" ? {} : /-dc\d+$/.test(datacenter) ? { datacenter } : { location: datacenter }),
    ...(userdata === "" ? {} : { user_data: userdata }),
    start_after_create: startsAtOnce(want),
  };
}

function isSettled({ status }: Server): boolean {
  return status === "running" || status === "off";
}

function settled(want: VmWant, env: ResourceEnv): Promise<Server | undefined> {
  return until(want, env, (server) => server === undefined || isSettled(server));
}

async function until(
  want: VmWant,
  env: ResourceEnv,
  isDone: (server: Server | undefined) => boolean,
): Promise<Server | undefined> {
  const { clock } = env.host;
  const endMs = clock.monotonicMs() + want.waittimeout * 1000;
  for (;;) {
    const server = await findServer(env.name, want.apitoken, env);
    if (isDone(server)) return server;
    if (clock.monotonicMs() >= endMs) {
      throw new Failure(
        `the server ${env.name} is ${server?.status ?? "not there"} after ${want.waittimeout} s of waiting`,
        { code: "timed-out", retry: "backoff", hint: "Give it more time with `waittimeout`." },
      );
    }
    await clock.sleep(want.waitinterval * 1000, env.signal);
  }
}
