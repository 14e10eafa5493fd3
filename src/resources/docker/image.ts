// SPDX-License-Identifier: Apache-2.0
// `docker:image`: an image that a container engine has, or has no more.

import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { textMember } from "../asking/members.ts";
import { engineOf } from "./engine.ts";
import { watchEngine } from "./events.ts";
import { isImageName, lookAtImage, pullImage, wholeName } from "./images.ts";

const fields = {
  state: field.str({
    default: "exists",
    choices: ["exists", "absent"],
    doc: "Whether the engine is to have it. The name of the resource is that of the image; without a tag it is `latest`.",
  }),
  apiversion: field.str({
    doc: "The version of the engine's interface; the newest that it has, if absent.",
    example: '"v1.41"',
  }),
};

type ImageWant = Want<typeof fields>;

interface ImageHave {
  readonly name: string;
  /** Undefined when the engine does not have it. */
  readonly id: string | undefined;
}

interface ImageStep extends Step {
  readonly do: "pull" | "remove";
  readonly name: string;
}

export const dockerImage = defineResource({
  kind: "docker:image",
  summary: "An image of a container engine.",
  fields,
  traits: {},
  watchedFields: ["apiversion"],
  edges: {
    reads: [],
    offers: (_want, name) => [{ space: "container image", id: wholeName(name) }],
    wishes: () => [],
  },
  check: (want: ImageWant, name) => [...checkImageName(name), ...checkVersion(want.apiversion)],
  async observe(want: ImageWant, env: ResourceEnv): Promise<ImageHave> {
    const found = await lookAtImage(env.name, engineOf(want.apiversion, env));
    return { name: wholeName(env.name), id: found === undefined ? undefined : textMember(found, "Id") };
  },
  plan: (want: ImageWant, { name, id }: ImageHave): readonly ImageStep[] => {
    if (want.state === "absent") return id === undefined ? [] : [{ do: "remove", name }];
    return id === undefined ? [{ do: "pull", name }] : [];
  },
  explain: (step: ImageStep): StepText =>
    step.do === "pull"
      ? { mark: "+", text: `pull ${step.name}` }
      : { mark: "-", text: `remove the image ${step.name}` },
  async apply(step: ImageStep, want: ImageWant, env) {
    const engine = engineOf(want.apiversion, env);
    if (step.do === "pull") await pullImage(step.name, engine, (line) => env.say(line));
    else await engine.change("DELETE", `/images/${step.name}`);
  },
  watch: (want: ImageWant, env) => watchEngine(want.apiversion, "image", env),
});

function checkImageName(name: string): readonly WantProblem[] {
  if (isImageName(name)) return [];
  return [
    { title: `"${name}" is no name of an image`, hint: "Write it like nginx, nginx:1.27 or host.example/team/app:2." },
  ];
}

export function checkVersion(version: string): readonly WantProblem[] {
  if (version === "" || /^v\d+\.\d+$/.test(version)) return [];
  return [{ field: "apiversion", title: `"${version}" is no version of an interface`, hint: 'Write it like "v1.41".' }];
}
