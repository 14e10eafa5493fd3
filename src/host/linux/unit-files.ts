// SPDX-License-Identifier: Apache-2.0
// Where systemd looks for the definition of a unit and for what enables it, as places to watch.

import type { WatchTarget } from "../../contract/host.ts";
import type { BusScope } from "../bus-failures.ts";

export function unitFilePlaces(
  unit: string,
  scope: BusScope,
  environment: (name: string) => string | undefined,
): readonly WatchTarget[] {
  const home = environment("XDG_CONFIG_HOME") || `${environment("HOME") || "/root"}/.config`;
  const [own, ...others] =
    scope === "system"
      ? ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"]
      : [`${home}/systemd/user`, "/etc/systemd/user", "/run/systemd/user", "/usr/lib/systemd/user"];
  const names = [unit, ...templateOf(unit)];
  return [
    // With the links that enable units, which are below it; all units share the watch.
    { path: own, recursive: true },
    ...others.flatMap((directory) =>
      names.flatMap((name) => [{ path: `${directory}/${name}` }, { path: `${directory}/${name}.d`, entries: true }]),
    ),
  ];
}

/** `getty@.service` for `getty@tty1.service`. */
export function templateOf(unit: string): readonly string[] {
  const [, prefix, suffix] = /^([^@]+@).+(\.[a-z]+)$/.exec(unit) ?? [];
  return prefix === undefined || suffix === undefined ? [] : [prefix + suffix];
}
