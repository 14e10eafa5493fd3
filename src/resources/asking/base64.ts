// SPDX-License-Identifier: Apache-2.0
// Bytes as servers take them in texts.

import { bytesOf } from "../../values/bytes.ts";

export function base64Of(text: string): string {
  return btoa(Array.from(bytesOf(text), (byte) => String.fromCharCode(byte)).join(""));
}
