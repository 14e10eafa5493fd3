// SPDX-License-Identifier: Apache-2.0
// The services of systemd, over D-Bus: what it tells and does. Knows no kind of resource.

import { joinPulses } from "../../base/join-pulses.ts";
import { type Bus, busErrorName } from "../../contract/bus.ts";
import { Failure } from "../../contract/failure.ts";
import type { Clock, Files, Processes, WatchTarget } from "../../contract/host.ts";
import type { Activity, Enablement, ServiceManager, UnitState } from "../../contract/services.ts";
import type { BusScope } from "../bus-failures.ts";
import {
  cannotBeEnabled,
  couldNot,
  endsAtOnce,
  isMasked,
  noSuchUnit,
  ownDefinitionInTheWay,
  staysMasked,
  wrongDefinition,
} from "../service-failures.ts";
import { lastWords } from "./journal.ts";
import { unitFilePlaces } from "./unit-files.ts";

const systemd = "org.freedesktop.systemd1";
const root = "/org/freedesktop/systemd1";
const managerInterface = `${systemd}.Manager`;

/** Reading all definitions, and stopping what takes its time, is longer than an ordinary call. */
const longMs = 90_000;
/** A service may end right after it was started. What does so later is seen by its events. */
const graceMs = 100;

export interface SystemdParts {
  readonly scope: BusScope;
  readonly bus: Bus;
  readonly files: Files;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly environment: (name: string) => string | undefined;
}

interface UnitProperties extends UnitState {
  /** The name that it really has: one may be an alias. */
  readonly id: string;
  readonly path: string;
  /** The file that defines it, or the mask. */
  readonly file: string;
  readonly result: string;
}

export function systemdServices(parts: SystemdParts): ServiceManager {
  const { scope, bus, files, clock } = parts;

  const manager = { destination: systemd, path: root, interface: managerInterface } as const;

  /** The path of its object; there is one also for units that are not there. */
  async function load(unit: string, signal: AbortSignal): Promise<string> {
    const call = { ...manager, method: "LoadUnit", takes: "s", arguments: [unit], returns: "o" } as const;
    const [path] = await bus.call(call, signal);
    return path;
  }

  async function properties(unit: string, signal: AbortSignal): Promise<UnitProperties | undefined> {
    const path = await load(unit, signal);
    const all = (of: string) => {
      const get = {
        destination: systemd,
        path,
        interface: "org.freedesktop.DBus.Properties",
        method: "GetAll",
      } as const;
      return bus.call({ ...get, takes: "s", arguments: [`${systemd}.${of}`], returns: "a{sv}" }, signal);
    };
    const [[general], [own], stateOnDisk] = await Promise.all([
      all("Unit"),
      unit.endsWith(".service") ? all("Service") : ([{}] as const),
      unitFileState(unit, signal),
    ]);
    const loadState = text(general["LoadState"]);
    if (loadState === "not-found") return undefined;
    const id = text(general["Id"]);
    const file = text(general["FragmentPath"]);
    // An alias of what is masked is a broken unit of its own, but what it stands for may run.
    const masked = enablements[stateOnDisk] === "masked" ? file.slice(file.lastIndexOf("/") + 1) : "";
    if (loadState === "error" && masked !== "" && masked !== id) return properties(masked, signal);
    // Of an alias the real name tells whether it is enabled.
    const word = loadState === "masked" ? "masked" : id === unit ? stateOnDisk : await unitFileState(id, signal);
    const loadError = general["LoadError"];
    const wrong = Array.isArray(loadError) ? text(loadError[1]) : "";
    const isBroken = loadState === "bad-setting" || loadState === "error";
    return {
      id,
      path,
      file,
      activity: activities[text(general["ActiveState"])] ?? "inactive",
      enablement: enablements[word] ?? "fixed",
      enablementWord: word,
      isOutdated: general["NeedDaemonReload"] === true,
      result: "Result" in own ? text(own["Result"]) : "",
      ...(isBroken ? { wrong: wrong || loadState } : {}),
    };
  }

  /** From the disk, now; the property of the unit is as old as its definition. */
  async function unitFileState(unit: string, signal: AbortSignal): Promise<string> {
    try {
      const get = { ...manager, method: "GetUnitFileState", takes: "s", arguments: [unit], returns: "s" } as const;
      const [state] = await bus.call(get, signal);
      return state;
    } catch (reason) {
      // Units without a file: those that systemd has made itself.
      if (reason instanceof Failure && reason.code !== "unreachable" && reason.code !== "timed-out")
        return "without a file";
      throw reason;
    }
  }

  async function known(unit: string, signal: AbortSignal): Promise<UnitProperties> {
    const found = await properties(unit, signal);
    if (found === undefined) throw noSuchUnit(unit, scope);
    if (found.wrong !== undefined) throw wrongDefinition(unit, found.wrong);
    return found;
  }

  /** Of an alias that of what it stands for, which alone is known while that is masked. */
  async function realName(unit: string, signal: AbortSignal): Promise<string> {
    return (await properties(unit, signal))?.id ?? unit;
  }

  /**
   * Queues a job and waits for its end. Gives its result: `done`, `failed`, `timeout`, `canceled`, `dependency`, …
   * What must be done before goes on while the ear for the end is put to the bus.
   */
  async function job(
    method: string,
    unit: string,
    signal: AbortSignal,
    before: () => Promise<void> = async () => {},
  ): Promise<string> {
    const over = new AbortController();
    const living = AbortSignal.any([signal, over.signal]);
    const removed = {
      sender: systemd,
      path: root,
      interface: managerInterface,
      member: "JobRemoved",
      carries: "uoss",
    } as const;
    const news = bus.signals(removed, living);
    try {
      const armed = async () => {
        await news.next();
        await subscribe(living);
      };
      await Promise.all([armed(), before()]);
      const [path] = await bus.call(
        { ...manager, method, takes: "ss", arguments: [unit, "replace"], returns: "o" },
        signal,
      );
      for await (const told of news) {
        if (told.type === "armed") {
          if (!(await exists(path, living))) return "done";
          continue;
        }
        const [, ended, , result] = told.arguments;
        if (ended === path) return result;
      }
      signal.throwIfAborted();
      return "canceled";
    } catch (reason) {
      const name = busErrorName(reason);
      if (name === `${systemd}.UnitMasked`) throw isMasked(unit, reason);
      if (name === `${systemd}.NoSuchUnit`) throw noSuchUnit(unit, scope);
      throw reason;
    } finally {
      over.abort();
    }
  }

  /** Without it systemd tells nobody about its units. It forgets us when our connection is gone. */
  async function subscribe(signal: AbortSignal): Promise<void> {
    try {
      await bus.call({ ...manager, method: "Subscribe", returns: "" }, signal);
    } catch (reason) {
      if (busErrorName(reason) !== `${systemd}.AlreadySubscribed`) throw reason;
    }
  }

  /** A job of which we may have missed the end. */
  async function exists(path: string, signal: AbortSignal): Promise<boolean> {
    const get = { destination: systemd, path, interface: "org.freedesktop.DBus.Properties", method: "Get" } as const;
    try {
      await bus.call({ ...get, takes: "ss", arguments: [`${systemd}.Job`, "State"], returns: "v" }, signal);
      return true;
    } catch (reason) {
      if (busErrorName(reason) !== undefined) return false;
      throw reason;
    }
  }

  async function begin(method: string, what: string, unit: string, signal: AbortSignal): Promise<void> {
    const result = await job(method, unit, signal, async () => {
      const { activity, enablement } = await known(unit, signal);
      if (enablement === "masked") throw isMasked(unit);
      if (activity === "failed") await resetFailed(unit, signal);
    });
    const words = () => lastWords(parts, unit, signal);
    if (result !== "done") throw couldNot(what, unit, await whyNot(unit, result, signal), await words());
    if (!unit.endsWith(".service")) return;
    await clock.sleep(graceMs, signal);
    const now = await known(unit, signal);
    if (now.activity === "failed") throw couldNot(what, unit, renderResult(now.result), await words());
    if (now.activity === "inactive") throw endsAtOnce(unit, await words());
  }

  async function whyNot(unit: string, result: string, signal: AbortSignal): Promise<string> {
    const now = await properties(unit, signal);
    if (result === "failed" && now !== undefined && now.result !== "") return renderResult(now.result);
    return jobResults[result] ?? result;
  }

  async function resetFailed(unit: string, signal: AbortSignal): Promise<void> {
    try {
      await bus.call({ ...manager, method: "ResetFailedUnit", takes: "s", arguments: [unit], returns: "" }, signal);
    } catch (reason) {
      if (busErrorName(reason) !== `${systemd}.NoSuchUnit`) throw reason;
    }
  }

  async function readDefinitions(signal: AbortSignal): Promise<void> {
    await bus.call({ ...manager, method: "Reload", returns: "", timeoutMs: longMs }, signal);
  }

  return {
    kind: async () => "systemd",
    async inspect(unit, signal) {
      const found = await properties(unit, signal);
      if (found === undefined) return undefined;
      const { activity, enablement, enablementWord, isOutdated, wrong } = found;
      return { activity, enablement, enablementWord, isOutdated, ...(wrong === undefined ? {} : { wrong }) };
    },
    start: (unit, signal) => begin("StartUnit", "start", unit, signal),
    restart: (unit, signal) => begin("RestartUnit", "restart", unit, signal),
    async stop(unit, signal) {
      const result = await job("StopUnit", await realName(unit, signal), signal);
      if (result !== "done")
        throw couldNot("stop", unit, jobResults[result] ?? result, await lastWords(parts, unit, signal));
    },
    async reloadOrRestart(unit, signal) {
      const result = await job("ReloadOrTryRestartUnit", await realName(unit, signal), signal);
      if (result === "done") return;
      throw couldNot("reload", unit, await whyNot(unit, result, signal), await lastWords(parts, unit, signal));
    },
    async enable(unit, signal) {
      const { id, enablement, enablementWord } = await known(unit, signal);
      if (enablement === "fixed") throw cannotBeEnabled(unit, enablementWord);
      const enable = { ...manager, method: "EnableUnitFiles", takes: "asbb", returns: "ba(sss)" } as const;
      const [canBe] = await bus.call({ ...enable, arguments: [[id], false, true] }, signal);
      if (!canBe) throw cannotBeEnabled(unit, enablementWord);
      await readDefinitions(signal);
      // What it enables may be others alone.
      const word = await unitFileState(id, signal);
      if (enablements[word] === "disabled") throw cannotBeEnabled(unit, word);
    },
    async disable(unit, signal) {
      const { id } = await known(unit, signal);
      const disable = { ...manager, method: "DisableUnitFiles", takes: "asb", returns: "a(sss)" } as const;
      // What is enabled for now is so in another directory.
      for (const now of [true, false]) await bus.call({ ...disable, arguments: [[id], now] }, signal);
      await readDefinitions(signal);
    },
    async mask(unit, signal) {
      // The mask of an alias leaves what it stands for.
      const id = await realName(unit, signal);
      try {
        const mask = { ...manager, method: "MaskUnitFiles", takes: "asbb", returns: "a(sss)" } as const;
        await bus.call({ ...mask, arguments: [[id], false, true] }, signal);
      } catch (reason) {
        if (busErrorName(reason) === `${systemd}.UnitExists`) throw ownDefinitionInTheWay(id, reason);
        throw reason;
      }
      await readDefinitions(signal);
    },
    async unmask(unit, signal) {
      const id = await realName(unit, signal);
      const unmask = { ...manager, method: "UnmaskUnitFiles", takes: "asb", returns: "a(sss)" } as const;
      for (const now of [true, false]) await bus.call({ ...unmask, arguments: [[id], now] }, signal);
      await readDefinitions(signal);
      const found = await properties(unit, signal);
      if (found?.enablement === "masked") throw staysMasked(unit, found.file);
    },
    readDefinitions,
    async *watch(unit, signal) {
      const from = { sender: systemd } as const;
      const path = (await properties(unit, signal))?.path ?? (await load(unit, signal));
      const changed = { ...from, path, interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged" };
      async function* ofUnit(living: AbortSignal): AsyncIterable<unknown> {
        for await (const told of bus.signals(changed, living)) {
          if (told.type === "armed") await subscribe(living);
          yield;
        }
      }
      async function* ofAll(member: string, living: AbortSignal): AsyncIterable<unknown> {
        for await (const told of bus.signals({ ...from, path: root, interface: managerInterface, member }, living)) {
          // It says so as well when it begins.
          if (told.type === "signal" && told.arguments[0] === true) continue;
          yield;
        }
      }
      const targets: readonly WatchTarget[] = unitFilePlaces(unit, scope, parts.environment);
      yield* joinPulses(signal, [
        ofUnit,
        (living) => ofAll("Reloading", living),
        (living) => ofAll("UnitFilesChanged", living),
        (living) => files.watch(targets, living),
      ]);
    },
  };
}

const activities: Readonly<Record<string, Activity>> = {
  active: "active",
  reloading: "active",
  refreshing: "active",
  activating: "starting",
  deactivating: "stopping",
  inactive: "inactive",
  maintenance: "inactive",
  failed: "failed",
};

const enablements: Readonly<Record<string, Enablement>> = {
  enabled: "enabled",
  "enabled-runtime": "enabled-for-now",
  disabled: "disabled",
  masked: "masked",
  "masked-runtime": "masked",
  indirect: "disabled",
  linked: "disabled",
  "linked-runtime": "disabled",
};

const jobResults: Readonly<Record<string, string>> = {
  canceled: "somebody else wanted the opposite meanwhile",
  timeout: "it took too long",
  failed: "it failed",
  dependency: "something that it needs could not be started",
  skipped: "it was not in a state for that",
  invalid: "it cannot do that",
  assert: "an assertion of its unit file is not so",
  unsupported: "this machine cannot do that",
};

const results: Readonly<Record<string, string>> = {
  "exit-code": "its program ended with an error",
  signal: "its program was ended by a signal",
  "core-dump": "its program crashed",
  timeout: "it took too long",
  watchdog: "it did not answer its watchdog",
  "start-limit-hit": "it was started too often within a short time and each time ended",
  resources: "the machine lacks what it needs",
  protocol: "it did not say that it is ready in the way its unit file promises",
  "oom-kill": "the machine had no memory left for it",
  "exec-condition": "its condition says no",
};

function renderResult(result: string): string {
  return results[result] ?? (result === "success" ? "it has ended" : result);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
