// SPDX-License-Identifier: Apache-2.0
// Machines that nobody named and that have told what they are: what the module embedded/provisioner prints of each, as a
// record and as a row. Nothing of it is to be believed.

import type { EngineEvent } from "../contract/event.ts";

export interface UnknownMachine {
  readonly mac: string;
  readonly vendor: string;
  readonly product: string;
  readonly serial: string;
  /** 0: it did not tell. */
  readonly memoryMb: number;
  readonly arch: string;
  /** `pcbios` or `efi`. */
  readonly firmware: string;
}

export class UnknownMachines {
  readonly #known: ReadonlySet<string>;
  readonly #machines = new Map<string, UnknownMachine>();

  /** Those that were named meanwhile are unknown no more, whatever they tell. */
  constructor(known: Iterable<string>) {
    this.#known = new Set(known);
  }

  /** What has changed by this event; undefined: nothing. */
  notice(event: EngineEvent): { readonly machine: UnknownMachine; readonly isGone: boolean } | undefined {
    if (event.type !== "said" && event.type !== "removed") return undefined;
    const mac = /^print\[unknown machine ([0-9a-f:]{17})\]$/.exec(event.resource)?.[1];
    if (mac === undefined || this.#known.has(mac)) return undefined;
    const before = this.#machines.get(mac);
    if (event.type === "removed") {
      this.#machines.delete(mac);
      return before === undefined ? undefined : { machine: before, isGone: true };
    }
    const machine = machineOf(mac, event.line);
    this.#machines.set(mac, machine);
    return { machine, isGone: false };
  }

  /** One line for each, in the order of their addresses. */
  get rows(): readonly string[] {
    return [...this.#machines.values()].toSorted((a, b) => (a.mac < b.mac ? -1 : 1)).map(rowOf);
  }
}

/** As hardware.mcl writes it, fields between tabs. */
function machineOf(mac: string, line: string): UnknownMachine {
  const [vendor = "", product = "", serial = "", memory = "", arch = "", firmware = ""] = line.split("\t");
  return { mac, vendor, product, serial, memoryMb: Number(/^\d{1,12}(?= MB$)/.exec(memory)?.[0] ?? 0), arch, firmware };
}

export function rowOf({ mac, vendor, product, serial, memoryMb, arch, firmware }: UnknownMachine): string {
  const parts = [
    `${vendor} ${product}`.trim(),
    serial === "" ? "" : `serial ${serial}`,
    memoryMb === 0 ? "" : `${memoryMb} MB`,
    `${arch} ${firmware}`.trim(),
  ];
  const told = parts.filter((part) => part !== "").join(", ");
  return `${mac} waits${told === "" ? "" : `: ${told}`}`;
}
