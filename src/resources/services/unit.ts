// SPDX-License-Identifier: Apache-2.0
// Units of a service manager by the names that a program gives them, and as what other resources know them.

import type { Identity } from "../../contract/automatic.ts";
import type { Host } from "../../contract/host.ts";
import type { ServiceManager } from "../../contract/services.ts";
import { pathIdentity } from "../files/path-identities.ts";

const types = /\.(?:service|socket|target|timer|path|mount|automount|swap|slice|scope|device)$/;
/** Of systemd, with its type. */
const longestName = 255;

/** The unit that is meant: `nginx` is `nginx.service`, and `backup.timer` is that. */
export function unitOf(name: string): string {
  return types.test(name) ? name : `${name}.service`;
}

/** What is wrong with the name, for a person; undefined: nothing. */
export function whyNoUnit(name: string): string | undefined {
  if (!/^[A-Za-z0-9:_.\\@-]+$/.test(name)) {
    return "it may have letters, digits and `:`, `-`, `_`, `.`, `@` and `\\`";
  }
  if (unitOf(name).length > longestName) return `it is longer than ${longestName} characters`;
  if (unitOf(name).startsWith("@") || unitOf(name).startsWith(".")) return "there is nothing before the type";
  if (/@\.[a-z]+$/.test(unitOf(name))) return "it is that of a template: an instance has a word after the `@`";
  return undefined;
}

export function managerFor(host: Host, session: boolean): ServiceManager {
  return session ? host.services.session : host.services.system;
}

/** As others know it: a service without its ending. */
export function unitIdentity(unit: string, session: boolean): Identity {
  return { space: session ? "session service" : "service", id: unit.replace(/\.service$/, "") };
}

/** What starts a unit by itself. */
export function starterIdentity(unit: string, session: boolean): Identity {
  return { space: session ? "session starter" : "starter", id: unit.replace(/\.service$/, "") };
}

/** Where a user's own units are; undefined when it is not known yet. */
export function sessionDirectory(home: string | undefined): string | undefined {
  return home === undefined ? undefined : `${home}/.config/systemd/user`;
}

/** Files that define the unit, those of the administrator first; for an instance those of its template as well. */
export function* definitionsOf(unit: string, directories: readonly string[]): Iterable<Identity> {
  for (const name of [unit, ...templateOf(unit)]) {
    for (const directory of directories) yield pathIdentity(`${directory}/${name}`);
  }
}

/** Directories whose files change parts of the definition. */
export function* dropInsOf(unit: string, directories: readonly string[]): Iterable<Identity> {
  for (const name of [unit, ...templateOf(unit)]) {
    for (const directory of directories) yield pathIdentity(`${directory}/${name}.d/`);
  }
}

/** `getty@.service` for `getty@tty1.service`. */
function templateOf(unit: string): readonly string[] {
  const [, prefix, type] = /^([^@]+@).+(\.[a-z]+)$/.exec(unit) ?? [];
  return prefix === undefined || type === undefined ? [] : [prefix + type];
}
