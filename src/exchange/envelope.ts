// SPDX-License-Identifier: Apache-2.0
// What stands in the store: JSON objects with a version, so that hosts with different versions of mgmt can share it.
// What a later version has written in a form that is not known here counts as if it were not there.

const version = 1;

export function seal(content: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ version, ...content });
}

/** Undefined when it is of another version, or not of ours. */
export function open(text: string): Readonly<Record<string, unknown>> | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) return undefined;
  const record = content as Readonly<Record<string, unknown>>;
  return record["version"] === version ? record : undefined;
}

/** Of a key that a host holds: which one it is; empty when that cannot be told. */
export function hostIn(text: string): string {
  const { host } = open(text) ?? {};
  return typeof host === "string" ? host : "";
}
