// SPDX-License-Identifier: Apache-2.0
// Amazon tells by itself when a machine changes: a rule of EventBridge sends it to a topic of SNS, which sends it to an
// address where this machine listens. What comes in is only a reason to look again, and only our own topic is confirmed,
// so nobody gains anything by sending us something else.

import { Pulses } from "../../base/pulse.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import type { IncomingRequest, Reply, SocketAddress } from "../../contract/serving.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { textMember } from "../asking/members.ts";
import { textAt } from "../xml/read.ts";
import { askAws, askEvents } from "./query.ts";

export interface NoticeWant {
  readonly region: string;
  /** The URL under which Amazon reaches us. */
  readonly endpoint: string;
  readonly listen: SocketAddress;
  readonly failsOnMalformed: boolean;
}

const largestNoticeBytes = 256 * 1024;
/** What is ours at Amazon is taken back within this time, or stays. */
const cleanupMs = 5_000;

interface Inbox {
  readonly confirmed: Promise<void>;
  readonly answer: (request: IncomingRequest) => Promise<Reply>;
}

export async function* watchNotices(want: NoticeWant, env: ResourceEnv): AsyncIterable<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([env.signal, ended.signal]);
  const pulses = new Pulses(signal);
  const inner = { ...env, signal };
  const running = run(want, inner, pulses).catch((reason: unknown) => {
    if (!isAbort(reason, signal)) pulses.fail(reason);
  });
  try {
    yield* pulses;
  } finally {
    ended.abort();
    await running;
  }
}

async function run(want: NoticeWant, env: ResourceEnv, pulses: Pulses): Promise<void> {
  const { region } = want;
  const name = nameOf(env, await env.host.identity.hostname(env.signal));
  const created = await askAws("sns", region, "CreateTopic", { Name: name }, env);
  const topic = textAt(created, "CreateTopicResult", "TopicArn");
  try {
    const inbox = inboxOf(topic, want, env, pulses);
    const options = { ...want.listen, shutdownMs: 100 };
    const listening = await env.host.serving.http(options, inbox.answer, env.signal);
    await askAws("sns", region, "SetTopicAttributes", policyOf(topic), env);
    const pattern = JSON.stringify({
      source: ["aws.ec2"],
      "detail-type": ["EC2 Instance State-change Notification"],
    });
    await askEvents(region, "PutRule", { Name: name, EventPattern: pattern, State: "ENABLED" }, env);
    await askEvents(region, "PutTargets", { Rule: name, Targets: [{ Id: name, Arn: topic }] }, env);
    const protocol = new URL(want.endpoint).protocol.replace(":", "");
    const subscription = { TopicArn: topic, Protocol: protocol, Endpoint: want.endpoint };
    await askAws("sns", region, "Subscribe", subscription, env);
    await inbox.confirmed;
    env.signal.throwIfAborted();
    pulses.pulse();
    await listening.closed;
  } finally {
    await cleanUp(region, name, topic, env);
  }
}

function inboxOf(topic: string, want: NoticeWant, env: ResourceEnv, pulses: Pulses): Inbox {
  let confirm = () => {};
  const confirmed = new Promise<void>((resolve) => {
    confirm = resolve;
    env.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const malformed = (why: string): Reply => {
    if (want.failsOnMalformed) {
      pulses.fail(
        new Failure(`something else than a notice of Amazon was sent to ${want.endpoint}: ${why}`, { code: "invalid" }),
      );
    }
    return { status: 400, body: bytesOf(`${why}\n`) };
  };
  const answer = async (request: IncomingRequest): Promise<Reply> => {
    if (request.method !== "POST") return { status: 405, headers: { allow: "POST" } };
    let told: unknown;
    try {
      told = JSON.parse(textOf(await request.body(largestNoticeBytes))) as unknown;
    } catch {
      return malformed("it is no JSON");
    }
    if (textMember(told, "TopicArn") !== topic) return malformed("it is of another topic");
    switch (textMember(told, "Type")) {
      case "SubscriptionConfirmation":
        await askAws(
          "sns",
          want.region,
          "ConfirmSubscription",
          { TopicArn: topic, Token: textMember(told, "Token"), AuthenticateOnUnsubscribe: "true" },
          env,
        );
        confirm();
        return { status: 200 };
      case "Notification":
        pulses.pulse();
        return { status: 200 };
      case "UnsubscribeConfirmation":
        return { status: 200 };
      default:
        return malformed("its type is unknown");
    }
  };
  return { confirmed, answer };
}

/** One for each resource of each host: what ends here does not end elsewhere. */
function nameOf({ name, host }: ResourceEnv, hostname: string): string {
  const digest = host.hashing.sha256();
  digest.add(bytesOf(`${hostname}\n${name}`));
  return `mgmt-${digest.hex().slice(0, 24)}`;
}

/** EventBridge may write to it, and we. */
function policyOf(topic: string): Readonly<Record<string, string>> {
  const policy = {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Events",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topic,
      },
    ],
  };
  return { TopicArn: topic, AttributeName: "Policy", AttributeValue: JSON.stringify(policy) };
}

/** What fails here stays there, and is used again the next time. */
async function cleanUp(region: string, name: string, topic: string, env: ResourceEnv): Promise<void> {
  const late = new AbortController();
  const cancel = env.host.clock.after(cleanupMs, () => late.abort());
  const last = { ...env, signal: late.signal };
  const tasks = [
    () => askEvents(region, "RemoveTargets", { Rule: name, Ids: [name] }, last),
    () => askEvents(region, "DeleteRule", { Name: name }, last),
    () => askAws("sns", region, "DeleteTopic", { TopicArn: topic }, last),
  ];
  try {
    for (const task of tasks) await task().catch(() => {});
  } finally {
    cancel();
  }
}
