// SPDX-License-Identifier: Apache-2.0
// Machines of Amazon EC2: which one is meant, and what can be done with it.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { base64Of } from "../asking/base64.ts";
import { childOf, childrenOf, textAt } from "../xml/read.ts";
import { askAws } from "./query.ts";

export interface Instance {
  readonly id: string;
  /** `pending`, `running`, `stopping`, `stopped` */
  readonly state: string;
  readonly type: string;
  readonly image: string;
}

const everyMs = 5_000;
const longestMs = 600_000;
const present = ["pending", "running", "stopping", "stopped"];

/** The tag by which a machine is found again. */
export function tagOf(name: string): string {
  return `mgmt:${name}`;
}

/** Undefined when there is none. One that is being terminated is none any more. */
export async function findInstance(region: string, env: ResourceEnv): Promise<Instance | undefined> {
  const filters: Record<string, string> = {
    "Filter.1.Name": "tag:Name",
    "Filter.1.Value.1": tagOf(env.name),
    "Filter.2.Name": "instance-state-name",
  };
  for (const [index, state] of present.entries()) filters[`Filter.2.Value.${index + 1}`] = state;
  const answer = await askAws("ec2", region, "DescribeInstances", filters, env);
  const found = childrenOf(answer, "reservationSet", "item").flatMap((each) =>
    childrenOf(each, "instancesSet", "item"),
  );
  if (found.length > 1) {
    const ids = found.map((each) => textAt(each, "instanceId")).sort();
    throw new Failure(`several machines have the name ${tagOf(env.name)}: ${ids.join(", ")}`, {
      code: "conflict",
      hint: "Take the tag `Name` from all but one, or terminate them.",
    });
  }
  const [only] = found;
  if (only === undefined) return undefined;
  return {
    id: textAt(only, "instanceId"),
    state: textAt(childOf(only, "instanceState"), "name"),
    type: textAt(only, "instanceType"),
    image: textAt(only, "imageId"),
  };
}

export interface NewInstance {
  readonly region: string;
  readonly type: string;
  readonly imageid: string;
  readonly userdata: string;
}

export async function makeInstance(want: NewInstance, env: ResourceEnv): Promise<void> {
  const token = Array.from(env.host.random.bytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  await askAws(
    "ec2",
    want.region,
    "RunInstances",
    {
      ImageId: want.imageid,
      InstanceType: want.type,
      MinCount: "1",
      MaxCount: "1",
      // Asked twice, it is still one machine.
      ClientToken: token,
      UserData: want.userdata === "" ? undefined : base64Of(want.userdata),
      "TagSpecification.1.ResourceType": "instance",
      "TagSpecification.1.Tag.1.Key": "Name",
      "TagSpecification.1.Tag.1.Value": tagOf(env.name),
    },
    env,
  );
  await until(want.region, env, (found) => found?.state === "running");
}

export async function changeInstance(
  action: "StartInstances" | "StopInstances" | "TerminateInstances",
  { id }: Instance,
  region: string,
  env: ResourceEnv,
): Promise<void> {
  await askAws("ec2", region, action, { "InstanceId.1": id }, env);
  const state = { StartInstances: "running", StopInstances: "stopped", TerminateInstances: undefined }[action];
  await until(region, env, (found) => found?.state === state);
}

/** Only one that is stopped can get another type. */
export async function retypeInstance(type: string, { id }: Instance, region: string, env: ResourceEnv): Promise<void> {
  await askAws("ec2", region, "ModifyInstanceAttribute", { InstanceId: id, "InstanceType.Value": type }, env);
}

/** Until what is under way has ended. */
export function settledInstance(region: string, env: ResourceEnv): Promise<Instance | undefined> {
  return until(region, env, (found) => found?.state !== "pending" && found?.state !== "stopping");
}

async function until(
  region: string,
  env: ResourceEnv,
  isDone: (found: Instance | undefined) => boolean,
): Promise<Instance | undefined> {
  const { clock } = env.host;
  const endMs = clock.monotonicMs() + longestMs;
  for (;;) {
    const found = await findInstance(region, env);
    if (isDone(found)) return found;
    if (clock.monotonicMs() >= endMs) {
      throw new Failure(
        `the machine ${tagOf(env.name)} is ${found?.state ?? "not there"} after ${longestMs / 60_000} minutes`,
        {
          code: "timed-out",
          retry: "backoff",
        },
      );
    }
    await clock.sleep(everyMs, env.signal);
  }
}
