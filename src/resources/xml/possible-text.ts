// SPDX-License-Identifier: Apache-2.0
// Which texts can stand in XML at all.

/** Whether it has characters that XML has no way to write. */
export function isBeyondXml(text: string): boolean {
  return /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(text);
}
