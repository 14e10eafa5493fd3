// SPDX-License-Identifier: Apache-2.0
// What each field of `sysctl`, `mount` and `nftables` says, changed by the programs that administrators use for that. That
// nothing is left out says the table of each kind in memory, next to its tests.

import { someFields } from "../fields.ts";
import { after, change, type Debian } from "./fields.ts";
import { install } from "./inside.ts";

await install("nftables");

const forwarding = "net.ipv4.ip_forward";
const configured = `/etc/sysctl.d/99-${forwarding}.conf`;

someFields<Debian>("sysctl", {
  machine: after(
    `sysctl --quiet --write ${forwarding}=0; rm -f /etc/sysctl.d/*${forwarding}* /etc/sysctl.d/50-router.conf`,
  ),
  name: forwarding,
  fields: { value: "1" },
  changes: {
    value: change({}, `sysctl --quiet --write ${forwarding}=0`, `~ set ${forwarding} to 1 (was 0)`),
    runtime: change({ persist: false }, `sysctl --quiet --write ${forwarding}=0`, `~ set ${forwarding} to 1 (was 0)`),
    persist: change({ runtime: false }, `sed -i s/1/0/ ${configured}`, `~ write ${configured} for the next start`),
    path: change(
      { path: "/etc/sysctl.d/50-router.conf" },
      "rm /etc/sysctl.d/50-router.conf",
      "+ write /etc/sysctl.d/50-router.conf for the next start",
    ),
  },
});

const place = "/srv/fields";
const again = ["+ mount store (tmpfs)"];

someFields<Debian>("mount", {
  machine: after(`
    while umount ${place} 2>/dev/null; do :; done
    mkdir -p ${place}; sed -i '\\|${place}|d' /etc/fstab`),
  name: place,
  fields: { device: "store", type: "tmpfs", freq: 1, passno: 2, options: new Map([["size", "1m"]]) },
  changes: {
    state: [
      change({}, `umount ${place}`, ...again),
      change(
        { state: "absent", device: "", type: "", freq: 0, passno: 0, options: new Map() },
        `mount -t tmpfs store ${place}`,
        "- unmount store (tmpfs)",
      ),
    ],
    device: [
      change(
        {},
        `umount ${place}; mount -t tmpfs -o size=1m other ${place}`,
        "- unmount other (tmpfs), which is something else",
        ...again,
      ),
      change({}, "sed -i s/^store/other/ /etc/fstab", "~ change its line in /etc/fstab"),
    ],
    type: [
      change(
        {},
        `umount ${place}; mount -t ramfs store ${place}`,
        "- unmount store (ramfs), which is something else",
        ...again,
      ),
      change({}, `sed -i '\\|${place}|s/tmpfs/xfs/' /etc/fstab`, "~ change its line in /etc/fstab"),
    ],
    options: [
      change({}, `mount -o remount,size=2m ${place}`, "~ set the options size=1m (was rw,size,relatime)"),
      change({}, "sed -i s/size=1m/size=2m/ /etc/fstab", "~ change its line in /etc/fstab"),
    ],
    freq: change({}, "sed -i 's/1\\t2/0\\t2/' /etc/fstab", "~ change its line in /etc/fstab"),
    passno: change({}, "sed -i 's/1\\t2/1\\t0/' /etc/fstab", "~ change its line in /etc/fstab"),
  },
});

someFields<Debian>("nftables", {
  machine: after("nft flush ruleset"),
  name: "web",
  fields: { content: "chain input { type filter hook input priority 0; tcp dport 22 accept; }" },
  changes: {
    state: [
      change({}, "nft delete table inet web", "+ load the table"),
      change({ state: "absent", content: "" }, "nft add table inet web", "- remove the table"),
    ],
    family: change({ family: "ip6" }, "nft delete table ip6 web", "+ load the table"),
    table: change({ table: "other" }, "nft delete table inet other", "+ load the table"),
    content: [
      change({}, "nft add rule inet web input tcp dport 23 accept", "~ load the table anew"),
      change({}, "nft flush chain inet web input", "~ load the table anew"),
    ],
  },
});
