// SPDX-License-Identifier: Apache-2.0
// What `apk update` says of the sources.

/** Sources that could not be had, as apk names them, each with its reason. */
export function parseSilentSources(output: string): readonly string[] {
  const lines = output.split("\n").filter((line) => /^(?:WARNING|ERROR): /.test(line) && /:\/\/|\//.test(line));
  return lines.map((line) =>
    line.replace(/^(?:WARNING|ERROR): (?:updating and opening |opening |fetching |Ignoring )?/, ""),
  );
}

/** How many packages the sources offer that did answer: `… 24013 distinct packages available`. */
export function parseAvailableCount(output: string): number {
  return Number(/(\d+) distinct packages available/.exec(output)?.[1] ?? 0);
}
