// SPDX-License-Identifier: Apache-2.0
// How other machines get to a store that etcd keeps.

import { Pulses } from "../base/pulse.ts";
import type { StoreDoors } from "../contract/exchange.ts";
import type { TunnelTarget } from "../contract/ssh.ts";
import type { EtcdCluster } from "../cluster/etcd/index.ts";
import { noDoors } from "../exchange/doors.ts";

export function etcdDoors(cluster: Pick<EtcdCluster, "urls" | "current" | "onUrls" | "socketFor">): StoreDoors {
  return {
    now() {
      const url = cluster.current ?? cluster.urls[0] ?? "";
      const socketPath = cluster.socketFor?.(url);
      return {
        here: socketPath === undefined ? targetIn(url) : { socketPath },
        urls: cluster.urls.filter(isForAll),
        isSecure: url.startsWith("https:"),
      };
    },
    changes(signal) {
      const stop = cluster.onUrls(() => pulses.pulse());
      const pulses = new Pulses(signal, stop);
      pulses.pulse();
      return pulses;
    },
    invite: (hostname, signal) => noDoors.invite(hostname, signal),
  };
}

function targetIn(url: string): TunnelTarget {
  if (url.startsWith("unix:")) return { socketPath: url.replace(/^unix:(\/\/)?/, "") };
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

function isForAll(url: string): boolean {
  return !/^(?:unix:|https?:\/\/(?:localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0|\[::\])[:/])/.test(url);
}
