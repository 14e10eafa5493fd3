// SPDX-License-Identifier: Apache-2.0
// What each machine fetches while it is installed, for a person who looks on: how many packages so far, and about how far it is,
// where one of its kind was installed before. An installer says little for minutes, and this shows that it lives.

import type { Asked } from "../contract/asked.ts";
import { type Course, InstallationCourse } from "./installation-course.ts";

export interface ActiveMachine {
  readonly name: string;
  /** Empty: any machine. */
  readonly mac: string;
  /** Empty: not known before it has asked for what is its own. */
  readonly ip: string;
}

export interface Activity {
  readonly files: number;
  /** Of the system that is installed; each is counted once. */
  readonly packages: number;
  /** Of the packages, or, as long as there are none, of the files. */
  readonly bytes: number;
  /** The path of the last file. */
  readonly last: string;
  /** About; absent: nobody knows. */
  readonly percent?: number;
  /** How many packages a machine of its kind had; absent: nobody knows, or it has more already. */
  readonly formerPackages?: number;
}

interface Seen {
  files: number;
  bytes: number;
  packageBytes: number;
  packages: Set<string>;
  last: string;
  /** Absent: its installer was not seen to begin. */
  course?: InstallationCourse;
}

const barWidth = 20;

export class MachineActivity {
  readonly #machines: readonly ActiveMachine[];
  readonly #former: (name: string) => Course | undefined;
  readonly #seen = new Map<string, Seen>();
  readonly #byAddress = new Map<string, ActiveMachine>();

  /** `former`: the course of the last installation of the same kind as this machine's. */
  constructor(machines: readonly ActiveMachine[], former: (name: string) => Course | undefined = () => undefined) {
    this.#machines = machines;
    this.#former = former;
    for (const machine of machines) if (machine.ip !== "") this.#byAddress.set(machine.ip, machine);
  }

  hear({ from, what, outcome, bytes = 0 }: Asked, nowMs: number): void {
    const path = /^(?:GET|for) (\S+)/.exec(what)?.[1];
    if (path === undefined || outcome !== "good") return;
    const machine = this.#byAddress.get(from) ?? this.#machineBehind(path);
    if (machine === undefined) return;
    this.#byAddress.set(from, machine);
    const { name } = machine;
    if (isOfAnswers(path))
      this.#seen.set(name, { ...nothing(), course: new InstallationCourse(this.#former(name), nowMs) });
    const seen = this.#seen.get(name) ?? nothing();
    this.#seen.set(name, seen);
    seen.files += 1;
    seen.bytes += bytes;
    seen.last = path;
    if (!/\.(?:deb|rpm)$/.test(path) || seen.packages.has(path)) return;
    seen.packages.add(path);
    seen.packageBytes += bytes;
    seen.course?.package(nowMs);
  }

  /** What the installer of the machine says of itself. */
  say(name: string, word: string, nowMs: number): void {
    this.#seen.get(name)?.course?.word(word, nowMs);
  }

  /** The machine is done. Undefined: nobody saw it from its beginning, or it fetched no packages. */
  end(name: string, nowMs: number): Course | undefined {
    const seen = this.#seen.get(name);
    const course = seen?.course?.end(nowMs);
    this.#seen.delete(name);
    return course === undefined || course.packagesMs.length === 0 ? undefined : course;
  }

  /** Undefined when it has fetched nothing. */
  of(name: string, nowMs: number): Activity | undefined {
    const seen = this.#seen.get(name);
    if (seen === undefined) return undefined;
    const { files, last, course } = seen;
    const packages = seen.packages.size;
    const percent = course?.percent(nowMs);
    const former = percent === undefined ? undefined : this.#former(name)?.packagesMs.length;
    return {
      files,
      packages,
      bytes: packages === 0 ? seen.bytes : seen.packageBytes,
      last,
      ...(percent === undefined ? {} : { percent }),
      ...(former === undefined || former < packages ? {} : { formerPackages: former }),
    };
  }

  /** Where it was seen last; undefined when nobody knows. */
  addressOf(name: string): string | undefined {
    return [...this.#byAddress].findLast(([, machine]) => machine.name === name)?.[0];
  }

  /** By what is served for it alone. */
  #machineBehind(path: string): ActiveMachine | undefined {
    const asked = path.toLowerCase().replaceAll("-", ":");
    return this.#machines.find(({ ip, mac }) =>
      ip !== "" ? false : mac === "" ? /(?:^|[/=])(?:menu\.ipxe|default)(?:[./]|$)/.test(asked) : asked.includes(mac),
    );
  }
}

function nothing(): Seen {
  return { files: 0, bytes: 0, packageBytes: 0, packages: new Set(), last: "" };
}

/** What an installer asks for first, and once. */
function isOfAnswers(path: string): boolean {
  return /^\/(?:preseed\/[^/]+\.cfg|fedora\/kickstart\/[^/]+\.ks|ubuntu\/autoinstall\/[^/]+\/user-data)$/.test(path);
}

/** `[#########-----------] about 45 %, 143 of 221 packages, 98.4 MB, the last: bash_5.2_amd64.deb` */
export function renderActivity({ files, packages, bytes, last, percent, formerPackages }: Activity): string {
  const name = last.split("/").at(-1) ?? "";
  const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
  const fetched =
    packages === 0 && formerPackages === undefined
      ? many(files, "file")
      : formerPackages === undefined
        ? many(packages, "package")
        : `${packages} of ${many(formerPackages, "package")}`;
  const parts = [fetched, `${(bytes / 1e6).toFixed(1)} MB`, `the last: ${name === "" ? last : name}`];
  if (percent === undefined) return parts.join(", ");
  const filled = Math.floor((percent * barWidth) / 100);
  return `[${"#".repeat(filled).padEnd(barWidth, "-")}] about ${percent} %, ${parts.join(", ")}`;
}
