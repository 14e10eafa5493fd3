// SPDX-License-Identifier: Apache-2.0
// The files in which the libvirt of this machine keeps what it has. It tells nobody when others change who starts by itself,
// how large a domain is or which addresses a network gives; but it writes them down at once.

import type { WatchTarget } from "../../contract/host.ts";

export function filesOfDomain(uri: string, name: string): readonly WatchTarget[] {
  const driver = uri.startsWith("lxc") ? "lxc" : "qemu";
  const kept = `/etc/libvirt/${driver}`;
  return here(uri, `${kept}/${name}.xml`, `${kept}/autostart/${name}.xml`, `/run/libvirt/${driver}/${name}.xml`);
}

export function filesOfNetwork(uri: string, name: string): readonly WatchTarget[] {
  const kept = "/etc/libvirt/qemu/networks";
  return here(uri, `${kept}/${name}.xml`, `${kept}/autostart/${name}.xml`, `/run/libvirt/network/${name}.xml`);
}

/** A hypervisor of another machine has its files there. */
function here(uri: string, ...paths: readonly string[]): readonly WatchTarget[] {
  const isElsewhere = /^[a-z0-9+]+:\/\/[^/]/.test(uri);
  return isElsewhere ? [] : paths.map((path) => ({ path }));
}
