// SPDX-License-Identifier: Apache-2.0
// What a local store takes as keys and names, whatever it keeps them in.

import { Failure } from "../contract/failure.ts";
import { bytesOf } from "../values/bytes.ts";
import { quote } from "../values/print.ts";

/** As base64 it must fit into a file name, with what a write needs beside it. */
const longestKeyBytes = 150;

export function expectKey(key: string): void {
  if (key === "") throw new Failure("a value needs a key that is not empty", { code: "invalid" });
  if (bytesOf(key).length > longestKeyBytes) {
    throw new Failure(`the key ${quote(key.slice(0, 40))}… has more than ${longestKeyBytes} bytes`, {
      code: "invalid",
    });
  }
}

export function expectNames(...names: readonly string[]): void {
  for (const name of names) {
    if (name !== "" && name !== "." && name !== ".." && !name.includes("/") && bytesOf(name).length <= 200) continue;
    const why = "it must not be empty, have a slash, or be longer than 200 bytes";
    throw new Failure(`${quote(name)} cannot be a name here: ${why}`, { code: "invalid" });
  }
}
