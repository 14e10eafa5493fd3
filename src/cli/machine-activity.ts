// SPDX-License-Identifier: Apache-2.0
// What each machine fetches while it is installed, for a person who looks on: how much so far, and the last of it. An installer
// says little for minutes, and this shows that it lives.

import type { Asked } from "../contract/asked.ts";

interface Activity {
  files: number;
  bytes: number;
  last: string;
}

export class MachineActivity {
  readonly #byAddress: ReadonlyMap<string, Activity>;

  /** Of machines at these addresses. */
  constructor(addresses: Iterable<string>) {
    this.#byAddress = new Map(
      [...addresses]
        .filter((address) => address !== "")
        .map((address) => [address, { files: 0, bytes: 0, last: "" }] as const),
    );
  }

  hear({ from, what, outcome, bytes }: Asked): void {
    const activity = this.#byAddress.get(from);
    const path = /^(?:GET|for) (\S+)/.exec(what)?.[1];
    if (activity === undefined || path === undefined || outcome !== "good") return;
    activity.files += 1;
    activity.bytes += bytes ?? 0;
    activity.last = path;
  }

  /** One line; undefined when it has fetched nothing. */
  of(address: string): string | undefined {
    const activity = this.#byAddress.get(address);
    if (activity === undefined || activity.files === 0) return undefined;
    const { files, bytes, last } = activity;
    const name = last.split("/").at(-1) ?? "";
    return `${files} ${files === 1 ? "file" : "files"}, ${(bytes / 1e6).toFixed(1)} MB, the last: ${name === "" ? last : name}`;
  }
}
