// SPDX-License-Identifier: Apache-2.0
// What is in an answer of JSON, of which nobody can know beforehand that it has the form that is expected.

/** Undefined where there is none. */
export function member(value: unknown, ...names: readonly (string | number)[]): unknown {
  let here = value;
  for (const name of names) {
    here = typeof here === "object" && here !== null ? (Reflect.get(here, name) as unknown) : undefined;
  }
  return here;
}

export function textMember(value: unknown, ...names: readonly (string | number)[]): string {
  const found = member(value, ...names);
  return typeof found === "string" ? found : "";
}

export function textsMember(value: unknown, ...names: readonly (string | number)[]): readonly string[] {
  return listMember(value, ...names).filter((item): item is string => typeof item === "string");
}

export function listMember(value: unknown, ...names: readonly (string | number)[]): readonly unknown[] {
  const found = member(value, ...names);
  return Array.isArray(found) ? found : [];
}

export function numberMember(value: unknown, ...names: readonly (string | number)[]): number | undefined {
  const found = member(value, ...names);
  return typeof found === "number" ? found : undefined;
}
