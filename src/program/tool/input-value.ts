// SPDX-License-Identifier: Apache-2.0
// The values of a tool's options: what may be declared, written on a command line, and read by a program.

import type { Value } from "../../values/value.ts";

/** Types of the language, and `file`: a str on its side, a path made absolute on the side of the command line. */
export const inputTypes = ["str", "int", "float", "bool", "[]str", "file"] as const;
export type InputType = (typeof inputTypes)[number];

export type InputValue = Extract<Value, boolean | string | bigint | number> | readonly string[];

/** What a program sees of an input that nothing was given for. */
export function emptyInput(type: InputType): InputValue {
  switch (type) {
    case "str":
    case "file":
      return "";
    case "int":
      return 0n;
    case "float":
      return 0;
    case "bool":
      return false;
    case "[]str":
      return [];
  }
}

/** From YAML. Undefined: it is none of the type. */
export function readDefault(value: unknown, type: InputType): InputValue | undefined {
  switch (type) {
    case "str":
    case "file":
      return typeof value === "string" ? value : undefined;
    case "int":
      return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    case "float":
      return typeof value === "number" ? value : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "[]str":
      return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;
  }
}

/** From a command line or an environment, where a list has commas. Undefined: it is none of the type. */
export function readWritten(text: string, type: InputType): InputValue | undefined {
  switch (type) {
    case "str":
    case "file":
      return text;
    case "int":
      return /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? BigInt(text) : undefined;
    case "float":
      return /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : undefined;
    case "bool":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "[]str":
      return text.split(",").filter((each) => each !== "");
  }
}
