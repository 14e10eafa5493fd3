// SPDX-License-Identifier: Apache-2.0
// The declared schema of `mount`, and what of it is asked of the machine.

import { field, type Want } from "../../../contract/field.ts";
import type { MountOptions } from "../../../contract/mounts.ts";
import { cleanPath } from "../../files/path.ts";
import { orderedOptions } from "./options.ts";

export const mountFields = {
  state: field.str({ choices: ["exists", "absent"], doc: "Whether it must be there. Not given: it must." }),
  device: field.str({
    doc: "What is mounted: a device, `UUID=`, `LABEL=`, `PARTUUID=` or `PARTLABEL=`, a directory with `bind`, a share, a word.",
    example: '"UUID=0a3407de-014b-458b-b5c1-848e92a327a3"',
  }),
  type: field.str({
    doc: "The type of the file system, or `auto`. With `bind` it may be left out.",
    example: '"ext4"',
  }),
  options: field.stringMap({
    default: new Map([["defaults", ""]]),
    doc:
      "Options with their values, which are empty for those that have none. With `defaults` alone the options of what " +
      "is mounted are left as they are. With `noauto` nothing is mounted by itself.",
    example: '{"noatime" => "", "size" => "64m"}',
  }),
  freq: field.int({ bits: 32, unsigned: true, doc: "How often `dump` keeps a copy, in days." }),
  passno: field.int({ bits: 32, unsigned: true, doc: "When it is checked at the start; 0: not." }),
};

export type MountWant = Want<typeof mountFields>;

/** An entry of the table for the next start. */
export interface Entry {
  readonly device: string;
  readonly place: string;
  readonly type: string;
  readonly options: MountOptions;
  readonly freq: number;
  readonly passno: number;
}

export function entryOf(want: MountWant, name: string): Entry {
  const options = want.options.size === 0 ? new Map([["defaults", ""]]) : orderedOptions(want.options);
  const type = want.type === "" && isBind(want.options) ? "none" : want.type;
  return { device: want.device, place: cleanPath(name), type, options, freq: want.freq, passno: want.passno };
}

export function isBind(options: MountOptions): boolean {
  return options.has("bind") || options.has("rbind");
}
