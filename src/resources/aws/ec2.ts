// SPDX-License-Identifier: Apache-2.0
// `aws:ec2`: a machine of Amazon EC2, found by its tag `Name`.

import { Failure } from "../../contract/failure.ts";
import { field, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import type { SocketAddress } from "../../contract/serving.ts";
import { byteLength } from "../../values/bytes.ts";
import { keepTrying } from "../asking/keep-trying.ts";
import {
  changeInstance,
  findInstance,
  type Instance,
  makeInstance,
  retypeInstance,
  settledInstance,
  tagOf,
} from "./instances.ts";
import { watchNotices } from "./notices.ts";
import { regions } from "./regions.ts";

const fields = {
  state: field.str({
    choices: ["running", "stopped", "terminated"],
    doc: "What the machine does, or that there is none. It is found by its tag `Name`, which is `mgmt:` and the name of the resource.",
  }),
  region: field.str({ choices: regions, doc: "Where the machine is.", example: '"eu-central-1"' }),
  type: field.str({ doc: "The type of the machine.", example: '"t3.micro"' }),
  imageid: field.str({ doc: "The image that it is made from.", example: '"ami-0123456789abcdef0"' }),
  watchendpoint: field.str({
    doc: "The URL under which Amazon reaches what listens at `watchlistenaddr`: then it tells by itself when the machine changes. Not given: it is asked again and again.",
    example: '"http://web1.example.com:8080/"',
  }),
  watchlistenaddr: field.str({
    doc: "The address and the port of this machine at which `watchendpoint` arrives.",
    example: '":8080"',
  }),
  erroronmalformedpost: field.bool({
    doc: "Something else than a notice of Amazon at `watchlistenaddr` is a failure, and not only refused.",
  }),
  userdata: field.str({
    secret: true,
    doc: "What the machine finds at its first start, for cloud-init; 16 KiB at most.",
  }),
};

type Ec2Want = Want<typeof fields>;

interface Ec2Have {
  readonly tag: string;
  readonly instance: Instance | undefined;
}

type Ec2Step =
  | (Step & { readonly do: "make" })
  | (Step & { readonly do: "wait" | "start" | "stop" | "terminate"; readonly instance: Instance })
  | (Step & { readonly do: "retype"; readonly instance: Instance; readonly to: string })
  | (Step & { readonly do: "refuse"; readonly reason: string; readonly hint: string });

const everyMs = 15_000;
/** What was seen at the last look, in the memory of the resource. */
const looked = "looked";
const largestUserDataBytes = 16 * 1024;

export const awsEc2 = defineResource({
  kind: "aws:ec2",
  summary: "A machine of Amazon EC2.",
  fields,
  traits: {},
  watchedFields: ["region", "watchendpoint", "watchlistenaddr", "erroronmalformedpost"],
  check: checkEc2,
  observe: async ({ region }: Ec2Want, env): Promise<Ec2Have> => ({
    tag: tagOf(env.name),
    instance: await findInstance(region, env),
  }),
  plan: planEc2,
  explain: explainEc2,
  apply: applyEc2,
  watch(want: Ec2Want, env) {
    const listen = parseAddress(want.watchlistenaddr);
    if (listen === undefined) return lookAgain(want.region, env);
    const { region, watchendpoint: endpoint, erroronmalformedpost: failsOnMalformed } = want;
    return watchNotices({ region, endpoint, listen, failsOnMalformed }, env);
  },
});

function checkEc2(want: Ec2Want, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (tagOf(name).length > 256) found.push({ title: "the name of a machine may have 251 characters" });
  if (/\p{Cc}/u.test(name)) found.push({ title: "the name of a machine is a single line, without control characters" });
  if (want.state === "")
    found.push({
      field: "state",
      title: "a machine needs a `state`",
      hint: 'Say "running", "stopped" or "terminated".',
    });
  if (want.region === "")
    found.push({ field: "region", title: "a machine needs a `region`", hint: 'Write it like "eu-central-1".' });
  if (want.state !== "terminated") {
    if (!/^[a-z0-9-]+\.[a-z0-9-]+$/.test(want.type)) {
      const title = want.type === "" ? "a machine needs a `type`" : `"${want.type}" is no type of a machine`;
      found.push({ field: "type", title, hint: 'Write it like "t3.micro".' });
    }
    if (!/^ami-[0-9a-f]{8,17}$/.test(want.imageid)) {
      const title = want.imageid === "" ? "a machine needs an `imageid`" : `"${want.imageid}" is no number of an image`;
      found.push({ field: "imageid", title, hint: 'Write it like "ami-0123456789abcdef0".' });
    }
  }
  if ((want.watchendpoint === "") !== (want.watchlistenaddr === "")) {
    const given = want.watchendpoint === "" ? "watchlistenaddr" : "watchendpoint";
    found.push({
      field: given,
      title: "`watchendpoint` and `watchlistenaddr` belong together",
      hint: "Amazon sends its notices to the first, and mgmt hears them at the second.",
    });
  }
  if (want.watchendpoint !== "" && !isUrl(want.watchendpoint)) {
    found.push({
      field: "watchendpoint",
      title: `"${want.watchendpoint}" is no URL for http or https`,
      hint: 'Write it like "https://watch.example.com/notices".',
    });
  }
  if (want.watchlistenaddr !== "" && parseAddress(want.watchlistenaddr) === undefined) {
    const hint = 'Write it like ":8080" or "192.0.2.1:8080".';
    found.push({ field: "watchlistenaddr", title: `"${want.watchlistenaddr}" is no address with a port`, hint });
  }
  if (want.erroronmalformedpost && want.watchlistenaddr === "") {
    found.push({
      field: "erroronmalformedpost",
      title: "`erroronmalformedpost` needs a `watchlistenaddr`",
      hint: "It is about the notices of Amazon, which come there.",
    });
  }
  if (byteLength(want.userdata) > largestUserDataBytes) {
    found.push({
      field: "userdata",
      title: `\`userdata\` may have 16 KiB, but has ${byteLength(want.userdata)} bytes`,
      hint: "cloud-init fetches more by itself: `#include` with URLs below it.",
    });
  }
  return found;
}

function planEc2(want: Ec2Want, { tag, instance }: Ec2Have): readonly Ec2Step[] {
  if (want.state === "terminated") return instance === undefined ? [] : [{ do: "terminate", instance }];
  if (instance === undefined) {
    if (want.state === "running") return [{ do: "make" }];
    // Amazon only makes machines that run.
    return [
      { do: "make" },
      { do: "stop", instance: { id: "", state: "running", type: want.type, image: want.imageid } },
    ];
  }
  const { state, type, image } = instance;
  if (state === "pending" || state === "stopping") return [{ do: "wait", instance }];
  if (image !== want.imageid) {
    return [
      {
        do: "refuse",
        reason: `the machine ${tag} was made from ${image}, not from ${want.imageid}`,
        hint: 'Only another machine can have another image: remove this one with `state => "terminated"`.',
      },
    ];
  }
  const steps: Ec2Step[] = [];
  if (type !== want.type) {
    if (state === "running" && want.state === "running") {
      return [
        {
          do: "refuse",
          reason: `the machine ${tag} is a ${type}, not a ${want.type}, and runs`,
          hint: 'Let it become one while it is stopped: `state => "stopped"`, then "running".',
        },
      ];
    }
    if (state === "running") steps.push({ do: "stop", instance });
    steps.push({ do: "retype", instance, to: want.type });
  } else if (want.state === "stopped" && state === "running") steps.push({ do: "stop", instance });
  if (want.state === "running" && state === "stopped") steps.push({ do: "start", instance });
  return steps;
}

function explainEc2(step: Ec2Step): StepText {
  switch (step.do) {
    case "make":
      return { mark: "+", text: "make the machine" };
    case "wait":
      return { mark: "!", text: `wait until it is not ${step.instance.state} any more` };
    case "start":
      return { mark: "~", text: "start it" };
    case "stop":
      return { mark: "~", text: "stop it" };
    case "terminate":
      return { mark: "-", text: "remove the machine with all that is on it" };
    case "retype":
      return { mark: "~", text: `make it a ${step.to} (was ${step.instance.type})` };
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}

async function applyEc2(step: Ec2Step, want: Ec2Want, env: ResourceEnv): Promise<void> {
  const { region } = want;
  env.memory.delete(looked);
  switch (step.do) {
    case "make":
      return makeInstance(want, env);
    case "wait": {
      const instance = await settledInstance(region, env);
      for (const next of planEc2(want, { tag: tagOf(env.name), instance })) await applyEc2(next, want, env);
      return;
    }
    case "start":
      return changeInstance("StartInstances", step.instance, region, env);
    case "stop": {
      const instance = step.instance.id === "" ? await findInstance(region, env) : step.instance;
      if (instance !== undefined) await changeInstance("StopInstances", instance, region, env);
      return;
    }
    case "terminate":
      return changeInstance("TerminateInstances", step.instance, region, env);
    case "retype":
      return retypeInstance(step.to, step.instance, region, env);
    case "refuse":
      throw new Failure(step.reason, { code: "conflict", hint: step.hint });
  }
}

/**
 * Nobody tells us, so it is asked now and then whether something is different. A step forgets what was seen: others could undo
 * it until the next look, which would then find what it has found before.
 */
function lookAgain(region: string, env: ResourceEnv): AsyncIterable<void> {
  env.memory.delete(looked);
  return keepTrying(env, async (tell, signal) => {
    for (;;) {
      const now = JSON.stringify((await findInstance(region, { ...env, signal })) ?? null);
      if (now !== env.memory.get(looked)) tell();
      env.memory.set(looked, now);
      await env.host.clock.sleep(everyMs, signal);
    }
  });
}

function parseAddress(text: string): SocketAddress | undefined {
  const [, bracketed, plain = "", digits = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return digits === "" || port < 1 || port > 65_535 ? undefined : { host: bracketed ?? plain, port };
}

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}
