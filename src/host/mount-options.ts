// SPDX-License-Identifier: Apache-2.0
// Options of a mount as text: names and values between commas. A value in quotes may have commas in it.

import type { MountOptions } from "../contract/mounts.ts";

export function parseMountOptions(text: string): MountOptions {
  const options = new Map<string, string>();
  for (const option of text.match(/(?:[^,"]|"[^"]*"?)+/g) ?? []) {
    const at = option.indexOf("=");
    if (at === -1) options.set(option, "");
    else options.set(option.slice(0, at), option.slice(at + 1));
  }
  return options;
}

export function renderMountOptions(options: MountOptions): string {
  return Array.from(options, ([name, value]) => (value === "" ? name : `${name}=${value}`)).join(",");
}
