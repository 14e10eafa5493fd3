// SPDX-License-Identifier: Apache-2.0
// The module encoding: bytes and data as texts.

import { type CallSite, defineFunction, type FunctionDefinition, type Inferred } from "../../contract/function.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";
import { parseType } from "../../values/parse-type.ts";
import { functionType, strType, type Type } from "../../values/type.ts";
import { fatal, textAt } from "../arguments.ts";
import { once } from "../streams.ts";
import { readJson } from "./json.ts";
import { type Fields, Mismatch } from "./mismatch.ts";
import { readPlain } from "./plain-data.ts";
import { plainFromToml } from "./toml.ts";
import { plainFromYaml } from "./yaml.ts";

/** A way to write data. */
interface Format {
  readonly called: string;
  /** One field, port, that is 80; inside of quotes. */
  readonly example: string;
  readonly parse: (text: string) => Promise<unknown>;
}

const yaml: Format = { called: "YAML", example: "port: 80", parse: plainFromYaml };
const toml: Format = { called: "TOML", example: "port = 80", parse: plainFromToml };

export const encoding: readonly FunctionDefinition[] = [
  defineFunction({
    module: "encoding",
    name: "base64_encode",
    type: "func(data str) str",
    doc: "The bytes of a text in base64, padded.",
    example: '$token = encoding.base64_encode("hello") # "aGVsbG8="',
    pure: (args) => bytesOf(textAt(args, 0)).toBase64(),
  }),
  defineFunction({
    module: "encoding",
    name: "base64_decode",
    type: "func(data str) str",
    doc: "The text that was encoded in base64; line ends in it are skipped.",
    example: '$text = encoding.base64_decode("aGVsbG8=") # "hello"',
    pure: (args) => {
      const text = textAt(args, 0).replace(/[\r\n]/g, "");
      if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
        throw fatal("the text is no base64: letters, digits, + and /, filled up with = to a multiple of four");
      }
      return textOf(Uint8Array.fromBase64(text));
    },
  }),
  decodeJson("decode_json", "strict"),
  decodeJson("decode_json_flexible", "flexible"),
  decodePlain("decode_yaml", "strict", yaml),
  decodePlain("decode_yaml_flexible", "flexible", yaml),
  decodePlain("decode_toml", "strict", toml),
  decodePlain("decode_toml_flexible", "flexible", toml),
];

function decodeJson(name: string, fields: Fields): FunctionDefinition {
  return defineFunction({
    ...described(name, "a JSON text", fields),
    example: `$port int = encoding.${name}("{\\"port\\": 80}", "struct{port int}")->port`,
    early: false,
    pure: (args, call) => {
      try {
        return readJson(textAt(args, 0), call.type.result, fields);
      } catch (reason) {
        throw unfit("JSON", reason);
      }
    },
  });
}

function decodePlain(name: string, fields: Fields, { called, example, parse }: Format): FunctionDefinition {
  return defineFunction({
    ...described(name, `a ${called} text`, fields),
    example: `$port int = encoding.${name}("${example}", "struct{port int}")->port`,
    stream: (args, { call }) =>
      once(async () => {
        try {
          return readPlain(await parse(textAt(args, 0)), call.type.result, fields);
        } catch (reason) {
          throw unfit(called, reason);
        }
      }),
  });
}

function described(name: string, what: string, fields: Fields) {
  const rule =
    fields === "strict"
      ? "A struct needs exactly the fields of the data."
      : "Fields that a struct lacks are ignored; those that the data lacks are zero.";
  return {
    module: "encoding",
    name,
    type: "func(data str, type str) ?1",
    doc: `The value that ${what} stands for, in the type that is wanted, or that the second argument names. ${rule}`,
    infer,
  };
}

function unfit(called: string, reason: unknown): unknown {
  return reason instanceof Mismatch ? fatal(`the ${called} does not fit: ${reason.message}`, reason) : reason;
}

function infer(call: CallSite): Inferred {
  const count = call.argumentTypes.length;
  if (count !== 1 && count !== 2) {
    return { kind: "wrong", message: "it takes the text to read, and perhaps a type, written as a text" };
  }
  const params = Array.from({ length: count }, () => ({ type: strType }));
  const written = call.argumentValues[1];
  if (typeof written !== "string") return functionType(params, call.fresh());
  const type = typeFrom(written);
  if (type === undefined) return { kind: "wrong", message: `"${written}" is no type`, argument: 1 };
  return functionType(params, type);
}

function typeFrom(text: string): Type | undefined {
  if (text.includes("?")) return undefined;
  try {
    return parseType(text);
  } catch {
    return undefined;
  }
}
