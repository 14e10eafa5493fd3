// SPDX-License-Identifier: Apache-2.0
// Run in a namespace of its own, where the name of the machine and /etc are ours: tells on stdout what happened there.

import { readFileSync, writeFileSync } from "node:fs";
import { hostname as nameNow } from "node:os";
import { linuxHost } from "../../src/host/linux/index.ts";
import { hostname } from "../../src/resources/system/hostname.ts";
import { sysctl } from "../../src/resources/system/sysctl.ts";
import { converge, drive } from "../resource.ts";

const host = linuxHost();
const named = await converge(hostname, "web1", { pretty_hostname: "Front door" }, host);
const namedTo = [nameNow(), readFileSync("/etc/hostname", "utf8"), readFileSync("/etc/machine-info", "utf8")];

const fields = { value: "example.com", path: "/etc/domain.conf" };
await converge(sysctl, "kernel.domainname", fields, host);
const domain = [readFileSync("/proc/sys/kernel/domainname", "utf8"), readFileSync("/etc/domain.conf", "utf8")];

const stop = new AbortController();
const watched = drive(sysctl, "kernel.domainname", fields, host, { signal: stop.signal });
const watch = watched.watch();
await watch.next();
writeFileSync("/proc/sys/kernel/domainname", "other.example");
await watch.next();
const repaired = await watched.settle();
stop.abort();

process.stdout.write(JSON.stringify({ named, namedTo, domain, repaired }));
