// SPDX-License-Identifier: Apache-2.0
// The module strings. Positions and lengths count bytes.

import { defineFunction, type FunctionDefinition } from "../../contract/function.ts";
import { byteLength, bytesOf, concatTexts, textOf } from "../../values/bytes.ts";
import { catchable, fatal, intAt, textAt, textsAt, type Arguments } from "../arguments.ts";
import { bytewise, bytewiseText, bytewiseTexts } from "./bytewise.ts";
import { lowerCase, upperCase } from "./letter-case.ts";

const blank = /\p{White_Space}/u;

/** The longest text that padding makes. */
const padLimit = 1n << 28n;

export const strings: readonly FunctionDefinition[] = [
  defineFunction({
    module: "strings",
    name: "contains",
    type: "func(s str, substr str) bool",
    doc: "Whether the second text stands somewhere in the first. The empty text stands everywhere.",
    example: '$found = strings.contains("hello", "ell") # true',
    pure: (args) => bytewise([textAt(args, 0), textAt(args, 1)], ([text = "", part = ""]) => text.includes(part)),
  }),
  defineFunction({
    module: "strings",
    name: "has_prefix",
    type: "func(s str, prefix str) bool",
    doc: "Whether the first text begins with the second.",
    example: '$absolute = strings.has_prefix("/etc", "/") # true',
    pure: (args) => bytewise([textAt(args, 0), textAt(args, 1)], ([text = "", part = ""]) => text.startsWith(part)),
  }),
  defineFunction({
    module: "strings",
    name: "has_suffix",
    type: "func(s str, suffix str) bool",
    doc: "Whether the first text ends with the second.",
    example: '$directory = strings.has_suffix("/etc/", "/") # true',
    pure: (args) => bytewise([textAt(args, 0), textAt(args, 1)], ([text = "", part = ""]) => text.endsWith(part)),
  }),
  defineFunction({
    module: "strings",
    name: "join_nonempty",
    type: "func(s []str, sep str) str",
    doc: "The texts of the list with the separator between them; empty ones are left out.",
    example: '$words = strings.join_nonempty(["a", "", "b"], ", ") # "a, b"',
    pure: (args) => {
      const parts = textsAt(args, 0).filter((part) => part !== "");
      return bytewiseText([...parts, textAt(args, 1)], (texts) => texts.slice(0, -1).join(texts.at(-1)));
    },
  }),
  defineFunction({
    module: "strings",
    name: "left_pad",
    type: "func(s str, pad str, len int) str",
    doc: "The text with whole paddings before it until it has at least this many bytes.",
    example: '$number = strings.left_pad("7", "0", 3) # "007"',
    pure: (args) => concatTexts(padding(args), textAt(args, 0)),
  }),
  defineFunction({
    module: "strings",
    name: "right_pad",
    type: "func(s str, pad str, len int) str",
    doc: "The text with whole paddings after it until it has at least this many bytes.",
    example: '$cell = strings.right_pad("ab", ".", 4) # "ab.."',
    pure: (args) => concatTexts(textAt(args, 0), padding(args)),
  }),
  defineFunction({
    module: "strings",
    name: "replace_all",
    type: "func(s str, old str, new str) str",
    doc: "The text with the third in each place of the second. Where that is empty, it goes between all characters and to both ends.",
    example: '$path = strings.replace_all("a b c", " ", "_") # "a_b_c"',
    pure: (args) => {
      const texts = [textAt(args, 0), textAt(args, 1), textAt(args, 2)];
      if (texts[1] === "") return ["", ...textAt(args, 0), ""].join(textAt(args, 2));
      return bytewiseText(texts, ([text = "", old = "", replacement = ""]) => text.replaceAll(old, () => replacement));
    },
  }),
  defineFunction({
    module: "strings",
    name: "split",
    type: "func(a str, b str) []str",
    doc: "The parts of the first text between the places of the second; its characters, where that is empty.",
    example: '$fields = strings.split("a:b:c", ":")',
    pure: (args) => {
      if (textAt(args, 1) === "") return [...textAt(args, 0)];
      return bytewiseTexts([textAt(args, 0), textAt(args, 1)], ([text = "", separator = ""]) => text.split(separator));
    },
  }),
  defineFunction({
    module: "strings",
    name: "substr",
    type: "func(s str, low int, high int) str",
    doc: "The bytes from position `low` up to, and without, position `high`; positions count from 0. Those outside the text can be caught.",
    example: '$year = strings.substr("2024-05-17", 0, 4) # "2024"',
    pure: (args) => {
      const text = textAt(args, 0);
      const [low, high] = [intAt(args, 1), intAt(args, 2)];
      const length = byteLength(text);
      if (low < 0n || high < low || high > BigInt(length)) {
        throw catchable(`a text of ${length} bytes has no part from ${low} to ${high}`);
      }
      if (length === text.length && text.isWellFormed()) return text.slice(Number(low), Number(high));
      return textOf(bytesOf(text).subarray(Number(low), Number(high)));
    },
  }),
  defineFunction({
    module: "strings",
    name: "to_lower",
    type: "func(a str) str",
    doc: "The text in lower case.",
    example: '$name = strings.to_lower("WEB1") # "web1"',
    pure: (args) => lowerCase(textAt(args, 0)),
  }),
  defineFunction({
    module: "strings",
    name: "to_upper",
    type: "func(a str) str",
    doc: "The text in upper case.",
    example: '$name = strings.to_upper("web1") # "WEB1"',
    pure: (args) => upperCase(textAt(args, 0)),
  }),
  defineFunction({
    module: "strings",
    name: "trim_space",
    type: "func(a str) str",
    doc: "The text without white space at its ends.",
    example: '$line = strings.trim_space(" a b\\n") # "a b"',
    pure: (args) => withoutBlanks(textAt(args, 0)),
  }),
];

/** By hand: a pattern for the end would look at each run of blanks from each of its places. */
export function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && blank.test(text.charAt(start))) start += 1;
  while (end > start && blank.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function padding(args: Arguments): string {
  const [text, pad, wanted] = [textAt(args, 0), textAt(args, 1), intAt(args, 2)];
  const missing = wanted - BigInt(byteLength(text));
  if (missing <= 0n) return "";
  if (pad === "") throw fatal("an empty text cannot pad another; give at least one character");
  if (wanted > padLimit) throw fatal(`a text of ${wanted} bytes is too long; the most is ${padLimit}`);
  const padLength = byteLength(pad);
  return pad.repeat(Math.ceil(Number(missing) / padLength));
}
