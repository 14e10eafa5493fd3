// SPDX-License-Identifier: Apache-2.0
// The part of Amazon Web Services that the kind uses, for tests, as its documents describe it: EC2, SNS and EventBridge
// behind one address. Signatures are checked by other code than that which makes them.

import { createHash, createHmac } from "node:crypto";
import type { ServedAnswer, ServedRequest, Server } from "../../host/memory/http.ts";
import { textOf } from "../../values/bytes.ts";
import { element, type Markup } from "../xml/write.ts";

export interface TwinInstance {
  readonly id: string;
  state: string;
  type: string;
  readonly image: string;
  name: string;
  readonly userData: string | undefined;
}

export class TwinAmazon {
  readonly id = "AKIDEXAMPLE";
  readonly secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  readonly instances: TwinInstance[] = [];
  readonly asked: string[] = [];
  readonly topics = new Set<string>();
  readonly rules = new Map<string, string[]>();
  readonly subscriptions = new Map<string, string>();
  /** How many questions later what was begun is done. */
  delay = 2;
  /** Answers with this instead, once. */
  refusal: ServedAnswer | undefined;
  /** Sends to whoever has subscribed. */
  deliver: (endpoint: string, body: string) => void = () => {};
  readonly #begun: { left: number; readonly done: () => void }[] = [];
  #lastId = 0;

  readonly serve: Server = (request) => {
    const why = this.#whyNot(request);
    if (why !== undefined) return refused(403, "SignatureDoesNotMatch", why);
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal !== undefined) return refusal;
    for (const each of this.#begun.splice(0)) {
      each.left -= 1;
      if (each.left <= 0) each.done();
      else this.#begun.push(each);
    }
    const target = request.headers.get("x-amz-target");
    if (target !== undefined) return this.#events(target, JSON.parse(textOf(request.body)) as Record<string, unknown>);
    const form = new URLSearchParams(textOf(request.body));
    const action = form.get("Action") ?? "";
    if (action !== "DescribeInstances") this.asked.push(action);
    return form.get("Version") === "2010-03-31" ? this.#sns(action, form) : this.#ec2(action, form);
  };

  #whyNot({ headers, body, path, method }: ServedRequest): string | undefined {
    const given = headers.get("authorization") ?? "";
    const [, scope = "", names = "", signature] =
      /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\S+), SignedHeaders=(\S+), Signature=(\w+)$/.exec(given) ?? [];
    const host = headers.get("host") ?? "aws.example";
    const values = names.split(";").map((name) => `${name}:${name === "host" ? host : headers.get(name)}`);
    const hash = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");
    const canonical = [method, path, "", ...values, "", names, hash(body)].join("\n");
    const toSign = ["AWS4-HMAC-SHA256", headers.get("x-amz-date"), scope, hash(canonical)].join("\n");
    const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
    const key = scope.split("/").reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${this.secret}`);
    return hmac(key, toSign).toString("hex") === signature ? undefined : "The request signature does not match";
  }

  #ec2(action: string, form: URLSearchParams): ServedAnswer {
    if (action === "RunInstances") {
      this.#lastId += 1;
      const instance: TwinInstance = {
        id: `i-${String(this.#lastId).padStart(17, "0")}`,
        state: "pending",
        type: form.get("InstanceType") ?? "",
        image: form.get("ImageId") ?? "",
        name: form.get("TagSpecification.1.Tag.1.Value") ?? "",
        userData: form.get("UserData") ?? undefined,
      };
      this.instances.push(instance);
      this.#begin(() => (instance.state = "running"));
      return xml("RunInstancesResponse");
    }
    if (action === "DescribeInstances") {
      const states = [...form].filter(([name]) => name.startsWith("Filter.2.Value")).map(([, value]) => value);
      const found = this.instances.filter(
        ({ name, state }) => name === form.get("Filter.1.Value.1") && states.includes(state),
      );
      const items = found.map(({ id, state, type, image }) => {
        const shown = element(
          "item",
          element("instanceId", id),
          element("imageId", image),
          element("instanceState", element("name", state)),
          element("instanceType", type),
        );
        return element("item", element("instancesSet", shown));
      });
      return xml("DescribeInstancesResponse", element("reservationSet", ...items));
    }
    const id = form.get("InstanceId.1") ?? form.get("InstanceId");
    const instance = this.instances.find((each) => each.id === id);
    if (instance === undefined)
      return refused(400, "InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
    if (action === "ModifyInstanceAttribute") {
      if (instance.state !== "stopped") return refused(400, "IncorrectInstanceState", "The instance is not stopped");
      instance.type = form.get("InstanceType.Value") ?? "";
      return xml("ModifyInstanceAttributeResponse");
    }
    const [between = "", after = ""] = changes.get(action) ?? [];
    this.change(instance, between);
    this.#begin(() => this.change(instance, after));
    return xml(`${action}Response`);
  }

  #sns(action: string, form: URLSearchParams): ServedAnswer {
    const topic = form.get("TopicArn") ?? "";
    if (action === "CreateTopic") {
      const arn = `arn:aws:sns:eu-central-1:1:${form.get("Name")}`;
      this.topics.add(arn);
      return xml("CreateTopicResponse", element("CreateTopicResult", element("TopicArn", arn)));
    }
    if (!this.topics.has(topic)) return refused(404, "NotFound", "Topic does not exist");
    if (action === "DeleteTopic") this.topics.delete(topic);
    if (action === "Subscribe") {
      const [endpoint, token] = [form.get("Endpoint") ?? "", "t0ken"];
      this.deliver(endpoint, JSON.stringify({ Type: "SubscriptionConfirmation", TopicArn: topic, Token: token }));
      this.#pending = endpoint;
    }
    if (action === "ConfirmSubscription") {
      if (form.get("Token") !== "t0ken") return refused(400, "InvalidParameter", "Invalid token");
      this.subscriptions.set(topic, this.#pending);
    }
    return xml(`${action}Response`);
  }

  #pending = "";

  #events(target: string, given: Record<string, unknown>): ServedAnswer {
    const action = target.replace("AWSEvents.", "");
    this.asked.push(action);
    const rule = String(given["Rule"] ?? given["Name"]);
    if (action === "PutRule") this.rules.set(rule, []);
    if (action === "PutTargets") {
      this.rules.set(
        rule,
        (given["Targets"] as readonly { readonly Arn: string }[]).map(({ Arn }) => Arn),
      );
    }
    if (action === "RemoveTargets") this.rules.set(rule, []);
    if (action === "DeleteRule") this.rules.delete(rule);
    return { status: 200, body: "{}" };
  }

  /** Somebody else does it, or time. */
  change(instance: TwinInstance, state: string): void {
    instance.state = state;
    for (const topics of this.rules.values()) {
      for (const topic of topics) {
        const endpoint = this.subscriptions.get(topic);
        const told = { Type: "Notification", TopicArn: topic, Message: JSON.stringify({ detail: { state } }) };
        if (endpoint !== undefined) this.deliver(endpoint, JSON.stringify(told));
      }
    }
  }

  #begin(done: () => void): void {
    this.#begun.push({ left: this.delay, done });
  }
}

const changes: ReadonlyMap<string, readonly string[]> = new Map([
  ["StartInstances", ["pending", "running"]],
  ["StopInstances", ["stopping", "stopped"]],
  ["TerminateInstances", ["shutting-down", "terminated"]],
]);

function xml(name: string, ...content: readonly Markup[]): ServedAnswer {
  const { text } = element(name, { xmlns: "http://aws.example/" }, ...content);
  return { status: 200, body: `<?xml version="1.0" encoding="UTF-8"?>\n${text}` };
}

function refused(status: number, code: string, message: string): ServedAnswer {
  const error = element("Error", element("Code", code), element("Message", message));
  return { status, body: element("Response", element("Errors", error), element("RequestID", "x")).text };
}
