// SPDX-License-Identifier: Apache-2.0
// `docker:container`: a container of an engine, as declared, running or not.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { intType, mapType, strType } from "../../values/type.ts";
import { MapValue } from "../../values/value.ts";
import { member, textMember, textsMember } from "../asking/members.ts";
import { engineOf } from "./engine.ts";
import { watchEngine } from "./events.ts";
import { checkVersion } from "./image.ts";
import { isImageName, lookAtImage, pullImage, wholeName } from "./images.ts";
import { argumentProblems } from "../commands/possible-argument.ts";

const fields = {
  state: field.str({
    default: "running",
    choices: ["running", "stopped", "removed"],
    doc: "Whether it runs, is there without running, or is not there. The name of the resource is that of the container.",
  }),
  image: field.str({
    doc: "The image from which it is made; it is pulled if the engine does not have it.",
    example: '"nginx:1.27"',
  }),
  cmd: field.strings({
    doc: "What runs in it, instead of what the image says.",
    example: '["nginx", "-g", "daemon off;"]',
  }),
  env: field.strings({ doc: "Variables of its environment.", example: '["TZ=UTC"]' }),
  ports: field.value(mapType(strType, mapType(intType, intType)), {
    doc: "Ports of the machine that lead to ports of the container, for `tcp`, `udp` and `sctp`.",
    example: '{"tcp" => {8080 => 80}}',
  }),
  apiversion: field.str({
    doc: "The version of the engine's interface; the newest that it has, if absent.",
    example: '"v1.41"',
  }),
  force: field.bool({
    doc: "Lets a container that was made from another image, or in another way, be removed and made anew.",
  }),
};

type ContainerWant = Want<typeof fields>;

/** What is there; undefined: nothing of that name. */
interface Container {
  readonly id: string;
  readonly isRunning: boolean;
  readonly isPaused: boolean;
  readonly image: string;
  readonly cmd: readonly string[];
  readonly env: readonly string[];
  /** `8080:80/tcp`, sorted. */
  readonly ports: readonly string[];
}

interface ContainerHave {
  readonly name: string;
  readonly container: Container | undefined;
  readonly hasImage: boolean;
}

type ContainerStep =
  | (Step & { readonly do: "pull"; readonly image: string })
  | (Step & { readonly do: "create"; readonly name: string; readonly image: string })
  | (Step & { readonly do: "start" | "stop" | "resume" | "remove"; readonly name: string })
  | (Step & { readonly do: "refuse"; readonly reason: string });

export const dockerContainer = defineResource({
  kind: "docker:container",
  summary: "A container of an engine such as Docker: made from an image, and running or not.",
  fields,
  traits: {},
  watchedFields: ["apiversion"],
  edges: {
    reads: ["image", "state"],
    offers: () => [],
    *wishes({ image, state }) {
      if (image === "") return;
      // An image can only be removed when no container is made from it any more.
      const order = state === "removed" ? "after" : "before";
      yield { order, anyOf: [{ space: "container image", id: wholeName(image) }], why: "is made from" };
    },
  },
  check: checkContainer,
  observe: observeContainer,
  plan: planContainer,
  explain: explainContainerStep,
  apply: applyContainerStep,
  watch: (want: ContainerWant, env) => watchEngine(want.apiversion, "container", env),
});

function checkContainer(want: ContainerWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [...checkVersion(want.apiversion)];
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]+$/.test(name)) {
    found.push({ title: `"${name}" is no name of a container`, hint: "Letters, digits, and later also _ . and -." });
  }
  if (!isImageName(want.image)) {
    const title = want.image === "" ? "a container needs an `image`" : `"${want.image}" is no name of an image`;
    found.push({ field: "image", title, hint: "Write it like nginx, nginx:1.27 or host.example/team/app:2." });
  }
  found.push(...argumentProblems({ cmd: want.cmd, env: want.env }));
  for (const variable of want.env) {
    if (!/^[^=\0]+=[^\0]*$/.test(variable)) {
      found.push({
        field: "env",
        title: `"${variable}" is no variable of an environment`,
        hint: 'Write it like "NAME=value".',
      });
    }
  }
  for (const { protocol, outside, inside } of publishedPorts(want)) {
    if (protocol !== "tcp" && protocol !== "udp" && protocol !== "sctp") {
      found.push({
        field: "ports",
        title: `"${protocol}" is neither tcp, udp nor sctp`,
        hint: 'Write it like `{"tcp" => {8080 => 80}}`.',
      });
    }
    for (const port of [outside, inside]) {
      if (port < 1n || port > 65_535n)
        found.push({ field: "ports", title: `there is no port ${port}`, hint: "Ports go from 1 to 65535." });
    }
  }
  return found;
}

async function observeContainer(want: ContainerWant, env: ResourceEnv): Promise<ContainerHave> {
  const engine = engineOf(want.apiversion, env);
  const found = await engine.look(`/containers/${env.name}/json`);
  const container = found === undefined ? undefined : containerFrom(found);
  const matters = want.state !== "removed" && (container === undefined || differencesOf(want, container).length > 0);
  const hasImage = !matters || (await lookAtImage(want.image, engine)) !== undefined;
  return { name: env.name, container, hasImage };
}

function containerFrom(found: unknown): Container {
  const ports: string[] = [];
  const bindings = member(found, "HostConfig", "PortBindings");
  for (const [inside, places] of Object.entries(typeof bindings === "object" && bindings !== null ? bindings : {})) {
    for (const place of Array.isArray(places) ? (places as unknown[]) : []) {
      ports.push(`${textMember(place, "HostPort")}:${inside}`);
    }
  }
  return {
    id: textMember(found, "Id"),
    isRunning: member(found, "State", "Running") === true,
    isPaused: member(found, "State", "Paused") === true,
    image: textMember(found, "Config", "Image"),
    cmd: textsMember(found, "Config", "Cmd"),
    env: textsMember(found, "Config", "Env"),
    ports: ports.sort(),
  };
}

interface PublishedPort {
  readonly protocol: string;
  /** Of the machine. */
  readonly outside: bigint;
  /** Of the container. */
  readonly inside: bigint;
}

function publishedPorts(want: ContainerWant): readonly PublishedPort[] {
  const found: PublishedPort[] = [];
  for (const [protocol, pairs] of want.ports instanceof MapValue ? want.ports.entries() : []) {
    for (const [outside, inside] of pairs instanceof MapValue ? pairs.entries() : []) {
      if (typeof protocol === "string" && typeof outside === "bigint" && typeof inside === "bigint") {
        found.push({ protocol, outside, inside });
      }
    }
  }
  return found;
}

function portsOf(want: ContainerWant): readonly string[] {
  return publishedPorts(want)
    .map(({ protocol, outside, inside }) => `${outside}:${inside}/${protocol}`)
    .sort();
}

/** What cannot be changed on a container that is there. The image may add to its environment. */
function differencesOf(want: ContainerWant, have: Container): readonly string[] {
  const same = (one: readonly string[], other: readonly string[]) => JSON.stringify(one) === JSON.stringify(other);
  const missing = want.env.filter((variable) => !have.env.includes(variable));
  return [
    ...(wholeName(have.image) === wholeName(want.image) ? [] : [`its image is ${have.image}, not ${want.image}`]),
    ...(want.cmd.length === 0 || same(want.cmd, have.cmd) ? [] : [`it runs ${have.cmd.join(" ") || "something else"}`]),
    // Values may be secrets.
    ...missing.map((variable) => `its ${variable.slice(0, variable.indexOf("="))} is another one`),
    ...(same(portsOf(want), have.ports) ? [] : [`its ports are ${have.ports.join(", ") || "none"}`]),
  ];
}

function planContainer(want: ContainerWant, { name, container, hasImage }: ContainerHave): readonly ContainerStep[] {
  if (want.state === "removed") return container === undefined ? [] : [{ do: "remove", name }];
  const differences = container === undefined ? [] : differencesOf(want, container);
  if (container === undefined || differences.length > 0) {
    if (differences.length > 0 && !want.force) {
      return [{ do: "refuse", reason: `the container ${name} was made in another way: ${differences.join(", ")}` }];
    }
    return [
      ...(hasImage ? [] : [{ do: "pull", image: want.image } as const]),
      ...(container === undefined ? [] : [{ do: "remove", name } as const]),
      { do: "create", name, image: want.image },
      ...(want.state === "running" ? [{ do: "start", name } as const] : []),
    ];
  }
  if (want.state === "stopped") return container.isRunning ? [{ do: "stop", name }] : [];
  if (!container.isRunning) return [{ do: "start", name }];
  return container.isPaused ? [{ do: "resume", name }] : [];
}

function explainContainerStep(step: ContainerStep): StepText {
  switch (step.do) {
    case "pull":
      return { mark: "+", text: `pull ${wholeName(step.image)}` };
    case "create":
      return { mark: "+", text: `make the container from ${step.image}` };
    case "start":
      return { mark: "~", text: "start it" };
    case "stop":
      return { mark: "~", text: "stop it" };
    case "resume":
      return { mark: "~", text: "let it go on (was paused)" };
    case "remove":
      return { mark: "-", text: "remove the container" };
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}

async function applyContainerStep(step: ContainerStep, want: ContainerWant, env: ResourceEnv): Promise<void> {
  const engine = engineOf(want.apiversion, env);
  switch (step.do) {
    case "pull":
      return pullImage(step.image, engine, (line) => env.say(line));
    case "create":
      await engine.change("POST", `/containers/create?name=${step.name}`, creationOf(want));
      return;
    case "start":
      await engine.change("POST", `/containers/${step.name}/start`);
      return;
    case "stop":
      await engine.change("POST", `/containers/${step.name}/stop`);
      return;
    case "resume":
      await engine.change("POST", `/containers/${step.name}/unpause`);
      return;
    case "remove":
      await engine.change("DELETE", `/containers/${step.name}?force=true`);
      return;
    case "refuse":
      throw new Failure(step.reason, {
        code: "conflict",
        hint: "Set `force => true` to have it removed and made anew: what it has written inside is lost then.",
      });
  }
}

function creationOf(want: ContainerWant): unknown {
  const bindings: Record<string, { readonly HostPort: string }[]> = {};
  for (const port of portsOf(want)) {
    const [outside = "", inside = ""] = port.split(":");
    bindings[inside] = [...(bindings[inside] ?? []), { HostPort: outside }];
  }
  return {
    Image: wholeName(want.image),
    ...(want.cmd.length === 0 ? {} : { Cmd: want.cmd }),
    Env: want.env,
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((inside) => [inside, {}])),
    HostConfig: { PortBindings: bindings },
  };
}
