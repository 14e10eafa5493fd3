// SPDX-License-Identifier: Apache-2.0
// `firewalld`: services and ports that a zone of firewalld lets in, as long as it runs. What it has for its next start is
// left alone: it is opened again after that.

import type { BusCall } from "../../contract/bus.ts";
import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { isInside, parsePort, type PortRange, renderPort } from "./firewalld/port.ts";

const fields = {
  zone: field.str({ doc: "The zone; that which is the default if absent.", example: '"public"' }),
  state: field.str({ choices: ["exists", "absent"], doc: "Whether they must be let in. Not given: they must." }),
  services: field.strings({ doc: "Services, by the names that firewalld has for them.", example: '["http", "https"]' }),
  ports: field.strings({
    doc: "Ports, or ranges of them, with their protocol. One that a range lets in is let in.",
    example: '["8080/tcp", "6000-6010/udp"]',
  }),
};

type FirewalldWant = Want<typeof fields>;

interface FirewalldHave {
  readonly zone: string;
  readonly services: readonly string[];
  readonly ports: readonly PortRange[];
}

type FirewalldStep =
  | (Step & { readonly do: "add-service" | "remove-service"; readonly zone: string; readonly service: string })
  | (Step & { readonly do: "add-port" | "remove-port"; readonly zone: string; readonly port: PortRange })
  | (Step & { readonly do: "refuse"; readonly port: PortRange; readonly range: PortRange });

const destination = "org.fedoraproject.FirewallD1";
const path = "/org/fedoraproject/FirewallD1";
/** Seconds after which it is taken back; 0: never. */
const forEver = 0;

export const firewalld = defineResource({
  kind: "firewalld",
  summary: "Services and ports that firewalld lets in.",
  fields,
  traits: {},
  watchedFields: [],
  edges: {
    reads: [],
    offers: () => [],
    *wishes() {
      yield { order: "before", anyOf: [{ space: "service", id: "firewalld" }], why: "is asked of" };
    },
  },
  check: checkFirewalld,
  observe: observeFirewalld,
  plan: planFirewalld,
  explain: explainFirewalld,
  apply: applyFirewalld,
  async *watch(_want: FirewalldWant, { host, signal }) {
    const match = { sender: destination, pathNamespace: path };
    for await (const _ of host.buses.system.signals(match, signal)) yield;
  },
});

function checkFirewalld(want: FirewalldWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  for (const port of want.ports) {
    if (parsePort(port) !== undefined) continue;
    const hint = 'As in "8080/tcp" or "6000-6010/udp", with tcp, udp, sctp or dccp.';
    found.push({ field: "ports", title: `"${port}" is no port with its protocol`, hint });
  }
  for (const service of want.services) {
    if (/^[\p{L}\p{N}_-]+$/u.test(service)) continue;
    found.push({
      field: "services",
      title: `"${service}" cannot be the name of a service`,
      hint: "`firewall-cmd --get-services` lists them.",
    });
  }
  if (want.zone !== "" && !/^[\p{L}\p{N}_-]{1,17}(?:\/[\p{L}\p{N}_-]+)?$/u.test(want.zone))
    found.push({
      field: "zone",
      title: `"${want.zone}" cannot be the name of a zone`,
      hint: "`firewall-cmd --get-zones` lists them.",
    });
  if (want.services.length === 0 && want.ports.length === 0) {
    found.push({
      title: "without `services` and `ports` there is nothing to do",
      hint: 'Write `services => ["https"]`, or `ports => ["8080/tcp"]`.',
    });
  }
  return found;
}

async function observeFirewalld(want: FirewalldWant, env: ResourceEnv): Promise<FirewalldHave> {
  const { system } = env.host.buses;
  try {
    const zone = want.zone === "" ? await defaultZone(env) : want.zone;
    const ask = { destination, path, interface: `${destination}.zone`, takes: "s", arguments: [zone] };
    const [services] = await system.call({ ...ask, method: "getServices", returns: "as" }, env.signal);
    const [ports] = await system.call({ ...ask, method: "getPorts", returns: "aas" }, env.signal);
    return {
      zone,
      services,
      ports: ports.flatMap(([port = "", protocol = ""]) => parsePort(`${port}/${protocol}`) ?? []),
    };
  } catch (reason) {
    if (!(reason instanceof Failure) || reason.code !== "not-found") throw reason;
    throw new Failure("firewalld does not run", {
      code: "unreachable",
      hint: 'Declare it: pkg "firewalld" {} and svc "firewalld" { state => "running" }',
      retry: "backoff",
      cause: reason,
    });
  }
}

async function defaultZone({ host, signal }: ResourceEnv): Promise<string> {
  const call: BusCall<"s"> = { destination, path, interface: destination, method: "getDefaultZone", returns: "s" };
  const [zone] = await host.buses.system.call(call, signal);
  return zone;
}

function planFirewalld(want: FirewalldWant, { zone, services, ports }: FirewalldHave): readonly FirewalldStep[] {
  const wanted = new Map(want.ports.flatMap((text) => parsePort(text) ?? []).map((port) => [renderPort(port), port]));
  const steps: FirewalldStep[] = [];
  if (want.state === "absent") {
    for (const service of new Set(want.services)) {
      if (services.includes(service)) steps.push({ do: "remove-service", zone, service });
    }
    for (const [text, port] of wanted) {
      if (ports.some((each) => renderPort(each) === text)) steps.push({ do: "remove-port", zone, port });
      const range = ports.find((each) => renderPort(each) !== text && isInside(port, each));
      if (range !== undefined) steps.push({ do: "refuse", port, range });
    }
    return steps;
  }
  for (const service of new Set(want.services)) {
    if (!services.includes(service)) steps.push({ do: "add-service", zone, service });
  }
  for (const port of wanted.values()) {
    if (!ports.some((each) => isInside(port, each))) steps.push({ do: "add-port", zone, port });
  }
  return steps;
}

function explainFirewalld(step: FirewalldStep): StepText {
  switch (step.do) {
    case "add-service":
      return { mark: "+", text: `let the service ${step.service} into the zone ${step.zone}` };
    case "remove-service":
      return { mark: "-", text: `let the service ${step.service} no longer into the zone ${step.zone}` };
    case "add-port":
      return { mark: "+", text: `let ${renderPort(step.port)} into the zone ${step.zone}` };
    case "remove-port":
      return { mark: "-", text: `let ${renderPort(step.port)} no longer into the zone ${step.zone}` };
    case "refuse":
      return { mark: "!", text: partOfRange(step) };
  }
}

function partOfRange({ port, range }: Extract<FirewalldStep, { do: "refuse" }>): string {
  return `${renderPort(port)} is let in as a part of ${renderPort(range)}`;
}

async function applyFirewalld(step: FirewalldStep, _want: FirewalldWant, env: ResourceEnv): Promise<void> {
  if (step.do === "refuse") {
    throw new Failure(partOfRange(step), { code: "conflict", hint: "Take the whole range away." });
  }
  try {
    await env.host.buses.system.call(
      { destination, path, interface: `${destination}.zone`, returns: "s", ...callOf(step) },
      env.signal,
    );
  } catch (reason) {
    // Somebody else has done it since we looked.
    if (!(reason instanceof Failure) || !/ALREADY_ENABLED|NOT_ENABLED/.test(reason.message)) throw reason;
  }
}

function callOf(step: Exclude<FirewalldStep, { do: "refuse" }>): Pick<BusCall<"s">, "method" | "takes" | "arguments"> {
  switch (step.do) {
    case "add-service":
      return { method: "addService", takes: "ssi", arguments: [step.zone, step.service, forEver] };
    case "remove-service":
      return { method: "removeService", takes: "ss", arguments: [step.zone, step.service] };
    case "add-port":
      return { method: "addPort", takes: "sssi", arguments: [step.zone, ...partsOf(step.port), forEver] };
    case "remove-port":
      return { method: "removePort", takes: "sss", arguments: [step.zone, ...partsOf(step.port)] };
  }
}

function partsOf(port: PortRange): readonly [string, string] {
  const [range = "", protocol = ""] = renderPort(port).split("/");
  return [range, protocol];
}
