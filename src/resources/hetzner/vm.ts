// SPDX-License-Identifier: Apache-2.0
// `hetzner:vm`: a server of Hetzner Cloud, which tells nothing by itself: `Meta:poll` says how often it is asked.

import { Failure } from "../../contract/failure.ts";
import { defineResource, type ResourceEnv } from "../../contract/resource.ts";
import { onceArmed } from "../armed.ts";
import { changeServer, findServer, keyNumbers, type Server } from "./api.ts";
import { checkVm, vmFields, type VmWant } from "./vm/fields.ts";
import { explainVm, made, planVm, startsAtOnce, type VmHave, type VmStep } from "./vm/plan.ts";

export const hetznerVm = defineResource({
  kind: "hetzner:vm",
  summary: "A server of Hetzner Cloud.",
  fields: vmFields,
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
