// SPDX-License-Identifier: Apache-2.0
// The parts of a URL. Throws nothing: what is wrong is told in a sentence.

import { bytesOf, textOf } from "../../values/bytes.ts";

export interface Url {
  readonly scheme: string;
  /** With its port. */
  readonly host: string;
  /** Decoded. */
  readonly path: string;
  /** As it was written, without the question mark. */
  readonly rawQuery: string;
}

export function parseUrl(text: string): Url | string {
  if (/\p{Cc}/u.test(text)) return "it has a control character";
  const [, scheme, rest = ""] = /^([a-zA-Z][a-zA-Z0-9+.-]*):([^]*)$/.exec(text.replace(/#[^]*$/, "")) ?? [];
  if (scheme === undefined) return "it has no scheme, like http:// has";
  const [, before = "", rawQuery = ""] = /^([^?]*)\??([^]*)$/.exec(rest) ?? [];
  const [, authority, afterHost] = /^\/\/([^/]*)([^]*)$/.exec(before) ?? [];
  const opaque = authority === undefined && !before.startsWith("/");
  const path = percentDecoded(opaque ? "" : (afterHost ?? before));
  const host = authority === undefined ? "" : hostOf(authority);
  if (path === undefined) return "a % in its path is not followed by two hexadecimal digits";
  if (host === undefined) return "its host or port is malformed";
  return { scheme: scheme.toLowerCase(), host, path, rawQuery };
}

/** Without the user and password before it. */
function hostOf(authority: string): string | undefined {
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const bracketed = /^\[[0-9a-fA-F:.]+(?:%25[^\]]+)?\](?::[0-9]*)?$/;
  // Only bytes beyond ASCII may be encoded in a name, and the percent sign before the zone of an address.
  if (/%(?!25)[0-7]/.test(host)) return undefined;
  if (host.startsWith("[")) return bracketed.test(host) ? percentDecoded(host) : undefined;
  return /^[^\s:<>"\\^`{|}[\]]*(?::[0-9]*)?$/.test(host) ? percentDecoded(host) : undefined;
}

function percentDecoded(text: string): string | undefined {
  if (!text.includes("%")) return text;
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  const bytes: number[] = [];
  for (const part of text.split(/(%[0-9a-fA-F]{2})/)) {
    if (part.startsWith("%")) bytes.push(Number.parseInt(part.slice(1), 16));
    else bytes.push(...bytesOf(part));
  }
  return textOf(Uint8Array.from(bytes));
}
