// SPDX-License-Identifier: Apache-2.0
// The services of the machine in memory: units are files in its tree, read as systemd reads them, links enable and mask
// them. What a program does is told by its name: `/bin/false` ends with an error, `/bin/true` ends well, others run on.

import { Pulses } from "../../base/pulse.ts";
import type { Activity, Enablement, ServiceManager, ServiceManagerKind, UnitState } from "../../contract/services.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import type { BusScope } from "../bus-failures.ts";
import {
  cannotBeEnabled,
  couldNot,
  endsAtOnce,
  isMasked,
  noServiceManager,
  noSuchUnit,
  ownDefinitionInTheWay,
  staysMasked,
  wrongDefinition,
} from "../service-failures.ts";
import { root, type Tree } from "./tree.ts";

/** A link to it in the place of a definition is a mask; so is an empty file. */
const nothing = "/dev/null";

interface Loaded {
  readonly text: string;
  activity: Activity;
}

export class MemoryServices implements ServiceManager {
  readonly #scope: BusScope;
  readonly #tree: Tree;
  readonly #watchFiles: (directory: string, signal: AbortSignal) => AsyncIterable<void>;
  readonly #own: string;
  readonly #places: readonly string[];
  readonly #loaded = new Map<string, Loaded>();
  readonly #watches = new Set<Pulses>();
  #isRunning = true;
  #kind: ServiceManagerKind = "systemd";
  /** What was done, newest last: `start web.service`. */
  readonly log: string[] = [];

  constructor(
    scope: BusScope,
    tree: Tree,
    watchFiles: (directory: string, signal: AbortSignal) => AsyncIterable<void>,
  ) {
    this.#scope = scope;
    this.#tree = tree;
    this.#watchFiles = watchFiles;
    this.#own = scope === "system" ? "/etc/systemd/system" : "/root/.config/systemd/user";
    this.#places = [this.#own, scope === "system" ? "/usr/lib/systemd/system" : "/usr/lib/systemd/user"];
  }

  // ---- Hands of a test ----

  /** The service ends by itself: killed, crashed. */
  kill(unit: string): void {
    this.#set(unit, "failed");
  }

  /** Somebody else stops or starts it. */
  become(unit: string, activity: Activity): void {
    this.#set(unit, activity);
  }

  /** From now on they are kept by this one, as far as anybody asks who it is. */
  beKeptBy(kind: ServiceManagerKind): void {
    this.#kind = kind;
  }

  /** From now on nobody keeps services. */
  vanish(): void {
    this.#isRunning = false;
  }

  // ---- What the engine sees ----

  async kind(signal: AbortSignal): Promise<ServiceManagerKind> {
    signal.throwIfAborted();
    if (!this.#isRunning) throw noServiceManager();
    return this.#kind;
  }

  async inspect(name: string, signal: AbortSignal): Promise<UnitState | undefined> {
    await this.kind(signal);
    const unit = this.#realName(name);
    const enablement = this.#enablement(unit);
    const text = this.#text(unit);
    const loaded = this.#load(unit);
    if (loaded === undefined) return undefined;
    const isOutdated = text !== loaded.text;
    const wrong = wrongIn(loaded.text);
    const enablementWord = enablement === "fixed" ? "static" : enablement;
    const { activity } = loaded;
    return { activity, enablement, enablementWord, isOutdated, ...(wrong === undefined ? {} : { wrong }) };
  }

  async start(name: string, signal: AbortSignal): Promise<void> {
    const { unit, text } = await this.#known(name, signal);
    if (this.#enablement(unit) === "masked") throw isMasked(unit);
    this.log.push(`start ${unit}`);
    if (unit.endsWith(".timer")) {
      const target = /^Unit=(.+)$/m.exec(text)?.[1] ?? unit.replace(/\.timer$/, ".service");
      if (this.#load(target) === undefined) throw couldNot("start", unit, "it failed", []);
    }
    const program = /^ExecStart=-?(\S+)/m.exec(text)?.[1] ?? "";
    if (program.endsWith("/false")) {
      this.#set(unit, "failed");
      throw couldNot("start", unit, "its program ended with an error", []);
    }
    const ends = program.endsWith("/true") && !/^RemainAfterExit=(?:yes|true)$/m.test(text);
    this.#set(unit, ends ? "inactive" : "active");
    if (ends) throw endsAtOnce(unit, []);
  }

  async stop(name: string, signal: AbortSignal): Promise<void> {
    const { unit } = await this.#known(name, signal);
    this.log.push(`stop ${unit}`);
    this.#set(unit, "inactive");
  }

  async restart(unit: string, signal: AbortSignal): Promise<void> {
    await this.stop(unit, signal);
    await this.start(unit, signal);
  }

  async reloadOrRestart(name: string, signal: AbortSignal): Promise<void> {
    const { unit, text, activity } = await this.#known(name, signal);
    if (activity !== "active") return;
    this.log.push(`${/^ExecReload=./m.test(text) ? "reload" : "restart"} ${unit}`);
    this.#pulse();
  }

  async enable(name: string, signal: AbortSignal): Promise<void> {
    const { unit, text } = await this.#known(name, signal);
    const wanting = wantedBy(text);
    if (wanting.length === 0) throw cannotBeEnabled(unit, "static");
    for (const target of wanting) {
      this.#makeDirectory(`${this.#own}/${target}.wants`);
      this.#link(`${this.#own}/${target}.wants/${unit}`, this.#place(unit) ?? "");
    }
    await this.readDefinitions(signal);
  }

  async disable(name: string, signal: AbortSignal): Promise<void> {
    const { unit } = await this.#known(name, signal);
    for (const link of this.#enabling(unit)) this.#tree.remove(link, true, root);
    await this.readDefinitions(signal);
  }

  async mask(name: string, signal: AbortSignal): Promise<void> {
    await this.kind(signal);
    const unit = this.#realName(name);
    const place = `${this.#own}/${unit}`;
    if (this.#tree.look(place, root, false)?.kind === "file") throw ownDefinitionInTheWay(unit);
    this.#makeDirectory(this.#own);
    this.#link(place, nothing);
    await this.readDefinitions(signal);
  }

  async unmask(name: string, signal: AbortSignal): Promise<void> {
    await this.kind(signal);
    const unit = this.#realName(name);
    const own = `${this.#own}/${unit}`;
    if (this.#isMask(own)) this.#tree.remove(own, true, root);
    await this.readDefinitions(signal);
    if (this.#enablement(unit) === "masked") throw staysMasked(unit, this.#place(unit) ?? "");
  }

  async readDefinitions(signal: AbortSignal): Promise<void> {
    await this.kind(signal);
    this.log.push("read definitions");
    for (const [unit, { activity }] of this.#loaded) {
      const text = this.#text(unit);
      if (text === undefined && activity === "inactive") this.#loaded.delete(unit);
      else this.#loaded.set(unit, { text: text ?? "", activity });
    }
    this.#pulse();
  }

  async *watch(_unit: string, signal: AbortSignal): AsyncIterableIterator<void> {
    await this.kind(signal);
    const pulses: Pulses = new Pulses(signal, () => this.#watches.delete(pulses));
    this.#watches.add(pulses);
    const ended = new AbortController();
    const files = (async () => {
      for await (const _ of this.#watchFiles(this.#own, AbortSignal.any([signal, ended.signal]))) pulses.pulse();
    })();
    try {
      yield* pulses;
    } finally {
      ended.abort();
      await files;
    }
  }

  // ---- How it is kept ----

  async #known(name: string, signal: AbortSignal): Promise<Loaded & { readonly unit: string }> {
    await this.kind(signal);
    const unit = this.#realName(name);
    const loaded = this.#load(unit);
    if (loaded === undefined) throw noSuchUnit(unit, this.#scope);
    const wrong = wrongIn(loaded.text);
    if (wrong !== undefined) throw wrongDefinition(unit, wrong);
    return { unit, ...loaded };
  }

  #load(unit: string): Loaded | undefined {
    const known = this.#loaded.get(unit);
    if (known !== undefined) return known;
    const text = this.#text(unit);
    if (text === undefined) return undefined;
    const loaded: Loaded = { text, activity: "inactive" };
    this.#loaded.set(unit, loaded);
    return loaded;
  }

  #set(unit: string, activity: Activity): void {
    const loaded = this.#load(unit);
    if (loaded === undefined) throw noSuchUnit(unit, this.#scope);
    loaded.activity = activity;
    this.#pulse();
  }

  #pulse(): void {
    for (const pulses of this.#watches) pulses.pulse();
  }

  /** The file of a unit, or of its template. */
  #place(unit: string): string | undefined {
    const template = unit.replace(/^([^@]+@).+(\.[a-z]+)$/, "$1$2");
    for (const name of new Set([unit, template])) {
      for (const directory of this.#places) {
        if (this.#tree.look(`${directory}/${name}`, root, false) !== undefined) return `${directory}/${name}`;
      }
    }
    return undefined;
  }

  /** An alias is a link to the definition of what it stands for. */
  #realName(unit: string): string {
    const place = this.#place(unit);
    if (place === undefined || this.#tree.look(place, root, false)?.kind !== "symlink") return unit;
    const target = textOf(this.#tree.readLink(place, root));
    const name = target.slice(target.lastIndexOf("/") + 1);
    return target === nothing || !place.endsWith(`/${unit}`) || name === unit ? unit : this.#realName(name);
  }

  #isMask(place: string): boolean {
    const found = this.#tree.look(place, root, false);
    if (found?.kind === "symlink") return textOf(this.#tree.readLink(place, root)) === nothing;
    return found?.kind === "file" && found.size === 0;
  }

  #text(unit: string): string | undefined {
    const place = this.#place(unit);
    if (place === undefined) return undefined;
    const found = this.#tree.look(place, root, true);
    return found?.kind === "file" ? textOf(this.#tree.read(place, root)) : "";
  }

  #enabling(unit: string): readonly string[] {
    if (this.#tree.look(this.#own, root, true) === undefined) return [];
    return this.#tree
      .list(this.#own, root)
      .filter(({ name }) => name.endsWith(".wants"))
      .map(({ name }) => `${this.#own}/${name}/${unit}`)
      .filter((link) => this.#tree.look(link, root, false) !== undefined);
  }

  #enablement(unit: string): Enablement {
    const place = this.#place(unit);
    // A link that leads nowhere enables nothing.
    if (place === undefined) return "fixed";
    if (this.#isMask(place)) return "masked";
    if (this.#enabling(unit).length > 0) return "enabled";
    return wantedBy(this.#text(unit) ?? "").length > 0 ? "disabled" : "fixed";
  }

  #makeDirectory(path: string): void {
    if (path === "" || this.#tree.look(path, root, true) !== undefined) return;
    this.#makeDirectory(path.slice(0, path.lastIndexOf("/")));
    this.#tree.makeDirectory(path, { mode: 0o755, ...root }, root);
  }

  #link(path: string, target: string): void {
    this.#tree.replace(path, "symlink", bytesOf(target), () => ({ mode: 0o777, ...root }), root);
  }
}

function wantedBy(text: string): readonly string[] {
  return (/^WantedBy=(.+)$/m.exec(text)?.[1] ?? "").split(/\s+/).filter((target) => target !== "");
}

/** A service needs something to run; systemd says it in these words. */
function wrongIn(text: string): string | undefined {
  return /^\[Service\]$/m.test(text) && !/^ExecStart=./m.test(text)
    ? "Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing."
    : undefined;
}
