// SPDX-License-Identifier: Apache-2.0
// Signatures of D-Bus, and whether values are of their types. Both hosts check what is sent with it.

import type { BusArgument, BusVariant } from "../contract/bus.ts";

export type BusType =
  | { readonly kind: "basic"; readonly code: string }
  | { readonly kind: "array"; readonly element: BusType }
  | { readonly kind: "dictionary"; readonly key: BusType; readonly value: BusType }
  | { readonly kind: "structure"; readonly members: readonly BusType[] };

/** The complete types of a signature, or undefined when it is none. */
export function parseSignature(signature: string): readonly BusType[] | undefined {
  const types: BusType[] = [];
  for (let at = 0; at < signature.length; ) {
    const read = readType(signature, at);
    if (read === undefined) return undefined;
    types.push(read.type);
    at = read.end;
  }
  return types;
}

interface Read {
  readonly type: BusType;
  readonly end: number;
}

function readType(signature: string, at: number): Read | undefined {
  const code = signature[at] ?? "";
  if (code === "a") return signature[at + 1] === "{" ? readDictionary(signature, at + 2) : readArray(signature, at + 1);
  if (code === "(") return readStructure(signature, at + 1);
  return /^[ynqiuxtdbsogvh]$/.test(code) ? { type: { kind: "basic", code }, end: at + 1 } : undefined;
}

function readArray(signature: string, at: number): Read | undefined {
  const element = readType(signature, at);
  return element && { type: { kind: "array", element: element.type }, end: element.end };
}

function readDictionary(signature: string, at: number): Read | undefined {
  const key = readType(signature, at);
  if (key?.type.kind !== "basic" || key.type.code === "v") return undefined;
  const value = readType(signature, key.end);
  if (value === undefined || signature[value.end] !== "}") return undefined;
  return { type: { kind: "dictionary", key: key.type, value: value.type }, end: value.end + 1 };
}

function readStructure(signature: string, from: number): Read | undefined {
  const members: BusType[] = [];
  let at = from;
  while (signature[at] !== ")") {
    const member = readType(signature, at);
    if (member === undefined) return undefined;
    members.push(member.type);
    at = member.end;
  }
  return members.length === 0 ? undefined : { type: { kind: "structure", members }, end: at + 1 };
}

/** Whether a dictionary with such keys is a record, and not a list of pairs. */
export function isTextual(key: BusType): boolean {
  return key.kind === "basic" && "sog".includes(key.code);
}

/** Whether values may be sent under this signature. */
export function conform(values: readonly unknown[], signature: string): boolean {
  const types = parseSignature(signature);
  return types?.length === values.length && types.every((type, index) => conforms(values[index], type));
}

function conforms(value: unknown, type: BusType): boolean {
  switch (type.kind) {
    case "basic":
      return isBasic(value, type.code);
    case "array":
      if (type.element.kind === "basic" && type.element.code === "y" && value instanceof Uint8Array) return true;
      return Array.isArray(value) && value.every((element) => conforms(element, type.element));
    case "structure":
      return (
        Array.isArray(value) &&
        value.length === type.members.length &&
        type.members.every((member, index) => conforms(value[index], member))
      );
    case "dictionary":
      if (isTextual(type.key))
        return isRecord(value) && Object.values(value).every((each) => conforms(each, type.value));
      return (
        Array.isArray(value) &&
        value.every((pair) => {
          return (
            Array.isArray(pair) && pair.length === 2 && conforms(pair[0], type.key) && conforms(pair[1], type.value)
          );
        })
      );
  }
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  y: [0, 2 ** 8 - 1],
  n: [-(2 ** 15), 2 ** 15 - 1],
  q: [0, 2 ** 16 - 1],
  i: [-(2 ** 31), 2 ** 31 - 1],
  u: [0, 2 ** 32 - 1],
};

function isBasic(value: unknown, code: string): boolean {
  switch (code) {
    case "b":
      return typeof value === "boolean";
    case "d":
      return typeof value === "number";
    case "x":
      return typeof value === "bigint" && BigInt.asIntN(64, value) === value;
    case "t":
      return typeof value === "bigint" && BigInt.asUintN(64, value) === value;
    case "s":
      return typeof value === "string" && !value.includes("\0") && value.isWellFormed();
    case "o":
      return typeof value === "string" && /^\/(?:[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)?$/.test(value);
    case "g":
      return typeof value === "string" && parseSignature(value) !== undefined;
    case "v":
      return isVariant(value) && conform([value.value], value.type);
    default: {
      const [least, most] = ranges[code] ?? [1, 0];
      return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
    }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

export function isVariant(value: unknown): value is BusVariant {
  return isRecord(value) && typeof value["type"] === "string" && "value" in value;
}

/** The values with every variant replaced by what `convert` makes of it; they conform to the signature. */
export function mapVariants(
  values: readonly BusArgument[],
  signature: string,
  convert: (type: string, value: unknown) => unknown,
): readonly unknown[] {
  const types = parseSignature(signature) ?? [];
  return values.map((value, index) => mapped(value, types[index], convert));
}

function mapped(
  value: unknown,
  type: BusType | undefined,
  convert: (type: string, value: unknown) => unknown,
): unknown {
  switch (type?.kind) {
    case "basic":
      if (type.code !== "v" || !isVariant(value)) return value;
      return convert(value.type, mapped(value.value, parseSignature(value.type)?.[0], convert));
    case "array":
      return Array.isArray(value) ? value.map((element) => mapped(element, type.element, convert)) : value;
    case "structure":
      return Array.isArray(value) ? value.map((member, index) => mapped(member, type.members[index], convert)) : value;
    case "dictionary":
      if (Array.isArray(value)) {
        const pairs = value as readonly (readonly [unknown, unknown])[];
        return pairs.map(([key, of]) => [key, mapped(of, type.value, convert)]);
      }
      if (!isRecord(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, mapped(of, type.value, convert)]));
    case undefined:
      return value;
  }
}
