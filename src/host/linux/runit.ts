// SPDX-License-Identifier: Apache-2.0
// The services of runit, by its program `sv` and by the directories that it supervises: `runsv` writes there what a service
// does, as it happens. A service is enabled when its link is among those that are supervised and nothing says `down`.

import { joinPulses } from "../../base/join-pulses.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock, Files, Processes } from "../../contract/host.ts";
import type { Activity, ServiceManager, UnitState } from "../../contract/services.ts";
import { textOf } from "../../values/bytes.ts";
import { couldNot, endsAtOnce, noSuchUnit } from "../service-failures.ts";

export interface RunitPlaces {
  /** Where definitions are, `/etc/sv`. */
  readonly definitions: string;
  /** Whose entries are supervised, `/etc/service`. */
  readonly supervised: string;
}

export interface RunitParts {
  readonly files: Files;
  readonly processes: Processes;
  readonly clock: Clock;
}

/** Distributions do not agree: Artix, Void, Debian, and as it was made. */
const definitionPlaces = ["/etc/runit/sv", "/etc/sv"];
const supervisedPlaces = ["/run/runit/service", "/var/service", "/etc/service", "/service"];

/** A new link is looked for by runsvdir every five seconds. */
const supervisionWithinMs = 20_000;
const lookEveryMs = 50;
/** It is there as soon as its process is; one that ends at once is started again each second, and hard to see. */
const comesUpWithinMs = 5000;
/** A program may end right after it was started. */
const graceMs = 500;
/** For `sv`, in seconds: how long a service may take to come or go. */
const withinSeconds = "60";

/** Undefined: no runit keeps the services of this machine. */
export async function findRunit(files: Files, signal: AbortSignal): Promise<RunitPlaces | undefined> {
  // As process 1 it is what runs the machine, or the container.
  const first = textOf(await files.read("/proc/1/comm", 64, signal)).trim();
  if (first !== "runit" && first !== "runsvdir") return undefined;
  const existing = async (places: readonly string[]) => {
    for (const place of places) if ((await files.inspectTarget(place, signal)) !== undefined) return place;
    return undefined;
  };
  const [definitions, supervised] = [await existing(definitionPlaces), await existing(supervisedPlaces)];
  return definitions === undefined || supervised === undefined ? undefined : { definitions, supervised };
}

interface Known {
  readonly name: string;
  /** Where it is supervised, or would be. */
  readonly place: string;
  readonly activity: Activity;
  readonly enablement: "enabled" | "disabled";
}

export function runitServices({ files, processes, clock }: RunitParts, places: RunitPlaces): ServiceManager {
  const exists = async (path: string, signal: AbortSignal) => (await files.inspectTarget(path, signal)) !== undefined;

  const sv = async (signal: AbortSignal, ...argv: readonly string[]) => {
    const { status, output } = await processes.run({ argv: ["sv", "-w", withinSeconds, ...argv] }, signal);
    return { isGood: status === 0, said: textOf(output).trim() };
  };

  /** What `sv` says of it, without that of its log. */
  const statusOf = async (place: string, signal: AbortSignal): Promise<string> =>
    (await sv(signal, "status", place)).said.split(";")[0] ?? "";

  async function find(unit: string, signal: AbortSignal): Promise<Known | undefined> {
    const name = /^(.+)\.service$/.exec(unit)?.[1];
    if (name === undefined) return undefined;
    const place = `${places.supervised}/${name}`;
    const isSupervised = await exists(`${place}/run`, signal);
    if (!isSupervised && !(await exists(`${places.definitions}/${name}/run`, signal))) return undefined;
    const activity = isSupervised ? parseActivity(await statusOf(place, signal)) : "inactive";
    const isEnabled = isSupervised && !(await exists(`${place}/down`, signal));
    return { name, place, activity, enablement: isEnabled ? "enabled" : "disabled" };
  }

  async function known(unit: string, signal: AbortSignal): Promise<Known> {
    const found = await find(unit, signal);
    if (found === undefined) throw noSuchUnit(unit, "system");
    return found;
  }

  const keepDown = (place: string, signal: AbortSignal) =>
    files.write(`${place}/down`, new Uint8Array(), { mode: 0o644 }, signal);

  /** Lets it be supervised, without a start. */
  async function supervise(found: Known, unit: string, signal: AbortSignal): Promise<void> {
    const { name, place } = found;
    if (!(await exists(`${place}/run`, signal))) {
      await keepDown(`${places.definitions}/${name}`, signal);
      await files.link(place, `${places.definitions}/${name}`, signal);
    }
    const startMs = clock.monotonicMs();
    while (/^(?:fail|warning): /.test(await statusOf(place, signal))) {
      if (clock.monotonicMs() - startMs > supervisionWithinMs) {
        throw couldNot("start", unit, `nobody supervises ${found.place}`, ["no runsvdir has seen it in time"]);
      }
      await clock.sleep(lookEveryMs, signal);
    }
  }

  async function start(unit: string, signal: AbortSignal): Promise<void> {
    const found = await known(unit, signal);
    if (found.activity === "active") return;
    await supervise(found, unit, signal);
    // Without a time it does not wait: one that ends at once is hardly ever seen to be up.
    await processes.run({ argv: ["sv", "up", found.place] }, signal);
    const firstProcess = await awaitProcess(found.place, signal);
    await clock.sleep(graceMs, signal);
    const status = await statusOf(found.place, signal);
    const stays = parseActivity(status) === "active" && parseProcess(status) === firstProcess;
    // Waits for what the service itself checks, if it has such a program.
    const { isGood, said } = stays ? await sv(signal, "check", found.place) : { isGood: false, said: "" };
    if (isGood) return;
    // It would be started again each second.
    await sv(signal, "down", found.place);
    throw stays ? couldNot("start", unit, "its own check does not succeed", [said]) : endsAtOnce(unit, []);
  }

  /** Of a service that was told to come up. Undefined: it is gone again whenever we look. */
  async function awaitProcess(place: string, signal: AbortSignal): Promise<string | undefined> {
    const startMs = clock.monotonicMs();
    while (clock.monotonicMs() - startMs < comesUpWithinMs) {
      const status = await statusOf(place, signal);
      if (parseActivity(status) === "active") return parseProcess(status);
      await clock.sleep(lookEveryMs, signal);
    }
    return undefined;
  }

  async function stop(unit: string, signal: AbortSignal): Promise<void> {
    const { place, activity } = await known(unit, signal);
    if (activity === "inactive") return;
    const { isGood, said } = await sv(signal, "stop", place);
    if (!isGood) throw couldNot("stop", unit, "its program does not end", [said]);
  }

  return {
    kind: async () => "runit",
    async inspect(unit, signal): Promise<UnitState | undefined> {
      const found = await find(unit, signal);
      if (found === undefined) return undefined;
      const { activity, enablement } = found;
      const enablementWord = enablement === "enabled" ? `in ${places.supervised}` : "disabled";
      return { activity, enablement, enablementWord, isOutdated: false };
    },
    start,
    stop,
    async restart(unit, signal) {
      await stop(unit, signal);
      await start(unit, signal);
    },
    async reloadOrRestart(unit, signal) {
      const { place, activity } = await known(unit, signal);
      if (activity !== "active") return;
      const { isGood, said } = await sv(signal, "reload", place);
      if (!isGood) throw couldNot("reload", unit, "it cannot be told", [said]);
      // Who does not know the signal dies of it, and is started again.
      await clock.sleep(graceMs, signal);
      await start(unit, signal);
    },
    async enable(unit, signal) {
      const found = await known(unit, signal);
      if (found.enablement === "enabled") return;
      await supervise(found, unit, signal);
      await files.remove(`${found.place}/down`, {}, signal);
    },
    async disable(unit, signal) {
      const { place, activity, enablement } = await known(unit, signal);
      if (enablement === "disabled") return;
      // Without its link it would be stopped.
      if (activity !== "inactive" || (await files.inspect(place, signal))?.kind !== "symlink") {
        await keepDown(place, signal);
      } else await files.remove(place, {}, signal);
    },
    async mask(unit) {
      throw new Failure(`${unit} cannot be masked: runit has nothing like it`, {
        code: "unsupported",
        hint: '`startup => "disabled"` keeps it from starting with the machine',
      });
    },
    unmask: async () => {},
    readDefinitions: async () => {},
    watch(unit, signal) {
      const name = unit.replace(/\.service$/, "");
      const homes = [`${places.definitions}/${name}`, `${places.supervised}/${name}`];
      const targets = [
        { path: `${places.supervised}/${name}` },
        ...homes.flatMap((home) => [
          { path: home, entries: true },
          { path: `${home}/supervise`, entries: true },
        ]),
        // Where Debian has it when process 1 is runit.
        { path: `/run/runit/supervise/${name}`, entries: true },
      ];
      return joinPulses(signal, [(living) => files.watch(targets, living)]);
    },
  };
}

/** `run: web: (pid 17) 3s, normally down, got TERM`; `down: web: 1s, normally up, want up`; `fail: web: …`. */
function parseActivity(status: string): Activity {
  const [word] = status.split(":");
  if (word === "run") return status.includes("got TERM") ? "stopping" : "active";
  if (word === "finish") return "stopping";
  // It wants to run and does not: it has ended, and waits for its next try.
  return word === "down" && status.includes("want up") ? "failed" : "inactive";
}

function parseProcess(status: string): string | undefined {
  return /\(pid (\d+)\)/.exec(status)?.[1];
}
