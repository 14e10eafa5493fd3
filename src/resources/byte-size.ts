// SPDX-License-Identifier: Apache-2.0
// How people write a number of bytes in a program.

const units: Readonly<Record<string, number>> = { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** `20GiB`; in bytes. Undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const [, number = "", unit = ""] = /^(\d{1,12}(?:\.\d{1,3})?)(KiB|MiB|GiB|TiB|)$/.exec(text) ?? [];
  return number === "" ? undefined : Math.floor(Number(number) * (units[unit] ?? 1));
}
