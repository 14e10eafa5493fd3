// SPDX-License-Identifier: Apache-2.0
// A text in YAML as plain data. The package is loaded by the first program that needs it.

import { Mismatch } from "./mismatch.ts";

/** Throws a `Mismatch` with a part of a sentence when it is no YAML. */
export async function plainFromYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import("yaml");
  try {
    const document = parseDocument(text, { intAsBigInt: true, prettyErrors: true, logLevel: "error" });
    const [mistake] = document.errors;
    if (mistake?.code === "MULTIPLE_DOCS") throw new Mismatch("it holds several documents");
    if (mistake !== undefined) throw new Mismatch(firstLine(mistake.message));
    return document.toJS({ mapAsMap: true }) as unknown;
  } catch (reason) {
    if (reason instanceof Mismatch) throw reason;
    if (reason instanceof RangeError) throw new Mismatch("it is nested too deeply", { cause: reason });
    // An alias of nothing, or so many of them that a small text would fill the memory.
    if (reason instanceof ReferenceError) throw new Mismatch(firstLine(reason.message), { cause: reason });
    throw reason;
  }
}

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? message).replace(/[.:]$/, "");
}
