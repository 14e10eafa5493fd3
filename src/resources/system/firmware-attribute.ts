// SPDX-License-Identifier: Apache-2.0
// What the kernel tells of one setting of the firmware, and which of its values a text stands for.

import type { Files } from "../../contract/host.ts";
import { byteLength } from "../../values/bytes.ts";
import { readText } from "../files/read-text.ts";

export interface Attribute {
  /** `enumeration`, `integer`, `string` or another one. */
  readonly type: string;
  readonly current: string;
  /** Of an enumeration. */
  readonly possible: readonly string[];
  /** Of an integer or the length of a string; undefined when nothing is said. */
  readonly least: bigint | undefined;
  readonly most: bigint | undefined;
  /** Of an integer: how far it is from one value to the next. */
  readonly step: bigint | undefined;
}

/** Undefined when there is no such setting. */
export async function readAttribute(path: string, files: Files, signal: AbortSignal): Promise<Attribute | undefined> {
  const read = async (name: string) => (await readText(`${path}/${name}`, files, signal))?.replace(/\n$/, "");
  const current = await read("current_value");
  if (current === undefined) return undefined;
  const type = (await read("type")) ?? "";
  const length = type === "string" ? "length" : "value";
  return {
    type,
    current,
    possible: ((await read("possible_values")) ?? "").split(";").filter((value) => value !== ""),
    least: integerIn(await read(`min_${length}`)),
    most: integerIn(await read(`max_${length}`)),
    step: integerIn(await read("scalar_increment")),
  };
}

/** Words that firmware of different makers has for the same. */
const alike: readonly (readonly string[])[] = [
  ["enable", "enabled", "on", "yes", "true", "active", "activated", "1"],
  ["disable", "disabled", "off", "no", "false", "inactive", "deactivated", "0"],
  ["auto", "automatic"],
];

type Fitting = { readonly value: string } | { readonly wrong: string };

export function fittingValue(
  value: string,
  attribute: Attribute,
  { check, strict }: { readonly check: boolean; readonly strict: boolean },
): Fitting {
  const { type, possible } = attribute;
  if (type === "enumeration") {
    if (possible.includes(value)) return { value };
    const meant = strict ? undefined : meantOf(value, possible);
    if (meant !== undefined) return { value: meant };
    return check ? { wrong: `cannot be ${value}: it takes ${possible.join(", ")}` } : { value };
  }
  if (!check) return { value };
  if (type === "integer") return checkInteger(value, attribute);
  if (type === "string") return checkLength(value, attribute);
  return { wrong: `is of the type ${type}, of which no value can be checked; \`check => false\` sets it anyway` };
}

function meantOf(value: string, possible: readonly string[]): string | undefined {
  const lower = value.toLowerCase();
  const same = possible.find((each) => each.toLowerCase() === lower);
  if (same !== undefined) return same;
  const words = alike.find((group) => group.includes(lower));
  const meant = possible.filter((each) => words?.includes(each.toLowerCase()) === true);
  return meant.length === 1 ? meant[0] : undefined;
}

function checkInteger(value: string, { least, most, step }: Attribute): Fitting {
  const number = integerIn(value);
  if (number === undefined) return { wrong: `cannot be ${value}: it takes a number` };
  if (least !== undefined && number < least) return { wrong: `cannot be ${value}: it is ${least} at least` };
  if (most !== undefined && number > most) return { wrong: `cannot be ${value}: it is ${most} at most` };
  if (step !== undefined && step > 1n && (number - (least ?? 0n)) % step !== 0n) {
    return { wrong: `cannot be ${value}: it goes from ${least ?? 0n} in steps of ${step}` };
  }
  return { value };
}

function checkLength(value: string, { least, most }: Attribute): Fitting {
  const length = BigInt(byteLength(value));
  if (least !== undefined && length < least) return { wrong: `cannot be that: it has ${least} characters at least` };
  if (most !== undefined && length > most) return { wrong: `cannot be that: it has ${most} characters at most` };
  return { value };
}

function integerIn(text: string | undefined): bigint | undefined {
  return text !== undefined && /^-?\d{1,30}$/.test(text.trim()) ? BigInt(text.trim()) : undefined;
}
