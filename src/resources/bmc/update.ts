// SPDX-License-Identifier: Apache-2.0
// Giving a file to the update service of a controller, and waiting until it is done with it.

import { Failure } from "../../contract/failure.ts";
import type { ResourceEnv } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import type { Answer } from "../asking/answer.ts";
import { listMember, numberMember, textMember } from "../asking/members.ts";
import { lastPart } from "../files/path.ts";
import type { Redfish } from "./redfish.ts";

const largestFileBytes = 1024 * 1024 * 1024;
const everyMs = 5_000;
const longestMs = 3_600_000;
const good = new Set(["Completed", "OK"]);
const bad = new Set(["Exception", "Killed", "Cancelled", "Interrupted"]);

/** Gives the place of the task; empty when it is done at once. */
export async function uploaded(redfish: Redfish, file: string, env: ResourceEnv): Promise<string> {
  const service = await redfish.get("/redfish/v1/UpdateService");
  const content = await env.host.files.read(file, largestFileBytes, env.signal);
  const inParts = textMember(service, "MultipartHttpPushUri");
  if (inParts !== "") return taskOf(await redfish.post(inParts, multipart(lastPart(file), content, env)));
  const whole = textMember(service, "HttpPushUri");
  if (whole === "") {
    throw new Failure("the controller takes no firmware over Redfish", { code: "unsupported" });
  }
  const headers = new Map([["content-type", "application/octet-stream"]]);
  return taskOf(await redfish.post(whole, { headers, body: content }));
}

export async function carriedOut(redfish: Redfish, task: string, { host, signal }: ResourceEnv): Promise<void> {
  const endMs = host.clock.monotonicMs() + longestMs;
  while (task !== "") {
    let found: unknown;
    try {
      found = await redfish.get(task);
    } catch (reason) {
      // It may be the controller itself that starts anew, and forgets what it was doing.
      if (!(reason instanceof Failure)) throw reason;
      if (reason.code === "not-found") return;
      if (reason.retry === "never") throw reason;
    }
    const state = textMember(found, "TaskState");
    if (good.has(state)) return;
    if (bad.has(state)) {
      const said = listMember(found, "Messages").map((message) => textMember(message, "Message"));
      throw new Failure(`the controller could not install the firmware: ${said.join(" ") || state}`, {
        code: "command-failed",
      });
    }
    if (host.clock.monotonicMs() >= endMs) {
      const percent = numberMember(found, "PercentComplete");
      const done = percent === undefined ? "" : `, ${percent} % done`;
      throw new Failure(`the controller is still at work after an hour${done}`, { code: "timed-out" });
    }
    await host.clock.sleep(everyMs, signal);
  }
}

function taskOf({ headers, text }: Answer): string {
  try {
    const place = textMember(JSON.parse(text) as unknown, "@odata.id");
    if (place !== "") return place;
  } catch {
    // Then the header has to do.
  }
  return headers.get("location") ?? "";
}

function multipart(
  name: string,
  content: Uint8Array,
  { host }: ResourceEnv,
): { readonly headers: ReadonlyMap<string, string>; readonly body: Uint8Array } {
  const boundary = `mgmt-${Array.from(host.random.bytes(12), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  const head = bytesOf(
    [
      `--${boundary}`,
      'Content-Disposition: form-data; name="UpdateParameters"',
      "Content-Type: application/json",
      "",
      JSON.stringify({ Targets: [], "@Redfish.OperationApplyTime": "Immediate" }),
      `--${boundary}`,
      `Content-Disposition: form-data; name="UpdateFile"; filename="${name.replace(/["\r\n]/g, "_")}"`,
      "Content-Type: application/octet-stream",
      "",
      "",
    ].join("\r\n"),
  );
  const tail = bytesOf(`\r\n--${boundary}--\r\n`);
  const body = new Uint8Array(head.length + content.length + tail.length);
  body.set(head);
  body.set(content, head.length);
  body.set(tail, head.length + content.length);
  return { headers: new Map([["content-type", `multipart/form-data; boundary=${boundary}`]]), body };
}
