// SPDX-License-Identifier: Apache-2.0
// `remote`: mgmt on another machine that is reached over SSH. It runs there what this run runs, as a host of the same cluster.

import { Pulses } from "../../base/pulse.ts";
import { Failure } from "../../contract/failure.ts";
import { defineResource, type ResourceEnv, type Step, type StepText } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { attendChild, type ChildStart, childArguments, startChild } from "./child.ts";
import { checkRemote, fields, type RemoteWant } from "./fields.ts";
import { lineOf } from "./line.ts";
import { observeRemote, type RemoteHave, runScript, scriptPlace, shownPlace } from "./look.ts";
import type { OwnProgram } from "./own-program.ts";
import { packedProgram } from "./packed-program.ts";
import { beatMs, scriptLine } from "./scripts.ts";

type RemoteStep =
  | (Step & { readonly do: "stop"; readonly place: string; readonly pid: number })
  | (Step & { readonly do: "clear"; readonly place: string })
  | (Step & { readonly do: "copy"; readonly place: string; readonly own: OwnProgram; readonly isFirst: boolean })
  | (Step & { readonly do: "run" | "start"; readonly place: string; readonly start: ChildStart })
  | (Step & { readonly do: "refuse"; readonly reason: string });

export const remote = defineResource({
  kind: "remote",
  summary: "Another machine that is reached over SSH: mgmt runs there what this run runs, without being installed.",
  fields,
  traits: { lasting: true, spreads: true },
  check: checkRemote,
  observe: observeRemote,
  plan: planRemote,
  explain: explainRemoteStep,
  apply: applyRemoteStep,
  watch: watchRemote,
});

function planRemote(want: RemoteWant, have: RemoteHave): readonly RemoteStep[] {
  if (have.kind === "finished") return [];
  const { place, there } = have;
  const { running } = there;
  if (there.isUnsafe) {
    return [{ do: "refuse", reason: `${there.directory} on ${place} is not only ours: somebody else could put programs into it` }]; // biome-ignore format: one line
  }
  const stop: readonly RemoteStep[] = running === undefined ? [] : [{ do: "stop", place, pid: running.pid }];
  if (have.kind === "stopped") {
    return want.caching || there.digest === undefined ? stop : [...stop, { do: "clear", place }];
  }
  const { hostname, own, door, convergedSeconds } = have;
  const isSame = there.digest === own.digest;
  const copy: readonly RemoteStep[] = isSame ? [] : [{ do: "copy", place, own, isFirst: there.digest === undefined }];
  const child: ChildStart = {
    hostname,
    directory: there.directory,
    isMember: there.isMember,
    convergedSeconds: want.transient ? convergedSeconds : undefined,
    door,
  };
  if (want.transient) return [...stop, ...copy, { do: "run", place, start: child }];
  const isAsWanted = running !== undefined && isSame && !running.isOld && running.arguments === childArguments(child, door.urls).join(" "); // biome-ignore format: one line
  return isAsWanted ? [] : [...stop, ...copy, { do: "start", place, start: child }];
}

function explainRemoteStep(step: RemoteStep): StepText {
  switch (step.do) {
    case "stop":
      return { mark: "-", text: `end the mgmt that runs on ${step.place} (was process ${step.pid})` };
    case "clear":
      return { mark: "-", text: `remove what was put on ${step.place}` };
    case "copy":
      return {
        mark: step.isFirst ? "+" : "~",
        text: `copy mgmt to ${step.place}${step.isFirst ? "" : " (was another one)"}`,
      };
    case "run": {
      const { hostname, convergedSeconds } = step.start;
      const until = convergedSeconds === undefined ? "" : `, until it has been as declared for ${convergedSeconds} s`;
      return { mark: "!", text: `run mgmt on ${step.place} as ${hostname}${until}` };
    }
    case "start":
      return { mark: "+", text: `start mgmt on ${step.place} as ${step.start.hostname}` };
    case "refuse":
      return { mark: "!", text: step.reason };
  }
}

async function applyRemoteStep(step: RemoteStep, want: RemoteWant, env: ResourceEnv): Promise<void> {
  const script = (name: "stop" | "clear"): Promise<void> =>
    lineOf(env).use(want, env, async (connection) => void (await runScript(name, connection, want, env)));
  switch (step.do) {
    case "stop":
    case "clear":
      return script(step.do);
    case "copy":
      return lineOf(env).use(want, env, async (connection) => {
        const input = packedProgram(step.own.path, env.host, env.signal);
        await runScript("put", connection, want, env, { args: [step.own.digest], input });
      });
    case "run":
      return attendChild(step.start, want, env);
    case "start":
      return startChild(step.start, want, env);
    case "refuse":
      throw new Failure(step.reason, { code: "conflict", hint: "Look at who owns it, and remove it." });
  }
}

/** What lasts with the run is looked after by its step. What is left running is watched through a connection that stays. */
async function* watchRemote(want: RemoteWant, env: ResourceEnv): AsyncGenerator<void, void, undefined> {
  const release = lineOf(env).hold();
  const over = new AbortController();
  const pulses = new Pulses(env.signal);
  let following: Promise<void> | undefined;
  if (want.transient || want.state === "stopped") pulses.pulse();
  else following = follow(want, env, pulses, AbortSignal.any([env.signal, over.signal]));
  try {
    yield* pulses;
  } finally {
    over.abort();
    await following;
    await release();
  }
}

/** Never fails itself: what goes wrong goes to the reader of the pulses. */
async function follow(want: RemoteWant, env: ResourceEnv, pulses: Pulses, signal: AbortSignal): Promise<void> {
  const { host, exchange } = env;
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const doors = (async () => {
    for await (const _ of exchange.doors.changes(both)) pulses.pulse();
  })();
  const beats = (async function* () {
    while (!both.aborted) {
      yield bytesOf(".");
      await host.clock.sleep(beatMs, both).catch(() => {});
    }
  })();
  try {
    await lineOf(env).use(want, env, async (connection) => {
      const line = scriptLine("follow", scriptPlace(want, env));
      await connection.run({ line, input: beats, onOutput: () => pulses.pulse() }, both);
    });
    if (!signal.aborted) {
      pulses.fail(
        new Failure(`${shownPlace(want)} is not watched any more`, { code: "unreachable", retry: "backoff" }),
      );
    }
  } catch (reason) {
    if (!signal.aborted) pulses.fail(reason);
  } finally {
    over.abort();
    await doors.catch((reason: unknown) => pulses.fail(reason));
  }
}
