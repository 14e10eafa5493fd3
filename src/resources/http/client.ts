// SPDX-License-Identifier: Apache-2.0
// `http:client`: a file with what a server has at a URL. The parts are in `client/`.

import { Failure } from "../../contract/failure.ts";
import { defineResource, type ResourceEnv, type Step, type StepText } from "../../contract/resource.ts";
import { strType } from "../../values/type.ts";
import { directoriesAbove, pathIdentity } from "../files/path-identities.ts";
import { usualIdleMs } from "./client/asking.ts";
import { type Download, download, place, remember } from "./client/download.ts";
import { checkClient, type ClientWant, clientFields, isReading, publicPath } from "./client/fields.ts";
import { handoverOf } from "./client/handover.ts";
import { watchClient } from "./client/long-poll.ts";
import { type ClientHave, observeClient, sendContent, targetOf } from "./client/observe.ts";

type ClientStep =
  | (Step & { readonly do: "ask"; readonly method: string; readonly url: string; readonly made: boolean })
  | (Step & { readonly do: "place"; readonly got: Download; readonly was: number | undefined })
  | (Step & { readonly do: "refuse"; readonly reason: string });

export const httpClient = defineResource({
  kind: "http:client",
  summary: "A file with what a server has at a URL: downloaded, checked, and kept as it is there.",
  fields: clientFields,
  traits: { sends: { content: strType }, refresh: true },
  edges: {
    reads: ["file"],
    offers({ file }) {
      const path = publicPath(file);
      return path === undefined ? [] : [pathIdentity(path)];
    },
    *wishes({ file }) {
      const path = publicPath(file);
      if (path !== undefined) yield { order: "before", anyOf: directoriesAbove(path), why: "is in the directory" };
    },
  },
  check: checkClient,
  observe: observeClient,
  plan: (want: ClientWant, have: ClientHave, hints): readonly ClientStep[] => {
    const asking = { do: "ask", method: want.method, url: shownUrl(want.url) } as const;
    switch (have.kind) {
      case "current":
        return hints.refresh && !have.asked ? [{ ...asking, made: have.made }] : [];
      case "to be asked":
        return [{ ...asking, made: have.made }];
      case "downloaded":
        return [{ do: "place", got: have.got, was: have.was }];
      case "unavailable":
        return [{ do: "refuse", reason: have.reason }];
    }
  },
  explain: (step: ClientStep): StepText => {
    switch (step.do) {
      case "ask": {
        const isDownload = step.method === "GET";
        return {
          mark: isDownload ? (step.made ? "~" : "+") : "!",
          text: `${isDownload ? "download" : `ask with ${step.method}`} ${step.url}`,
        };
      }
      case "place": {
        const was = step.was === undefined ? "" : ` (was ${step.was})`;
        return {
          mark: step.was === undefined ? "+" : "~",
          text: `put ${step.got.size} downloaded bytes in place${was}`,
        };
      }
      case "refuse":
        return { mark: "!", text: step.reason };
    }
  },
  apply: applyClient,
  watch: watchClient,
});

async function applyClient(step: ClientStep, want: ClientWant, env: ResourceEnv): Promise<void> {
  if (step.do === "refuse")
    throw new Failure(step.reason, { code: "conflict", hint: "Remove it, or choose another `file`." });
  const target = await targetOf(want, env);
  const got = step.do === "place" ? step.got : await asked(want, env);
  const at = await env.host.files.inspect(target.path, env.signal);
  const isSame =
    at?.kind === "file" &&
    at.size === got.size &&
    (await env.host.files.digest(target.path, env.signal, target.guard)) === got.sha256;
  // The same content again is no change for those who watch the file, unless its time says which version it is.
  if (!isSame || isReading(want)) {
    await place(got, want, target, env);
  } else {
    await remember(got, want, env);
    await env.host.files.remove(got.path, {}, env.signal);
  }
  env.memory.set("asked", true);
  if (step.do === "place") handoverOf(env.memory).take();
  const after = await env.host.files.inspect(target.path, env.signal);
  if (after !== undefined) await sendContent(target, after, env);
}

/** Without conditions, so there is always an answer. */
async function asked(want: ClientWant, env: ResourceEnv): Promise<Download> {
  const got = await download(want, { headers: new Map(), idleMs: usualIdleMs }, "part", env);
  if (got !== undefined) return got;
  throw new Failure("the server says that nothing has changed, though it was not asked that", { code: "invalid" });
}

/** Without a password, and without what may be secret in a query. */
function shownUrl(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}${url.search === "" ? "" : "?…"}`;
}
