// SPDX-License-Identifier: Apache-2.0
// Names of network interfaces, as the kernel takes them.

import { byteLength } from "../../values/bytes.ts";

const longestBytes = 15;

export function isInterfaceName(text: string): boolean {
  return /^[^\s/:\p{Cc}]+$/u.test(text) && text !== "." && text !== ".." && byteLength(text) <= longestBytes;
}
