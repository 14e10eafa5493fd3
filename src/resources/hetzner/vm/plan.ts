// SPDX-License-Identifier: Apache-2.0
// What must be done with a server of Hetzner Cloud, and how a person reads it. Asks nobody.

import type { Step, StepText } from "../../../contract/resource.ts";
import type { Server } from "../api.ts";
import type { VmWant } from "./fields.ts";

export interface VmHave {
  readonly name: string;
  readonly server: Server | undefined;
}

export type VmStep =
  | (Step & { readonly do: "create" })
  | (Step & { readonly do: "wait"; readonly id: number; readonly status: string })
  | (Step & { readonly do: "delete"; readonly id: number })
  | (Step & { readonly do: "start" | "stop" | "end rescue"; readonly id: number })
  | (Step & { readonly do: "retype"; readonly id: number; readonly was: string; readonly to: string })
  | (Step & { readonly do: "install"; readonly id: number; readonly was: string; readonly image: string })
  | (Step & { readonly do: "rescue"; readonly id: number; readonly mode: string })
  | (Step & { readonly do: "refuse"; readonly reason: string });

/** Steps of a server that is made in the same pass: its number is not known yet. */
export const made = 0;

export function planVm(want: VmWant, { name, server }: VmHave): readonly VmStep[] {
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
export function startsAtOnce({ state, serverrescuemode }: VmWant): boolean {
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

export function explainVm(step: VmStep): StepText {
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
