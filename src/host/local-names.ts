// SPDX-License-Identifier: Apache-2.0
// What a local store takes as keys and names, whatever it keeps them in.

import { Failure } from "../contract/failure.ts";
import { bytesOf } from "../values/bytes.ts";
import { quote } from "../values/print.ts";

export function expectKey(key: string): void {
  if (key === "") throw new Failure("a value needs a key that is not empty", { code: "invalid" });
}

export function expectNames(...names: readonly string[]): void {
  for (const name of names) {
    if (name !== "" && name !== "." && name !== ".." && !name.includes("/") && bytesOf(name).length <= 200) continue;
    const why = "it must not be empty, have a slash, or be longer than 200 bytes";
    throw new Failure(`${quote(name)} cannot be a name here: ${why}`, { code: "invalid" });
  }
}
