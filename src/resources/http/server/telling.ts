// SPDX-License-Identifier: Apache-2.0
// Tells what a web server is asked and answers, without what may be secret: nothing behind the `?`, and no token.

import type { ResourceEnv } from "../../../contract/resource.ts";
import type { HttpAnswer, IncomingRequest, Reply } from "../../../contract/serving.ts";

export function telling(answer: HttpAnswer, env: ResourceEnv): HttpAnswer {
  const tell = (request: IncomingRequest, reply: Reply): void => {
    const { status, headers = {}, body } = reply;
    const text = headers["content-length"];
    const bytes = body instanceof Uint8Array ? body.length : text === undefined ? undefined : Number(text);
    const from = headers["x-cache"];
    env.host.serving.asked.tell({
      server: env.resource,
      from: request.from.host,
      what: whatOf(request, env),
      answer: from === undefined ? String(status) : `${status} (${from})`,
      outcome: status >= 500 ? "failed" : status >= 400 ? "refused" : "good",
      ...(bytes === undefined || request.method === "HEAD" || status === 304 ? {} : { bytes }),
    });
  };
  return async (request) => {
    try {
      const reply = await answer(request);
      tell(request, reply);
      return reply;
    } catch (reason) {
      if (!request.signal.aborted) tell(request, { status: 500 });
      throw reason;
    }
  };
}

function whatOf({ method, target }: IncomingRequest, { members }: ResourceEnv): string {
  const mark = target.indexOf("?");
  let path = mark === -1 ? target : target.slice(0, mark);
  for (const { want } of members) {
    const { token } = want;
    // Most paths are shorter, and there are many members.
    if (typeof token !== "string" || token === "" || token.length > path.length) continue;
    path = path.replaceAll(token, "<secret>");
  }
  return `${method} ${path}`;
}
