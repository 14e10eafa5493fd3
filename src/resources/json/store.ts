// SPDX-License-Identifier: Apache-2.0
// Where a JSON document is kept: a file, or a text that all hosts share. Texts only.

import { textOf } from "../../values/bytes.ts";
import { cleanPath, isAbsolute, isDirectoryPath } from "../files/path.ts";

export type Store =
  | { readonly path: string }
  | { readonly key: string }
  | { readonly wrong: string; readonly advice?: { readonly hint: string } };

const advice = { hint: 'Write it like "/etc/app.json", "file:///etc/app.json" or "etcd:///key".' };

export function parseStore(text: string): Store {
  if (isAbsolute(text)) return fileAt(text, text);
  const url = /^([a-z]+):\/\/([^/?#]*)([^?#]*)(.*)$/s.exec(text);
  if (url === null) return { wrong: `the store "${text}" is neither an absolute path nor a URL`, advice };
  const [, scheme, host, path = "", rest] = url;
  if (scheme !== "file" && scheme !== "etcd")
    return { wrong: `the store "${text}" is of a sort that is not known: ${scheme}`, advice };
  if (host !== "" || rest !== "") return { wrong: `the store "${text}" must be a path after ${scheme}://`, advice };
  const decoded = decode(path);
  if (decoded === undefined) return { wrong: `the store "${text}" has a wrong % in it`, advice };
  if (scheme === "file") return fileAt(decoded, text);
  const key = decoded.slice(1);
  return key === "" ? { wrong: `the store "${text}" has no key`, advice } : { key };
}

function fileAt(path: string, written: string): Store {
  if (!isAbsolute(path) || isDirectoryPath(path))
    return { wrong: `the store "${written}" is not the path of a file`, advice };
  return { path: cleanPath(path) };
}

/** `%20` and its like; undefined when one is not right. */
function decode(path: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return undefined;
  return path.replace(/(?:%[0-9A-Fa-f]{2})+/g, (codes) =>
    textOf(Uint8Array.from(codes.slice(1).split("%"), (code) => Number.parseInt(code, 16))),
  );
}
