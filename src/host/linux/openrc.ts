// SPDX-License-Identifier: Apache-2.0
// The services of OpenRC, by its programs and by the directories in which it keeps what it knows: those tell of changes
// as they happen. Only of the death of a program it tells nobody, so that is looked for now and then.

import { joinPulses } from "../../base/join-pulses.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock, Files, Processes } from "../../contract/host.ts";
import type { Activity, ServiceManager, UnitState } from "../../contract/services.ts";
import { textOf } from "../../values/bytes.ts";
import { couldNot, endsAtOnce, noSuchUnit } from "../service-failures.ts";

const state = "/run/openrc";
const scripts = "/etc/init.d";
const runlevels = "/etc/runlevels";
/** Between two looks at the processes of a service; one costs some microseconds. */
const lookEveryMs = 1_000;
const longestFile = 65_536;
/** A program may end right after it was started. */
const graceMs = 100;

export interface OpenrcParts {
  readonly files: Files;
  readonly processes: Processes;
  readonly clock: Clock;
}

export function openrcServices({ files, processes, clock }: OpenrcParts): ServiceManager {
  const exists = async (path: string, signal: AbortSignal) => (await files.inspectTarget(path, signal)) !== undefined;

  const listed = async (path: string, signal: AbortSignal) =>
    (await exists(path, signal)) ? await files.list(path, signal) : [];

  /** `rc-service NAME COMMAND`, or another of its programs. Gives what it said when it did not work. */
  async function run(
    argv: readonly [string, ...string[]],
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    const { status, output } = await processes.run({ argv }, signal);
    if (status === 0) return undefined;
    return textOf(output)
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  }

  async function change(
    what: string,
    argv: readonly [string, ...string[]],
    unit: string,
    signal: AbortSignal,
  ): Promise<void> {
    const said = await run(argv, signal);
    if (said !== undefined) throw couldNot(what, unit, "its init script says no", said.slice(-5));
  }

  /** Where the numbers of its processes are kept: as OpenRC's own starter says, else as its script says. */
  async function pidfilesOf(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const read = async (path: string) => textOf(await files.read(path, longestFile, signal)).trim();
    const daemons = await listed(`${state}/daemons/${name}`, signal);
    const said = await Promise.all(daemons.map((daemon) => read(`${state}/daemons/${name}/${daemon}`)));
    const found = said.flatMap((text) => /^pidfile=(.+)$/m.exec(text)?.[1] ?? []);
    if (found.length > 0) return found;
    const option = `${state}/options/${name}/pidfile`;
    return (await exists(option, signal)) ? [await read(option)] : [];
  }

  /** Started by OpenRC, but its program is gone. Undefined: it has no program that could be looked for. */
  async function isAlive(name: string, signal: AbortSignal): Promise<boolean | undefined> {
    const pidfiles = await pidfilesOf(name, signal);
    if (pidfiles.length === 0) return undefined;
    for (const pidfile of pidfiles) {
      if (!(await exists(pidfile, signal))) return false;
      const id = textOf(await files.read(pidfile, longestFile, signal)).trim();
      if (!/^\d+$/.test(id) || !(await exists(`/proc/${id}`, signal))) return false;
    }
    return true;
  }

  async function activityOf(name: string, signal: AbortSignal): Promise<Activity> {
    const is = (word: string) => files.inspect(`${state}/${word}/${name}`, signal);
    if ((await is("starting")) !== undefined) return "starting";
    if ((await is("stopping")) !== undefined) return "stopping";
    if ((await is("failed")) !== undefined) return "failed";
    if ((await is("started")) === undefined) return "inactive";
    return (await isAlive(name, signal)) === false ? "failed" : "active";
  }

  async function runlevelsOf(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const found: string[] = [];
    for (const runlevel of await listed(runlevels, signal)) {
      if ((await files.inspect(`${runlevels}/${runlevel}/${name}`, signal)) !== undefined) found.push(runlevel);
    }
    return found;
  }

  async function inspect(unit: string, signal: AbortSignal): Promise<UnitState | undefined> {
    const name = nameOf(unit);
    if (name === undefined || !(await exists(`${scripts}/${name}`, signal))) return undefined;
    const found = await runlevelsOf(name, signal);
    const enablement = found.length > 0 ? "enabled" : "disabled";
    const enablementWord = found.length > 0 ? `in ${found.join(", ")}` : "in no runlevel";
    return { activity: await activityOf(name, signal), enablement, enablementWord, isOutdated: false };
  }

  async function known(
    unit: string,
    signal: AbortSignal,
  ): Promise<{ readonly name: string; readonly activity: Activity }> {
    const found = await inspect(unit, signal);
    const name = nameOf(unit);
    if (found === undefined || name === undefined) throw noSuchUnit(unit, "system");
    return { name, activity: found.activity };
  }

  async function start(unit: string, signal: AbortSignal): Promise<void> {
    const { name, activity } = await known(unit, signal);
    // Of one whose program has died OpenRC still thinks that it runs.
    if (activity === "failed")
      await change("forget the failure of", ["rc-service", "--nocolor", name, "zap"], unit, signal);
    await change("start", ["rc-service", "--nocolor", name, "start"], unit, signal);
    await clock.sleep(graceMs, signal);
    if ((await activityOf(name, signal)) !== "active") throw endsAtOnce(unit, []);
  }

  async function stop(unit: string, signal: AbortSignal): Promise<void> {
    const { name } = await known(unit, signal);
    await change("stop", ["rc-service", "--nocolor", name, "stop"], unit, signal);
  }

  async function* looks(name: string, signal: AbortSignal): AsyncIterable<unknown> {
    let before = await isAlive(name, signal);
    yield;
    while (!signal.aborted) {
      try {
        await clock.sleep(lookEveryMs, signal);
      } catch {
        return;
      }
      const now = await isAlive(name, signal);
      if (now !== before) yield;
      before = now;
    }
  }

  return {
    kind: async () => "openrc",
    inspect,
    start,
    stop,
    async restart(unit, signal) {
      const { activity } = await known(unit, signal);
      if (activity === "active") await stop(unit, signal);
      await start(unit, signal);
    },
    async reloadOrRestart(unit, signal) {
      const { name, activity } = await known(unit, signal);
      if (activity !== "active") return;
      const said = await run(["rc-service", "--nocolor", name, "reload"], signal);
      if (said === undefined) return;
      if (!said.some((line) => line.includes("unknown function"))) {
        throw couldNot("reload", unit, "its init script says no", said.slice(-5));
      }
      await stop(unit, signal);
      await start(unit, signal);
    },
    async enable(unit, signal) {
      const { name } = await known(unit, signal);
      await change("enable", ["rc-update", "--nocolor", "add", name, "default"], unit, signal);
    },
    async disable(unit, signal) {
      const { name } = await known(unit, signal);
      for (const runlevel of await runlevelsOf(name, signal)) {
        await change("disable", ["rc-update", "--nocolor", "del", name, runlevel], unit, signal);
      }
    },
    async mask(unit) {
      throw new Failure(`${unit} cannot be masked: OpenRC has nothing like it`, {
        code: "unsupported",
        hint: '`startup => "disabled"` keeps it from starting with the machine',
      });
    },
    unmask: async () => {},
    readDefinitions: async () => {},
    watch(unit, signal) {
      const name = nameOf(unit) ?? unit;
      const words = ["started", "starting", "stopping", "inactive", "failed"];
      const targets = [
        ...words.map((word) => ({ path: `${state}/${word}/${name}` })),
        { path: `${scripts}/${name}` },
        { path: runlevels, recursive: true },
      ];
      return joinPulses(signal, [(living) => files.watch(targets, living), (living) => looks(name, living)]);
    },
  };
}

/** What OpenRC calls it. It keeps nothing but services. */
function nameOf(unit: string): string | undefined {
  return /^(.+)\.service$/.exec(unit)?.[1];
}
