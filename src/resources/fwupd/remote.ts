// SPDX-License-Identifier: Apache-2.0
// `fwupd:remote`: a place from which fwupd has firmware: used or not, and with metadata that is not too old.

import { joinPulses } from "../../base/join-pulses.ts";
import { Failure } from "../../contract/failure.ts";
import { field, optional, type Want } from "../../contract/field.ts";
import {
  defineResource,
  type ResourceEnv,
  type Step,
  type StepText,
  type WantProblem,
} from "../../contract/resource.ts";
import { parseDuration } from "../dhcp/fields.ts";
import { pathIdentity } from "../files/path-identities.ts";
import { giveMetadata, modifyRemote, type Remote, remotes } from "./daemon.ts";
import { watchDaemon } from "./device.ts";
import { fetched } from "./fetch.ts";

const fields = {
  enabled: optional(
    field.bool({ doc: "Whether it is used. The name of the resource is that of the remote. Not given: it stays so." }),
  ),
  refresh_age: field.str({
    doc: "Its metadata is fetched when it is older than this, as long as it is used. Not given: it is not fetched.",
    example: '"24h"',
  }),
};

type RemoteWant = Want<typeof fields>;

interface RemoteHave {
  readonly name: string;
  /** Undefined when fwupd has no such remote. */
  readonly remote: Remote | undefined;
  readonly nowMs: number;
}

type RemoteStep =
  | (Step & { readonly do: "enable" | "disable"; readonly id: string })
  | (Step & { readonly do: "refresh"; readonly id: string; readonly url: string; readonly ageMs: number | undefined })
  | (Step & { readonly do: "refuse"; readonly reason: string; readonly hint: string });

export const fwupdRemote = defineResource({
  kind: "fwupd:remote",
  summary: "A place from which fwupd has firmware.",
  fields,
  traits: {},
  watchedFields: ["refresh_age"],
  edges: {
    reads: [],
    offers: () => [],
    *wishes(_want, name) {
      yield { order: "before", anyOf: [pathIdentity(`/etc/fwupd/remotes.d/${name}.conf`)], why: "is described by" };
      yield { order: "before", anyOf: [{ space: "service", id: "fwupd" }], why: "is a remote of" };
    },
  },
  check: checkRemote,
  observe: async (_want: RemoteWant, env): Promise<RemoteHave> => ({
    name: env.name,
    remote: (await remotes(env)).find(({ id }) => id === env.name),
    nowMs: env.host.clock.now(),
  }),
  plan: planRemote,
  explain: explainRemote,
  apply: applyRemote,
  watch: (want: RemoteWant, env) =>
    joinPulses(env.signal, [
      (signal) => watchDaemon({ ...env, signal }),
      ...(want.refresh_age === "" ? [] : [(signal: AbortSignal) => ticks(want.refresh_age, { ...env, signal })]),
    ]),
});

function checkRemote({ enabled, refresh_age }: RemoteWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (/[\s/\p{Cc}]/u.test(name))
    found.push({ title: `"${name}" cannot be the name of a remote`, hint: "`fwupdmgr get-remotes` lists them." });
  if (enabled === undefined && refresh_age === "") {
    found.push({
      title: "without `enabled` and `refresh_age` there is nothing to do",
      hint: 'Write `enabled => true`, or `refresh_age => "24h"`.',
    });
  }
  if (enabled === false && refresh_age !== "") {
    found.push({
      field: "refresh_age",
      title: "what is not used need not be fetched",
      hint: "Leave it out, or set `enabled => true`.",
    });
  }
  const ageMs = refresh_age === "" ? undefined : parseDuration(refresh_age);
  if (refresh_age !== "" && (ageMs === undefined || ageMs < 1000)) {
    const hint = 'Write "24h" or "1h30m", one second at least.';
    found.push({ field: "refresh_age", title: `"${refresh_age}" is no age`, hint });
  }
  return found;
}

function planRemote(want: RemoteWant, { name, remote, nowMs }: RemoteHave): readonly RemoteStep[] {
  if (remote === undefined) {
    const hint = `Declare a file /etc/fwupd/remotes.d/${name}.conf that describes it.`;
    return [{ do: "refuse", reason: `fwupd has no remote ${name}`, hint }];
  }
  const { id, isEnabled, isDownloaded, url, fetchedMs } = remote;
  const steps: RemoteStep[] = [];
  if (want.enabled !== undefined && want.enabled !== isEnabled)
    steps.push({ do: want.enabled ? "enable" : "disable", id });
  const longestMs = want.refresh_age === "" ? undefined : parseDuration(want.refresh_age);
  if (longestMs === undefined || !(want.enabled ?? isEnabled) || !isDownloaded) return steps;
  const ageMs = fetchedMs === undefined ? undefined : nowMs - fetchedMs;
  if (ageMs === undefined || ageMs > longestMs) steps.push({ do: "refresh", id, url, ageMs });
  return steps;
}

function explainRemote(step: RemoteStep): StepText {
  switch (step.do) {
    case "enable":
      return { mark: "~", text: "use it" };
    case "disable":
      return { mark: "~", text: "use it no longer" };
    case "refresh": {
      const age = step.ageMs === undefined ? "never fetched" : `${Math.floor(step.ageMs / 3_600_000)} h old`;
      return { mark: "~", text: `fetch its metadata (was ${age})` };
    }
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}

async function applyRemote(step: RemoteStep, _want: RemoteWant, env: ResourceEnv): Promise<void> {
  switch (step.do) {
    case "enable":
    case "disable":
      return modifyRemote(step.id, "Enabled", step.do === "enable" ? "true" : "false", env);
    case "refuse":
      throw new Failure(step.reason, { code: "not-found", hint: step.hint });
    case "refresh": {
      const directory = (await env.stateDirectory()).replace(/\/$/, "");
      const name = /[^/]+$/.exec(new URL(step.url).pathname)?.[0] ?? "metadata";
      const [file, signature] = [`${directory}/${name}`, `${directory}/${name}.jcat`];
      try {
        await fetched(step.url, file, env);
        await fetched(`${step.url}.jcat`, signature, env);
        await giveMetadata(step.id, file, signature, env);
      } finally {
        for (const path of [file, signature]) await env.host.files.remove(path, {}, env.signal);
      }
    }
  }
}

/** It gets older without anybody telling. */
async function* ticks(age: string, { host, signal }: ResourceEnv): AsyncIterable<void> {
  const everyMs = Math.max(500, (parseDuration(age) ?? 0) / 2);
  for (;;) {
    yield;
    await host.clock.sleep(everyMs, signal);
  }
}
