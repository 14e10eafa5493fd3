// SPDX-License-Identifier: Apache-2.0
// `virt`: a virtual machine or container of libvirt, which tells of every change as it happens.

import { joinPulses } from "../../base/join-pulses.ts";
import { Failure } from "../../contract/failure.ts";
import { defineResource, type Hints, type ResourceEnv, type Step, type StepText } from "../../contract/resource.ts";
import { childOf, parseXml, textAt } from "../xml/read.ts";
import { checkDomain, domainFields, type DomainWant, structsOf, textOfField } from "./domain-fields.ts";
import { describeDomain } from "./domain-xml.ts";
import { filesOfDomain } from "./kept-files.ts";
import { change, changeWith, factsIn, lookAt, watchVirsh } from "./virsh.ts";

interface Resources {
  readonly cpus: number;
  readonly maxcpus: number;
  /** KiB */
  readonly memory: bigint;
}

interface Domain {
  /** `running`, `paused`, `shut off` or one that does not last. */
  readonly state: string;
  readonly isPersistent: boolean;
  readonly startsByItself: boolean;
  /** What it has now, when it is on. */
  readonly live: Resources | undefined;
  /** What it has when it is started the next time; undefined when it is gone then. */
  readonly kept: Resources | undefined;
}

interface DomainHave {
  readonly name: string;
  readonly domain: Domain | undefined;
}

type Verb = "define" | "create" | "keep" | "forget" | "start" | "resume" | "suspend" | "stop" | "wake";

type DomainStep =
  | (Step & { readonly do: Verb; readonly paused: boolean })
  | (Step & { readonly do: "autostart"; readonly on: boolean })
  | (Step & { readonly do: "set"; readonly args: readonly (readonly string[])[]; readonly text: string })
  | (Step & { readonly do: "restart"; readonly why: string })
  | (Step & { readonly do: "refuse"; readonly reason: string });

export const virt = defineResource({
  kind: "virt",
  summary: "A virtual machine or container of libvirt.",
  fields: domainFields,
  traits: { refresh: true, polling: "refused" },
  watchedFields: ["uri", "auth"],
  edges: {
    reads: ["disk", "cdrom", "network"],
    offers: () => [],
    *wishes({ disk, cdrom, network }) {
      yield { order: "before", anyOf: [{ space: "service", id: "libvirtd" }], why: "is run by" };
      for (const drive of [...structsOf(disk), ...structsOf(cdrom)]) {
        const path = textOfField(drive, "source");
        if (path.startsWith("/")) yield { order: "before", anyOf: [{ space: "path", id: path }], why: "has the disk" };
      }
      for (const each of structsOf(network)) {
        yield { order: "before", anyOf: [{ space: "virtual network", id: textOfField(each, "name") }], why: "is in" };
      }
    },
  },
  check: checkDomain,
  observe: async (want: DomainWant, env): Promise<DomainHave> => ({
    name: env.name,
    domain: await lookAtDomain(want, env),
  }),
  plan: planDomain,
  explain: explainDomain,
  apply: applyDomain,
  watch: (want: DomainWant, env) =>
    joinPulses(env.signal, [
      (signal) =>
        watchVirsh(want, ["event", "--all", "--loop"], (line) => line.includes(`domain '${env.name}'`), {
          ...env,
          signal,
        }),
      (signal) => env.host.files.watch(filesOfDomain(want.uri, env.name), signal),
    ]),
});

async function lookAtDomain(want: DomainWant, env: ResourceEnv): Promise<Domain | undefined> {
  const told = await lookAt(want, ["dominfo", env.name], env);
  if (told === undefined) return undefined;
  const facts = factsIn(told);
  const state = facts.get("State") ?? "";
  const isPersistent = facts.get("Persistent") === "yes";
  const describe = async (...flags: readonly string[]) => {
    const text = await lookAt(want, ["dumpxml", env.name, ...flags], env);
    return text === undefined ? undefined : resourcesIn(text);
  };
  return {
    state,
    isPersistent,
    startsByItself: facts.get("Autostart") === "enable",
    live: state === "shut off" ? undefined : await describe(),
    kept: isPersistent ? await describe("--inactive") : undefined,
  };
}

function resourcesIn(text: string): Resources {
  const domain = parseXml(text, "the description of a domain");
  const vcpu = childOf(domain, "vcpu");
  const maxcpus = Number(textAt(domain, "vcpu"));
  return {
    maxcpus,
    cpus: Number(vcpu?.attributes.get("current") ?? maxcpus),
    memory: kibibytes(textAt(domain, "memory"), childOf(domain, "memory")?.attributes.get("unit") ?? "KiB"),
  };
}

function kibibytes(text: string, unit: string): bigint {
  const powers: Readonly<Record<string, bigint>> = { KiB: 1n, MiB: 1024n, GiB: 1024n * 1024n };
  return /^\d+$/.test(text) ? BigInt(text) * (powers[unit] ?? 1n) : 0n;
}

function planDomain(want: DomainWant, { name, domain }: DomainHave, { refresh }: Hints): readonly DomainStep[] {
  const paused = want.state === "paused";
  if (domain === undefined) {
    if (want.transient) return want.state === "shutoff" ? [] : [{ do: "create", paused }];
    const steps: DomainStep[] = [{ do: "define", paused }];
    if (want.startup === "enabled") steps.push({ do: "autostart", on: true });
    if (want.state === "running" || paused) steps.push({ do: "start", paused });
    return steps;
  }
  const steps: DomainStep[] = [];
  const { state, isPersistent, startsByItself, live, kept } = domain;
  const isOn = live !== undefined;
  if (want.transient && !isOn) {
    // Only what runs can be without being kept.
    return [{ do: "forget", paused }, ...(want.state === "shutoff" ? [] : [{ do: "create", paused } as const])];
  }
  if (!want.transient && !isPersistent) steps.push({ do: "keep", paused });
  if (want.transient && isPersistent) steps.push({ do: "forget", paused });
  if (!want.transient && want.startup !== "" && (want.startup === "enabled") !== startsByItself) {
    steps.push({ do: "autostart", on: want.startup === "enabled" });
  }
  // What is kept from now on is what it has now.
  const lasting = kept ?? live;
  if (lasting !== undefined && !want.transient) steps.push(...settings(want, lasting, name, "--config"));
  const stops = want.state === "shutoff";
  if (live !== undefined && !stops) {
    const why = reasonToRestart(want, live);
    if (why !== undefined && want.restartondiverge === "ifneeded") steps.push({ do: "restart", why });
    else if (why !== undefined && want.restartondiverge !== "ignore") {
      return [...steps, { do: "refuse", reason: `the domain ${name} must be started anew: ${why}` }];
    } else {
      if (want.hotcpus)
        steps.push(...settings({ ...want, maxcpus: live.maxcpus, memory: live.memory }, live, name, "--live"));
      if (refresh && want.restartonrefresh) steps.push({ do: "restart", why: "something has changed" });
    }
  }
  return [...steps, ...stateSteps(want, state, paused)];
}

/** What a running domain cannot be given. */
function reasonToRestart(want: DomainWant, live: Resources): string | undefined {
  if (live.maxcpus !== want.maxcpus) return `it can have ${live.maxcpus} processors, not ${want.maxcpus}`;
  if (live.memory !== want.memory) return `it has ${live.memory} KiB of memory, not ${want.memory}`;
  if (!want.hotcpus && live.cpus !== want.cpus) return `it has ${live.cpus} processors, not ${want.cpus}`;
  return undefined;
}

function settings(want: Resources, have: Resources, name: string, where: string): readonly DomainStep[] {
  const steps: DomainStep[] = [];
  const now = where === "--live" ? "" : " at its next start";
  if (have.memory !== want.memory) {
    const [size, args] = [String(want.memory), ["setmaxmem", "setmem"]];
    // The greater of both must hold at each moment.
    if (want.memory < have.memory) args.reverse();
    steps.push({
      do: "set",
      args: args.map((verb) => [verb, name, size, where]),
      text: `give it ${want.memory} KiB of memory${now} (was ${have.memory})`,
    });
  }
  if (have.maxcpus !== want.maxcpus || have.cpus !== want.cpus) {
    const most = ["setvcpus", name, String(want.maxcpus), "--maximum", where];
    const args = [["setvcpus", name, String(want.cpus), where]];
    if (have.maxcpus !== want.maxcpus) {
      if (want.maxcpus < have.maxcpus) args.push(most);
      else args.unshift(most);
    }
    steps.push({ do: "set", args, text: `give it ${countOf(want)} processors${now} (was ${countOf(have)})` });
  }
  return steps;
}

function countOf({ cpus, maxcpus }: Resources): string {
  return `${cpus} of ${maxcpus}`;
}

function stateSteps(want: DomainWant, state: string, paused: boolean): readonly DomainStep[] {
  const step = (verb: Verb): readonly DomainStep[] => [{ do: verb, paused }];
  const isOff = state === "shut off" || state === "crashed";
  switch (want.state) {
    case "running":
      if (isOff) return step("start");
      if (state === "pmsuspended") return step("wake");
      return state === "paused" ? step("resume") : [];
    case "paused":
      if (isOff) return step("start");
      return state === "running" || state === "idle" || state === "no state" ? step("suspend") : [];
    case "shutoff":
      return isOff ? [] : step("stop");
    default:
      return [];
  }
}

function explainDomain(step: DomainStep): StepText {
  switch (step.do) {
    case "define":
      return { mark: "+", text: "make the domain" };
    case "create":
      return { mark: "+", text: "make and start the domain" };
    case "keep":
      return { mark: "~", text: "keep it when it is off" };
    case "forget":
      return { mark: "-", text: "do not keep it when it is off" };
    case "autostart":
      return { mark: "~", text: `let it start with the hypervisor${step.on ? "" : " no longer"}` };
    case "set":
      return { mark: "~", text: step.text };
    case "restart":
      return { mark: "!", text: `start it anew: ${step.why}` };
    case "start":
      return { mark: "~", text: step.paused ? "start it, paused" : "start it" };
    case "resume":
      return { mark: "~", text: "let it go on (was paused)" };
    case "wake":
      return { mark: "~", text: "wake it up (was asleep)" };
    case "suspend":
      return { mark: "~", text: "pause it" };
    case "stop":
      return { mark: "~", text: "switch it off" };
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}

async function applyDomain(step: DomainStep, want: DomainWant, env: ResourceEnv): Promise<void> {
  const { name } = env;
  const run = (...args: readonly string[]) => change(want, args, env);
  switch (step.do) {
    case "define":
      return changeWith(want, ["define"], await describeDomain(want, env), env);
    case "create":
      return changeWith(want, ["create", ...(step.paused ? ["--paused"] : [])], await describeDomain(want, env), env);
    case "keep": {
      const text = await lookAt(want, ["dumpxml", name, "--security-info", "--inactive"], env);
      if (text !== undefined) await changeWith(want, ["define"], text, env);
      return;
    }
    case "forget":
      return run("undefine", name, "--managed-save");
    case "autostart":
      return run("autostart", name, ...(step.on ? [] : ["--disable"]));
    case "set":
      for (const args of step.args) await run(...args);
      return;
    case "restart":
      await run("destroy", name);
      if (want.transient) return applyDomain({ do: "create", paused: want.state === "paused" }, want, env);
      return run("start", name, ...(want.state === "paused" ? ["--paused"] : []));
    case "start":
      return run("start", name, ...(step.paused ? ["--paused"] : []));
    case "resume":
      return run("resume", name);
    case "wake":
      return run("dompmwakeup", name);
    case "suspend":
      return run("suspend", name);
    case "stop":
      return run("destroy", name);
    case "refuse":
      throw new Failure(step.reason, {
        code: "conflict",
        hint: 'Allow it with `restartondiverge => "ifneeded"`, or leave it with `"ignore"`.',
      });
  }
}
