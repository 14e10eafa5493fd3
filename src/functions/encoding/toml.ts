// SPDX-License-Identifier: Apache-2.0
// A text in TOML as plain data. The package is loaded by the first program that needs it.

import { Mismatch } from "./mismatch.ts";

/** Throws a `Mismatch` with a part of a sentence when it is no TOML. Dates and times are texts. */
export async function plainFromToml(text: string): Promise<unknown> {
  const { parse, TomlDate, TomlError } = await import("smol-toml");
  const withTexts = (data: unknown): unknown => {
    if (data instanceof TomlDate) return data.toISOString();
    if (Array.isArray(data)) return data.map(withTexts);
    if (typeof data !== "object" || data === null) return data;
    return new Map(Object.entries(data).map(([key, item]) => [key, withTexts(item)]));
  };
  try {
    return withTexts(parse(text, { integersAsBigInt: true }));
  } catch (reason) {
    if (!(reason instanceof TomlError)) throw reason;
    const said = reason.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "") ?? "";
    throw new Mismatch(`${said}, in line ${reason.line}`, { cause: reason });
  }
}
