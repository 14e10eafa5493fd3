// SPDX-License-Identifier: Apache-2.0
// `bmc:power`: whether a machine is on, as its controller says. A controller tells nothing by itself, so it must be polled.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { onceArmed } from "../armed.ts";
import { member, textMember, textsMember } from "../asking/members.ts";
import { holding } from "./one-controller.ts";
import { checkPlace, originOf, type Place, placeFields, placeOf } from "./place.ts";
import { membersOf, type Redfish, redfishOf } from "./redfish.ts";
import { askRpc } from "./rpc.ts";

const drivers = ["rpc", "rpcs", "gofish", "gofishs", "redfish", "redfishs"];

const fields = {
  ...placeFields,
  driver: field.str({
    choices: drivers,
    doc: "How the controller is talked to: `redfish` (or `gofish`), or `rpc` for a service in the form of bmclib; with an `s` at the end over an encrypted connection. Not given: as the name says.",
  }),
  state: field.str({ choices: ["on", "off"], doc: "Whether the machine is on." }),
};

type PowerWant = Want<typeof fields>;

interface PowerHave {
  /** `on`, `off`, or something that does not last. */
  readonly power: string;
}

interface PowerStep extends Step {
  readonly do: "on" | "off" | "wait";
  readonly was: string;
}

const everyMs = 2_000;
/** A machine may end its work when it is asked to; after this it is switched off. */
const gracefulMs = 60_000;
const longestMs = 180_000;

export const bmcPower = defineResource({
  kind: "bmc:power",
  summary: "Whether a machine is switched on, by its baseboard controller.",
  fields,
  traits: { polling: "needed" },
  watchedFields: [],
  check: checkPower,
  observe: async (want: PowerWant, env): Promise<PowerHave> => ({ power: await (await machineOf(want, env)).power() }),
  plan: ({ state }: PowerWant, { power }: PowerHave): readonly PowerStep[] => {
    if (power === state) return [];
    if (power !== "on" && power !== "off") return [{ do: "wait", was: power }];
    return [{ do: state === "on" ? "on" : "off", was: power }];
  },
  explain: (step: PowerStep): StepText =>
    step.do === "wait"
      ? { mark: "!", text: `wait until it is not ${step.was} any more` }
      : { mark: "~", text: `switch it ${step.do}` },
  apply: (_step: PowerStep, want: PowerWant, env) =>
    holding([env.name], env, async () => {
      const machine = await machineOf(want, env);
      const wanted = want.state === "on" ? "on" : "off";
      // What is under way may end as it should.
      const power = await until(machine, env, longestMs, (now) => now === "on" || now === "off");
      if (power === wanted) return;
      if (wanted === "off" && (await machine.ask("end"))) {
        if ((await until(machine, env, gracefulMs, (now) => now === wanted)) === wanted) return;
      }
      await machine.ask(wanted);
      const after = await until(machine, env, longestMs, (now) => now === wanted);
      if (after === wanted) return;
      throw new Failure(`the machine is ${after} ${longestMs / 1000} s after it was switched ${wanted}`, {
        code: "timed-out",
        retry: "backoff",
      });
    }),
  watch: (_want: PowerWant, env) => onceArmed(env.signal),
});

function checkPower(want: PowerWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [...checkPlace(want, name)];
  const driver = want.driver || placeOf(want, name).driver;
  if (!drivers.includes(driver)) {
    const title = driver === "" ? "a controller needs a `driver`" : `there is no driver "${driver}"`;
    found.push({ field: "driver", title, hint: `There are ${drivers.join(", ")}.` });
  }
  if (want.state === "") found.push({ field: "state", title: "a machine needs a `state`", hint: 'Say "on" or "off".' });
  return found;
}

async function until(
  machine: Machine,
  { host, signal }: ResourceEnv,
  longest: number,
  isDone: (power: string) => boolean,
): Promise<string> {
  const endMs = host.clock.monotonicMs() + longest;
  for (;;) {
    const power = await machine.power();
    if (isDone(power) || host.clock.monotonicMs() >= endMs) return power;
    await host.clock.sleep(everyMs, signal);
  }
}

interface Machine {
  power(): Promise<string>;
  /** `end`: as its own system does it. False when that cannot be asked for. */
  ask(what: "on" | "off" | "end"): Promise<boolean>;
}

async function machineOf(want: PowerWant, env: ResourceEnv): Promise<Machine> {
  const place = placeOf(want, env.name);
  const driver = want.driver || place.driver;
  const origin = originOf(place, driver.endsWith("s"));
  return driver.startsWith("rpc") ? rpcMachine(origin, place, env) : redfishMachine(origin, place, env);
}

function rpcMachine(origin: string, { hostname, password }: Place, env: ResourceEnv): Machine {
  const place = { origin, hostname, password };
  return {
    async power() {
      const result = await askRpc(place, "getPowerState", undefined, env);
      if (typeof result === "string" && result !== "") return result.toLowerCase();
      throw new Failure("the service of the controller does not tell whether the machine is on", {
        code: "unexpected",
      });
    },
    async ask(what) {
      if (what === "end") return false;
      await askRpc(place, "setPowerState", { state: what }, env);
      return true;
    },
  };
}

async function redfishMachine(origin: string, { username, password }: Place, env: ResourceEnv): Promise<Machine> {
  const redfish = await redfishOf({ origin, username, password }, env);
  const [place, another] = await membersOf(redfish, "/redfish/v1/Systems");
  if (place === undefined || another !== undefined) {
    throw new Failure(`the controller has ${place === undefined ? "no machine" : "several machines"}`, {
      code: "unsupported",
    });
  }
  return {
    power: async () => textMember(await redfish.get(place), "PowerState").toLowerCase() || "unknown",
    async ask(what) {
      const { target, types } = await resetOf(redfish, place);
      const type = { on: "On", off: "ForceOff", end: "GracefulShutdown" }[what];
      if (what === "end" && !types.includes(type)) return false;
      await redfish.postJson(target, { ResetType: type });
      return true;
    },
  };
}

async function resetOf(
  redfish: Redfish,
  place: string,
): Promise<{ readonly target: string; readonly types: readonly string[] }> {
  const action = member(await redfish.get(place), "Actions", "#ComputerSystem.Reset");
  const said = textsMember(action, "ResetType@Redfish.AllowableValues");
  const target = textMember(action, "target") || `${place}/Actions/ComputerSystem.Reset`;
  return { target, types: said };
}
